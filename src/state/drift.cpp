#include "state/drift.h"

#include "journal/directory.h"
#include "journal/postponed.h"
#include "sql/translation.h"
#include "state/epochs.h"
#include "state/live_schema.h"
#include "state/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace reeve::state {

namespace {

class Comparison {
 public:
  Comparison(engine::Engine engine, const LiveSchema& declared, const LiveSchema& live)
      : is_file_(engine == engine::Engine::sqlite), declared_(declared), live_(live) {}

  std::vector<DriftFinding> run() {
    std::set<std::string> names;
    for (const auto& [name, table] : declared_.tables) names.insert(name);
    for (const auto& [name, table] : live_.tables) names.insert(name);
    for (const std::string& name : names) {
      const auto declared = declared_.tables.find(name);
      const auto live = live_.tables.find(name);
      table_ = name;
      if (live == live_.tables.end()) {
        add("", fmt::format("the table {} is missing", name), anew());
      } else if (declared == declared_.tables.end()) {
        add("", fmt::format("no migration made the table {}", name),
            "DROP TABLE " + quote_name(name) + ", or make it in a migration");
      } else {
        compare_columns(declared->second, live->second);
        compare_constraints(declared->second, live->second);
        compare_indexes(declared->second, live->second);
        compare_guards(declared->second, live->second);
      }
      if (live != live_.tables.end()) {
        advise(live->second);
      }
    }
    compare_views();
    return std::move(findings_);
  }

 private:
  void add(std::string object, std::string message, std::string remedy) {
    findings_.push_back(
        {DriftFinding::Kind::difference, table_, std::move(object), std::move(message), std::move(remedy)});
  }
  void advise(std::string object, std::string message, std::string remedy) {
    findings_.push_back(
        {DriftFinding::Kind::advice, table_, std::move(object), std::move(message), std::move(remedy)});
  }
  /// Where no statement brings back what is lost.
  std::string anew() const {
    return is_file_ ? "`reeve replay FILE` makes the tables anew from the journal"
                    : "promote the ledger to another schema, which is made anew; or restore from a backup";
  }
  /// In a file nobody repairs by hand what a replay makes.
  std::string by(const std::string& statement) const { return is_file_ ? anew() : statement; }
  std::string alter(const std::string& change) const {
    return by("ALTER TABLE " + quote_name(table_) + " " + change);
  }

  void compare_columns(const LiveTable& declared, const LiveTable& live) {
    for (const auto& [name, column] : declared.columns) {
      const auto found = live.columns.find(name);
      if (found == live.columns.end()) {
        add(name, fmt::format("the column {}.{} is missing", table_, name), anew());
      } else {
        compare_column(name, column, found->second);
      }
    }
    for (const auto& [name, column] : live.columns) {
      if (!declared.columns.contains(name)) {
        add(name, fmt::format("no migration made the column {}.{}", table_, name),
            alter("DROP COLUMN " + quote_name(name)));
      }
    }
  }

  void compare_column(const std::string& name, const LiveColumn& declared, const LiveColumn& live) {
    const std::string change = "ALTER COLUMN " + quote_name(name) + " ";
    if (declared.type != live.type) {
      add(name, fmt::format("the column {}.{} is {}, declared is {}", table_, name, live.type, declared.type),
          alter(change + "TYPE " + declared.type));
    }
    if (declared.not_null != live.not_null) {
      add(name,
          fmt::format("the column {}.{} {} NULL, declared is that it {}", table_, name,
                      live.not_null ? "refuses" : "takes", live.not_null ? "takes it" : "refuses it"),
          alter(change + (declared.not_null ? "SET NOT NULL" : "DROP NOT NULL")));
    }
    if (declared.default_sql != live.default_sql) {
      const auto shown = [](const std::string& sql) {
        return sql.empty() ? "no default" : "the default " + sql;
      };
      add(name,
          fmt::format("the column {}.{} has {}, declared is {}", table_, name, shown(live.default_sql),
                      shown(declared.default_sql)),
          alter(change +
                (declared.default_sql.empty() ? "DROP DEFAULT" : "SET DEFAULT " + declared.default_sql)));
    }
  }

