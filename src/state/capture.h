#pragma once
// What a transaction changes, as the engine reports it: rows before and after, kept until the seal.

#include "engine/connection.h"
#include "journal/changeset.h"
#include "journal/layout.h"
#include "state/state_hash.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::state {

/// Memory that is taken piece by piece and given back at once.
class Arena {
 public:
  void* take(std::size_t size);  ///< aligned for ValueView
  void clear();                  ///< keeps the first block

 private:
  static constexpr std::size_t block_bytes = 256 * 1024;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::size_t used_ = 0;
  std::size_t size_ = 0;
};

/// Collects the changes of the state's tables. Reeve's own tables are not state and pass by.
class Capture : public engine::ChangeSink {
 public:
  explicit Capture(const journal::Layout& layout) : layout_(&layout) {}

  void on_change(const engine::RowChange& change) noexcept override;

  /// True when something was changed since the last take or drop.
  bool is_dirty() const { return !changes_.empty(); }
  /// The net changes since the last take, sorted by table and key: first before, last after, equal ones left
  /// out. Rows stay valid until clear().
  void take(std::vector<journal::Change>& net);
  /// Forgets what was changed since the last take (it was rolled back).
  void drop() { changes_.clear(); }
  /// Gives the memory of all rows back.
  void clear();

  /// Copies a row that belongs to somebody else into this capture's memory.
  journal::Row keep(int table, std::span<const ValueView> row);
  void set_layout(const journal::Layout& layout);

 private:
  int table_number(const char* name);
  journal::Row copy(int table, const engine::RowChange& change, bool after);
  ValueView copy_value(const ValueView& value, sql::Type type);

  const journal::Layout* layout_;
  Arena arena_;
  std::vector<journal::Change> changes_;
  /// SQLite gives the same pointer for the same table until the schema changes.
  struct Known {
    const char* pointer = nullptr;
    std::string name;
    int number = -1;  ///< -1: no table of the state
  };
  std::vector<Known> known_;
};

/// Net changes over several events, by key: what the state hash has to subtract and add.
class NetChanges {
 public:
  explicit NetChanges(const journal::Layout& layout) : layout_(&layout) {}
  void merge(std::span<const journal::Change> changes);
  void clear();
  std::size_t size() const { return changes_.size(); }

  /// Subtracts and adds what changed on balance.
  void apply_to(StateSums& sums) const;
  /// The same changes, in order of their first event.
  template <typename Take>
  void each(const Take& take) const {
    for (const Net& net : changes_) {
      if (net.before != nullptr || net.after != nullptr) take(net.table, net.before, net.after);
    }
  }

 private:
  struct Net {
    int table = 0;
    journal::Row before = nullptr;
    journal::Row after = nullptr;
    journal::Row key = nullptr;  ///< a row with the key: both others are null when a row came and went
  };
  std::size_t hash_of(int table, journal::Row row) const;

  const journal::Layout* layout_;
  std::vector<Net> changes_;
  std::vector<std::uint32_t> slots_;  ///< open addressing: place in changes_ plus one, 0 is free
};

}  // namespace reeve::state
