#include "cache/watch.h"

#include "engine/pipeline.h"
#include "journal/changes_since.h"
#include "journal/directory.h"
#include "journal/group_reader.h"
#include "journal/own_statement.h"

#include "cache/postgres_select_watched_sql.h"
#include "cache/select_watched_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reeve::cache {

namespace {

constexpr journal::OwnStatement select_watched{embedded::select_watched_sql,
                                               embedded::postgres_select_watched_sql, 1};

/// More events since the last look than these, and all is forgotten: reading them would take longer than asking anew.
constexpr std::int64_t events_at_once_max = 20'000;
/// So far back is read when nothing is known: answers that other processes shared are of earlier events.
constexpr std::int64_t events_before = 500;

Reading reading_of(const blueprint::Query& query, const state::EpochState& epoch) {
  Reading reading;
  for (const sql::Parameter& parameter : query.sql.parameters) {
    reading.is_kept &= parameter.name != "at";  // now()
  }
  for (const sql::ResultColumn& column : query.sql.columns) {
    reading.is_kept &= !column.personal;  // whose key may be destroyed without an event
  }
  for (const std::string& name : query.sql.tables_read) {
    const int table = epoch.layout.find(name);
    if (table < 0 || epoch.layout.table(table).reference) {
      reading.is_of_any_event = true;
    } else {
      reading.tables.push_back(table);
    }
  }
  return reading;
}

}  // namespace

Readings::Readings(std::shared_ptr<const state::EpochState> of) : epoch(std::move(of)) {
  if (!epoch->blueprint) {
    return;
  }
  for (const auto& [name, query] : epoch->blueprint->queries) {
    queries.emplace(name, reading_of(query, *epoch));
  }
}

const Reading* Readings::find(const std::string& name) const {
  const auto found = queries.find(name);
  return found == queries.end() ? nullptr : &found->second;
}

bool Seen::is_good(const Reading& reading, std::int64_t since) const {
  if (since < from) {
    return false;
  }
  if (reading.is_of_any_event && since < sequence) {
    return false;
  }
  return std::all_of(reading.tables.begin(), reading.tables.end(),
                     [&](int table) { return touched[static_cast<std::size_t>(table)] <= since; });
}

Watch::Watch(const state::Location& location)
    : connection_(location.open(engine::OpenMode::read_only)),
      select_(journal::prepare(*connection_, select_watched)),
      ledger_id_(state::ledger_id_of(*connection_)),
      commits_(state::commit_counter(*connection_)) {
  engine::Transaction tx(*connection_, engine::Transaction::Mode::read);
  seed_ = journal::read_meta(*connection_, "seed").value_or("");
  tx.commit();
}

Watch::Found Watch::read_head() {
  const bool is_file = connection_->engine() == engine::Engine::sqlite;
  if (!select_.step()) {
    throw Error(ErrorCode::not_found,
                fmt::format("the ledger is in {} no more: it was erased", connection_->name()));
  }
  if (!is_file && !select_.column(3).is_null()) {
    const std::string closed(select_.text(3));
    select_.reset();
    journal::refuse_closed(connection_->name(), closed);
  }
  Found found{select_.integer(0), std::string(select_.text(1)), select_.integer(2)};
  select_.reset();
  return found;
}

bool Watch::is_still_at(const Seen& seen) {
  try {
    engine::Pipeline pipeline(*connection_);
    engine::Transaction tx(*connection_, engine::Transaction::Mode::read, pipeline);
    pipeline.send(select_);
    tx.send_commit(pipeline);
    pipeline.receive(select_);
    const bool is_same = select_.step() && select_.column(3).is_null() &&
                         select_.integer(0) == seen.sequence && select_.text(1) == seen.chain_hash;
    select_.reset();
    tx.receive_commit(pipeline);
    return is_same;
  } catch (const Error&) {
    return false;  // whoever looks again hears it, unless it was a connection that is opened anew
  }
}

void Watch::look(Seen& seen) {
  if (connection_->engine() == engine::Engine::postgres && seen.readings && is_still_at(seen)) {
    return;
  }
  engine::Transaction tx(*connection_, engine::Transaction::Mode::read);
  const Found found = read_head();
  const bool is_same = found.sequence == seen.sequence && found.chain_hash == seen.chain_hash;
  if (!seen.readings || seen.readings->epoch->epoch.epoch != found.epoch || found.sequence < seen.sequence ||
      found.sequence - seen.sequence > events_at_once_max || (!is_same && !catch_up(seen))) {
    start_anew(seen, found);
  }
  seen.sequence = found.sequence;
  seen.chain_hash = found.chain_hash;
  tx.commit();
}

bool Watch::catch_up(Seen& seen) const {
  const auto take = [&](std::int64_t sequence, const journal::StoredChange& change) {
    seen.touched[static_cast<std::size_t>(change.table)] = sequence;
    return true;
  };
  return journal::each_change_since(*connection_, seen.readings->epoch->layout, seen.sequence,
                                    seen.chain_hash, take);
}

void Watch::start_anew(Seen& seen, const Found& found) {
  if (!seen.readings || seen.readings->epoch->epoch.epoch != found.epoch) {
    seen.readings = std::make_shared<const Readings>(state::load_last_epoch(*connection_));
  }
  ++seen.past;
  seen.touched.assign(seen.readings->epoch->layout.tables.size(), 0);
  // The event before which the epoch begins is of other tables.
  seen.from = std::max(seen.readings->epoch->epoch.first_sequence, found.sequence - events_before);
  seen.sequence = seen.from;
  seen.chain_hash = chain_hash_at(seen.from);
  if (!catch_up(seen)) {
    seen.touched.assign(seen.touched.size(), 0);
    seen.from = found.sequence;
  }
}

std::string Watch::chain_hash_after(std::int64_t sequence) {
  engine::Transaction tx(*connection_, engine::Transaction::Mode::read);
  std::string hash = chain_hash_at(sequence);
  tx.commit();
  return hash;
}

std::string Watch::chain_hash_at(std::int64_t sequence) {
  if (sequence < 1) {
    return {};
  }
  journal::GroupReader groups(*connection_, sequence - 1);
  std::int64_t read = 0;
  std::string_view changeset;
  return groups.next(read, changeset) ? to_hex(groups.chain_hash()) : std::string();
}

}  // namespace reeve::cache
