#include "vectors/graph_file.h"

#include "base/descriptor.h"
#include "base/hash_many.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <system_error>

// The format is docs/vectors.md's "The file of a graph, version 1". Numbers are little-endian.

static_assert(std::endian::native == std::endian::little, "arrays are written as they are");

namespace reeve::vectors {

namespace {

constexpr char magic[8] = {'R', 'e', 'e', 'v', 'e', 'G', 'r', '\x01'};
constexpr std::size_t piece_bytes = 1024 * 1024;
constexpr std::size_t pieces_at_once = 4;
constexpr std::size_t base_stride = 2 * Graph::links + 1;
constexpr std::size_t upper_stride = Graph::links + 1;
constexpr int level_max = 8;

struct Head {
  char magic[8];
  std::uint32_t metric;
  std::uint32_t dimensions;
  std::uint32_t build_candidates;
  std::uint32_t links;
  std::uint32_t nodes;
  std::uint32_t entry;
  std::uint64_t sequence;
  std::uint64_t upper_numbers;  // of all links above the lowest level
  std::uint64_t body_bytes;     // up to the digests, this head included
  Digest of;
  Digest at;
};
static_assert(sizeof(Head) == 120);

[[noreturn]] void refuse_file(const std::filesystem::path& file, const char* what, int code) {
  throw Error(ErrorCode::unavailable,
              fmt::format("{} can't be {}: {}", file.string(), what, std::generic_category().message(code)),
              "the graph is derived: remove the file, or mend the folder");
}

Digest digest_of_all(std::uint64_t body_bytes, std::span<const Digest> pieces) {
  Hasher hasher("reeve.graph.1");
  hasher.number(body_bytes);
  for (const Digest& piece : pieces) hasher.digest(piece);
  return hasher.finish();
}

/// Digests of the pieces of bytes that lie one behind the other.
void append_digests(std::span<const char> bytes, std::vector<Digest>& digests) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
    pieces.emplace_back(bytes.data() + at, std::min(piece_bytes, bytes.size() - at));
  }
  const std::size_t before = digests.size();
  digests.resize(before + pieces.size());
  hash_many(pieces, std::span(digests).subspan(before));
}

/// Why a file is not taken; it never leaves read_graph.
struct Unfit {
  std::string reason;
};

}  // namespace

/// Writes what it is given, and digests it on the way.
class GraphWriter {
 public:
  GraphWriter(int descriptor, const std::filesystem::path& file) : descriptor_(descriptor), file_(file) {}

  void write(const Graph& graph, const GraphLabel& label) {
    Head head{};
    std::copy(std::begin(magic), std::end(magic), head.magic);
    head.metric = static_cast<std::uint32_t>(graph.options_.metric);
    head.dimensions = static_cast<std::uint32_t>(graph.options_.dimensions);
    head.build_candidates = graph.options_.build_candidates;
    head.links = Graph::links;
    head.nodes = static_cast<std::uint32_t>(graph.ids_.size());
    head.entry = graph.entry_;
    head.sequence = graph.sequence_;
    for (const auto& upper : graph.upper_links_) head.upper_numbers += upper.size();
    head.body_bytes = sizeof head + graph.ids_.size() * (18 + graph.options_.dimensions + base_stride * 4) +
                      head.upper_numbers * 4;
    head.of = label.of;
    head.at = label.at;
    append(&head, sizeof head);
    append_all(graph.ids_);
    append_all(graph.scales_);
    append_all(graph.squares_);
    append_all(graph.levels_);
    append_all(graph.is_dead_);
    for (Graph::Number node = 0; node < head.nodes; ++node) {
      append(graph.code(node), graph.options_.dimensions);
    }
    append_all(graph.base_links_);
    for (const auto& upper : graph.upper_links_) append_all(upper);
    flush();
    ensure(written_ == head.body_bytes, "the size of a graph's file is as it was computed");
    const Digest all = digest_of_all(head.body_bytes, digests_);
    write_out(digests_.data(), digests_.size() * sizeof(Digest));
    write_out(all.data(), all.size());
  }

 private:
  template <typename Vector>
  void append_all(const Vector& vector) {
    append(vector.data(), vector.size() * sizeof(typename Vector::value_type));
  }
  void append(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const char*>(data);
    while (size > 0) {
      const std::size_t part = std::min(size, pieces_at_once * piece_bytes - buffer_.size());
      buffer_.insert(buffer_.end(), bytes, bytes + part);
      bytes += part;
      size -= part;
      if (buffer_.size() == pieces_at_once * piece_bytes) flush();
    }
  }
  void flush() {
    append_digests(buffer_, digests_);
    write_out(buffer_.data(), buffer_.size());
    written_ += buffer_.size();
    buffer_.clear();
  }
  void write_out(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const char*>(data);
    while (size > 0) {
      const ssize_t count = ::write(descriptor_, bytes, size);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) refuse_file(file_, "written", count < 0 ? errno : ENOSPC);
      bytes += count;
      size -= static_cast<std::size_t>(count);
    }
  }

  int descriptor_;
  const std::filesystem::path& file_;
  std::vector<char> buffer_;
  std::vector<Digest> digests_;
  std::uint64_t written_ = 0;
};

