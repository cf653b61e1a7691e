#include <reeve/directory.h>

#include "journal/directory.h"
#include "journal/postponed.h"

#include "journal/journal.h"
#include "search/vector_copy.h"
#include "state/location.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace reeve {

namespace {

using journal::LedgerState;

/// A schema as its owner, with the ledger that the url names.
struct Named {
  std::unique_ptr<engine::Connection> connection;
  journal::LedgerEntry entry;
};

std::unique_ptr<engine::Connection> open_as_owner(const state::Location& location) {
  if (location.is_file()) {
    throw Error(ErrorCode::invalid_input, fmt::format("{} is a file: a ledger by itself", location.name()),
                "this is for ledgers of a PostgreSQL schema, postgresql://...?ledger=NAME");
  }
  // Where no schema was ever made there is no such role either.
  if (!journal::read_schema_format(*location.open_schema())) {
    throw Error(ErrorCode::not_found, fmt::format("there is no ledger of Reeve in {}", location.name()),
                "`reeve init URL --blueprint FOLDER` makes one");
  }
  auto connection = location.open_schema({}, "reeve_owner");
  journal::check_format(*connection);
  return connection;
}

/// The name has to be said: "the only one" is too little for what is done to it here.
Named open_named(const state::Location& location) {
  Named named{open_as_owner(location), {}};
  if (location.ledger().empty()) {
    throw Error(ErrorCode::invalid_input, "the URL does not say which ledger",
                "postgresql:///DATABASE?ledger=NAME");
  }
  const auto entry = journal::find_ledger(*named.connection, location.ledger());
  if (!entry) {
    throw Error(ErrorCode::not_found, fmt::format("{} has no such ledger", location.name()),
                "`reeve ledger list URL` shows those there are");
  }
  named.entry = *entry;
  named.connection->set_ledger(entry->ledger_id);
  return named;
}

/// A file that is no ledger is nothing; one that can't be read is an error.
void add_file(const std::filesystem::path& file, std::vector<DirectoryEntry>& entries) {
  std::unique_ptr<engine::Connection> connection;
  try {
    connection = engine::Connection::open(file, engine::OpenMode::read_only);
    journal::check_format(*connection);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::corrupt || error.code() == ErrorCode::invalid_input) {
      return;
    }
    throw;
  }
  engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
  DirectoryEntry entry;
  entry.name = file.stem().string();
  entry.state = name_of(journal::read_meta(*connection, journal::meta_arriving)   ? LedgerState::arriving
                        : journal::read_meta(*connection, journal::meta_moved_to) ? LedgerState::moved
                                                                                  : LedgerState::active);
  entry.events = {journal::read_head(*connection).sequence};
  entry.ledger_id = journal::read_meta(*connection, "ledger_id").value_or("");
  if (journal::EntryReader first(*connection, 0); entry.events.value > 0) {
    journal::Entry created;
    if (first.next(created)) {
      entry.created = created.event.time;
    }
  }
  entries.push_back(std::move(entry));
}

std::vector<DirectoryEntry> list_folder(const std::filesystem::path& folder) {
  std::vector<DirectoryEntry> entries;
  std::error_code failed;
  for (auto file = std::filesystem::directory_iterator(folder, failed);
       !failed && file != std::filesystem::directory_iterator(); file.increment(failed)) {
    if (file->is_regular_file() && file->path().extension() == ".db") {
      add_file(file->path(), entries);
    }
  }
  if (failed) {
    throw Error(ErrorCode::unavailable,
                fmt::format("{} can't be read: {}", folder.string(), failed.message()));
  }
  std::sort(entries.begin(), entries.end(),
            [](const DirectoryEntry& left, const DirectoryEntry& right) { return left.name < right.name; });
  return entries;
}

/// Takes a ledger away, batch by batch.
class Eraser {
 public:
  Eraser(Named& named, const EraseOptions& options)
      : connection_(*named.connection), entry_(named.entry), options_(options) {}

  Erasure run() {
    const bool never_arrived = entry_.state == LedgerState::arriving;
    if (entry_.state == LedgerState::erased) {
      if (!options_.free_name) {
        throw Error(ErrorCode::conflict, "the ledger is erased already; its name stays taken",
                    "with --free-name it may be given again");
      }
    } else if (entry_.state == LedgerState::erasing) {
      result_.resumed = true;
    } else {
      close();
    }
    const bool has_rows = entry_.state != LedgerState::erased;
    if (has_rows) {
      take_rows_away();
    }
    engine::Transaction tx(connection_, engine::Transaction::Mode::write);
    if (has_rows && journal::has_postponed(connection_)) {
      journal::lock_whole_schema(connection_);
      journal::make_postponed(connection_, journal::Postponed::all);
    }
    journal::leave_directory(connection_, entry_.ledger_id, options_.free_name || never_arrived);
    tx.commit();
    return result_;
  }

