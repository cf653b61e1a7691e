// Reeve for other SQLite programs: `.load build/reeve_sqlite` in the sqlite3 shell, and reeve_changes(SEQUENCE) says
// what an event changed, as on Reeve's own connections; so do views that call it. It reads the layouts that the file
// carries (reeve_layouts) and needs no blueprint. SQLite is called through the host's table of functions: the library
// carries none of its own.

#include "extension/select_changeset_sql.h"
#include "extension/select_layout_sql.h"
#include "journal/changeset.h"
#include "journal/layout.h"

#include <reeve/error.h>

#include <sqlite3ext.h>

#include <map>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

SQLITE_EXTENSION_INIT1

namespace reeve::extension {

namespace {

/// A statement of one connection, with a sequence as its only parameter.
class Rows {
 public:
  Rows(sqlite3* connection, std::string_view sql, sqlite3_int64 sequence) : connection_(connection) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(connection, sql.data(), static_cast<int>(sql.size()), &statement, nullptr));
    statement_.reset(statement);
    check(sqlite3_bind_int64(statement, 1, sequence));
  }

  bool next() {
    const int code = sqlite3_step(statement_.get());
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
      check(code);
    }
    return code == SQLITE_ROW;
  }
  bool is_null(int column) { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
  sqlite3_int64 integer(int column) { return sqlite3_column_int64(statement_.get(), column); }
  /// Valid until the next row.
  std::string_view bytes(int column) {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
  }

 private:
  void check(int code) {
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) {
      throw Error(ErrorCode::bad_statement, std::string("reeve_changes: ") + sqlite3_errmsg(connection_),
                  "open a ledger of Reeve");
    }
  }

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  sqlite3* connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// What one connection has read. Layouts are never changed: the hash of the sources and the level name one.
struct Memory {
  std::map<std::string, journal::Layout> layouts;
};

[[noreturn]] void corrupt(const char* what) {
  throw Error(ErrorCode::corrupt, std::string("the journal is damaged: ") + what, "run `reeve verify`");
}

/// The layouts of the epoch of an event and of the one before it, newest first.
std::vector<const journal::Layout*> layouts_of(sqlite3* connection, sqlite3_int64 sequence, Memory& memory) {
  std::vector<const journal::Layout*> found;
  if (sqlite3_table_column_metadata(connection, nullptr, "reeve_layouts", nullptr, nullptr, nullptr, nullptr,
                                    nullptr, nullptr) != SQLITE_OK) {
    throw Error(
        ErrorCode::bad_statement,
        "reeve_changes: this ledger was made before reeve_layouts was kept in it; open it once with Reeve, "
        "which adds it: reeve query FILE NAME");
  }
  Rows row(connection, embedded::select_layout_sql, sequence);
  while (row.next()) {
    const std::string name(row.bytes(0));
    auto known = memory.layouts.find(name);
    if (known == memory.layouts.end()) {
      if (row.is_null(1)) {
        corrupt("a layout is missing from reeve_layouts");
      }
      known = memory.layouts.emplace(name, journal::Layout::of_json(row.bytes(1))).first;
    }
    found.push_back(&known->second);
  }
  return found;
}

std::string changes(sqlite3* connection, sqlite3_int64 sequence, Memory& memory) {
  Rows row(connection, embedded::select_changeset_sql, sequence);
  if (!row.next()) {
    return "[]";
  }
  const bool is_migration = row.integer(0) != 0;
  if (row.is_null(1)) {
    corrupt("a group is missing");
  }
  const auto changeset = journal::changeset_at(row.bytes(2), sequence - row.integer(1));
  if (!changeset) {
    corrupt("a group ends early");
  }
  if (changeset->empty()) {
    return "[]";
  }
  const auto layouts = layouts_of(connection, sequence, memory);
  if (layouts.empty()) {
    corrupt("an epoch is missing");
  }
  if (!is_migration) {
    return journal::changeset_json(*layouts[0], *changeset);
  }
  static const journal::Layout none;
  return journal::schema_changeset_json(layouts.size() > 1 ? *layouts[1] : none, *layouts[0], *changeset);
}

/// The boundary to C: whoever asks hears the error.
void call_changes(sqlite3_context* context, int, sqlite3_value** values) {
  if (sqlite3_value_type(values[0]) != SQLITE_INTEGER) {
    return sqlite3_result_null(context);
  }
  try {
    const std::string json = changes(sqlite3_context_db_handle(context), sqlite3_value_int64(values[0]),
                                     *static_cast<Memory*>(sqlite3_user_data(context)));
    sqlite3_result_text64(context, json.data(), json.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  } catch (const Error& error) {
    sqlite3_result_error(context, error.message().c_str(), -1);
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

void free_memory(void* memory) { delete static_cast<Memory*>(memory); }

}  // namespace

}  // namespace reeve::extension

/// SQLite's entry point; its name is SQLite's.
extern "C" __attribute__((visibility("default"))) int sqlite3_extension_init(
    sqlite3* connection, char** /*message*/, const sqlite3_api_routines* routines) {
  SQLITE_EXTENSION_INIT2(routines);
  return sqlite3_create_function_v2(connection, "reeve_changes", 1, SQLITE_UTF8 | SQLITE_INNOCUOUS,
                                    new reeve::extension::Memory, reeve::extension::call_changes, nullptr,
                                    nullptr, reeve::extension::free_memory);
}
