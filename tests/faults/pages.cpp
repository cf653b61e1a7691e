#include "faults/pages.h"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

namespace reeve::testing {
namespace {

class Walk {
 public:
  explicit Walk(const std::string& file) : file_(file), uses_(file.size()) {
    page_bytes_ = number(16, 2) == 1 ? 65536 : number(16, 2);
    usable_ = page_bytes_ - byte(20);
  }

  std::vector<ByteUse> run() {
    header();
    freelist();
    tree(1, "schema");
    for (const Root& root : roots_) tree(root.page, root.has_rowid_column ? "rowid table" : "tree");
    return std::move(uses_);
  }

 private:
  std::uint64_t byte(std::uint64_t at) const { return static_cast<unsigned char>(file_.at(at)); }
  std::uint64_t number(std::uint64_t at, int bytes) const {
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | byte(at + static_cast<std::uint64_t>(i));
    return value;
  }
  std::uint64_t varint(std::uint64_t& at) const {
    std::uint64_t value = 0;
    for (int i = 0; i < 9; ++i) {
      const std::uint64_t next = byte(at++);
      if (i == 8) return value << 8 | next;
      value = value << 7 | (next & 0x7f);
      if ((next & 0x80) == 0) break;
    }
    return value;
  }
  void mark(std::uint64_t from, std::uint64_t count, std::string_view name, bool has_meaning = true) {
    for (std::uint64_t at = from; at < from + count; ++at) uses_.at(at) = {name, has_meaning};
  }
  std::uint64_t start_of(std::uint64_t page) const { return (page - 1) * page_bytes_; }

  void header() {
    mark(0, 100, "header");
    mark(24, 4, "header: change counter", false);
    mark(40, 4, "header: schema cookie", false);
    mark(92, 4, "header: version valid for", false);
    mark(96, 4, "header: version of SQLite", false);
  }

  void freelist() {
    for (std::uint64_t trunk = number(32, 4); trunk != 0; trunk = number(start_of(trunk), 4)) {
      const std::uint64_t count = number(start_of(trunk) + 4, 4);
      mark(start_of(trunk), page_bytes_, "freelist: unused", false);
      mark(start_of(trunk), 8 + 4 * count, "freelist: numbers");
      for (std::uint64_t i = 0; i < count; ++i) {
        mark(start_of(number(start_of(trunk) + 8 + 4 * i, 4)), page_bytes_, "freelist: unused", false);
      }
    }
  }

  void tree(std::uint64_t page, std::string_view name) {
    const std::uint64_t start = start_of(page);
    const std::uint64_t head = start + (page == 1 ? 100 : 0);
    const std::uint64_t kind = byte(head);
    const bool is_inner = kind == 2 || kind == 5;
    const std::uint64_t cells = number(head + 3, 2);
    const std::uint64_t pointers = head + (is_inner ? 12 : 8);
    mark(start + (page == 1 ? 100 : 0), page_bytes_ - (page == 1 ? 100 : 0), "between the cells", false);
    mark(head, is_inner ? 12 : 8, "page header");
    mark(pointers, 2 * cells, "cell pointers");
    free_blocks(start, number(head + 1, 2));
    for (std::uint64_t i = 0; i < cells; ++i) cell(start, start + number(pointers + 2 * i, 2), kind, name);
    if (is_inner) tree(number(head + 8, 4), name);
  }

  void free_blocks(std::uint64_t start, std::uint64_t block) {
    for (; block != 0; block = number(start + block, 2)) mark(start + block, 4, "free block's header");
  }

  void cell(std::uint64_t start, std::uint64_t from, std::uint64_t kind, std::string_view name) {
    std::uint64_t at = from;
    if (kind == 2 || kind == 5) {
      tree(number(at, 4), name);
      at += 4;
    }
    std::uint64_t size = 0;
    if (kind != 5) size = varint(at);
    if (kind == 5 || kind == 13) varint(at);
    if (kind == 5) return mark(from, at - from, "cells of inner pages");
    // How much of the payload lies in the page.
    const std::uint64_t most = kind == 13 ? usable_ - 35 : (usable_ - 12) * 64 / 255 - 23;
    const std::uint64_t least = (usable_ - 12) * 32 / 255 - 23;
    const std::uint64_t wish = least + (size - least) % (usable_ - 4);
    const std::uint64_t local = size <= most ? size : wish <= most ? wish : least;
    if (start == 0 && name == "schema") note_root(at);
    const bool spills = local < size;
    mark(from, at - from + local + (spills ? 4 : 0), kind == 13 ? "cells of tables" : "cells of indexes");
    if (kind == 13 && name == "schema") {
      // Its order alone counts: a number that still fits between its neighbours' is as good.
      std::uint64_t rowid = from;
      varint(rowid);
      mark(rowid, at - rowid, "the rowid of a row of the schema", false);
    }
    if (kind == 13 && name == "rowid table") {
      // The record says NULL of the column that is the rowid, and nobody reads it.
      std::uint64_t type = at;
      varint(type);
      mark(type, 1, "the rowid's column in a record", false);
    }
    nulls(at, local);
    std::uint64_t header = at;
    if (kind != 13 && varint(header) == size) {
      // Entries of empty texts, 0, 1 and NULL alone: SQLite compares as many columns as the header says, so it takes a
      // shorter header for the same entry.
      mark(at, 1, "the header's size in an entry without content", false);
    }
    std::uint64_t left = size - local;
    for (std::uint64_t page = spills ? number(at + local, 4) : 0; page != 0;
         page = number(start_of(page), 4)) {
      const std::uint64_t here = std::min(left, usable_ - 4);
      mark(start_of(page), page_bytes_, "end of an overflow page", false);
      mark(start_of(page), 4 + here, "overflow pages");
      left -= here;
    }
  }

  /// Of the types in a record's header, as far as it lies in the page.
  void nulls(std::uint64_t at, std::uint64_t local) {
    const std::uint64_t record = at;
    const std::uint64_t end = record + std::min(varint(at), local);
    while (at < end) {
      const std::uint64_t place = at;
      if (varint(at) == 0) uses_.at(place).alike = "\x0a\x0b";
    }
  }

  /// Of a record of sqlite_schema: its fourth column, and whether the fifth makes a table's first column its rowid.
  void note_root(std::uint64_t at) {
    std::uint64_t header = at;
    std::uint64_t body = at + varint(header);
    Root root;
    for (int column = 0; column < 5; ++column) {
      const std::uint64_t type = varint(header);
      constexpr std::uint64_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
      if (column == 3 && type >= 1 && type <= 4) root.page = number(body, static_cast<int>(sizes[type]));
      const std::uint64_t bytes = type < 10 ? sizes[type] : (type - 12) / 2;
      if (column == 4) {
        root.has_rowid_column =
            file_.substr(body, bytes).find("INTEGER NOT NULL PRIMARY KEY") != std::string::npos;
      }
      body += bytes;
    }
    if (root.page != 0) roots_.push_back(root);
  }

  const std::string& file_;
  std::vector<ByteUse> uses_;
  struct Root {
    std::uint64_t page = 0;
    bool has_rowid_column = false;  ///< the first one
  };
  std::vector<Root> roots_;
  std::uint64_t page_bytes_ = 0;
  std::uint64_t usable_ = 0;
};

}  // namespace

std::vector<ByteUse> uses_of(const std::string& file) { return Walk(file).run(); }

}  // namespace reeve::testing
