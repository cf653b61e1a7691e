// The blueprint of an adopted schema: each rule that it has is tried, and what the dialect refuses is left out and reported.

#include "adoption/schema_writer.h"

#include "adoption/select_violations_sql.h"
#include "adoption/sqlite_text.h"
#include "sql/translation.h"
#include "state/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace reeve::adoption {

namespace {

std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ", ") + state::quote_name(name);
  }
  return out;
}

/// A catalogue with a statement done to it, or why the dialect refuses it.
std::optional<Error> refusal_of(const std::string& statement, const sql::Catalogue& before,
                                sql::Catalogue& after) {
  try {
    after = sql::translate_migration("adopted", statement + "\n;", before).after;
    return std::nullopt;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::bad_statement && error.code() != ErrorCode::limit_exceeded) {
      throw;
    }
    return error;
  }
}

class SchemaWriter {
 public:
  SchemaWriter(engine::Connection& old, const OldSchema& schema, const std::vector<PlannedTable>& tables,
               const GivenUp& given_up, Findings& findings)
      : old_(old), schema_(schema), tables_(tables), given_up_(given_up), findings_(findings) {}

  blueprint::Sources run(const BlueprintName& name) {
    for (const PlannedTable* table : parents_first()) {
      create_table(*table);
    }
    for (const PlannedTable& table : tables_) {
      add_foreign_keys(table);
    }
    for (const PlannedTable& table : tables_) {
      add_indexes(table);
    }
    add_views();
    note_what_is_left_out();
    write_files(name.name, name.title);
    return std::move(sources_);
  }

 private:
  /// Whether the dialect takes a statement on what there is so far; if so it is part of the migration from here on.
  std::optional<Error> attempt(const std::string& statement) {
    sql::Catalogue after;
    auto refused = refusal_of(statement, catalogue_, after);
    if (!refused) {
      catalogue_ = std::move(after);
      migration_ += statement + "\n;\n";  // a view's text may end in a comment
    }
    return refused;
  }
  bool would_do(const std::string& statement) const {
    sql::Catalogue after;
    return !refusal_of(statement, catalogue_, after);
  }

  void note(std::string code, const std::string& table, std::string field, std::string value,
            std::string done) {
    findings_.add({std::move(code), table, {}, std::move(field), std::move(value), std::move(done)});
  }

  /// Tables before those that point to them, as far as they don't point in a circle.
  std::vector<const PlannedTable*> parents_first() const {
    std::vector<const PlannedTable*> order;
    std::set<const PlannedTable*> visited;
    const std::function<void(const PlannedTable&)> visit = [&](const PlannedTable& table) {
      if (!visited.insert(&table).second) {
        return;
      }
      for (const OldForeignKey& key : table.old->foreign_keys) {
        if (const PlannedTable* target = find(key.target)) {
          visit(*target);
        }
      }
      order.push_back(&table);
    };
    for (const PlannedTable& table : tables_) {
      visit(table);
    }
    return order;
  }

  const PlannedTable* find(const std::string& old_name) const {
    const auto found = std::find_if(tables_.begin(), tables_.end(), [&](const PlannedTable& one) {
      return same_name(one.old->name, old_name);
    });
    return found == tables_.end() ? nullptr : &*found;
  }

  static std::string new_name(const PlannedTable& table, const std::string& old_column) {
    for (const PlannedColumn& column : table.columns) {
      if (same_name(column.old->name, old_column)) {
        return column.name;
      }
    }
    return {};
  }
  static std::vector<std::string> new_names(const PlannedTable& table, const std::vector<std::string>& old) {
    std::vector<std::string> names;
    for (const std::string& name : old) {
      names.push_back(new_name(table, name));
    }
    return names;
  }

  void create_table(const PlannedTable& table) {
    std::vector<std::string> parts;
    const auto text_with = [&](const std::string& part) {
      std::string out = fmt::format("CREATE TABLE {} (", state::quote_name(table.name));
      for (const std::string& one : parts) {
        out += "\n  " + one + ",";
      }
      out += part.empty() ? "" : "\n  " + part + ",";
      return out + fmt::format("\n  PRIMARY KEY ({})\n)", list_of(table.key));
    };
    if (!table.row_number.empty()) {
      parts.push_back(state::quote_name(table.row_number) + " bigint");
    }
    const std::size_t first = parts.size();
    for (const PlannedColumn& column : table.columns) {
      parts.push_back(fmt::format("{} {}{}", state::quote_name(column.name), sql::name_of(column.type),
                                  column.not_null ? " NOT NULL" : ""));
    }
    for (std::size_t place = 0; place < table.columns.size(); ++place) {
      const OldColumn& old = *table.columns[place].old;
      if (old.generated) {
        note("generated_column", table.old->name, old.name, {},
             "it is a column like others, with the values that it had: nothing computes it any more");
      }
      if (!old.default_sql) {
        continue;
      }
      const std::string plain = parts[first + place];
      parts[first + place] += " DEFAULT " + *old.default_sql;
      if (!would_do(text_with({}))) {
        parts[first + place] = plain;
        note("default_left_out", table.old->name, old.name, *old.default_sql,
             "the dialect has no such default: statements give the value");
      }
    }
    add_parts(table, parts, text_with);
    for (const OldForeignKey& key : table.old->foreign_keys) {
      const PlannedTable* target = find(key.target);
      if (target == nullptr || (target != &table && !created_.contains(target->name))) {
        continue;  // it points in a circle, or to none
      }
      const std::string part = foreign_key_text(table, key, *target);
      if (would_do(text_with(part)) && !has_violations(table, key)) {
        parts.push_back(part);
        settled_.insert(&key);
      }
    }
    const auto refused = attempt(text_with({}));
    if (refused) {
      throw *refused;
    }
    created_.insert(table.name);
    if (table.key.size() == 1 && table.row_number.empty() && types_declared_integer(table)) {
      note("no_automatic_key", table.old->name, table.key.front(), {},
           "SQLite gave new rows a number; INSERT names it here, :sequence for example");
    }
  }

