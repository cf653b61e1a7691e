#include "state/arrival.h"

#include "base/clock.h"
#include "engine/file_system.h"
#include "journal/names.h"
#include "state/bulk_rows.h"
#include "state/capture.h"
#include "state/rows.h"
#include "state/schema_copy.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::state {

namespace {

/// The value of meta_arriving while a file's tables are changed.
constexpr std::string_view arriving_crossing = "crossing";

[[noreturn]] void holds_another(const Location& target) {
  throw Error(ErrorCode::conflict, fmt::format("{} holds a ledger that is not this one", target.name()),
              "choose another name: nothing is overwritten");
}

}  // namespace

Arrival::Arrival(engine::Connection& source, const Location& target) : source_(source), target_(target) {
  engine::Transaction snapshot(source_, engine::Transaction::Mode::read);
  const auto ledger_id = journal::read_meta(source_, "ledger_id");
  if (!ledger_id) {
    throw Error(ErrorCode::corrupt, "the source has no ledger_id", "run `reeve verify` on it");
  }
  ledger_id_ = *ledger_id;
  target_.is_file() ? open_file() : open_schema();
}

blueprint::Sources Arrival::sources_of(const Digest& hash) {
  return blueprint::Sources{journal::load_sources(source_, hash)};
}

void Arrival::write_beginning_meta() {
  journal::write_meta(*connection_, "ledger_id", ledger_id_);
  if (const auto seed = journal::read_meta(source_, "seed")) {
    journal::write_meta(*connection_, "seed", *seed);
  }
}

/// Reeve's tables in an empty database. Inside a write transaction.
void Arrival::make_file() {
  journal::create_tables(*connection_);
  write_beginning_meta();
  journal::write_meta(*connection_, journal::meta_arriving, "1");
}

void Arrival::open_file() {
  if (!engine::database_exists(target_.file(), target_.file_system())) {
    connection_ = engine::Connection::open(target_.file(), engine::OpenMode::create,
                                           {.file_system = target_.file_system()});
    engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
    make_file();
    tx.commit();
    return;
  }
  if (take_up_file()) {
    return;
  }
  connection_ = target_.open(engine::OpenMode::read_write, {}, Purpose::administration);
  const auto arriving = journal::read_meta(*connection_, journal::meta_arriving);
  if (journal::read_meta(*connection_, "ledger_id") != ledger_id_) {
    holds_another(target_);
  }
  is_complete_ = !arriving;
  check_complete();
  begin_return();
  if (is_complete_ || (arriving != arriving_crossing && journal::read_head(*connection_).sequence > 0)) {
    return;
  }
  // It was left with tables of which no group tells.
  connection_->set_foreign_keys(false);
  {
    engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
    drop_all(*connection_);
    make_file();
    tx.commit();
  }
  connection_->set_foreign_keys(true);
}

/// A file that was left before it had any table. Somebody else's is only read.
bool Arrival::take_up_file() {
  const auto is_empty = [](engine::Connection& file) {
    return read_schema(file, true).empty() && read_schema(file).empty() &&
           file.value("PRAGMA application_id") == Value(std::int64_t{0}) &&
           file.value("PRAGMA user_version") == Value(std::int64_t{0});
  };
  const engine::ConnectionOptions options{.file_system = target_.file_system()};
  if (!is_empty(*engine::Connection::open(target_.file(), engine::OpenMode::read_only, options))) {
    return false;
  }
  connection_ = engine::Connection::open(target_.file(), engine::OpenMode::create, options);
  engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
  if (!is_empty(*connection_)) {
    holds_another(target_);
  }
  make_file();
  tx.commit();
  return true;
}

void Arrival::mark_crossing() {
  if (!is_crossing_) {
    journal::write_meta(*connection_, journal::meta_arriving, arriving_crossing);
    is_crossing_ = true;
  }
}

void Arrival::mark_crossed() {
  if (is_crossing_) {
    journal::write_meta(*connection_, journal::meta_arriving, "1");
    is_crossing_ = false;
  }
}

/// A ledger that arrived earlier is fit for nothing but to be compared.
void Arrival::check_complete() {
  if (!is_complete_) {
    return;
  }
  const journal::Head here = journal::read_head(*connection_);
  const journal::Head there = journal::read_head(source_);
  if (here.sequence == there.sequence && here.chain_hash == there.chain_hash) {
    return;
  }
  if (!has_left() || !is_continued(here)) {
    throw Error(ErrorCode::conflict,
                fmt::format("{} has this ledger already, at event {} where the source is at event {}",
                            target_.name(), here.sequence, there.sequence),
                "the two went apart: go on with one of them");
  }
  is_returning_ = true;
}

/// It moved away from the target, where nobody has written since.
bool Arrival::has_left() {
  return target_.is_file() ? journal::read_meta(*connection_, journal::meta_moved_to).has_value()
                           : state_ == journal::LedgerState::moved;
}

