#include "history/timeline.h"

#include "base/clock.h"
#include "journal/group_reader.h"
#include "journal/own_statement.h"

#include "history/postgres_select_at_moment_sql.h"
#include "history/postgres_select_at_time_sql.h"
#include "history/postgres_select_pins_sql.h"
#include "history/select_at_moment_sql.h"
#include "history/select_at_time_sql.h"
#include "history/select_has_reference_sql.h"
#include "history/select_pins_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace reeve::history {

namespace {

constexpr journal::OwnStatement select_at_moment{embedded::select_at_moment_sql,
                                                 embedded::postgres_select_at_moment_sql, 2};
constexpr journal::OwnStatement select_at_time{embedded::select_at_time_sql,
                                               embedded::postgres_select_at_time_sql, 2};
constexpr journal::OwnStatement select_pins{embedded::select_pins_sql, embedded::postgres_select_pins_sql, 1};
constexpr journal::OwnStatement select_has_reference{embedded::select_has_reference_sql,
                                                     embedded::select_has_reference_sql, 0};

std::optional<std::int64_t> integer_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(number)
                                                                                   : std::nullopt;
}

/// A moment that no event has may be one that none can have.
void check_moment(const state::EpochState& epoch, const Value& moment) {
  if (epoch.blueprint == nullptr) {
    return;
  }
  const std::string& name = epoch.blueprint->name;
  const auto& declared = epoch.blueprint->moment;
  if (!declared) {
    throw Error(ErrorCode::invalid_input, fmt::format("the events of {} have no moment", name),
                "give a sequence (17) or a time (2026-01-02T03:04:05Z)");
  }
  const bool is_number = declared->type == sql::Type::integer || declared->type == sql::Type::bigint;
  if (is_number && !std::holds_alternative<std::int64_t>(moment)) {
    throw Error(ErrorCode::invalid_input, fmt::format("a moment of {} is an integer", name),
                "write it as moment:1923");
  }
}

}  // namespace

Place Place::of(std::string_view text) {
  constexpr std::string_view prefix = "moment:";
  if (text.starts_with(prefix)) {
    const std::string_view moment = text.substr(prefix.size());
    const auto number = integer_of(moment);
    return {Kind::moment, 0, number ? Value(*number) : Value(std::string(moment))};
  }
  if (const auto sequence = integer_of(text)) {
    return {Kind::sequence, *sequence, {}};
  }
  auto time = parse_time(text);
  if (!time) {
    // As the log prints it: all of that second.
    time = parse_time(std::string(text) + ".999999Z");
  }
  if (!time) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("`{}` is no place in a history", text.substr(0, std::size_t{80})),
                "give a sequence (17), a time (2026-01-02T03:04:05Z) or a moment (moment:1923)");
  }
  return {Kind::time, 0, Value(format_time(*time))};
}

Timeline::Timeline(engine::Connection& connection, state::EpochCache* cache)
    : connection_(connection),
      head_(journal::read_head(connection)),
      epochs_(journal::read_epochs(connection)),
      layouts_(epochs_.size()),
      states_(cache != nullptr ? cache : &own_states_) {}

std::int64_t Timeline::check(std::int64_t sequence) const {
  if (sequence < 0 || sequence > head_.sequence) {
    throw Error(ErrorCode::not_found, fmt::format("there is no event {}", sequence),
                fmt::format("the journal holds events 1 to {}; 0 is before the first", head_.sequence));
  }
  return sequence;
}

std::int64_t Timeline::find(const Place& place) const {
  if (place.kind == Place::Kind::sequence) {
    return check(place.sequence);
  }
  const bool is_time = place.kind == Place::Kind::time;
  engine::Statement row = journal::prepare(connection_, is_time ? select_at_time : select_at_moment, false);
  row.bind(1, ValueView::of(place.value));
  if (row.step() && !row.column(0).is_null()) {
    return row.integer(0);
  }
  if (!is_time && !epochs_.empty()) {
    check_moment(*states_->get(connection_, epochs_.back()), place.value);
  }
  return 0;
}

