// A file of which nothing is known: its rows are the baseline.

#include "adoption/adopt.h"

#include "adoption/new_ledger.h"
#include "adoption/old_value.h"
#include "adoption/plan.h"
#include "engine/file_copy.h"
#include "state/row_difference.h"
#include "state/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace reeve::adoption {

namespace {

/// A batch ends behind the row with which it is so large.
constexpr std::size_t batch_rows = 4096;
constexpr std::size_t batch_bytes = 1024 * 1024;

/// What the rows do not keep was found, and is given up; all begins anew.
struct Anew {};

class Baseline {
 public:
  Baseline(engine::Connection& old, NewLedger& ledger, const Plan& plan, GivenUp& given_up,
           Adoption& adoption)
      : old_(old),
        ledger_(ledger),
        plan_(plan),
        given_up_(given_up),
        adoption_(adoption),
        rows_(ledger.connection(), ledger.epoch().layout),
        payload_(ledger.epoch().layout) {}

  void write() {
    for (const PlannedTable& table : plan_.tables) {
      write_table(table);
    }
    end_batch();
  }

 private:
  void write_table(const PlannedTable& table) {
    const int number = ledger_.epoch().layout.find(table.name);
    std::int64_t& count = adoption_.rows[table.old->name];
    std::string columns = table.row_number.empty() || table.old->rowid.empty() ? "NULL" : table.old->rowid;
    for (const PlannedColumn& column : table.columns) {
      columns += ", " + state::quote_name(column.old->name);
    }
    engine::Statement statement = old_.prepare(
        fmt::format("SELECT {} FROM {} NOT INDEXED", columns, state::quote_name(table.old->name)), false);
    rewritten_.assign(table.columns.size(), 0);
    first_rewritten_.assign(table.columns.size(), {});
    while (statement.step()) {
      ++count;
      write_row(table, number, statement, count);
    }
    for (std::size_t place = 0; place < rewritten_.size(); ++place) {
      if (rewritten_[place] > 0) {
        adoption_.findings.add(
            {"time_rewritten",
             table.old->name,
             {},
             table.columns[place].old->name,
             first_rewritten_[place],
             fmt::format("{} times are written in UTC with six digits of a second; without a zone "
                         "they are taken for UTC",
                         rewritten_[place])});
      }
    }
  }

  void write_row(const PlannedTable& table, int number, const engine::Statement& old, std::int64_t count) {
    const std::size_t shift = table.row_number.empty() ? 0 : 1;
    row_.assign(table.columns.size() + shift, ValueView());
    texts_.resize(table.columns.size());
    if (shift > 0) {
      const ValueView rowid = old.column(0);
      row_[0] = rowid.is_null() ? ValueView::of(count) : rowid;
    }
    for (std::size_t place = 0; place < table.columns.size(); ++place) {
      row_[place + shift] =
          converted(table.columns[place].type, old.column(static_cast<int>(place) + 1), texts_[place]);
    }
    note_misfits(table, number, old);
    const std::size_t before = payload_.size();
    try {
      rows_.insert(number, row_.data());
    } catch (const Error& error) {
      give_up(table, error);
    }
    payload_.add(number, row_.data());
    if (payload_.size() - before > state::adopted_row_bytes_max) {
      throw Error(ErrorCode::limit_exceeded,
                  fmt::format("table {}, row {}: larger than an event may be", table.old->name,
                              state::key_json(ledger_.epoch().layout.table(number), row_.data())),
                  "keep so large a value in a file, and adopt a copy that names it");
    }
    ++batch_count_;
    if (batch_count_ >= batch_rows || payload_.size() >= batch_bytes) {
      end_batch();
    }
  }

  void note_misfits(const PlannedTable& table, int number, const engine::Statement& old) {
    for (std::size_t place = 0; place < table.columns.size(); ++place) {
      const PlannedColumn& column = table.columns[place];
      const ValueView value = old.column(static_cast<int>(place) + 1);
      if (is_rewritten(column.type, value)) {
        if (++rewritten_[place] == 1) {
          first_rewritten_[place] = value.text();
        }
      }
      const bool is_expected = std::any_of(column.expected.begin(), column.expected.end(),
                                           [&](sql::Type type) { return fits(type, value); });
      const bool as_text = column.type == sql::Type::text && !fits(sql::Type::text, value);
      if (is_expected && (!as_text || !column.old->declared.empty())) {
        continue;
      }
      const bool no_text = value.kind() == ValueView::Kind::text && as_text;
      adoption_.findings.add(
          {no_text ? "no_text" : "another_type", table.old->name,
           state::key_json(ledger_.epoch().layout.table(number), row_.data()), column.old->name, shown(value),
           no_text   ? "it is no UTF-8, or has U+0000: kept as \\x and its bytes"
           : as_text ? "it is kept as text"
                     : fmt::format("it is kept as it is: the column is {}", sql::name_of(column.type))});
    }
  }

