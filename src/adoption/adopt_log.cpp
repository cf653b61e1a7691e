// A file whose rows a mapping turns into events: each row of its log is kept as it was, and what it became stands behind it.

#include "adoption/adopt.h"

#include "adoption/introspection.h"
#include "adoption/mapping.h"
#include "adoption/new_ledger.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "state/apply.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::adoption {

namespace {

constexpr json::Limits old_limits{.bytes_max = 32 * 1024 * 1024, .depth_max = 64};

/// The data of a row of the log as canonical JSON; nothing when it is not what Reeve takes for JSON.
std::optional<std::string> canonical_data(const std::string& data) {
  try {
    return json::canonical(data, old_limits);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_input) {
      throw;
    }
    return std::nullopt;
  }
}

class Replayer {
 public:
  Replayer(NewLedger& ledger, const LedgerOptions& options, Adoption& adoption)
      : ledger_(ledger),
        options_(options),
        adoption_(adoption),
        blueprint_(*ledger.epoch().blueprint),
        applier_(ledger.connection(), blueprint_),
        moment_(ledger.connection(), blueprint_),
        time_(format_time(options.clock->now())) {}

  void take(const MappedPosition& position) {
    check(position);
    const std::string time = time_of(position.time, position.source);
    if (position.source.empty()) {
      take_unlogged(position, time);
      return;
    }
    std::vector<NewLedger::Applied> applied;
    applied.push_back({kept(position, time, {}), {}});
    if (!position.events.empty()) {
      ledger_.connection().execute("SAVEPOINT position");
      if (const auto refused = apply(position, time, applied)) {
        ledger_.connection().execute("ROLLBACK TO position");
        undo_captured();
        applied.clear();
        applied.push_back({kept(position, time, *refused), {}});
        adoption_.findings.add(
            {"refused", {}, position.source, {}, {}, "kept as it was, and it changes nothing: " + *refused});
      }
      ledger_.connection().execute("RELEASE position");
    }
    record(applied);
    ++adoption_.events_kept;
    adoption_.events_mapped += static_cast<std::int64_t>(applied.size()) - 1;
  }

 private:
  /// What becomes a key and a name of the journal.
  static void check(const MappedPosition& position) {
    constexpr std::size_t bytes_max = 512;
    const auto fits = [](const std::string& text) { return is_valid_utf8(text) && text.size() <= bytes_max; };
    if (!fits(position.source) || std::any_of(position.events.begin(), position.events.end(),
                                              [&](const MappedEvent& event) { return !fits(event.actor); })) {
      throw Error(
          ErrorCode::invalid_input,
          fmt::format("the mapping gives a source or an actor that is no UTF-8 or has more than {} bytes, at "
                      "position {}",
                      bytes_max, position.position),
          "mend adopt/*.sql");
    }
  }

  /// What the log does not have; each is for itself.
  void take_unlogged(const MappedPosition& position, const std::string& time) {
    std::vector<NewLedger::Applied> applied;
    ledger_.connection().execute("SAVEPOINT position");
    if (const auto refused = apply(position, time, applied)) {
      ledger_.connection().execute("ROLLBACK TO position");
      undo_captured();
      applied.clear();
      adoption_.findings.add({"refused",
                              {},
                              position.events.front().type,
                              {},
                              position.events.front().payload,
                              "it is no event, and stands here alone: " + *refused});
    }
    ledger_.connection().execute("RELEASE position");
    if (!applied.empty()) {
      record(applied);
      ++adoption_.events_mapped;
    }
  }

  void undo_captured() {
    ledger_.capture().drop();
    moment_.forget();
  }

  /// RFC 3339, or nothing better than the time before it.
  std::string time_of(const std::string& text, const std::string& source) {
    if (text.empty()) {
      return time_;
    }
    if (const auto time = parse_time(text)) {
      time_ = format_time(*time);
    } else {
      adoption_.findings.add(
          {"odd_time", {}, source, "time", text, "the event has the time of the one before it"});
    }
    return time_;
  }

  journal::Event event_behind(std::size_t place) {
    journal::Event event;
    event.sequence = ledger_.head().sequence + 1 + static_cast<std::int64_t>(place);
    event.moment = moment_.value();
    event.span = 0;
    return event;
  }

  journal::Event kept(const MappedPosition& position, const std::string& time, const std::string& refused) {
    journal::Event event = event_behind(0);
    event.type = state::type_event_adopted;
    event.time = time;
    event.actor = position.events.empty() ? std::string() : position.events.front().actor;
    const auto data = canonical_data(position.data);
    std::string payload = data ? "{\"data\":" + *data : std::string("{");
    const auto add = [&](std::string_view name, std::string_view text) {
      payload += payload.size() == 1 ? "" : ",";
      json::append_canonical_string(name, payload);
      payload += ':';
      json::append_canonical_string(text, payload);
    };
    if (!refused.empty()) {
      add("refused", refused);
    }
    add("source", position.source);
    if (!data) {
      add("text", is_valid_utf8(position.data)
                      ? position.data
                      : "\\x" + to_hex({reinterpret_cast<const std::uint8_t*>(position.data.data()),
                                        position.data.size()}));
    }
    event.payload = payload + "}";
    event.key = "adopted:" + position.source;
    event.request_hash =
        to_hex(Hasher("reeve.request.1").text("event").text(event.type).text(event.payload).finish());
    return event;
  }

