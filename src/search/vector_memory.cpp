#include "search/vector_memory.h"

#include "search/changed_keys.h"
#include "vectors/graph_file.h"
#include "vectors/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace reeve::search {

namespace {

/// So many changes are remembered; a reader whose snapshot is from before them does without the memory.
constexpr std::size_t changes_max = 200'000;
/// More since the memory was built: it is built anew.
constexpr std::size_t changes_at_once_max = 100'000;
/// A reader who takes changes up puts so many rows into the graph; the others stay behind it, and are scanned.
constexpr int graph_rows_at_once = 64;
/// An event that changes more rows leaves no graph: it is built anew, by who makes vectors, and not by who searches.
constexpr std::ptrdiff_t graph_rows_of_event_max = 4'096;
constexpr std::size_t differences_max = 5;

}  // namespace

VectorMemory::VectorMemory(Definition definition, std::string model, GraphPlace place)
    : definition_(std::move(definition)), model_(std::move(model)), place_(std::move(place)) {}

Digest VectorMemory::label() const {
  return Hasher("reeve vector graph/1")
      .text(place_.ledger)
      .text(definition_.name)
      .text(definition_.embedding->table_name)
      .text(model_)
      .finish();
}

std::optional<VectorMemory::Reading> VectorMemory::read(engine::Connection& connection,
                                                        const journal::Layout& layout,
                                                        const journal::Head& head) {
  const auto serves = [&] {
    return is_built_ && knows_changes_after(head.sequence) &&
           (head.sequence < sequence_ || to_hex(head.chain_hash) == chain_hash_);
  };
  if (is_graph_behind_) {
    const std::unique_lock writing(mutex_, std::try_to_lock);
    if (writing && is_built_) grow_graph();
  }
  {
    Reading reading(mutex_);
    if (serves()) return reading;
    if (is_built_ && head.sequence < sequence_) return std::nullopt;
  }
  {
    const std::unique_lock writing(mutex_);
    // Meanwhile another reader may have taken it further: what changed behind this snapshot is known then.
    if (!is_built_ || (head.sequence >= sequence_ && to_hex(head.chain_hash) != chain_hash_)) {
      const bool was_built = std::exchange(is_built_, false);  // until it is whole again, whatever throws
      if (!was_built || !catch_up(connection, layout, head)) {
        build(connection, head);
      }
      sequence_ = head.sequence;
      chain_digest_ = head.chain_hash;
      chain_hash_ = to_hex(head.chain_hash);
      is_built_ = true;
      if (has_new_graph_file()) read_graph_file(connection, layout);
      grow_graph();
    }
  }
  Reading reading(mutex_);
  if (serves()) return reading;
  return std::nullopt;
}

/// Whether one may be there that was not looked at: at first, and when another process has written it.
bool VectorMemory::has_new_graph_file() {
  if (graph_ || place_.is_empty() || count() < vectors::graph_rows_min) {
    return false;
  }
  std::error_code none;
  const auto time = std::filesystem::last_write_time(place_.file_of(definition_.name), none);
  return !none && std::exchange(file_time_, time) != time;
}

void VectorMemory::build(engine::Connection& connection, const journal::Head& head) {
  for (auto* list : {&codes_, &signatures_}) list->clear();
  keys_.clear();
  ids_.clear();
  place_of_.clear();
  changes_.clear();
  changes_from_ = head.sequence;
  graph_.reset();
  sequence_ = head.sequence;
  VectorTable(connection, definition_, {}, model_).each([this](const VectorRow& row) { put(row); });
  file_time_ = {};
}

