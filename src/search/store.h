#pragma once
// What is stored of search indexes (docs/search.md): entries of documents, the places of their terms, and up to which event
// they were kept. Knows no ranking and no query.

#include "base/hash.h"
#include "engine/connection.h"
#include "search/definition.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::search {

/// A row of reeve_search.
struct StoredIndex {
  std::int64_t number = 0;
  std::string name;
  std::string definition;     ///< Definition::hash of what made it
  std::int64_t sequence = 0;  ///< the event up to which it was kept
  std::string chain_hash;     ///< of that event, hexadecimal
  std::int64_t documents = 0;
  std::int64_t words = 0;  ///< of all documents
};

/// Where a term stands.
struct Occurrence {
  std::int64_t entry = 0;
  int column = 0;  ///< of the index's text columns; filter_column for a filter
  std::int64_t position = 0;
  auto operator<=>(const Occurrence&) const = default;
};
inline constexpr int filter_column = 255;

/// Not thread-safe. Inside a transaction of its connection.
class Store {
 public:
  static std::unique_ptr<Store> make(engine::Connection& connection);
  virtual ~Store() = default;

  /// False where no index was ever kept.
  virtual bool has_tables() = 0;
  /// The same for who only reads: once they were there they stay.
  bool has_shown_tables() { return shown_ = shown_ || has_tables(); }
  /// Makes what has_tables() asks for. On PostgreSQL that takes the owner of the schema.
  virtual void create_tables() = 0;
  virtual std::vector<StoredIndex> indexes() = 0;
  /// A new one without entries, at no event. An index that is made anew keeps its number: a writer that has it
  /// open goes on with it. 0 takes the next one.
  virtual std::int64_t create(const Definition& definition, std::int64_t number) = 0;
  virtual void drop(std::int64_t number) = 0;

  /// Takes away the entries of keys (those that are not there are passed over), then adds the documents'.
  virtual void write(const Definition& definition, std::int64_t number, const std::vector<std::string>& gone,
                     const std::vector<Document>& come) = 0;
  /// All indexes are those of the state after this event.
  virtual void set_place(std::int64_t sequence, const Digest& chain_hash) = 0;

  /// In order of entries.
  virtual void read_term(std::int64_t number, std::string_view term, std::vector<Occurrence>& found) = 0;
  /// Of all terms that begin so, in any order.
  virtual void read_prefix(std::int64_t number, std::string_view prefix, std::vector<Occurrence>& found) = 0;
  /// Nothing for an entry that has no document.
  virtual std::vector<std::optional<std::string>> keys_of(std::int64_t number,
                                                          const std::vector<std::int64_t>& entries) = 0;
  /// In their order; those that have no document are passed over.
  virtual std::vector<std::int64_t> entries_of(std::int64_t number, const std::vector<std::string>& keys) = 0;
  using TakeDocument = std::function<void(std::string_view key, std::int64_t entry)>;
  virtual void each_document(std::int64_t number, const TakeDocument& take) = 0;
  using TakeOccurrence = std::function<void(std::string_view term, const Occurrence& occurrence)>;
  virtual void each_occurrence(std::int64_t number, const TakeOccurrence& take) = 0;

 private:
  bool shown_ = false;
};

/// The first text that no text which begins with `prefix` reaches, by bytes.
std::string end_of_prefix(std::string_view prefix);

}  // namespace reeve::search
