#pragma once
// A layer over SQLite's file system, beneath every connection to a file. It makes a read that comes back short an
// error where the file is longer, and can gather what a writing connection appends to its write-ahead log.
//
// SQLite writes each page of a transaction by two calls, 24 bytes of header and the page: a commit of one event
// makes some 15 calls, a group of 64 events 300. Here they are copied one behind the other and written by one
// call. wal_buffer.cpp says why nobody can see the difference.

#include <string>

namespace reeve::engine {

/// The name of the layer for sqlite3_open_v2(), over a file system that SQLite knows by its name (empty: the
/// operating system's); registered when first asked for. To gather is only for connections with synchronous = FULL:
/// those with less gain nothing from it, because it then writes before each commit is shown. Thread-safe.
const char* file_layer(const std::string& file_system, bool gathers);

}  // namespace reeve::engine
