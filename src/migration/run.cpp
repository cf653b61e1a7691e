#include "migration/run.h"

#include "base/clock.h"
#include "migration/delete_applied_sql.h"
#include "migration/migrations_schema_sql.h"
#include "migration/postgres_lock_runners_sql.h"
#include "migration/postgres_select_table_sql.h"
#include "migration/script.h"
#include "migration/select_applied_sql.h"
#include "migration/select_dirty_version_sql.h"
#include "migration/select_goose_versions_sql.h"
#include "migration/select_sqlx_failed_sql.h"
#include "migration/select_sqlx_versions_sql.h"
#include "migration/select_table_sql.h"
#include "migration/select_versions_sql.h"
#include "migration/upsert_applied_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace reeve::migration {

namespace {

constexpr int steps_of_commit = 100;

struct Applied {
  std::string name;
  std::string checksum;  ///< empty when another tool applied it
  std::string meaning;
  std::string time;
  bool finished = true;
};
using AppliedSteps = std::map<std::int64_t, Applied>;

bool is_sqlite(const engine::Connection& database) { return database.engine() == engine::Engine::sqlite; }

bool has_table(engine::Connection& database, std::string_view table) {
  const ValueView name[] = {ValueView::of(table)};
  const auto count = database.value(
      is_sqlite(database) ? embedded::select_table_sql : embedded::postgres_select_table_sql, name);
  return std::get<std::int64_t>(count.value()) > 0;
}

AppliedSteps read_own(engine::Connection& database) {
  AppliedSteps steps;
  engine::Statement statement = database.prepare(embedded::select_applied_sql, false);
  while (statement.step()) {
    steps[statement.integer(0)] = {std::string(statement.text(1)), std::string(statement.text(2)),
                                   std::string(statement.text(3)), std::string(statement.text(4)),
                                   statement.integer(5) == 1};
  }
  return steps;
}

/// The versions that a query of a tool's own table gives.
std::vector<std::int64_t> versions(engine::Connection& database, std::string_view query) {
  std::vector<std::int64_t> found;
  engine::Statement statement = database.prepare(query, false);
  while (statement.step()) found.push_back(statement.integer(0));
  return found;
}

[[noreturn]] void refuse_dirty(std::string_view table, std::int64_t version) {
  throw Error(ErrorCode::conflict, fmt::format("{} says that version {} failed half-way", table, version),
              "mend the database and that table with the tool that wrote it, then try again");
}

/// golang-migrate keeps the last version alone: all below it are applied.
std::vector<std::int64_t> read_golang_migrate(engine::Connection& database, const Folder& folder) {
  for (const std::int64_t version : versions(database, embedded::select_dirty_version_sql))
    refuse_dirty("schema_migrations", version);
  const auto last = versions(database, embedded::select_versions_sql);
  std::vector<std::int64_t> found;
  for (const Step& step : folder.steps)
    if (!last.empty() && step.version <= last.front()) found.push_back(step.version);
  return found;
}

std::vector<std::int64_t> read_sqlx(engine::Connection& database) {
  for (const std::int64_t version : versions(database, embedded::select_sqlx_failed_sql))
    refuse_dirty("_sqlx_migrations", version);
  return versions(database, embedded::select_sqlx_versions_sql);
}

/// What the folder's tool has applied, by its own table. A folder of up and down files may be golang-migrate's or sqlx's:
/// which of their tables is there decides. Only a table of another tool: the folder is not what it seems.
std::vector<std::int64_t> read_other(engine::Connection& database, const Folder& folder) {
  const bool has_versions = has_table(database, "schema_migrations");
  const bool has_sqlx = has_table(database, "_sqlx_migrations");
  const bool has_goose = has_table(database, "goose_db_version");
  if (folder.tool == Tool::goose && has_goose) return versions(database, embedded::select_goose_versions_sql);
  if (folder.tool == Tool::dbmate && has_versions) return versions(database, embedded::select_versions_sql);
  if (folder.tool == Tool::sqlx && has_sqlx) return read_sqlx(database);
  if (folder.tool == Tool::golang_migrate && has_versions) return read_golang_migrate(database, folder);
  if (folder.tool == Tool::golang_migrate && has_sqlx) return read_sqlx(database);
  if (has_versions || has_sqlx || has_goose) {
    throw Error(
        ErrorCode::conflict,
        fmt::format("another tool than {} has migrated this database: {} is there", name_of(folder.tool),
                    has_versions ? "schema_migrations"
                    : has_sqlx   ? "_sqlx_migrations"
                                 : "goose_db_version"),
        "say with --tool which one the folder was made for");
  }
  return {};
}

/// Before the first run here, the tool's own table says what is applied.
AppliedSteps read_applied(engine::Connection& database, const Folder& folder) {
  if (has_table(database, "reeve_migrations")) return read_own(database);
  AppliedSteps steps;
  for (const std::int64_t version : read_other(database, folder)) {
    const auto step = std::find_if(folder.steps.begin(), folder.steps.end(),
                                   [&](const Step& candidate) { return candidate.version == version; });
    const bool is_there = step != folder.steps.end();
    steps[version] = {is_there ? step->name : fmt::format("{}", version), is_there ? step->checksum : "",
                      is_there ? step->meaning : "", "", true};
  }
  return steps;
}

Standing standing_of(const Step& step, const AppliedSteps& applied) {
  const auto found = applied.find(step.version);
  if (found == applied.end()) return Standing::pending;
  if (!found->second.finished) return Standing::unfinished;
  if (found->second.checksum == step.checksum) return Standing::applied;
  return found->second.meaning == step.meaning ? Standing::edited : Standing::changed;
}

void insert(engine::Connection& database, std::int64_t version, const Applied& step) {
  engine::Statement statement = database.prepare(embedded::upsert_applied_sql, false);
  statement.bind_integer(1, version);
  statement.bind_text(2, step.name);
  statement.bind_text(3, step.checksum);
  statement.bind_text(4, step.meaning);
  if (step.time.empty()) {
    statement.bind_null(5);
  } else {
    statement.bind_text(5, step.time);
  }
  statement.bind_integer(6, step.finished ? 1 : 0);
  statement.run();
}

void remove(engine::Connection& database, std::int64_t version) {
  engine::Statement statement = database.prepare(embedded::delete_applied_sql, false);
  statement.bind_integer(1, version);
  statement.run();
}

/// A write transaction of one runner at a time: on SQLite every one is.
class Turn {
 public:
  explicit Turn(engine::Connection& database) : transaction_(database, engine::Transaction::Mode::write) {
    if (!is_sqlite(database)) {
      database.value(embedded::postgres_lock_runners_sql);
    }
  }
  void commit() { transaction_.commit(); }