/// Reads a graph, piece by piece; nothing is used before its piece's digest was compared.
class GraphReader {
 public:
  GraphReader(int descriptor, const std::filesystem::path& file) : descriptor_(descriptor), file_(file) {}

  Graph read(const GraphOptions& options, const Digest& of,
             const std::function<bool(std::uint64_t, const Digest&)>& holds, const Kernels& kernels) {
    const Head head = read_head();
    const GraphOptions stored{static_cast<Metric>(head.metric), head.dimensions, head.build_candidates};
    if (head.of != of) throw Unfit{"it is of another index"};
    if (!(stored == options) || head.links != Graph::links) throw Unfit{"it was made with other options"};
    if (head.nodes > Graph::nodes_max ||
        head.upper_numbers > std::uint64_t{head.nodes} * level_max * upper_stride ||
        head.body_bytes != sizeof head +
                               std::uint64_t{head.nodes} * (18 + head.dimensions + base_stride * 4) +
                               head.upper_numbers * 4) {
      throw Unfit{"its sizes don't fit each other"};
    }
    if (!holds(head.sequence, head.at)) throw Unfit{"it is of a history that is not the journal's"};
    Graph graph(options, kernels);
    fill(graph, head);
    check(graph);
    return graph;
  }

 private:
  Head read_head() {
    struct stat status {};
    if (fstat(descriptor_, &status) != 0) refuse_file(file_, "read", errno);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    Head head{};
    if (size < sizeof head + 2 * sizeof(Digest)) throw Unfit{"it is too short"};
    read_at(0, &head, sizeof head);
    if (std::memcmp(head.magic, magic, sizeof magic) != 0) throw Unfit{"it is of another format"};
    if (head.body_bytes < sizeof head || head.body_bytes > size) throw Unfit{"it is cut or changed"};
    const std::uint64_t pieces = (head.body_bytes + piece_bytes - 1) / piece_bytes;
    if (size != head.body_bytes + (pieces + 1) * sizeof(Digest)) throw Unfit{"it is cut or changed"};
    digests_.resize(pieces);
    read_at(head.body_bytes, digests_.data(), pieces * sizeof(Digest));
    Digest all{};
    read_at(size - sizeof all, all.data(), sizeof all);
    if (digest_of_all(head.body_bytes, digests_) != all) throw Unfit{"it is cut or changed"};
    body_bytes_ = head.body_bytes;
    Head proven{};
    take(&proven, sizeof proven);
    if (std::memcmp(&proven, &head, sizeof head) != 0) throw Unfit{"it changes while it is read"};
    return head;
  }

  void fill(Graph& graph, const Head& head) {
    const std::size_t nodes = head.nodes;
    graph.sequence_ = head.sequence;
    graph.entry_ = head.entry;
    take_all(graph.ids_, nodes);
    take_all(graph.scales_, nodes);
    take_all(graph.squares_, nodes);
    take_all(graph.levels_, nodes);
    take_all(graph.is_dead_, nodes);
    graph.codes_.resize(nodes * graph.stride_);
    for (std::size_t node = 0; node < nodes; ++node) {
      take(graph.codes_.data() + node * graph.stride_, head.dimensions);
    }
    take_all(graph.base_links_, nodes * base_stride);
    std::uint64_t numbers = 0;
    for (const std::uint8_t level : graph.levels_) {
      if (level > level_max) throw Unfit{"it has a level that can't be"};
      numbers += level * upper_stride;
    }
    if (numbers != head.upper_numbers) throw Unfit{"its sizes don't fit each other"};
    graph.upper_links_.resize(nodes);
    for (std::size_t node = 0; node < nodes; ++node) {
      take_all(graph.upper_links_[node], graph.levels_[node] * upper_stride);
    }
  }