bool VectorMemory::catch_up(engine::Connection& connection, const journal::Layout& layout,
                            const journal::Head& head) {
  std::size_t taken = 0;
  std::vector<Change> changes;
  const DocumentMaker maker(definition_);
  const auto take = [&](std::int64_t sequence, std::span<const ValueView> key) {
    changes.push_back({sequence, maker.key_of(key)});
    return ++taken <= changes_at_once_max;
  };
  if (head.sequence < sequence_ ||
      !each_changed_key(connection, layout, definition_.embedding->table, sequence_, chain_hash_, take)) {
    return false;
  }
  std::set<std::string> keys;
  for (Change& change : changes) {
    keys.insert(change.key);
    changes_.push_back(std::move(change));
  }
  for (const std::string& key : keys) erase(vector_id(key));
  VectorTable(connection, definition_, {}, model_)
      .each_of({keys.begin(), keys.end()}, [this](const VectorRow& row) { put(row); });
  while (changes_.size() > changes_max) {
    changes_from_ = changes_.front().sequence;
    changes_.pop_front();
  }
  return true;
}

void VectorMemory::put(const VectorRow& row) {
  const std::int64_t id = vector_id(row.key);
  const std::vector<float> vector = vectors::decode_vector(row.embedding, definition_.embedding->dimensions);
  ensure(place_of_.emplace(id, ids_.size()).second, "two keys of vectors have one digest");
  ids_.push_back(id);
  keys_.emplace_back(row.key);
  codes_ += vectors::encode_code(vector);
  signatures_ += vectors::encode_signature(vector);
}

void VectorMemory::erase(std::int64_t id) {
  const auto found = place_of_.find(id);
  if (found == place_of_.end()) {
    return;
  }
  // The last one moves to its place.
  const std::size_t place = found->second;
  const std::size_t last = ids_.size() - 1;
  for (const auto& [bytes, kind] :
       {std::pair(&codes_, vectors::Kind::code), std::pair(&signatures_, vectors::Kind::signature)}) {
    const std::size_t size = vectors::stored_bytes(kind, definition_.embedding->dimensions);
    if (place != last) bytes->replace(place * size, size, *bytes, last * size, size);
    bytes->resize(last * size);
  }
  if (place != last) {
    ids_[place] = ids_[last];
    keys_[place] = std::move(keys_[last]);
    place_of_[ids_[place]] = place;
  }
  ids_.pop_back();
  keys_.pop_back();
  place_of_.erase(id);
}

std::string_view VectorMemory::at(vectors::Kind kind, std::size_t place) const {
  const std::size_t size = vectors::stored_bytes(kind, definition_.embedding->dimensions);
  const std::string& bytes = kind == vectors::Kind::code ? codes_ : signatures_;
  return std::string_view(bytes).substr(place * size, size);
}

void VectorMemory::each(vectors::Kind kind, const vectors::Visit& visit) const {
  for (std::size_t place = 0; place < ids_.size(); ++place) {
    visit(ids_[place], at(kind, place));
  }
}

const std::string* VectorMemory::key_of(std::int64_t id) const {
  const auto found = place_of_.find(id);
  return found == place_of_.end() ? nullptr : &keys_[found->second];
}

std::vector<std::string> VectorMemory::changed_after(std::int64_t sequence) const {
  std::set<std::string> keys;
  for (auto change = changes_.rbegin(); change != changes_.rend() && change->sequence > sequence; ++change) {
    keys.insert(change->key);
  }
  return {keys.begin(), keys.end()};
}

/// The rows as a task has them, for who builds a graph.
namespace {

class TaskRows final : public vectors::RowSet {
 public:
  TaskRows(const VectorMemory::GraphTask& task, std::size_t dimensions)
      : task_(task), bytes_(vectors::stored_bytes(vectors::Kind::code, dimensions)) {}
  std::uint64_t count() override { return task_.ids.size(); }
  void each(vectors::Kind kind, const vectors::Visit& visit) override {
    ensure(kind == vectors::Kind::code, "a graph is built of codes");
    for (std::size_t place = 0; place < task_.ids.size(); ++place) {
      visit(task_.ids[place], std::string_view(task_.codes).substr(place * bytes_, bytes_));
    }
  }
  void each_of(std::span<const std::int64_t> /*ids*/, const vectors::Visit& /*visit*/) override {
    ensure(false, "a graph is built of all rows");
  }
  void each_after(std::uint64_t /*sequence*/, const vectors::Visit& /*visit*/) override {
    ensure(false, "a graph is built of all rows");
  }
  std::uint64_t sequence() override { return static_cast<std::uint64_t>(task_.sequence); }
  bool keeps(vectors::Kind kind) override { return kind == vectors::Kind::code; }