  static bool types_declared_integer(const PlannedTable& table) {
    return std::any_of(table.columns.begin(), table.columns.end(),
                       [&](const PlannedColumn& column) {
                         return column.name == table.key.front() &&
                                same_name(column.old->declared, "INTEGER");
                       }) &&
           table.old->has_rowid;
  }

  template <typename TextWith>
  void add_parts(const PlannedTable& table, std::vector<std::string>& parts, const TextWith& text_with) {
    for (const OldIndex& index : table.old->indexes) {
      if (!index.of_constraint) {
        continue;
      }
      const std::string part = fmt::format("UNIQUE ({})", list_of(new_names(table, index.columns)));
      if (given_up_.unique.contains(table.old->name) || !index.plain || !would_do(text_with(part))) {
        note("unique_left_out", table.old->name, {}, part,
             "the rows do not keep it as values of one type, or it compares otherwise than by code point");
      } else {
        parts.push_back(part);
      }
    }
    for (const std::string& check : table.old->checks) {
      const std::string part = fmt::format("CHECK ({})", check);
      if (given_up_.checks.contains(table.old->name) || !would_do(text_with(part))) {
        note("check_left_out", table.old->name, {}, check,
             "the dialect does not have it, or rows do not keep it");
      } else {
        parts.push_back(part);
      }
    }
  }

  /// The rows that point to none are named; the foreign key is left out then.
  bool has_violations(const PlannedTable& table, const OldForeignKey& key) {
    bool found = false;
    if (const auto known = violated_.find(&key); known != violated_.end()) {
      return known->second;
    }
    try {
      engine::Statement row = old_.prepare(embedded::select_violations_sql, false);
      row.bind_text(1, table.old->name);
      while (row.step()) {
        if (row.integer(2) != key.id) {
          continue;
        }
        found = true;
        findings_.add({"dangling",
                       table.old->name,
                       row.column(0).is_null() ? std::string() : fmt::format("rowid {}", row.integer(0)),
                       list_of(key.columns),
                       {},
                       fmt::format("it points to no row of {}; it is kept as it is", key.target)});
      }
    } catch (const Error& error) {
      if (error.code() != ErrorCode::bad_statement && error.code() != ErrorCode::internal) {
        throw;
      }
      found = true;  // the target's columns are no key
    }
    violated_[&key] = found;
    return found;
  }

  static std::string foreign_key_text(const PlannedTable& table, const OldForeignKey& key,
                                      const PlannedTable& target) {
    const std::vector<std::string> columns =
        new_names(target, key.target_columns.empty() ? target.old->key : key.target_columns);
    std::string text =
        fmt::format("FOREIGN KEY ({}) REFERENCES {} ({})", list_of(new_names(table, key.columns)),
                    state::quote_name(target.name), list_of(columns));
    text += key.on_delete == "NO ACTION" ? "" : " ON DELETE " + key.on_delete;
    text += key.on_update == "NO ACTION" ? "" : " ON UPDATE " + key.on_update;
    return text;
  }

  /// Those that stand in no CREATE TABLE.
  void add_foreign_keys(const PlannedTable& table) {
    for (const OldForeignKey& key : table.old->foreign_keys) {
      if (settled_.contains(&key)) {
        continue;
      }
      const PlannedTable* target = find(key.target);
      const bool broken = has_violations(table, key);
      std::string statement;
      if (target != nullptr && !broken) {
        statement = fmt::format("ALTER TABLE {} ADD {}", state::quote_name(table.name),
                                foreign_key_text(table, key, *target));
      }
      const auto refused = statement.empty() ? std::nullopt : attempt(statement);
      if (!statement.empty() && !refused) {
        circular_.insert({table.name, new_names(table, key.columns)});
      }
      if (statement.empty() || refused) {
        note("foreign_key_left_out", table.old->name, list_of(key.columns), key.target,
             target == nullptr ? "there is no such table"
             : broken          ? "rows do not keep it"
                               : "the dialect does not have it: " + refused->message());
      }
    }
  }

