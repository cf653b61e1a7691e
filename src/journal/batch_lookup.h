#pragma once
// What the keys and the ids of a batch were used for.

#include "journal/journal.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::journal {

/// Inside the writer's transaction. In a file each is looked up when it is asked for. On PostgreSQL one statement asks
/// for all keys of a batch, one for all ids, and rows that are not inserted yet are told by note().
class BatchLookup {
 public:
  explicit BatchLookup(engine::Connection& connection);

  /// A new transaction: what was noted is forgotten.
  void begin();
  /// What will be asked for; the texts need not live on. What was not announced is looked up by itself.
  void announce(const std::vector<std::string_view>& keys, const std::vector<std::string_view>& ids);
  std::optional<KeyUse> find_key(std::string_view key);
  std::optional<std::int64_t> find_id(std::string_view id);
  void note(const Event& event);

 private:
  KeyLookup keys_;
  IdLookup ids_;
  bool asks_at_once_ = false;
  engine::Statement select_keys_;  ///< of PostgreSQL
  engine::Statement select_ids_;
  std::map<std::string, std::optional<KeyUse>, std::less<>> known_keys_;
  std::map<std::string, std::optional<std::int64_t>, std::less<>> known_ids_;
};

}  // namespace reeve::journal
