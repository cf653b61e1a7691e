#include "state/schema_copy.h"

#include "state/rows.h"

#include "state/select_schema_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace reeve::state {

namespace {

struct NamedObject {
  std::string name;
  SchemaObject object;
};

/// In order of creation.
std::vector<NamedObject> objects_of(engine::Connection& connection, bool own) {
  std::vector<NamedObject> objects;
  engine::Statement row = connection.prepare(embedded::select_schema_sql, false);
  while (row.step()) {
    const std::string_view name = row.text(1);
    if (!name.starts_with("sqlite_") && name.starts_with("reeve_") == own) {
      objects.push_back({std::string(name),
                         {std::string(row.text(0)), std::string(row.text(2)), std::string(row.text(3))}});
    }
  }
  return objects;
}

std::set<std::string> tables_of(const std::vector<NamedObject>& objects, const std::set<std::string>& names) {
  std::set<std::string> tables;
  for (const NamedObject& entry : objects) {
    if (entry.object.type == "table" && names.contains(entry.name)) {
      tables.insert(entry.name);
    }
  }
  return tables;
}

}  // namespace

std::map<std::string, SchemaObject> read_schema(engine::Connection& connection, bool own) {
  std::map<std::string, SchemaObject> schema;
  for (NamedObject& entry : objects_of(connection, own)) {
    schema.emplace(std::move(entry.name), std::move(entry.object));
  }
  return schema;
}

std::vector<std::string> parents_first(const sql::Catalogue& catalogue) {
  std::vector<std::string> order;
  std::set<std::string> placed;
  while (order.size() < catalogue.tables.size()) {
    const std::size_t before = order.size();
    for (const auto& [name, table] : catalogue.tables) {
      const bool ready =
          std::all_of(table.foreign_keys.begin(), table.foreign_keys.end(), [&](const sql::ForeignKey& key) {
            return key.target == table.name || key.deferred || placed.contains(key.target);
          });
      if (ready && !placed.contains(name)) {
        order.push_back(name);
        placed.insert(name);
      }
    }
    if (order.size() == before) {
      throw Error(ErrorCode::conflict, "foreign keys of the tables go round in a circle",
                  "make one of them DEFERRABLE INITIALLY DEFERRED");
    }
  }
  return order;
}

namespace {

void drop(engine::Connection& connection, bool own) {
  for (const char* type : {"view", "trigger", "index", "table"}) {
    for (const NamedObject& entry : objects_of(connection, own)) {
      if (entry.object.type == type) {
        connection.execute(fmt::format("DROP {} IF EXISTS {}", type, quote_name(entry.name)));
      }
    }
  }
}

}  // namespace

void drop_all(engine::Connection& connection) {
  drop(connection, false);
  drop(connection, true);
}

void replace_state(engine::Connection& source, engine::Connection& target, const journal::Layout& layout) {
  drop(target, false);
  std::set<std::string> names;
  for (const NamedObject& entry : objects_of(source, false)) {
    names.insert(entry.name);
  }
  replace_objects(source, target, layout, names);
}

void replace_objects(engine::Connection& source, engine::Connection& target, const journal::Layout& layout,
                     const std::set<std::string>& names) {
  const std::vector<NamedObject> objects = objects_of(source, false);
  const std::set<std::string> tables = tables_of(objects, names);
  const auto is_made = [&](const NamedObject& entry) {
    return names.contains(entry.name) || tables.contains(entry.object.table);
  };
  // What somebody else made on a table that goes comes back on the new one.
  std::vector<std::string> others;
  for (const NamedObject& entry : objects_of(target, false)) {
    const bool is_known = std::any_of(objects.begin(), objects.end(),
                                      [&](const NamedObject& made) { return made.name == entry.name; });
    if (!is_known && entry.object.type != "table" && tables.contains(entry.object.table)) {
      others.push_back(entry.object.sql);
    }
  }
  for (const char* type : {"view", "trigger", "index", "table"}) {
    for (const NamedObject& entry : objects_of(target, false)) {
      const bool goes = std::any_of(objects.begin(), objects.end(), [&](const NamedObject& made) {
        return made.name == entry.name && is_made(made);
      });
      if (entry.object.type == type && goes) {
        target.execute(fmt::format("DROP {} IF EXISTS {}", type, quote_name(entry.name)));
      }
    }
  }
  RowStore from(source, layout);
  for (const NamedObject& entry : objects) {
    if (entry.object.type == "table" && is_made(entry)) {
      target.execute(entry.object.sql);
    }
  }
  RowStore to(target, layout);
  for (int table = 0; table < static_cast<int>(layout.tables.size()); ++table) {
    if (tables.contains(layout.table(table).name)) {
      from.scan(table, [&](journal::Row row) {
        to.insert(table, row);
        return true;
      });
    }
  }
  for (const char* type : {"index", "view", "trigger"}) {
    for (const NamedObject& entry : objects) {
      if (entry.object.type == type && is_made(entry)) {
        target.execute(entry.object.sql);
      }
    }
  }
  for (const std::string& sql : others) {
    target.execute(sql);
  }
}

}  // namespace reeve::state