 private:
  const VectorMemory::GraphTask& task_;
  std::size_t bytes_;
};

}  // namespace

void VectorMemory::read_graph_file(engine::Connection& connection, const journal::Layout& layout) {
  const auto holds = [&](std::uint64_t sequence, const Digest& at) {
    if (sequence == 0 || sequence > static_cast<std::uint64_t>(sequence_)) return false;
    journal::EntryReader entries(connection, static_cast<std::int64_t>(sequence) - 1);
    journal::Entry entry;
    return entries.next(entry) && entry.chain_hash == at;
  };
  vectors::GraphOptions options;
  options.metric = definition_.embedding->metric;
  options.dimensions = definition_.embedding->dimensions;
  std::string at;
  vectors::ReadGraph read;
  try {
    read = vectors::read_graph(place_.file_of(definition_.name), options, label(),
                               [&](std::uint64_t sequence, const Digest& digest) {
                                 at = to_hex(digest);
                                 return holds(sequence, digest);
                               });
  } catch (const Error& error) {
    read.reason = error.message();  // a search goes without it
  }
  file_reason_ = read.reason;
  if (!read.graph) {
    return;
  }
  // What changed behind it is read from the journal, so that it is scanned, and put into it by and by.
  const auto from = static_cast<std::int64_t>(read.graph->sequence());
  std::deque<Change> changes;
  const DocumentMaker maker(definition_);
  const bool is_known = each_changed_key(connection, layout, definition_.embedding->table, from, at,
                                         [&](std::int64_t sequence, std::span<const ValueView> key) {
                                           changes.push_back({sequence, maker.key_of(key)});
                                           return changes.size() <= vectors::graph_events_behind_max;
                                         });
  if (!is_known) {
    file_reason_ = "too much changed since";
  } else {
    file_sequence_ = read.graph->sequence();
    graph_ = std::move(read.graph);
    changes_ = std::move(changes);
    changes_from_ = from;
  }
}

void VectorMemory::grow_graph() {
  is_graph_behind_ = false;
  if (!graph_) {
    return;
  }
  const auto known = static_cast<std::int64_t>(graph_->sequence());
  if (known < changes_from_) {
    graph_.reset();  // of what changed behind it some was forgotten
    return;
  }
  auto change = std::partition_point(changes_.begin(), changes_.end(),
                                     [&](const Change& one) { return one.sequence <= known; });
  try {
    for (int rows = 0; change != changes_.end() && rows < graph_rows_at_once;) {
      // All of an event, so that the graph is true of it.
      const std::int64_t sequence = change->sequence;
      const auto end = std::partition_point(change, changes_.end(),
                                            [&](const Change& one) { return one.sequence <= sequence; });
      if (end - change > graph_rows_of_event_max) {
        graph_.reset();
        return;
      }
      for (; change != end; ++change, ++rows) {
        const std::int64_t id = vector_id(change->key);
        const auto found = place_of_.find(id);
        if (found == place_of_.end()) {
          graph_->erase(id, static_cast<std::uint64_t>(sequence));
        } else {
          graph_->put(id, at(vectors::Kind::code, found->second), static_cast<std::uint64_t>(sequence));
        }
      }
      graph_->advance(static_cast<std::uint64_t>(sequence));
    }
    is_graph_behind_ = change != changes_.end();
    if (!is_graph_behind_) graph_->advance(static_cast<std::uint64_t>(sequence_));
  } catch (const Error&) {
    graph_.reset();  // half changed it proposes nothing
    throw;
  }
}

/// Precondition: a graph, true of the event of this chain hash. Without a file a search goes on; the next one tries again.
void VectorMemory::write_graph_file(const Digest& chain_hash) {
  try {
    const std::filesystem::path file = place_.file_of(definition_.name);
    vectors::write_graph(*graph_, {label(), chain_hash}, file);
    file_sequence_ = graph_->sequence();
    file_reason_.clear();
  } catch (const Error& error) {
    file_reason_ = error.message();
  }
}