  std::optional<std::string> apply(const MappedPosition& position, const std::string& time,
                                   std::vector<NewLedger::Applied>& applied) {
    for (const MappedEvent& mapped : position.events) {
      NewLedger::Applied one{event_behind(applied.size()), {}};
      one.event.type = mapped.type;
      one.event.time = mapped.time.empty() ? time : time_of(mapped.time, mapped.type);
      one.event.actor = mapped.actor;
      if (auto refused = apply_one(mapped, one)) {
        return refused;
      }
      applied.push_back(std::move(one));
    }
    return std::nullopt;
  }

  std::optional<std::string> apply_one(const MappedEvent& mapped, NewLedger::Applied& one) {
    const blueprint::EventType* type =
        mapped.version ? blueprint_.find_event(mapped.type, static_cast<int>(*mapped.version))
                       : blueprint_.find_event(mapped.type);
    if (type == nullptr) {
      throw Error(ErrorCode::not_found,
                  fmt::format("the mapping gives an event {}, which the blueprint has not", mapped.type),
                  "mend adopt/*.sql");
    }
    const auto& properties = type->schema.properties();
    if (std::any_of(properties.begin(), properties.end(),
                    [](const auto& member) { return member.personal; })) {
      throw Error(ErrorCode::invalid_input,
                  fmt::format("{} has personal values, which are not adopted yet", mapped.type),
                  "leave it out of the mapping, and give it as a command afterwards");
    }
    one.event.version = type->version;
    simdjson::dom::element tree;
    try {
      json::append_canonical(payload_reader_.read(mapped.payload), one.event.payload);
      tree = payload_reader_.read(one.event.payload);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::invalid_input && error.code() != ErrorCode::limit_exceeded) {
        throw;
      }
      return fmt::format("{}: {}", mapped.type, error.message());
    }
    if (const auto violation = type->schema.check(tree)) {
      return fmt::format("{}: {} {}", mapped.type,
                         violation->pointer.empty() ? "the payload" : violation->pointer, violation->message);
    }
    state::Applier::Type* applied = applier_.find(mapped.type, type->version);
    if (const auto refused = applier_.apply(*applied, one.event, tree)) {
      return refused->reason;
    }
    ledger_.capture().take(one.changes);
    moment_.note(one.changes, ledger_.epoch().layout);
    return std::nullopt;
  }

  /// All are one submission: under the key of the first.
  void record(std::vector<NewLedger::Applied>& applied) {
    const std::string first =
        uuid_v7(std::max<Microseconds>(*parse_time(applied.front().event.time), 0), *options_.random);
    for (std::size_t place = 0; place < applied.size(); ++place) {
      applied[place].event.id =
          place == 0 ? first : uuid_v8(Hasher("reeve.event_id.1").text(first).number(place).finish());
    }
    applied.front().event.span = static_cast<std::int64_t>(applied.size());
    ledger_.record(applied);
  }

  NewLedger& ledger_;
  LedgerOptions options_;
  Adoption& adoption_;
  const blueprint::Blueprint& blueprint_;
  state::Applier applier_;
  state::MomentReader moment_;
  json::Reader payload_reader_;  ///< within the limits that every replay reads a payload with
  std::string time_;             ///< of the event before
};

}  // namespace

Adoption adopt_log(const std::filesystem::path& file, const state::Location& to,
                   const std::filesystem::path& blueprint_folder, const LedgerOptions& options) {
  const Mapping mapping = Mapping::read(blueprint_folder / "adopt");
  const blueprint::Sources sources = blueprint::Sources::read(blueprint_folder);
  const auto old = open_old(file);
  engine::Transaction snapshot(*old, engine::Transaction::Mode::read);
  mapping.run(*old);
  Adoption adoption;
  NewLedger ledger(to, sources, options, true);
  adoption.title = ledger.epoch().blueprint->title;
  {
    Replayer replayer(ledger, options, adoption);
    Mapping::each(*old, [&](const MappedPosition& position) { replayer.take(position); });
  }
  Mapping::add_irregularities(*old, adoption.findings);
  const std::vector<state::Claim> claims = Mapping::claims(*old);
  for (const state::Claim& claim : claims) {
    const sql::Table* table = ledger.epoch().catalogue.find_table(claim.table);
    const sql::Column* column = table != nullptr ? table->find_column(claim.field) : nullptr;
    if (column != nullptr && !column->personal.empty()) {
      throw Error(
          ErrorCode::invalid_input,
          fmt::format("a claim about {}.{} would stand in the journal for good, and the column is personal",
                      claim.table, claim.field),
          "leave it out of the mapping");
    }
  }
  adoption.disagreements = state::compare_claims(ledger.connection(), ledger.epoch().layout, claims);
  ledger.record(ledger.own_event(state::type_adopted, adopted_payload(file, adoption, claims)));
  const journal::Head head = ledger.finish();
  adoption.events = head.sequence;
  adoption.state_hash = head.state_hash;
  return adoption;
}

}  // namespace reeve::adoption