  [[noreturn]] void give_up(const PlannedTable& table, const Error& error) {
    std::set<std::string>* which = nullptr;
    if (error.code() == ErrorCode::unique_violation) {
      const bool has_others = std::any_of(table.old->indexes.begin(), table.old->indexes.end(),
                                          [](const OldIndex& index) { return index.unique; });
      which = has_others && !given_up_.unique.contains(table.old->name) ? &given_up_.unique : &given_up_.keys;
    } else if (error.code() == ErrorCode::constraint_violation) {
      which = &given_up_.checks;
    }
    if (which == nullptr || !which->insert(table.old->name).second) {
      throw Error(error);
    }
    throw Anew{};
  }

  void end_batch() {
    if (payload_.is_empty()) {
      return;
    }
    ledger_.record(ledger_.own_event(state::type_rows_adopted, payload_.take()));
    batch_count_ = 0;
  }

  engine::Connection& old_;
  NewLedger& ledger_;
  const Plan& plan_;
  GivenUp& given_up_;
  Adoption& adoption_;
  state::RowStore rows_;
  state::RowsPayload payload_;
  std::size_t batch_count_ = 0;
  std::vector<ValueView> row_;
  std::vector<std::string> texts_;
  std::vector<std::int64_t> rewritten_;
  std::vector<std::string> first_rewritten_;
};

void note_damage(engine::Connection& old, Findings& findings) {
  engine::Statement row = old.prepare("PRAGMA integrity_check(100)", false);
  while (row.step()) {
    if (row.text(0) != "ok") {
      findings.add({"damaged", {}, {}, {}, {}, "SQLite's integrity check says: " + std::string(row.text(0))});
    }
  }
}

/// The blueprint's folder: under another name until it is whole, and the ledger with it; one process alone makes it.
class NewFolder {
 public:
  NewFolder(std::filesystem::path folder, const blueprint::Sources& sources)
      : folder_(std::move(folder)),
        unfinished_(folder_.string() + ".adopting"),
        lock_(unfinished_.string() + ".lock") {
    std::error_code ignored;
    std::filesystem::remove_all(unfinished_, ignored);  // of a run that was killed
    for (const auto& [path, content] : sources.files) {
      write(unfinished_ / path, content);
    }
  }
  ~NewFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(unfinished_, ignored);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;

  void finish() {
    std::error_code fault;
    std::filesystem::remove(folder_, fault);  // an empty one
    std::filesystem::rename(unfinished_, folder_, fault);
    if (fault) {
      fail(folder_);
    }
  }

 private:
  [[noreturn]] static void fail(const std::filesystem::path& what) {
    throw Error(ErrorCode::unavailable, fmt::format("{} can't be written", what.string()),
                "name a folder that can, by --folder");
  }
  static void write(const std::filesystem::path& file, const std::string& content) {
    std::error_code fault;
    std::filesystem::create_directories(file.parent_path(), fault);
    std::ofstream out(file, std::ios::binary);
    out << content;
    out.close();
    if (!out) {
      fail(file);
    }
  }

  std::filesystem::path folder_;
  std::filesystem::path unfinished_;
  engine::FileLock lock_;  ///< nobody else makes it
};

void check_folder(const std::filesystem::path& folder) {
  std::error_code fault;
  if (std::filesystem::exists(folder, fault) && !std::filesystem::is_empty(folder, fault)) {
    throw Error(ErrorCode::conflict, fmt::format("{} exists", folder.string()),
                "name another folder for the blueprint, by --folder");
  }
}

}  // namespace

Adoption adopt_rows(const std::filesystem::path& file, const state::Location& to,
                    const std::filesystem::path& folder, const LedgerOptions& options) {
  check_folder(folder);
  const auto old = open_old(file);
  engine::Transaction snapshot(*old, engine::Transaction::Mode::read);
  const OldSchema schema = introspect(*old);
  GivenUp given_up;
  for (;;) {
    Adoption adoption;
    adoption.title = file.stem().string();
    note_damage(*old, adoption.findings);
    const Plan plan =
        make_plan(*old, schema, plain_name(adoption.title), adoption.title, given_up, adoption.findings);
    NewLedger ledger(to, plan.sources, options, false);
    try {
      Baseline(*old, ledger, plan, given_up, adoption).write();
    } catch (const Anew&) {
      continue;
    }
    ledger.record(ledger.own_event(state::type_adopted, adopted_payload(file, adoption, {})));
    NewFolder written(folder, plan.sources);
    const journal::Head head = ledger.finish();
    written.finish();
    adoption.events = head.sequence;
    adoption.state_hash = head.state_hash;
    return adoption;
  }
}

}  // namespace reeve::adoption
