#include "search/changed_keys.h"

namespace reeve::search {

bool each_changed_key(engine::Connection& connection, const journal::Layout& layout, int table,
                      std::int64_t sequence, std::string_view chain_hash, const TakeChange& take) {
  if (sequence <= 0) {
    return false;
  }
  journal::EntryReader entries(connection, sequence - 1);
  journal::Entry entry;
  if (!entries.next(entry) || to_hex(entry.chain_hash) != chain_hash) {
    return false;  // of another past
  }
  while (entries.next(entry)) {
    if (entry.event.type == journal::type_schema_migrated) {
      return false;  // its changeset, and those before it, are of other tables
    }
    if (entry.event.type == journal::type_blueprint_changed || entry.changeset.empty()) {
      continue;
    }
    journal::ChangesetReader reader(layout, entry.changeset);
    journal::StoredChange change;
    while (reader.next(change)) {
      if (change.table == table && !take(entry.event.sequence, change.key)) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace reeve::search