int Timeline::epoch_at(std::int64_t sequence) const {
  const auto behind = std::upper_bound(
      epochs_.begin(), epochs_.end(), sequence,
      [](std::int64_t wanted, const journal::Epoch& epoch) { return wanted < epoch.first_sequence; });
  return static_cast<int>(behind - epochs_.begin()) - 1;
}

const journal::Layout& Timeline::layout(int epoch) {
  if (epoch < 0) {
    return no_tables_;
  }
  const auto place = static_cast<std::size_t>(epoch);
  if (!layouts_[place] && journal::has_layouts(connection_)) {
    for (const journal::StoredLayout& stored : journal::read_layouts(connection_)) {
      for (std::size_t i = 0; i < epochs_.size(); ++i) {
        if (!layouts_[i] && epochs_[i].level == stored.level &&
            to_hex(epochs_[i].sources_hash) == stored.sources_hash) {
          layouts_[i] = std::make_unique<journal::Layout>(journal::Layout::of_json(stored.json));
        }
      }
    }
  }
  if (!layouts_[place]) {
    layouts_[place] = std::make_unique<journal::Layout>(state(epoch)->layout);
  }
  return *layouts_[place];
}

std::shared_ptr<const state::EpochState> Timeline::state(int epoch) {
  return states_->get(connection_, epochs_.at(static_cast<std::size_t>(epoch)));
}

const blueprint::Sources& Timeline::sources(int epoch) {
  const auto [found, fresh] = sources_.try_emplace(epoch);
  if (fresh) {
    found->second.files =
        journal::load_sources(connection_, epochs_.at(static_cast<std::size_t>(epoch)).sources_hash);
  }
  return found->second;
}

bool Timeline::is_migration(std::int64_t sequence, std::string_view changeset) const {
  const int epoch = epoch_at(sequence);
  // An event that only changed files opens an epoch too, and its changeset is empty.
  return epoch >= 0 && epochs_[static_cast<std::size_t>(epoch)].first_sequence == sequence &&
         !changeset.empty();
}

void Timeline::fold(std::int64_t sequence, std::string_view changeset, state::ChangeFold& fold) {
  if (changeset.empty()) {
    return;
  }
  const int epoch = epoch_at(sequence);
  try {
    if (is_migration(sequence, changeset)) {
      fold.add_migration(layout(epoch - 1), layout(epoch), changeset);
    } else {
      fold.add(layout(epoch), changeset);
    }
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("event {}: {}", sequence, error.message()), error.remedy());
  }
}

void Timeline::fold(std::int64_t after, std::int64_t until, state::ChangeFold& fold) {
  journal::GroupReader changesets(connection_, after);
  std::int64_t sequence = after;
  std::string_view changeset;
  while (sequence < until && changesets.next(sequence, changeset)) {
    this->fold(sequence, changeset, fold);
  }
}

journal::Entry Timeline::read(std::int64_t sequence, std::string& changeset) const {
  journal::EntryReader entries(connection_, sequence - 1);
  journal::Entry entry;
  if (sequence < 1 || !entries.next(entry)) {
    throw Error(ErrorCode::not_found, fmt::format("there is no event {}", sequence),
                fmt::format("the journal holds events 1 to {}", head_.sequence));
  }
  changeset = entry.changeset;
  entry.changeset = changeset;
  return entry;
}

std::optional<journal::Event> Timeline::pin_at(std::int64_t sequence) {
  if (!pins_) {
    pins_.emplace();
    // Without an index on types: who keeps no reference rows is not made to look at every event.
    engine::Statement kept = journal::prepare(connection_, select_has_reference, false);
    if (kept.step()) {
      kept.reset();
      engine::Statement row = journal::prepare(connection_, select_pins, false);
      while (row.step()) {
        journal::read_event(row, pins_->emplace_back());
      }
    }
  }
  std::optional<journal::Event> last;
  for (const journal::Event& pin : *pins_) {
    if (pin.sequence <= sequence) {
      last = pin;
    }
  }
  return last;
}

}  // namespace reeve::history