  void add_indexes(const PlannedTable& table) {
    for (const OldIndex& index : table.old->indexes) {
      if (index.of_constraint) {
        continue;
      }
      std::string columns;
      for (std::size_t place = 0; place < index.columns.size(); ++place) {
        columns += (place == 0 ? "" : ", ") + state::quote_name(new_name(table, index.columns[place])) +
                   (index.descending[place] ? " DESC" : "");
      }
      const bool given_up = index.unique && given_up_.unique.contains(table.old->name);
      const auto refused =
          index.plain && !given_up
              ? attempt(fmt::format("CREATE {}INDEX {} ON {} ({})", index.unique ? "UNIQUE " : "",
                                    state::quote_name(index.name), state::quote_name(table.name), columns))
              : std::optional(Error(ErrorCode::bad_statement,
                                    given_up ? "the rows do not keep it as values of one type"
                                             : "it is of an expression, of some rows, or by another order"));
      if (refused) {
        note(index.unique ? "unique_left_out" : "index_left_out", table.old->name, {}, index.sql,
             refused->message());
      }
    }
  }

  void add_views() {
    for (const OldObject& view : schema_.views) {
      const std::string select = select_of_view(view.sql);
      const auto refused =
          select.empty() ? std::optional(Error(ErrorCode::bad_statement, "it names its columns itself"))
                         : attempt(fmt::format("CREATE VIEW {} AS {}", state::quote_name(view.name), select));
      if (refused) {
        note("view_left_out", view.name, {}, view.sql, refused->message());
      }
    }
  }

  void note_what_is_left_out() {
    for (const OldObject& trigger : schema_.triggers) {
      note("trigger_left_out", trigger.table, trigger.name, trigger.sql,
           "what it did is the statement's to do, or an event's");
    }
    for (const OldObject& other : schema_.others) {
      note("virtual_table_left_out", other.name, {}, other.sql,
           "a virtual table, or what it keeps: its rows are not adopted");
    }
  }

  void write_files(const std::string& name, const std::string& title) {
    std::string settings = fmt::format("format = 1\nname = \"{}\"\ntitle = \"", name);
    for (const char letter : title) {
      settings += letter == '"' || letter == '\\' ? fmt::format("\\{}", letter) : std::string(1, letter);
    }
    sources_.files["blueprint.toml"] = settings +
                                       "\"\n# Any INSERT, UPDATE and DELETE, by `reeve execute`. "
                                       "Without it events and commands change it alone.\n"
                                       "execute = true\n";
    if (migration_.empty()) {
      return;
    }
    sources_.files["migrations/0001_adopted.up.sql"] =
        "-- Made from the schema of the adopted file.\n" + migration_;
    std::string down;
    for (const auto& [view, unused] : catalogue_.views) {
      down = fmt::format("DROP VIEW {};\n", state::quote_name(view)) + down;
    }
    std::string tables;
    for (const PlannedTable* table : parents_first()) {
      tables = fmt::format("DROP TABLE {};\n", state::quote_name(table->name)) + tables;
    }
    std::string keys;
    for (const auto& [table, definition] : catalogue_.tables) {
      for (const sql::ForeignKey& key : definition.foreign_keys) {
        if (!circular_.contains({table, key.columns})) {
          continue;
        }
        keys += fmt::format("ALTER TABLE {} DROP CONSTRAINT {};\n", state::quote_name(table),
                            state::quote_name(key.name));
      }
    }
    sources_.files["migrations/0001_adopted.down.sql"] = down + keys + tables;
    std::string queries;
    std::set<std::string> names;
    for (const PlannedTable& table : tables_) {
      std::string query = plain_name(table.name);
      while (!names.insert(query).second) {
        query += "_";
      }
      queries += fmt::format("-- name: {} :many\nSELECT * FROM {} ORDER BY {};\n\n", query,
                             state::quote_name(table.name), list_of(table.key));
    }
    sources_.files["queries/tables.sql"] = queries;
  }

  engine::Connection& old_;
  const OldSchema& schema_;
  const std::vector<PlannedTable>& tables_;
  const GivenUp& given_up_;
  Findings& findings_;
  blueprint::Sources sources_;
  sql::Catalogue catalogue_;
  std::string migration_;
  std::set<std::string> created_;           ///< tables, by their new names
  std::set<const OldForeignKey*> settled_;  ///< they stand in a CREATE TABLE
  std::map<const OldForeignKey*, bool> violated_;
  std::set<std::pair<std::string, std::vector<std::string>>> circular_;  ///< dropped before their tables are
};

}  // namespace

bool takes_name(const std::string& table, const std::string& column) {
  sql::Catalogue after;
  return !refusal_of(fmt::format("CREATE TABLE {} (probe_key bigint PRIMARY KEY, {} bigint)",
                                 state::quote_name(table), state::quote_name(column)),
                     {}, after);
}

blueprint::Sources write_schema(engine::Connection& old, const OldSchema& schema,
                                const std::vector<PlannedTable>& tables, const BlueprintName& name,
                                const GivenUp& given_up, Findings& findings) {
  return SchemaWriter(old, schema, tables, given_up, findings).run(name);
}

}  // namespace reeve::adoption