  /// Whoever wrote it: no walk leaves the arrays.
  static void check(Graph& graph) {
    const std::size_t nodes = graph.ids_.size();
    if (nodes == 0) return;
    if (graph.entry_ >= nodes) throw Unfit{"its entry is no node"};
    graph.top_ = graph.levels_[graph.entry_];
    graph.sums_.resize(nodes);
    for (Graph::Number node = 0; node < nodes; ++node) {
      for (int level = 0; level <= graph.levels_[node]; ++level) {
        const auto near = graph.links_of(node, level);
        if (near[0] >= near.size()) throw Unfit{"a node has too many links"};
        for (const Graph::Number other : near.subspan(1, near[0])) {
          if (other >= nodes || graph.levels_[other] < level) throw Unfit{"a link leads nowhere"};
        }
      }
      const float scale = graph.scales_[node];
      graph.sums_[node] = code_sum({graph.code(node), graph.stride_});
      const std::int32_t square =
          graph.kernels_->code_dot(graph.code(node), graph.code(node), graph.sums_[node], graph.stride_);
      if (!std::isfinite(scale) || scale < 0 || static_cast<std::uint32_t>(square) != graph.squares_[node]) {
        throw Unfit{"a code in it can't be"};
      }
      graph.set_weights(node);
      if (graph.is_dead_[node] == 0 && !graph.node_of_.emplace(graph.ids_[node], node).second) {
        throw Unfit{"two nodes are of one row"};
      }
    }
  }

  void read_at(std::uint64_t offset, void* data, std::size_t size) {
    auto* bytes = static_cast<char*>(data);
    while (size > 0) {
      const ssize_t count = pread(descriptor_, bytes, size, static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) refuse_file(file_, "read", errno);
      if (count == 0) throw Unfit{"it changes while it is read"};
      bytes += count;
      offset += static_cast<std::uint64_t>(count);
      size -= static_cast<std::size_t>(count);
    }
  }
  void take(void* data, std::size_t size) {
    auto* bytes = static_cast<char*>(data);
    while (size > 0) {
      if (at_ == buffer_.size()) next();
      const std::size_t part = std::min(size, buffer_.size() - at_);
      std::memcpy(bytes, buffer_.data() + at_, part);
      at_ += part;
      bytes += part;
      size -= part;
    }
  }
  template <typename Vector>
  void take_all(Vector& vector, std::size_t count) {
    vector.resize(count);
    take(vector.data(), count * sizeof(typename Vector::value_type));
  }
  void next() {
    const std::uint64_t size = std::min<std::uint64_t>(pieces_at_once * piece_bytes, body_bytes_ - offset_);
    if (size == 0) throw Unfit{"its sizes don't fit each other"};
    buffer_.resize(size);
    read_at(offset_, buffer_.data(), size);
    std::vector<Digest> found;
    append_digests(buffer_, found);
    if (!std::equal(found.begin(), found.end(),
                    digests_.begin() + static_cast<std::ptrdiff_t>(offset_ / piece_bytes))) {
      throw Unfit{"it is cut or changed"};
    }
    offset_ += size;
    at_ = 0;
  }

  int descriptor_;
  const std::filesystem::path& file_;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t offset_ = 0;
  std::vector<Digest> digests_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;
};

bool write_graph(const Graph& graph, const GraphLabel& label, const std::filesystem::path& file) {
  std::filesystem::path fresh = file;
  fresh += ".new";
  const Descriptor descriptor(open(fresh.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!descriptor.is_open()) refuse_file(fresh, "written", errno);
  // One that was killed leaves it behind, and the lock not.
  if (flock(descriptor.number(), LOCK_EX | LOCK_NB) != 0) return false;
  struct stat opened {};
  struct stat named {};
  if (fstat(descriptor.number(), &opened) != 0) refuse_file(fresh, "written", errno);
  // Another one may have renamed it between our opening and locking it.
  if (stat(fresh.c_str(), &named) != 0 || named.st_ino != opened.st_ino) return false;
  if (ftruncate(descriptor.number(), 0) != 0) refuse_file(fresh, "written", errno);
  try {
    GraphWriter(descriptor.number(), fresh).write(graph, label);
    if (fsync(descriptor.number()) != 0) refuse_file(fresh, "synced", errno);
    if (rename(fresh.c_str(), file.c_str()) != 0) refuse_file(fresh, "renamed", errno);
  } catch (const Error&) {
    unlink(fresh.c_str());  // a full disk is not kept full by what is of no use
    throw;
  }
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const Descriptor directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.number() < 0 || fsync(directory.number()) != 0) refuse_file(folder, "synced", errno);
  return true;
}

ReadGraph read_graph(const std::filesystem::path& file, const GraphOptions& options, const Digest& of,
                     const std::function<bool(std::uint64_t, const Digest&)>& holds, const Kernels& kernels) {
  const Descriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor.is_open()) {
    if (errno != ENOENT) refuse_file(file, "read", errno);
    return {std::nullopt, "there is none"};
  }
  try {
    return {GraphReader(descriptor.number(), file).read(options, of, holds, kernels), {}};
  } catch (const Unfit& unfit) {
    return {std::nullopt, unfit.reason};
  }
}

}  // namespace reeve::vectors
