#pragma once
// The state hash, kept incrementally (docs/state_hash.md, profile 1): a lattice hash in the manner of LtHash
// (Bellare and Micciancio 1997; Lewi, Kim, Maykov, Weis 2019) with 1024 lanes of 16 bits for each table.
//
//   row digest  := BLAKE2b-256 of the row's canonical bytes
//   expansion   := 2048 bytes of ChaCha8 with the digest as key (expansion.h)
//   table sum   := lane by lane, modulo 2^16, of the expansions of its rows
//   state hash  := BLAKE2b-256 over (name, BLAKE2b-256 of the sum) of each table whose sum is not zero

#include "base/hash.h"
#include "journal/changeset.h"
#include "journal/layout.h"
#include "state/expansion.h"

#include <cstdint>
#include <string>
#include <vector>

namespace reeve::state {

inline constexpr std::string_view hash_profile = "lthash-blake2b-chacha8-1024x16/1";

/// Appends the canonical bytes of a row.
class RowEncoder {
 public:
  explicit RowEncoder(const journal::Layout& layout);
  void append(int table, journal::Row row, std::string& out) const;

 private:
  struct Column {
    int place = 0;
    std::uint8_t tag = 0;
    std::string prefix;  ///< length and name
  };
  struct Table {
    std::string prefix;           ///< domain, name, number of key columns
    std::vector<Column> columns;  ///< key columns, then the others by name
  };
  static void append_value(std::uint8_t tag, const ValueView& value, std::string& out);
  std::vector<Table> tables_;
};

/// The sums of one state. Not thread-safe.
class StateSums {
 public:
  explicit StateSums(const journal::Layout& layout);

  /// Either may be null.
  void change(int table, journal::Row before, journal::Row after);
  void add(int table, journal::Row row) { change(table, nullptr, row); }

  Digest state_hash();
  const TableSum& sum(int table);
  void set_sum(int table, const TableSum& sum);
  void clear();

  const journal::Layout& layout() const { return *layout_; }
  /// Numbers of rows hashed so far, for measurements.
  std::uint64_t rows_hashed() const { return rows_hashed_; }

 private:
  /// A row whose bytes are in the buffer and whose digest is not in the sum yet.
  struct Waiting {
    int table = 0;
    bool add = false;
    std::size_t end = 0;  ///< of its bytes; they begin where those of the row before end
  };
  void append(int table, journal::Row row, bool add);
  /// Hashes the rows that wait, several at once, and brings the sums up to date.
  void settle();
  void refresh_digests();

  const journal::Layout* layout_;
  RowEncoder encoder_;
  std::vector<TableSum> sums_;
  std::vector<Digest> digests_;  ///< of the sums, where they are not stale
  std::vector<bool> stale_;
  std::vector<bool> zero_;
  std::vector<Waiting> waiting_;
  std::string buffer_;
  std::vector<std::string_view> messages_;
  std::vector<Digest> message_digests_;
  std::uint64_t rows_hashed_ = 0;
};

}  // namespace reeve::state