 private:
  engine::Transaction transaction_;
};

/// The table, and in it what the tool itself had applied. Returns how many those are.
std::int64_t take_up(engine::Connection& database, const Folder& folder) {
  Turn turn(database);
  if (has_table(database, "reeve_migrations")) return 0;
  const AppliedSteps before = read_applied(database, folder);
  database.execute(embedded::migrations_schema_sql);
  for (const auto& [version, step] : before) insert(database, version, step);
  turn.commit();
  return static_cast<std::int64_t>(before.size());
}

[[noreturn]] void refuse(const std::string& file, const std::string& message, const std::string& remedy) {
  throw Error(ErrorCode::conflict, message, remedy, {file, 0, 0});
}

void refuse_unfinished(const AppliedSteps& applied) {
  for (const auto& [version, step] : applied)
    if (!step.finished)
      refuse(step.name, "it was begun outside of a transaction, and is running or did not come to its end",
             fmt::format("look at what it left, then `reeve migrate repair --applied {0}` or `--pending {0}`",
                         version));
}

/// What forbids to go on. Returns the pending steps, in order.
std::vector<const Step*> pending_steps(const Folder& folder, const AppliedSteps& applied,
                                       bool allow_missing) {
  refuse_unfinished(applied);
  std::vector<const Step*> pending;
  AppliedSteps gone = applied;
  for (const Step& step : folder.steps) {
    gone.erase(step.version);
    switch (standing_of(step, applied)) {
      case Standing::changed:
        refuse(step.name, "it was changed since it was applied",
               "put it back as it was and write a new migration");
      case Standing::edited:
        refuse(step.name, "its comments or blanks were edited since it was applied",
               "`reeve migrate repair` takes that up");
      case Standing::pending:
        if (!allow_missing && !applied.empty() && step.version < applied.rbegin()->first)
          refuse(step.name, fmt::format("it is pending, but version {} is applied", applied.rbegin()->first),
                 "give it a later version, or add --allow-missing to apply it now");
        pending.push_back(&step);
        break;
      case Standing::applied:
      case Standing::missing:
      case Standing::unfinished: break;
    }
  }
  if (!allow_missing && !gone.empty())
    refuse(gone.begin()->second.name, "it is applied, and its file is gone",
           "put it back, or add --allow-missing to go on without it");
  return pending;
}

/// The statements of a section, each with its place: PostgreSQL runs several that come at once in a transaction.
std::vector<Section> statements_of(const Section& section) {
  const std::vector<Token> tokens = tokens_of(section.text);
  const auto is_atomic = [](const Token& token) { return token.text == "ATOMIC" || token.text == "atomic"; };
  // The body of such a function has semicolons of its own.
  if (std::any_of(tokens.begin(), tokens.end(), is_atomic)) return {section};
  std::vector<std::size_t> begins;
  for (const Token& token : tokens)
    if (token.begins_statement)
      begins.push_back(static_cast<std::size_t>(token.text.data() - section.text.data()));
  std::vector<Section> statements;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    const std::size_t end = i + 1 < begins.size() ? begins[i + 1] : section.text.size();
    const auto line = std::count(section.text.data(), section.text.data() + begins[i], '\n');
    statements.push_back({section.text.substr(begins[i], end - begins[i]),
                          {section.place.file, section.place.line + static_cast<int>(line), 1},
                          false});
  }
  return statements;
}

