#include "cache/kept_answers.h"

#include <utility>

namespace reeve::cache {

namespace {

/// Of an entry beside its key and its table: nodes of the list and the map.
constexpr std::size_t entry_bytes = 200;

std::size_t bytes_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    return sizeof(Value) + (text->size() > 15 ? text->capacity() + 1 : 0);
  }
  if (const auto* bytes = std::get_if<Bytes>(&value)) {
    return sizeof(Value) + bytes->capacity();
  }
  return sizeof(Value);
}

}  // namespace

std::size_t bytes_of(const AnswerTable& table) {
  std::size_t bytes = sizeof(AnswerTable);
  for (const Rows::Column& column : table.columns) {
    bytes += sizeof(column) + column.name.size() + column.type.size();
  }
  for (const Value& value : table.values) {
    bytes += bytes_of(value);
  }
  return bytes;
}

std::size_t KeptAnswers::bytes_of(const Entry& entry) {
  return entry_bytes + entry.key.size() + entry.kept.table->bytes;
}

const Kept* KeptAnswers::find(std::string_view key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->kept;
}

std::size_t KeptAnswers::put(const std::string& key, Kept kept) {
  erase(key);
  entries_.push_front({key, std::move(kept)});
  by_key_.emplace(entries_.front().key, entries_.begin());
  bytes_ += bytes_of(entries_.front());
  std::size_t gone = 0;
  while (bytes_ > bytes_max_) {
    erase(std::prev(entries_.end()));
    ++gone;
  }
  return gone;
}

void KeptAnswers::erase(std::string_view key) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    erase(found->second);
  }
}

void KeptAnswers::erase(std::list<Entry>::iterator entry) {
  bytes_ -= bytes_of(*entry);
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

void KeptAnswers::clear() {
  by_key_.clear();
  entries_.clear();
  bytes_ = 0;
}

}  // namespace reeve::cache