std::optional<VectorMemory::GraphTask> VectorMemory::begin_graph(engine::Connection& connection,
                                                                 const journal::Layout& layout,
                                                                 const journal::Head& head) {
  if (place_.is_empty() || !read(connection, layout, head)) {
    return std::nullopt;
  }
  const auto is_behind = [&] { return graph_ && graph_->sequence() < static_cast<std::uint64_t>(sequence_); };
  for (bool goes_on = true; goes_on;) {
    const std::unique_lock writing(mutex_);  // given free between the steps
    if (is_behind()) grow_graph();
    goes_on = is_behind();
  }
  const std::unique_lock writing(mutex_);
  if (count() < vectors::graph_rows_min) {
    return std::nullopt;
  }
  if (graph_ && !graph_->is_worn() && graph_->sequence() == static_cast<std::uint64_t>(sequence_)) {
    if (graph_->sequence() != file_sequence_) write_graph_file(chain_digest_);
    return std::nullopt;
  }
  return GraphTask{sequence_, chain_digest_, ids_, codes_};
}

void VectorMemory::finish_graph(const GraphTask& task) {
  TaskRows rows(task, definition_.embedding->dimensions);
  vectors::GraphOptions options;
  options.metric = definition_.embedding->metric;
  options.dimensions = definition_.embedding->dimensions;
  vectors::Graph graph = vectors::build_graph(rows, options);
  const std::unique_lock writing(mutex_);
  if (task.sequence < changes_from_ || (graph_ && !graph_->is_worn())) {
    return;  // what changed meanwhile is not known, or somebody else was faster
  }
  graph_ = std::move(graph);
  write_graph_file(task.chain_hash);
  grow_graph();
}

std::vector<std::string> VectorMemory::compare(engine::Connection& connection, const journal::Layout& layout,
                                               const journal::Head& head) {
  std::vector<std::string> differences;
  const std::optional<Reading> reading = read(connection, layout, head);
  if (reading && !graph_ && !file_reason_.empty()) {
    differences.push_back(fmt::format("the graph in {} is not asked: {}",
                                      place_.file_of(definition_.name).filename().string(), file_reason_));
  }
  if (!reading || !graph_) {
    return differences;
  }
  std::set<std::int64_t> behind;
  for (const std::string& key : changed_after(static_cast<std::int64_t>(graph_->sequence()))) {
    behind.insert(vector_id(key));
  }
  std::size_t known = 0;
  for (std::size_t place = 0; place < ids_.size(); ++place) {
    const bool is_behind = behind.contains(ids_[place]);
    known += !is_behind && graph_->has(ids_[place]) ? 1 : 0;
    if (!is_behind && !graph_->holds(ids_[place], at(vectors::Kind::code, place)) &&
        differences.size() < differences_max) {
      differences.push_back(fmt::format("the graph has another vector, or none: {}", keys_[place]));
    }
  }
  std::size_t others = 0;
  for (const std::int64_t id : behind) others += graph_->has(id) ? 1 : 0;
  if (graph_->live() != known + others) {
    differences.push_back(fmt::format("the graph has {} rows, of which {} are none", graph_->live(),
                                      graph_->live() - known - others));
  }
  return differences;
}

namespace {

std::string name_of(const Definition& definition, const std::string& model) {
  const auto& embedding = *definition.embedding;
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", definition.hash, embedding.table_name, embedding.dimensions,
                     vectors::name_of(embedding.metric), embedding.table, model);
}

}  // namespace

std::shared_ptr<VectorMemory> VectorMemories::of(const Definition& definition, const std::string& model) {
  const std::string name = name_of(definition, model);
  const std::lock_guard lock(mutex_);
  Kept& kept = kept_[definition.name];
  if (kept.of != name) {
    kept = {name, std::make_shared<VectorMemory>(definition, model, place_)};
  }
  return kept.memory;
}

