#include "search/store.h"

#include "search/postgres_store.h"
#include "search/sqlite_store.h"

namespace reeve::search {

std::unique_ptr<Store> Store::make(engine::Connection& connection) {
  if (connection.engine() == engine::Engine::sqlite) {
    return std::make_unique<SqliteStore>(connection);
  }
  return std::make_unique<PostgresStore>(connection);
}

std::string end_of_prefix(std::string_view prefix) {
  std::string end(prefix);
  // The last character is counted up, so that it stays text; bytes of UTF-8 are in the order of code points.
  std::size_t last = end.size() - 1;
  while (last > 0 && (static_cast<unsigned char>(end[last]) & 0xC0U) == 0x80U) --last;
  for (std::size_t at = end.size(); at-- > last;) {
    const auto byte = static_cast<unsigned char>(end[at]);
    const bool is_lead = at == last;
    // A byte that goes on counts to 0xBF, but ED 9F BF is followed by EE 80 80: what lies between are no characters.
    const bool full = !is_lead && byte == 0xBF;
    if (!full) {
      end[at] = static_cast<char>(byte + 1U);
      break;
    }
    end[at] = '\x80';
  }
  if (end.compare(last, 2, "\xED\xA0") == 0) end.replace(last, 2, "\xEE\x80");
  return end;
}

}  // namespace reeve::search