/// A section that keeps a transaction of its own, or can't have one.
void run_outside(engine::Connection& database, const Section& section) {
  try {
    if (is_sqlite(database)) {
      database.execute(section.text, section.place);
    } else {
      for (const Section& statement : statements_of(section))
        database.execute(statement.text, statement.place);
    }
  } catch (const Error&) {
    if (database.in_transaction()) database.execute("ROLLBACK");
    throw;
  }
  if (database.in_transaction()) {
    database.execute("ROLLBACK");
    throw Error(ErrorCode::bad_statement, "it begins a transaction and does not end it", "add COMMIT",
                section.place);
  }
}

/// A section that shares the transaction of `turn` with others: when it fails it is undone alone, and those before it are
/// committed. One that ends the transaction itself is noted as unfinished: part of it may stay.
template <typename Note>
void run_inside(engine::Connection& database, Turn& turn, const Section& section, const Note& note) {
  const bool has_savepoint = is_sqlite(database);  // on PostgreSQL each has a transaction of its own
  if (has_savepoint) database.execute("SAVEPOINT step");
  try {
    database.execute(section.text, section.place);
    if (!database.in_transaction()) {
      throw Error(ErrorCode::bad_statement, "it ends the transaction that it runs in",
                  "take END, COMMIT or ROLLBACK out of it, or mark it as one without a transaction",
                  section.place);
    }
    note(true);
  } catch (const Error& error) {
    // A full disk has ended the whole transaction too, but nothing of it is left.
    if (!database.in_transaction() && error.code() != ErrorCode::unavailable) {
      note(false);
    } else if (has_savepoint && database.in_transaction()) {
      database.execute("ROLLBACK TO step; RELEASE step");
      turn.commit();
    }
    throw;
  }
  if (has_savepoint) database.execute("RELEASE step");
}

/// A step up or down, with the section that does it and what is noted of it.
struct Move {
  const Step* step;
  const Section* section;
};

/// Makes moves as `next` gives them, which is asked inside of each transaction: another runner may have been here.
template <typename Next, typename Note>
void move_all(engine::Connection& database, const Next& next, const Note& note,
              const state::Progress& progress, std::vector<std::string>& names) {
  const int shared = is_sqlite(database) ? steps_of_commit : 1;
  while (true) {
    std::vector<Move> moves;
    std::vector<std::string> done;
    {
      Turn turn(database);
      moves = next();
      if (moves.empty()) return;
      const auto total = static_cast<std::int64_t>(names.size() + moves.size());
      for (const Move& move : moves) {
        progress.step(static_cast<std::int64_t>(names.size() + done.size()), total);
        if (static_cast<int>(done.size()) == shared || !move.section->in_transaction) break;
        run_inside(database, turn, *move.section, [&](bool finished) { note(*move.step, finished); });
        done.push_back(move.step->name);
      }
      if (done.empty()) note(*moves.front().step, false);
      turn.commit();
    }
    if (done.empty()) {
      run_outside(database, *moves.front().section);
      Turn turn(database);
      note(*moves.front().step, true);
      turn.commit();
      done.push_back(moves.front().step->name);
    }
    names.insert(names.end(), done.begin(), done.end());
  }
}

}  // namespace

std::unique_ptr<engine::Connection> open_database(const std::string& url, bool may_make) {
  std::unique_ptr<engine::Connection> database;
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    database = engine::Connection::open_postgres(url);
  } else {
    const std::string path = url.starts_with("sqlite:") ? url.substr(7) : url;
    const bool is_there = std::filesystem::exists(path);
    database = engine::Connection::open_plain(
        path, may_make && !is_there ? engine::OpenMode::create : engine::OpenMode::read_write);
  }
  if (has_table(*database, "reeve_meta") || has_table(*database, "reeve_events")) {
    throw Error(ErrorCode::conflict, "a ledger lives in this database: its schema is its blueprint's",
                "`reeve migrate up FILE --blueprint FOLDER`");
  }
  return database;
}

