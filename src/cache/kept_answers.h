#pragma once
// Answers by their keys, within a bound of bytes: who was asked for longest ago goes first.

#include <reeve/cache.h>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace reeve::cache {

/// An answer with what it takes to say whether it still is one.
struct Kept {
  std::shared_ptr<const AnswerTable> table;
  std::int64_t sequence = 0;  ///< of the snapshot that it was read from
  std::uint64_t past = 0;     ///< Watch::Seen::past when it was asked for
};

/// Not thread-safe.
class KeptAnswers {
 public:
  explicit KeptAnswers(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Null when there is none. Valid until the next call of another function.
  const Kept* find(std::string_view key);
  /// In place of what is there. The number of those that had to go for it.
  std::size_t put(const std::string& key, Kept kept);
  void erase(std::string_view key);
  void clear();
  std::size_t count() const { return by_key_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string key;
    Kept kept;
  };
  static std::size_t bytes_of(const Entry& entry);
  void erase(std::list<Entry>::iterator entry);

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  ///< what was used last comes first
  std::unordered_map<std::string_view, std::list<Entry>::iterator>
      by_key_;  ///< keys are those of the entries
};

/// What a table takes in memory, nearly.
std::size_t bytes_of(const AnswerTable& table);

}  // namespace reeve::cache
