#pragma once
// SQLite's values as views. Inside this module only.

#include "base/value.h"

// Debian's library has the hook compiled in; its header shows it only to those who ask.
#define SQLITE_ENABLE_PREUPDATE_HOOK
#include <sqlite3.h>

namespace reeve::engine {

/// Valid as long as SQLite keeps the value.
inline ValueView view_of(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: return ValueView::of(static_cast<std::int64_t>(sqlite3_value_int64(value)));
    case SQLITE_FLOAT: return ValueView::of(sqlite3_value_double(value));
    case SQLITE_TEXT: {
      // As a blob: sqlite3_value_text() would copy it for a final NUL that nobody reads.
      const auto* text = static_cast<const char*>(sqlite3_value_blob(value));
      return ValueView::of(std::string_view(text != nullptr ? text : "",
                                            static_cast<std::size_t>(sqlite3_value_bytes(value))));
    }
    case SQLITE_BLOB:
      return ValueView::of_bytes(sqlite3_value_blob(value),
                                 static_cast<std::size_t>(sqlite3_value_bytes(value)));
    default: return {};
  }
}

}  // namespace reeve::engine
