#include "vectors/memory_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace reeve::vectors {

namespace {
constexpr Kind kinds[] = {Kind::vector, Kind::code, Kind::signature};
}

std::string_view MemoryRows::at(Kind kind, std::size_t place) const {
  const std::size_t size = stored_bytes(kind, dimensions_);
  return std::string_view(bytes_[static_cast<std::size_t>(kind) - 1]).substr(place * size, size);
}

std::string_view MemoryRows::stored(std::int64_t id, Kind kind) const { return at(kind, place_of_.at(id)); }

void MemoryRows::put(std::int64_t id, std::span<const float> vector, std::uint64_t sequence) {
  if (vector.size() != dimensions_) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("a vector of {} components among those of {}", vector.size(), dimensions_));
  }
  const std::string made[] = {encode_vector(vector), encode_code(vector), encode_signature(vector)};
  const auto [entry, is_new] = place_of_.try_emplace(id, ids_.size());
  if (is_new) {
    ids_.push_back(id);
    sequences_.push_back(sequence);
    for (const Kind kind : kinds) bytes_of(kind) += made[static_cast<std::size_t>(kind) - 1];
  } else {
    sequences_[entry->second] = sequence;
    for (const Kind kind : kinds) {
      const std::string& bytes = made[static_cast<std::size_t>(kind) - 1];
      std::copy(bytes.begin(), bytes.end(), bytes_of(kind).data() + entry->second * bytes.size());
    }
  }
  sequence_ = std::max(sequence_, sequence);
}

void MemoryRows::erase(std::int64_t id, std::uint64_t sequence) {
  sequence_ = std::max(sequence_, sequence);
  const auto entry = place_of_.find(id);
  if (entry == place_of_.end()) return;
  // The last row takes its place.
  const std::size_t place = entry->second;
  const std::size_t last = ids_.size() - 1;
  for (const Kind kind : kinds) {
    const std::size_t size = stored_bytes(kind, dimensions_);
    std::string& bytes = bytes_of(kind);
    std::memmove(bytes.data() + place * size, bytes.data() + last * size, size);
    bytes.resize(last * size);
  }
  ids_[place] = ids_[last];
  sequences_[place] = sequences_[last];
  place_of_[ids_[place]] = place;
  place_of_.erase(id);
  ids_.pop_back();
  sequences_.pop_back();
}

void MemoryRows::each(Kind kind, const Visit& visit) {
  for (std::size_t place = 0; place < ids_.size(); ++place) visit(ids_[place], at(kind, place));
}

void MemoryRows::each_of(std::span<const std::int64_t> ids, const Visit& visit) {
  std::vector<std::pair<std::int64_t, std::string_view>> found;
  found.reserve(ids.size());
  for (const std::int64_t id : ids) {
    const auto entry = place_of_.find(id);
    if (entry != place_of_.end()) found.emplace_back(id, at(Kind::vector, entry->second));
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i + 1 < found.size()) {
      const std::string_view next = found[i + 1].second;
      for (std::size_t byte = 0; byte < next.size(); byte += 64) __builtin_prefetch(next.data() + byte);
    }
    visit(found[i].first, found[i].second);
  }
}

void MemoryRows::each_after(std::uint64_t sequence, const Visit& visit) {
  if (sequence >= sequence_) return;
  for (std::size_t place = 0; place < ids_.size(); ++place) {
    if (sequences_[place] > sequence) visit(ids_[place], at(Kind::vector, place));
  }
}

}  // namespace reeve::vectors