  void compare_constraints(const LiveTable& declared, const LiveTable& live) {
    for (const auto& [name, definition] : declared.constraints) {
      const auto found = live.constraints.find(name);
      const std::string make = "ADD CONSTRAINT " + quote_name(name) + " " + definition;
      if (found == live.constraints.end()) {
        add(name, fmt::format("the constraint {} of {} is missing: {}", name, table_, definition),
            alter(make));
      } else if (found->second != definition) {
        add(name,
            fmt::format("the constraint {} of {} is {}, declared is {}", name, table_, found->second,
                        definition),
            alter("DROP CONSTRAINT " + quote_name(name) + ", " + make));
      }
    }
    for (const auto& [name, definition] : live.constraints) {
      if (!declared.constraints.contains(name)) {
        add(name, fmt::format("no migration made the constraint {} of {}: {}", name, table_, definition),
            alter("DROP CONSTRAINT " + quote_name(name)));
      }
    }
  }

  void compare_indexes(const LiveTable& declared, const LiveTable& live) {
    for (const auto& [name, definition] : declared.indexes) {
      const auto found = live.indexes.find(name);
      if (found == live.indexes.end()) {
        add(name, fmt::format("the index {} of {} is missing", name, table_), by(definition));
      } else if (found->second != definition) {
        add(name,
            fmt::format("the index {} of {} is {}, declared is {}", name, table_, found->second, definition),
            by("DROP INDEX " + quote_name(name) + "; " + definition));
      }
    }
    for (const auto& [name, definition] : live.indexes) {
      if (!declared.indexes.contains(name)) {
        add(name, fmt::format("no migration made the index {} of {}", name, table_),
            "DROP INDEX " + quote_name(name) + ", or make it in a migration");
      }
    }
    for (const LiveIndex& index : live.index_columns) {
      if (!index.valid) {
        add(index.name, fmt::format("the index {} of {} was never built to its end", index.name, table_),
            "REINDEX INDEX CONCURRENTLY " + quote_name(index.name));
      }
    }
  }