/// Whether the source's journal goes on where the target's ends. A schema's tables are those of the last migration: no earlier one
/// is crossed in it.
bool Arrival::is_continued(const journal::Head& here) {
  journal::EntryReader entries(source_, here.sequence - 1);
  journal::Entry entry;
  if (here.sequence < 1 || !entries.next(entry) || entry.chain_hash != here.chain_hash) {
    return false;
  }
  std::int64_t level = 0;
  for (const journal::Epoch& epoch : journal::read_epochs(source_)) {
    if (epoch.first_sequence > here.sequence && epoch.level != level && !target_.is_file()) {
      return false;
    }
    level = epoch.level;
  }
  return true;
}

/// What is there is gone on with, as of a run that was interrupted.
void Arrival::begin_return() {
  if (is_returning_) {
    journal::begin_return(*connection_);
    is_complete_ = false;
    is_returning_ = false;
  }
}

void Arrival::open_schema() {
  const auto epoch = load_last_epoch(source_);
  sources_hash_ = epoch->epoch.sources_hash;
  if (!epoch->blueprint) {
    throw Error(ErrorCode::conflict, "the source is at an earlier migration than its blueprint",
                "run `reeve migrate up` on it first");
  }
  {
    const auto administrator = target_.open_schema({});
    engine::Transaction tx(*administrator, engine::Transaction::Mode::write);
    auto format = journal::read_schema_format(*administrator);
    if (!format) {
      journal::lock_tables(*administrator, target_.schema());
      format = journal::read_schema_format(*administrator);
    }
    if (!format) {
      journal::create_schema(*administrator, target_.schema(),
                             {journal::schema_format_version, epoch->blueprint->name, epoch->epoch.level,
                              epoch->epoch.sources_hash},
                             epoch->catalogue.moment_type);
      for (const std::string& statement :
           sql::create_statements_postgres(epoch->catalogue, journal::postgres_roles)) {
        administrator->execute(statement);
      }
      tx.commit();
    } else if (format->blueprint != epoch->blueprint->name ||
               format->sources_hash != epoch->epoch.sources_hash) {
      throw Error(ErrorCode::conflict,
                  fmt::format("{} is made for the blueprint {} at migration {}; the ledger is of {} at "
                              "migration {}, or their files differ",
                              target_.name(), format->blueprint, format->level, epoch->blueprint->name,
                              epoch->epoch.level),
                  "choose another schema (schema=NAME in the URL), or take the same blueprint to the ledger");
    }
  }
  connection_ = target_.open_schema({}, "reeve_owner");
  journal::complete_names(*connection_);
  name_ = target_.ledger().empty() ? epoch->blueprint->name : target_.ledger();
  connection_->set_ledger(ledger_id_);
  find_in_directory();
}

void Arrival::find_in_directory() {
  is_new_ = true;
  for (const journal::LedgerEntry& entry : journal::list_ledgers(*connection_)) {
    if (entry.ledger_id == ledger_id_ && entry.name != name_) {
      throw Error(
          ErrorCode::conflict,
          fmt::format("the schema of {} has this ledger already, as {}", target_.name(), entry.name),
          fmt::format("promote it there (ledger={} in the URL), or erase that one: `reeve ledger erase "
                      "URL --free-name`",
                      entry.name));
    }
    if (entry.name == name_ && entry.ledger_id != ledger_id_) {
      holds_another(target_);
    }
    if (entry.ledger_id == ledger_id_) {
      is_new_ = false;
      state_ = entry.state;
      is_complete_ = entry.state != journal::LedgerState::arriving;
      engine::Transaction tx(*connection_, engine::Transaction::Mode::read);
      check_complete();
    }
  }
  begin_return();
  if (is_new_ && journal::has_postponed(*connection_)) {
    make_postponed_of_another();
  }
}

/// Of the ledger that had the schema for itself, and is not complete.
void Arrival::make_postponed_of_another() {
  std::string name;
  try {
    engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
    journal::lock_whole_schema(*connection_);
    if (!journal::has_postponed(*connection_)) {
      return;  // it was completed in the meantime
    }
    for (const journal::LedgerEntry& entry : journal::list_ledgers(*connection_)) {
      if (entry.state == journal::LedgerState::erasing) {
        throw Error(ErrorCode::conflict,
                    fmt::format("the ledger {} of {} is being erased", entry.name, target_.name()),
                    "run its `reeve ledger erase` again to the end, then this");
      }
      if (entry.state != journal::LedgerState::erased) {
        name = entry.name;
        connection_->switch_ledger(entry.ledger_id);  // whose rows the foreign keys are checked of
      }
    }
    journal::make_postponed(*connection_, journal::Postponed::all);
    tx.commit();
    connection_->set_ledger(ledger_id_);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::retryable) {
      throw Error(error.code(),
                  fmt::format("the first ledger of {} is being completed by another run", target_.name()),
                  "wait for its end, then run this again");
    }
    if (error.code() == ErrorCode::constraint_violation || error.code() == ErrorCode::unique_violation) {
      throw Error(ErrorCode::corrupt,
                  fmt::format("the ledger {} of {}, which is not complete: {}", name, target_.name(),
                              error.message()),
                  "erase it with `reeve ledger erase`; then run this again");
    }
    throw;
  }
}

