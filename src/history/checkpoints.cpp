#include "history/checkpoints.h"

#include "base/json.h"
#include "journal/group_reader.h"
#include "state/executor.h"
#include "state/recorder.h"

#include "history/checkpoints_schema_sql.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <set>

namespace reeve::history {

namespace {

/// Below it a state is made from the journal's start as fast.
constexpr std::int64_t events_worth_one = 1'000;

std::string note_of(const StoredState& state) {
  return fmt::format(R"({{"chain_hash":"{}","ledger_id":"{}","sequence":{},"state_hash":"{}"}})",
                     state.chain_hash, state.ledger_id, state.sequence, state.state_hash);
}

std::optional<StoredState> state_of(const engine::PageStore::Copy& copy) {
  const nlohmann::json note = nlohmann::json::parse(copy.note, nullptr, false);
  try {
    return StoredState{note.at("sequence").get<std::int64_t>(), note.at("ledger_id").get<std::string>(),
                       note.at("chain_hash").get<std::string>(), note.at("state_hash").get<std::string>(),
                       copy};
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

bool is_same_schema(const Timeline& timeline, std::int64_t one, std::int64_t other) {
  const int first = timeline.epoch_at(std::min(one, other));
  const int last = timeline.epoch_at(std::max(one, other));
  for (int epoch = first; epoch <= last; ++epoch) {
    if (first < 0 || timeline.epochs()[static_cast<std::size_t>(epoch)].level !=
                         timeline.epochs()[static_cast<std::size_t>(first)].level) {
      return false;
    }
  }
  return true;
}

Checkpoints::Checkpoints(std::unique_ptr<engine::PageStore> store) : store_(std::move(store)) {
  for (const engine::PageStore::Copy& copy : store_->copies()) {
    if (auto state = state_of(copy)) {
      states_.push_back(std::move(*state));
    }
  }
}

std::filesystem::path Checkpoints::beside(const state::Location& location) {
  if (!location.is_file() || !location.file_system().empty()) {
    return {};
  }
  std::filesystem::path file = location.file();
  file += "-checkpoints";
  return file;
}

std::unique_ptr<Checkpoints> Checkpoints::open(const std::filesystem::path& file) {
  auto store = engine::PageStore::open(file);
  return store ? std::unique_ptr<Checkpoints>(new Checkpoints(std::move(store))) : nullptr;
}

bool fits(Timeline& timeline, const StoredState& state) {
  if (state.sequence < 1 || state.sequence > timeline.head().sequence ||
      state.ledger_id != journal::read_meta(timeline.connection(), "ledger_id")) {
    return false;
  }
  journal::GroupReader reader(timeline.connection(), state.sequence - 1);
  std::int64_t sequence = 0;
  std::string_view changeset;
  return reader.next(sequence, changeset) && reader.last_of_group() == state.sequence &&
         to_hex(reader.chain_hash()) == state.chain_hash && to_hex(reader.state_hash()) == state.state_hash;
}

const StoredState* Checkpoints::nearest(Timeline& timeline, std::int64_t sequence, std::string& note) {
  std::vector<const StoredState*> nearest_first;
  for (const StoredState& state : states_) {
    if (state.sequence > timeline.head().sequence) {
      note = fmt::format("a checkpoint of event {} is of a longer history than this one and is not used",
                         state.sequence);
    } else if (is_same_schema(timeline, state.sequence, sequence)) {
      nearest_first.push_back(&state);
    }
  }
  const auto distance = [&](const StoredState* state) { return std::abs(state->sequence - sequence); };
  std::stable_sort(
      nearest_first.begin(), nearest_first.end(),
      [&](const StoredState* left, const StoredState* right) { return distance(left) < distance(right); });
  for (const StoredState* state : nearest_first) {
    if (fits(timeline, *state)) {
      return state;
    }
    note = fmt::format("a checkpoint of event {} is not of this journal and is not used", state->sequence);
  }
  return nullptr;
}

std::unique_ptr<engine::PrivateDatabase> Checkpoints::load(const StoredState& state) const {
  return std::make_unique<engine::PrivateDatabase>(store_->pages(state.copy));
}

void Checkpoints::drop(const StoredState& state) {
  const std::int64_t sequence = state.sequence;
  std::erase_if(states_, [sequence](const StoredState& one) { return one.sequence == sequence; });
}

namespace {

/// One run.
class Maker {
 public:
  Maker(Timeline& timeline, engine::PageStore& store, const MakeOptions& options)
      : timeline_(timeline), store_(store), options_(options) {}

  MadeStates run() {
    before_ = options_.anew ? std::nullopt : find_last();
    check_last();
    const std::set<std::int64_t> due = places_due(before_ ? before_->sequence : 0);
    if (due.empty()) {
      return std::move(result_);
    }
    begin();
    journal::EntryReader entries(timeline_.connection(), before_ ? before_->sequence : 0);
    journal::Entry entry;
    while (entries.next(entry) && entry.event.sequence <= *due.rbegin()) {
      executor_->write(entry.event, entry.changeset);
      if (due.contains(entry.event.sequence)) {
        store(entry);
      }
      options_.progress.step(entry.event.sequence, *due.rbegin());
    }
    return std::move(result_);
  }

 private:
  /// The last that is of this journal.
  std::optional<StoredState> find_last() {
    std::size_t passed = 0;
    std::optional<StoredState> found;
    for (const engine::PageStore::Copy& copy : store_.copies()) {
      auto state = state_of(copy);
      if (!found && state && fits(timeline_, *state)) {
        found = std::move(state);
      }
      passed += found ? 0 : 1;
      result_.kept += found ? 1 : 0;
    }
    if (passed > 0) {
      result_.note = fmt::format("{} checkpoints are not of this journal and are forgotten", passed);
    }
    return found;
  }

  /// Ends of the groups behind `after` that hold each so many events, and of the last of each row of migrations.
  std::set<std::int64_t> places_due(std::int64_t after) {
    std::set<std::int64_t> due;
    const auto add = [&](std::int64_t sequence) {
      journal::GroupReader reader(timeline_.connection(), sequence - 1);
      std::int64_t read = 0;
      std::string_view changeset;
      if (reader.next(read, changeset) && reader.last_of_group() > after) {
        due.insert(reader.last_of_group());
      }
    };
    for (std::int64_t next = (after / options_.every + 1) * options_.every; next <= timeline_.head().sequence;
         next += options_.every) {
      add(next);
    }
    const std::vector<journal::Epoch>& epochs = timeline_.epochs();
    for (std::size_t i = 1; i < epochs.size(); ++i) {
      const bool migrates = epochs[i].level != epochs[i - 1].level;
      const bool is_last_of_row =
          i + 1 == epochs.size() || epochs[i + 1].first_sequence > epochs[i].first_sequence + 1;
      if (migrates && is_last_of_row && epochs[i].first_sequence > std::max(after, events_worth_one)) {
        add(epochs[i].first_sequence);
      }
    }
    return due;
  }

  /// What the next ones begin from is read whole: a damaged page would be theirs too.
  void check_last() {
    if (!before_) {
      return;
    }
    try {
      if (store_.is_whole(store_.pages(before_->copy))) {
        return;
      }
    } catch (const Error& error) {
      if (error.code() != ErrorCode::corrupt) {
        throw;
      }
    }
    start_anew();
  }

  void start_anew() {
    result_.note = "the checkpoints that were there are damaged: all are made anew";
    result_.kept = 0;
    before_.reset();
  }

  /// The executor goes on behind the last state, whose rows have its hash; else from the journal's start.
  void begin() {
    if (before_) {
      open(store_.pages(before_->copy), timeline_.state(timeline_.epoch_at(before_->sequence)));
      if (to_hex(executor_->state_hash()) == before_->state_hash) {
        return;
      }
      throw Error(ErrorCode::corrupt,
                  fmt::format("the checkpoint of event {} has other rows than it says", before_->sequence),
                  "`reeve checkpoint --anew` makes all of them anew");
    }
    open({}, nullptr);
  }

  void open(engine::StoredPages pages, std::shared_ptr<const state::EpochState> epoch) {
    executor_.reset();
    connection_.reset();
    database_ = std::make_unique<engine::PrivateDatabase>(std::move(pages));
    connection_ = database_->open({.foreign_keys = false});
    executor_ = std::make_unique<state::Executor>(
        *connection_,
        [this](const Digest& hash) {
          return blueprint::Sources{journal::load_sources(timeline_.connection(), hash)};
        },
        std::move(epoch));
    executor_->set_journal(timeline_.connection());
  }

  void store(const journal::Entry& entry) {
    if (!entry.seals || executor_->state_hash() != entry.state_hash) {
      throw Error(ErrorCode::corrupt,
                  fmt::format("event {}: the state hash of its seal is another than its rows have",
                              entry.event.sequence),
                  "run `reeve verify`");
    }
    connection_->execute(embedded::checkpoints_schema_sql);
    state::store_sums(*connection_, executor_->sums(), entry.event.sequence);
    executor_->finish();
    StoredState state{entry.event.sequence,
                      journal::read_meta(timeline_.connection(), "ledger_id").value_or(""),
                      to_hex(entry.chain_hash),
                      to_hex(entry.state_hash),
                      {}};
    const engine::PageStore::Copy* before = before_ ? &before_->copy : nullptr;
    result_.bytes += store_.add(*database_, note_of(state), before);
    state.copy = store_.copies().front();
    before_ = state;
    result_.made.push_back(std::move(state));
    executor_->commit_and_begin();
  }

  Timeline& timeline_;
  engine::PageStore& store_;
  const MakeOptions& options_;
  MadeStates result_;
  std::optional<StoredState> before_;
  std::unique_ptr<engine::PrivateDatabase> database_;
  std::unique_ptr<engine::Connection> connection_;
  std::unique_ptr<state::Executor> executor_;
};

}  // namespace

MadeStates store_states(const state::Location& location, const std::filesystem::path& file,
                        const MakeOptions& options) {
  const auto ledger = location.open(engine::OpenMode::read_only, {}, state::Purpose::inspection);
  engine::Transaction snapshot(*ledger, engine::Transaction::Mode::read);
  Timeline timeline(*ledger);
  const auto store = engine::PageStore::open_to_add(file);
  if (location.is_file()) {  // for those who may read the ledger, and nobody else
    std::filesystem::permissions(file, std::filesystem::status(location.file()).permissions());
  }
  return Maker(timeline, *store, options).run();
}

}  // namespace reeve::history