std::vector<StepStatus> status(engine::Connection& database, const Folder& folder) {
  const engine::Transaction snapshot(database, engine::Transaction::Mode::read);
  AppliedSteps applied = read_applied(database, folder);
  std::vector<StepStatus> steps;
  for (const Step& step : folder.steps) {
    const auto found = applied.find(step.version);
    steps.push_back({step.version, step.name, standing_of(step, applied),
                     found == applied.end() ? std::string() : found->second.time});
  }
  for (const Step& step : folder.steps) applied.erase(step.version);
  for (const auto& [version, step] : applied)
    steps.push_back(
        {version, step.name, step.finished ? Standing::missing : Standing::unfinished, step.time});
  std::sort(steps.begin(), steps.end(),
            [](const StepStatus& left, const StepStatus& right) { return left.version < right.version; });
  return steps;
}

Run apply(engine::Connection& database, const Folder& folder, Clock& clock, const RunOptions& options) {
  Run run;
  run.taken_up = take_up(database, folder);
  const auto next = [&] {
    std::vector<Move> moves;
    for (const Step* step : pending_steps(folder, read_own(database), options.allow_missing)) {
      if (options.steps && static_cast<int>(run.names.size() + moves.size()) >= *options.steps) break;
      moves.push_back({step, &step->up});
    }
    return moves;
  };
  const auto note = [&](const Step& step, bool finished) {
    insert(database, step.version,
           {step.name, step.checksum, step.meaning, finished ? format_time(clock.now()) : std::string(),
            finished});
  };
  move_all(database, next, note, options.progress, run.names);
  return run;
}

Run revert(engine::Connection& database, const Folder& folder, Clock& clock, const RunOptions& options) {
  Run run;
  run.taken_up = take_up(database, folder);
  const auto next = [&] {
    const AppliedSteps applied = read_own(database);
    refuse_unfinished(applied);
    std::vector<Move> moves;
    for (auto last = applied.rbegin(); last != applied.rend(); ++last) {
      if (static_cast<int>(run.names.size() + moves.size()) >= options.steps.value_or(1)) break;
      const auto step = std::find_if(folder.steps.begin(), folder.steps.end(),
                                     [&](const Step& candidate) { return candidate.version == last->first; });
      if (step == folder.steps.end())
        refuse(last->second.name, "it is applied, and its file is gone", "put it back");
      if (!step->down)
        throw Error(ErrorCode::invalid_input, "it has no down section", "write one", {step->name, 0, 0});
      moves.push_back({&*step, &*step->down});
    }
    return moves;
  };
  const auto note = [&](const Step& step, bool finished) {
    if (finished) return remove(database, step.version);
    insert(database, step.version, {step.name, step.checksum, step.meaning, format_time(clock.now()), false});
  };
  move_all(database, next, note, options.progress, run.names);
  return run;
}

std::vector<std::string> repair(engine::Connection& database, const Folder& folder) {
  take_up(database, folder);
  Turn turn(database);
  const AppliedSteps applied = read_own(database);
  std::vector<std::string> names;
  for (const Step& step : folder.steps) {
    const Standing standing = standing_of(step, applied);
    if (standing == Standing::changed)
      refuse(step.name, "what it does was changed since it was applied",
             "put it back as it was and write a new migration");
    if (standing != Standing::edited) continue;
    const Applied& before = applied.at(step.version);
    insert(database, step.version, {step.name, step.checksum, step.meaning, before.time, true});
    names.push_back(step.name);
  }
  turn.commit();
  return names;
}

std::string settle(engine::Connection& database, const Folder& folder, Clock& clock, std::int64_t version,
                   bool applied) {
  take_up(database, folder);
  Turn turn(database);
  AppliedSteps steps = read_own(database);
  const auto found = steps.find(version);
  if (found == steps.end() || found->second.finished) {
    throw Error(ErrorCode::conflict, fmt::format("version {} is not unfinished", version),
                "`reeve migrate status` lists what is");
  }
  if (!applied) {
    remove(database, version);
  } else {
    found->second.finished = true;
    if (found->second.time.empty()) found->second.time = format_time(clock.now());
    insert(database, version, found->second);
  }
  turn.commit();
  return found->second.name;
}

}  // namespace reeve::migration
