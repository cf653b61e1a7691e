#include "search/changed_keys.h"

#include "journal/changes_since.h"

namespace reeve::search {

bool each_changed_key(engine::Connection& connection, const journal::Layout& layout, int table,
                      std::int64_t sequence, std::string_view chain_hash, const TakeChange& take) {
  return journal::each_change_since(connection, layout, sequence, chain_hash,
                                    [&](std::int64_t at, const journal::StoredChange& change) {
                                      return change.table != table || take(at, change.key);
                                    });
}

}  // namespace reeve::search
