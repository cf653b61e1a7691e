#pragma once
// What each byte of a SQLite file is for (SQLite's file format, https://www.sqlite.org/fileformat2.html).

#include <string>
#include <string_view>
#include <vector>

namespace reeve::testing {

struct ByteUse {
  std::string_view name = "unused";  ///< of the use
  bool has_meaning = false;          ///< false: nothing that is read or proven depends on it
  std::string_view alike = {};       ///< other bytes that mean the same here
};

/// For each byte of a sound file. Without meaning are: pages on the freelist (but for their numbers), what lies between
/// the cells of a page, the end of the last overflow page of a cell, the place in a record of a column that is the
/// rowid (which lies beside the record), the rowid of a row of sqlite_schema (nobody reads it; a wrong order is found),
/// and of the file's header the counters by which connections that are open at the same time know of each other, and
/// the version of SQLite that wrote last. The type of a NULL in a record is 0; 10 and 11, which no file has, are read
/// as NULL too.
std::vector<ByteUse> uses_of(const std::string& file);

}  // namespace reeve::testing