 private:
  /// From here on nobody else has it. The pseudonyms live as long as this transaction.
  void close() {
    engine::Transaction tx(connection_, engine::Transaction::Mode::write);
    journal::change_ledger_state(connection_, entry_.state, LedgerState::erasing);
    if (entry_.state != LedgerState::arriving) {
      journal::write_trail(connection_);
    }
    tx.commit();
  }

  void take_rows_away() {
    {
      engine::Transaction tx(connection_, engine::Transaction::Mode::write);
      journal::erase_sources(connection_);
      // Whole tables, which hold this ledger alone.
      search::VectorCopies copies(connection_);
      for (const search::StoredCopy& copy : copies.stored()) copies.drop(copy);
      tx.commit();
    }
    std::vector<std::string> left = journal::tenant_tables(connection_);
    while (!left.empty()) {
      std::vector<std::string> stuck;
      for (const std::string& table : left) {
        if (!take_table_away(table)) {
          stuck.push_back(table);
        }
      }
      if (stuck.size() == left.size()) {
        // Rows that point to each other round about go together.
        engine::Transaction tx(connection_, engine::Transaction::Mode::write);
        for (const std::string& table : stuck) {
          result_.rows += journal::erase_rows(connection_, table, rows_all);
        }
        tx.commit();
        return;
      }
      left = std::move(stuck);
    }
  }

  /// False when rows of it are still pointed to.
  bool take_table_away(const std::string& table) {
    for (;;) {
      if (options_.stop != nullptr && options_.stop->load()) {
        throw Error(ErrorCode::retryable, "interrupted; what was taken away is gone", "run it again");
      }
      try {
        engine::Transaction tx(connection_, engine::Transaction::Mode::write);
        const std::int64_t removed = journal::erase_rows(connection_, table, options_.batch_rows);
        tx.commit();
        result_.rows += removed;
        if (removed == 0) {
          return true;
        }
      } catch (const Error& error) {
        if (error.code() != ErrorCode::constraint_violation) {
          throw;
        }
        return false;
      }
      if (options_.progress) {
        options_.progress(result_.rows);
      }
    }
  }

  static constexpr std::int64_t rows_all = std::int64_t{1} << 62;

  engine::Connection& connection_;
  journal::LedgerEntry entry_;
  const EraseOptions& options_;
  Erasure result_;
};

}  // namespace

std::vector<DirectoryEntry> list_ledgers(std::string_view url_or_folder) {
  const state::Location location = state::Location::of(url_or_folder);
  if (location.is_file()) {
    if (!std::filesystem::is_directory(location.file())) {
      throw Error(ErrorCode::not_found, fmt::format("{} is no folder", location.name()),
                  "name a folder of ledgers, or postgresql://...");
    }
    return list_folder(location.file());
  }
  const auto connection = open_as_owner(location);
  engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
  std::vector<DirectoryEntry> entries;
  for (journal::LedgerEntry& entry : journal::list_ledgers(*connection)) {
    const bool is_erased = entry.state == LedgerState::erased;
    entries.push_back({std::move(entry.name),
                       std::string(name_of(entry.state)),
                       {entry.events},
                       std::move(entry.created),
                       is_erased ? std::string() : std::move(entry.ledger_id)});
  }
  return entries;
}

void suspend_ledger(std::string_view url) {
  const Named named = open_named(state::Location::of(url));
  engine::Transaction tx(*named.connection, engine::Transaction::Mode::write);
  journal::change_ledger_state(*named.connection, LedgerState::active, LedgerState::suspended);
  tx.commit();
}

void resume_ledger(std::string_view url) {
  const Named named = open_named(state::Location::of(url));
  engine::Transaction tx(*named.connection, engine::Transaction::Mode::write);
  journal::change_ledger_state(*named.connection, LedgerState::suspended, LedgerState::active);
  tx.commit();
}

Erasure erase_ledger(std::string_view url, const EraseOptions& options) {
  const state::Location location = state::Location::of(url);
  if (options.batch_rows < 1) {
    throw Error(ErrorCode::invalid_input, "a batch has at least one row");
  }
  Named named = open_named(location);
  if (options.confirm != location.ledger()) {
    throw Error(ErrorCode::invalid_input, "what is to be erased is not confirmed by its name",
                "add --confirm NAME, the ledger's name: nothing brings it back");
  }
  return Eraser(named, options).run();
}

std::vector<TrailEntry> read_trails(std::string_view url) {
  const auto connection = open_as_owner(state::Location::of(url));
  std::vector<TrailEntry> entries;
  for (journal::TrailEntry& entry : journal::read_trails(*connection)) {
    entries.push_back({std::move(entry.trail), std::move(entry.actor), std::move(entry.type),
                       std::move(entry.month), entry.events});
  }
  return entries;
}

}  // namespace reeve
