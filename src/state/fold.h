#pragma once
// Changesets folded in memory: what the rows are after each event, without a statement for any of them.

#include "journal/changeset.h"
#include "journal/layout.h"
#include "state/capture.h"
#include "state/state_hash.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::state {

/// The rows that a stretch of a journal touches, by their keys: as the database has them, and as they are after the last
/// event that was folded; with the sums of the whole state. Rows that no event touched are not held. Not thread-safe.
class Fold {
 public:
  /// Gives to `found` each row of a table that is in the database and has one of the keys, in any order. Its views are
  /// used during the call only.
  using Reader = std::function<void(int table, const std::vector<std::vector<ValueView>>& keys,
                                    const std::function<void(journal::Row)>& found)>;

  /// `layout` must outlive it. The sums are those of the rows that the database has.
  Fold(const journal::Layout& layout, Reader reader)
      : layout_(&layout), sums_(layout), reader_(std::move(reader)), is_whole_(layout.tables.size(), false) {}

  StateSums& sums() { return sums_; }
  /// The sum of the rows that the database has of a table, before any of them is touched. Where it has none, what is held
  /// is all there is, and nothing is ever read.
  void begin(int table, const TableSum& sum);

  /// Makes room for what the changesets change. True when rows among them are neither held nor known to be none: they are
  /// read before one of the changesets is folded.
  bool expect(std::span<const std::string_view> changesets);
  /// Reads the rows that were expected, those of a table at once, as the database has them.
  void read();
  void prepare(std::span<const std::string_view> changesets) {
    if (expect(changesets)) read();
  }
  /// Folds a changeset. Throws Error corrupt, naming table and key, when a row that it changes or removes is not as it
  /// says, or one that it inserts is there.
  void add(std::string_view changeset);
  /// Of the state after the last changeset.
  Digest state_hash();

  /// What the database lacks: net changes since it had all, sorted by table and key. Valid until landed().
  void net(std::vector<journal::Change>& changes) const;
  /// The database has all of it.
  void landed();
  /// Back to what the database has. The sums stay: for who folds the same changesets again in smaller steps, and ends
  /// where the sums are.
  void take_back();
  /// Gives back the memory of what rows were before they became what they are. Nothing may be left to land.
  void compact();
  /// Gives all memory back; rows that were held are read again when they are touched. Nothing may be left to land.
  void forget();
  std::size_t bytes_held() const { return bytes_; }

 private:
  struct Slot {
    int table = 0;
    journal::Row key = nullptr;     ///< a row in which the key's columns are set
    journal::Row base = nullptr;    ///< as the database has it; null: it has none
    journal::Row summed = nullptr;  ///< as it is in the sums
    journal::Row now = nullptr;
    bool is_touched = false;  ///< since the database had all
    bool is_moved = false;    ///< since the sums had all
  };
  std::size_t hash_of(int table, std::span<const ValueView> key) const;
  /// The place of the slot with the key; -1 when there is none, and then `free` is where it belongs.
  std::ptrdiff_t find(int table, std::span<const ValueView> key, std::size_t& free) const;
  Slot& insert(int table, std::span<const ValueView> key, std::size_t free);
  void grow();
  ValueView* take_row(int table);
  ValueView keep(const ValueView& value);
  journal::Row keep_row(int table, journal::Row row);
  void change(Slot& slot, const journal::StoredChange& change);
  [[noreturn]] void differs(const journal::StoredChange& change, std::string_view what) const;

  const journal::Layout* layout_;
  StateSums sums_;
  Reader reader_;
  std::vector<bool> is_whole_;  ///< by table: all its rows are held
  Arena arena_;
  std::size_t bytes_ = 0;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> places_;   ///< open addressing: place in slots_ plus one, 0 is free
  std::vector<std::uint32_t> missing_;  ///< expected and not read yet
  std::vector<std::uint32_t> touched_;
  std::vector<std::uint32_t> moved_;
};

}  // namespace reeve::state
