#pragma once
// What a process remembers of an index's vectors, so that a search over many doesn't read them all: codes, signatures, and
// a graph where there is one. It only proposes: the vectors that count are those of the rows, in the reader's snapshot.

#include "journal/journal.h"
#include "search/vector_table.h"
#include "vectors/graph.h"
#include "vectors/row_set.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace reeve::search {

/// Where a graph of an index is kept; nothing where none is.
struct GraphPlace {
  std::filesystem::path folder;
  std::string prefix;  ///< of the files' names
  std::string ledger;  ///< what is in the file says of which ledger it is
  bool is_empty() const { return folder.empty(); }
  std::filesystem::path file_of(const std::string& index) const {
    return folder / (prefix + index + ".graph");
  }
};

/// Of one index and model. Its rows are those of one event, the latest that a reader came with; what changed since is
/// taken up from the journal by the reader who finds it behind.
class VectorMemory {
 public:
  VectorMemory(Definition definition, std::string model, GraphPlace place);

  /// The right to read it. While there is one, nothing changes.
  using Reading = std::shared_lock<std::shared_mutex>;
  /// Brings it to the snapshot's head, if it is behind. Nothing where it can't tell what that snapshot shows: it is of a later
  /// event, and of what happened between too much was forgotten.
  std::optional<Reading> read(engine::Connection& connection, const journal::Layout& layout,
                              const journal::Head& head);

  // With a Reading.
  const Definition& definition() const { return definition_; }
  std::uint64_t count() const { return place_of_.size(); }
  std::int64_t sequence() const { return sequence_; }
  void each(vectors::Kind kind, const vectors::Visit& visit) const;
  bool has(std::int64_t id) const { return place_of_.contains(id); }
  const std::string* key_of(std::int64_t id) const;
  /// Keys of the rows that events after `sequence` changed, each once. Precondition: knows_changes_after(sequence).
  std::vector<std::string> changed_after(std::int64_t sequence) const;
  bool knows_changes_after(std::int64_t sequence) const { return sequence >= changes_from_; }
  const vectors::Graph* graph() const { return graph_ ? &*graph_ : nullptr; }

  /// What a graph is built of, outside of any lock and snapshot.
  struct GraphTask {
    std::int64_t sequence = 0;
    Digest chain_hash{};
    std::vector<std::int64_t> ids;
    std::string codes;
  };
  /// In a snapshot: brings the graph that is there up and its file, or gives what one is to be built of. Nothing where the rows
  /// are so few that none would be asked.
  std::optional<GraphTask> begin_graph(engine::Connection& connection, const journal::Layout& layout,
                                       const journal::Head& head);
  /// Outside of it: builds the graph (a second for some 2,000 rows) and keeps it in its file.
  void finish_graph(const GraphTask& task);
  /// Whether the codes and the graph are those of the rows: a sentence for each of the first that are not.
  std::vector<std::string> compare(engine::Connection& connection, const journal::Layout& layout,
                                   const journal::Head& head);

 private:
  struct Change {
    std::int64_t sequence = 0;
    std::string key;
  };
  void build(engine::Connection& connection, const journal::Head& head);
  bool catch_up(engine::Connection& connection, const journal::Layout& layout, const journal::Head& head);
  bool has_new_graph_file();
  void read_graph_file(engine::Connection& connection, const journal::Layout& layout);
  void grow_graph();
  void write_graph_file(const Digest& chain_hash);
  void put(const VectorRow& row);
  void erase(std::int64_t id);
  std::string_view at(vectors::Kind kind, std::size_t place) const;
  Digest label() const;

  Definition definition_;
  std::string model_;
  GraphPlace place_;
  mutable std::shared_mutex mutex_;
  bool is_built_ = false;
  std::int64_t sequence_ = 0;
  std::string chain_hash_;  // of that event, hexadecimal
  Digest chain_digest_{};

  // The rows, in no order.
  std::vector<std::string> keys_;
  std::vector<std::int64_t> ids_;
  std::string codes_;
  std::string signatures_;
  std::unordered_map<std::int64_t, std::size_t> place_of_;

  std::deque<Change> changes_;     // in order of events
  std::int64_t changes_from_ = 0;  // all changes after this event are in it
  std::optional<vectors::Graph> graph_;
  std::atomic<bool> is_graph_behind_{false};
  std::uint64_t file_sequence_ = 0;  // of the graph in the file
  std::filesystem::file_time_type file_time_{};
  std::string file_reason_;  // why the file's graph was not taken
};

/// Those of a ledger. Thread-safe.
class VectorMemories {
 public:
  explicit VectorMemories(GraphPlace place) : place_(std::move(place)) {}
  /// Made when it is asked for first, in place of that of another definition or model of the index.
  std::shared_ptr<VectorMemory> of(const Definition& definition, const std::string& model);
  /// Null when there is none.
  std::shared_ptr<VectorMemory> find(const Definition& definition, const std::string& model);

 private:
  GraphPlace place_;
  std::mutex mutex_;
  struct Kept {
    std::string of;  ///< definition and model
    std::shared_ptr<VectorMemory> memory;
  };
  std::map<std::string, Kept, std::less<>> kept_;  ///< by the index's name
};

/// The rows of one search: those of a snapshot that filters leave, with or without a memory of them.
class SnapshotRows final : public vectors::RowSet {
 public:
  /// All that the table gives, read from it; `count` of them, as far as that is known.
  SnapshotRows(VectorTable& table, std::uint64_t count) : table_(table), count_(count) {}
  /// The same by their keys.
  SnapshotRows(VectorTable& table, std::vector<std::string> keys);
  /// With a memory, which is being read. `has_conditions`: the table leaves out some.
  SnapshotRows(VectorTable& table, const VectorMemory& memory, const journal::Head& head,
               bool has_conditions);

  /// Without a memory: as many as a choice of path needs to know of; of keys, those that have no vector too.
  std::uint64_t count() override;
  /// Whose vectors were looked at.
  std::size_t looked_at() const { return found_.size(); }
  void each(vectors::Kind kind, const vectors::Visit& visit) override;
  void each_of(std::span<const std::int64_t> ids, const vectors::Visit& visit) override;
  void each_after(std::uint64_t sequence, const vectors::Visit& visit) override;
  std::uint64_t sequence() override { return sequence_; }
  bool keeps(vectors::Kind kind) override { return kind == vectors::Kind::vector || memory_ != nullptr; }

  /// Of a row that a search found; precondition: it did.
  const std::string& key_of(std::int64_t id) const { return found_.at(id).key; }
  const std::string& text_hash_of(std::int64_t id) const { return found_.at(id).text_hash; }
 private:
  struct Found {
    std::string key;
    std::string text_hash;
  };
  TakeVector remembering(const vectors::Visit& visit);
  bool is_shown(std::int64_t id) const;

  VectorTable& table_;
  std::optional<std::vector<std::string>> keys_;
  const VectorMemory* memory_ = nullptr;
  std::uint64_t sequence_ = 0;
  /// Rows that changed after the snapshot, as it shows them: the memory knows them otherwise. Nothing for one that it
  /// does not show.
  struct Late {
    std::string key;
    std::string code;
    std::string signature;
  };
  std::map<std::int64_t, std::optional<Late>> late_;
  std::optional<std::unordered_set<std::int64_t>> allowed_;
  std::optional<std::uint64_t> count_;
  std::unordered_map<std::int64_t, Found> found_;
};

}  // namespace reeve::search