/// Not where somebody else holds a table.
void Arrival::postpone_indexes() {
  try {
    engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
    journal::lock_whole_schema(*connection_);
    const std::vector<journal::LedgerEntry> ledgers = journal::list_ledgers(*connection_);
    const bool is_alone =
        std::all_of(ledgers.begin(), ledgers.end(), [this](const journal::LedgerEntry& entry) {
          return entry.ledger_id == ledger_id_ || entry.state == journal::LedgerState::erased;
        });
    if (is_alone) {
      journal::postpone_indexes(*connection_);
      tx.commit();
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::retryable) {
      throw;
    }
  }
}

void Arrival::make_postponed(journal::Postponed which) {
  if (!is_file()) {
    journal::make_postponed(*connection_, which);
  }
}

std::future<void> Arrival::make_postponed_of_events() {
  if (is_file() || !journal::has_postponed(*connection_)) {
    return std::async(std::launch::deferred, [] {});
  }
  return std::async(std::launch::async, [this] {
    const auto beside = target_.open_schema({}, "reeve_owner");
    beside->set_ledger(ledger_id_);
    engine::Transaction tx(*beside, engine::Transaction::Mode::write);
    journal::make_postponed(*beside, journal::Postponed::of_events);
    tx.commit();
  });
}

journal::Head Arrival::head() {
  if (is_new_) {
    return {};
  }
  engine::Transaction tx(*connection_, engine::Transaction::Mode::read);
  return journal::read_head(*connection_);
}

void Arrival::enter_directory() {
  // Read in the transaction that enters the ledger: whoever migrates waits for its end, and then finds it.
  const auto format = journal::read_schema_format(*connection_);
  if (!format || format->sources_hash != sources_hash_) {
    throw Error(ErrorCode::conflict, fmt::format("{} was migrated meanwhile", target_.name()),
                "take the same blueprint to the ledger, then promote it again");
  }
  if (journal::has_postponed(*connection_)) {
    throw Error(ErrorCode::retryable,
                fmt::format("another ledger is brought over to {} meanwhile, the first of its schema",
                            target_.name()),
                "run it again");
  }
  journal::add_ledger(*connection_,
                      {ledger_id_, name_, journal::LedgerState::arriving, format_time(system_clock().now())});
  journal::start_head(*connection_);
  write_beginning_meta();
  is_new_ = false;
}

std::unique_ptr<Executor> Arrival::executor() {
  const auto by_hash = [this](const Digest& hash) { return sources_of(hash); };
  std::shared_ptr<const EpochState> epoch;
  {
    engine::Transaction tx(*connection_, engine::Transaction::Mode::read);
    if (journal::read_head(*connection_).sequence > 0) {
      const auto epochs = journal::read_epochs(*connection_);
      epoch = epochs.empty() ? nullptr : load_last_epoch(*connection_);
    }
  }
  auto executor = std::make_unique<Executor>(*connection_, by_hash, std::move(epoch));
  executor->set_journal(source_);
  return executor;
}

void Arrival::store_epoch(const journal::Epoch& epoch, const journal::Layout& layout) {
  journal::store_sources(*connection_, epoch.sources_hash, sources_of(epoch.sources_hash).files);
  journal::append_epoch(*connection_, epoch, layout);
}

void Arrival::copy_rows(engine::Connection& from, const EpochState& epoch, const Executor::Pin* pin) {
  constexpr std::size_t rows_max = 4096;
  connection_->set_capture(false);
  if (pin != nullptr) {
    pin_rows(*connection_, ReferenceSet::of(pin->files, epoch.catalogue), epoch.layout);
  }
  RowStore reading(from, epoch.layout);
  BulkRows writing(*connection_, epoch.layout, epoch.catalogue);
  Capture memory(epoch.layout);
  std::vector<journal::Change> rows;
  const auto write = [&] {
    writing.write(rows);
    rows.clear();
    memory.clear();
  };
  for (const std::string& name : parents_first(epoch.catalogue)) {
    const int table = epoch.layout.find(name);
    const journal::TableLayout& layout = epoch.layout.table(table);
    if (layout.reference) {
      continue;
    }
    reading.scan(table, [&](journal::Row row) {
      rows.push_back({table, nullptr, memory.keep(table, {row, layout.columns.size()})});
      if (rows.size() == rows_max) {
        write();
      }
      return true;
    });
    write();
  }
  connection_->drain_changes();
}

void Arrival::complete() {
  if (is_complete_) {
    return;
  }
  engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
  if (target_.is_file()) {
    journal::remove_meta(*connection_, journal::meta_arriving);
  } else {
    journal::change_ledger_state(*connection_, journal::LedgerState::arriving, journal::LedgerState::active);
  }
  tx.commit();
}

}  // namespace reeve::state
