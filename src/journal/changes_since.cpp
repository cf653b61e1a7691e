#include "journal/changes_since.h"

namespace reeve::journal {

bool each_change_since(engine::Connection& connection, const Layout& layout, std::int64_t sequence,
                       std::string_view chain_hash, const TakeChange& take) {
  if (sequence <= 0) {
    return false;
  }
  EntryReader entries(connection, sequence - 1);
  Entry entry;
  if (!entries.next(entry) || to_hex(entry.chain_hash) != chain_hash) {
    return false;  // of another past
  }
  while (entries.next(entry)) {
    if (entry.event.type == type_schema_migrated) {
      return false;  // its changeset, and those before it, are of other tables
    }
    if (entry.event.type == type_blueprint_changed || entry.changeset.empty()) {
      continue;
    }
    ChangesetReader reader(layout, entry.changeset);
    StoredChange change;
    while (reader.next(change)) {
      if (!take(entry.event.sequence, change)) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace reeve::journal