  void compare_guards(const LiveTable& declared, const LiveTable& live) {
    for (const auto& [name, definition] : declared.guards) {
      const auto found = live.guards.find(name);
      if (found == live.guards.end()) {
        add(name, fmt::format("the {} of {} is missing", name, table_), anew());
      } else if (found->second != definition) {
        add(name, fmt::format("the {} of {} is {}, it should be {}", name, table_, found->second, definition),
            name == "row-level security"   ? alter("ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
            : name.starts_with("trigger ") ? alter("ENABLE TRIGGER " + quote_name(name.substr(8)))
                                           : anew());
      }
    }
    for (const auto& [name, definition] : live.guards) {
      if (!declared.guards.contains(name)) {
        const std::size_t space = name.find(' ');
        add(name, fmt::format("nothing of Reeve's made the {} of {}", name, table_),
            fmt::format("DROP {} {}{}", name.substr(0, space), quote_name(name.substr(space + 1)),
                        is_file_ ? "" : " ON " + quote_name(table_)));
      }
    }
  }

  void compare_views() {
    for (const auto& [name, definition] : declared_.views) {
      const auto found = live_.views.find(name);
      table_ = name;
      if (found == live_.views.end()) {
        add("", fmt::format("the view {} is missing", name), anew());
      } else if (found->second != definition) {
        add("", fmt::format("the view {} is not the declared one", name), anew());
      }
    }
    for (const auto& [name, definition] : live_.views) {
      table_ = name;
      if (!declared_.views.contains(name)) {
        add("", fmt::format("no migration made the view {}", name), "DROP VIEW " + quote_name(name));
      }
    }
  }

  static bool begins_with(const std::vector<std::string>& columns, const std::vector<std::string>& prefix) {
    return prefix.size() <= columns.size() && std::equal(prefix.begin(), prefix.end(), columns.begin());
  }
  static std::string list(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
  }

  void advise(const LiveTable& table) {
    for (const LiveIndex& index : table.index_columns) {
      if (index.of_constraint || index.partial) continue;
      const auto other = std::find_if(
          table.index_columns.begin(), table.index_columns.end(), [&](const LiveIndex& candidate) {
            const bool same = candidate.columns == index.columns;
            // Of two that are equal one goes: the one that no constraint needs, or else the later.
            const bool first = candidate.of_constraint || candidate.name < index.name;
            return candidate.name != index.name && !candidate.partial &&
                   begins_with(candidate.columns, index.columns) &&
                   (!index.unique || (same && candidate.unique)) &&
                   (!same || first || (candidate.unique && !index.unique));
          });
      if (other != table.index_columns.end()) {
        advise(index.name,
               fmt::format("the index {} of {} ({}) is redundant: {} begins with the same columns ({})",
                           index.name, table_, list(index.columns), other->name, list(other->columns)),
               "DROP INDEX " + quote_name(index.name) + " in a migration");
      }
    }
    for (const auto& [name, columns] : table.foreign_keys) {
      const bool led =
          std::any_of(table.index_columns.begin(), table.index_columns.end(), [&](const LiveIndex& index) {
            return !index.partial && index.columns.size() >= columns.size() &&
                   std::is_permutation(columns.begin(), columns.end(), index.columns.begin(),
                                       index.columns.begin() + static_cast<std::ptrdiff_t>(columns.size()));
          });
      if (!led) {
        advise(name,
               fmt::format("no index of {} leads with the columns of its foreign key {} ({})", table_, name,
                           list(columns)),
               fmt::format("CREATE INDEX ON {} ({}) in a migration", quote_name(table_), list(columns)));
      }
    }
  }

  bool is_file_;
  const LiveSchema& declared_;
  const LiveSchema& live_;
  std::string table_;
  std::vector<DriftFinding> findings_;
};

/// The declared schema as the engine describes it, made in temporary tables. The search_path of the transaction is
/// another afterwards.
LiveSchema declared_on_postgres(engine::Connection& connection, const sql::Catalogue& declared) {
  const Value schema =
      connection.value("SELECT quote_ident(current_schema())").value_or(Value(std::string()));
  connection.execute("SET LOCAL search_path = pg_temp, " + std::get<std::string>(schema));
  for (const std::string& statement : sql::create_statements_postgres(declared)) {
    connection.execute(statement);
  }
  return read_live_schema(connection);
}

LiveSchema declared_on_sqlite(const sql::Catalogue& declared) {
  const auto scratch = engine::Connection::open_scratch();
  for (const std::string& statement : sql::create_statements_sqlite(declared)) {
    scratch->execute(statement);
  }
  return read_live_schema(*scratch);
}

}  // namespace

std::vector<DriftFinding> find_drift(engine::Connection& connection, const sql::Catalogue& declared) {
  const LiveSchema live = read_live_schema(connection);
  const LiveSchema expected = connection.engine() == engine::Engine::postgres
                                  ? declared_on_postgres(connection, declared)
                                  : declared_on_sqlite(declared);
  return compare_schemas(connection.engine(), expected, live);
}

std::vector<DriftFinding> compare_schemas(engine::Engine engine, const LiveSchema& declared,
                                          const LiveSchema& live) {
  return Comparison(engine, declared, live).run();
}

std::unique_ptr<engine::Connection> open_to_look(const Location& location) {
  try {
    return location.open(engine::OpenMode::read_only, {}, Purpose::inspection);
  } catch (const Error& error) {
    if (location.is_file() || error.code() != ErrorCode::denied) {
      throw;
    }
    try {
      return location.open(engine::OpenMode::read_only, {}, Purpose::administration);
    } catch (const Error& second) {
      if (second.code() == ErrorCode::denied) {
        throw error;
      }
      throw;
    }
  }
}

std::vector<DriftFinding> migrate_drift(const Location& location) {
  const auto connection = open_to_look(location);
  // On PostgreSQL to make the temporary tables, which are never committed; the format is read to keep migrations out.
  const engine::Transaction tx(
      *connection, location.is_file() ? engine::Transaction::Mode::read : engine::Transaction::Mode::write);
  if (!location.is_file()) {
    journal::read_schema_format(*connection);
    if (journal::has_postponed(*connection)) {
      throw Error(
          ErrorCode::conflict,
          fmt::format("the first ledger of {} is being promoted into it, and indexes are made in the end",
                      location.name()),
          "run its `reeve promote` again to the end, or erase it; then look");
    }
  }
  return find_drift(*connection, load_last_epoch(*connection)->catalogue);
}

}  // namespace reeve::state