std::shared_ptr<VectorMemory> VectorMemories::find(const Definition& definition, const std::string& model) {
  const std::lock_guard lock(mutex_);
  const auto kept = kept_.find(definition.name);
  return kept != kept_.end() && kept->second.of == name_of(definition, model) ? kept->second.memory : nullptr;
}

SnapshotRows::SnapshotRows(VectorTable& table, std::vector<std::string> keys)
    : table_(table), keys_(std::move(keys)) {}

SnapshotRows::SnapshotRows(VectorTable& table, const VectorMemory& memory, const journal::Head& head,
                           bool has_conditions)
    : table_(table), memory_(&memory), sequence_(static_cast<std::uint64_t>(head.sequence)) {
  const std::vector<std::string> changed = memory.changed_after(head.sequence);
  for (const std::string& key : changed) late_.emplace(vector_id(key), std::nullopt);
  table_.each_of(changed, [&](const VectorRow& row) {
    const std::vector<float> vector =
        vectors::decode_vector(row.embedding, memory.definition().embedding->dimensions);
    late_[vector_id(row.key)] =
        Late{std::string(row.key), vectors::encode_code(vector), vectors::encode_signature(vector)};
  });
  if (has_conditions) {
    allowed_.emplace();
    table_.each_key([&](std::string_view key) { allowed_->insert(vector_id(key)); });
  }
}

bool SnapshotRows::is_shown(std::int64_t id) const {
  return !late_.contains(id) && (!allowed_ || allowed_->contains(id));
}

std::uint64_t SnapshotRows::count() {
  if (!count_) {
    std::uint64_t count = 0;
    if (memory_ == nullptr) {
      count = keys_->size();
    } else {
      count = static_cast<std::uint64_t>(
          std::count_if(late_.begin(), late_.end(), [](const auto& one) { return one.second.has_value(); }));
      if (allowed_) {
        for (const std::int64_t id : *allowed_) count += memory_->has(id) && is_shown(id) ? 1 : 0;
      } else {
        count += memory_->count();
        for (const auto& [id, late] : late_) count -= memory_->has(id) ? 1 : 0;
      }
    }
    count_ = count;
  }
  return *count_;
}

TakeVector SnapshotRows::remembering(const vectors::Visit& visit) {
  return [this, &visit](const VectorRow& row) {
    const std::int64_t id = vector_id(row.key);
    found_[id] = {std::string(row.key), std::string(row.text_hash)};
    visit(id, row.embedding);
  };
}

void SnapshotRows::each(vectors::Kind kind, const vectors::Visit& visit) {
  if (kind == vectors::Kind::vector) {
    if (keys_) {
      table_.each_of(*keys_, remembering(visit));
    } else {
      table_.each(remembering(visit));
    }
    return;
  }
  ensure(memory_ != nullptr, "only a memory has codes");
  memory_->each(kind, [&](std::int64_t id, std::string_view stored) {
    if (is_shown(id)) visit(id, stored);
  });
  for (const auto& [id, late] : late_) {
    if (late) visit(id, kind == vectors::Kind::code ? late->code : late->signature);
  }
}

void SnapshotRows::each_of(std::span<const std::int64_t> ids, const vectors::Visit& visit) {
  std::vector<std::string> keys;
  for (const std::int64_t id : ids) {
    const auto late = late_.find(id);
    if (late != late_.end()) {
      if (late->second) keys.push_back(late->second->key);
    } else if (memory_ != nullptr && is_shown(id)) {
      if (const std::string* key = memory_->key_of(id)) keys.push_back(*key);
    } else if (const auto found = found_.find(id); memory_ == nullptr && found != found_.end()) {
      keys.push_back(found->second.key);
    }
  }
  table_.each_of(keys, remembering(visit));
}

void SnapshotRows::each_after(std::uint64_t sequence, const vectors::Visit& visit) {
  table_.each_of(memory_->changed_after(static_cast<std::int64_t>(sequence)), remembering(visit));
}

}  // namespace reeve::search
