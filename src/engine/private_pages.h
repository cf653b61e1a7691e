#pragma once
// What private_database.cpp and page_store.cpp share: the pages of a private database.

#include "base/hash_many.h"
#include "engine/page_store.h"

#include <fcntl.h>

#include <array>
#include <map>
#include <memory>

namespace reeve::engine {

Digest digest_of_page(const void* page);

struct PrivateDatabase::Pages {
  explicit Pages(StoredPages stored);

  /// Of a page by its number, from 1. False when it can't be read, or is damaged.
  bool read(std::size_t number, char* page);
  bool write(std::size_t number, const char* page);
  void truncate(std::size_t pages);
  static std::int64_t slot_offset(std::size_t slot) {
    return static_cast<std::int64_t>(slot * stored_page_bytes);
  }

  StoredPages base;
  std::size_t base_count;                      ///< of its pages that still count
  std::size_t count;                           ///< of the database's pages
  std::map<std::size_t, std::size_t> written;  ///< by number: its place in `own`
  std::unique_ptr<OpenFile> own;
  std::size_t slots = 0;
  bool damaged = false;
  std::array<char, stored_page_bytes> buffer{};
};

}  // namespace reeve::engine
