#pragma once
// A search index over the tables as they are, and what of a row goes into it.

#include "base/hash.h"
#include "blueprint/blueprint.h"
#include "journal/changeset.h"
#include "journal/layout.h"
#include "vectors/similarity.h"
#include "words/analyser.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reeve::search {

/// Words that count for a row's length; the bits of an entry's number that hold it.
inline constexpr int length_bits = 20;
inline constexpr std::int64_t length_max = (std::int64_t{1} << length_bits) - 1;
inline std::int64_t length_of(std::int64_t entry) { return entry & length_max; }

struct Definition {
  struct Column {
    int place = 0;  ///< in the table's layout
    std::string name;
    sql::Type type = sql::Type::text;
    int weight = 1;
  };
  std::string name;
  int table = 0;  ///< its number in the layout
  std::string table_name;
  std::string language;
  std::vector<Column> key;
  std::vector<Column> text;
  std::vector<Column> filters;
  /// Where the rows' vectors are.
  struct Embedding {
    int table = 0;
    std::string table_name;
    std::string model;  ///< its name; '' when the application brings its own vectors
    std::string version;
    std::string event;  ///< the type that stores a vector; '' without a model
    std::size_t dimensions = 0;
    vectors::Metric metric = vectors::Metric::cosine;
  };
  /// The rows that come before all others.
  struct First {
    Column column;
    std::string value;  ///< as text, in the canonical form of the column's type
  };
  std::optional<Embedding> embedding;
  std::optional<First> first;
  std::string tree;  ///< the column by which a row hangs on another; '' for a table that is no tree
  std::string hash;  ///< of all that stored entries depend on, the analyser's version too; hexadecimal

  static Definition of(const blueprint::Blueprint& blueprint, const blueprint::SearchIndex& index,
                       const journal::Layout& layout);
  /// Null when there is none of this name.
  const Column* find_filter(std::string_view column) const;
};

/// Throws Error not_found when the blueprint has none of this name.
const blueprint::SearchIndex& declared(const blueprint::Blueprint& blueprint, std::string_view name);

/// All of a blueprint, by name.
std::vector<Definition> definitions_of(const blueprint::Blueprint& blueprint, const journal::Layout& layout);

/// What is stored of a row.
struct Document {
  std::string key;                   ///< a JSON array of the primary key's values
  std::vector<std::string> columns;  ///< of each text column its terms, separated by blanks
  std::string filters;               ///< terms, separated by blanks
  std::int64_t length = 0;           ///< terms in all text columns, at most length_max
};

/// Not thread-safe.
class DocumentMaker {
 public:
  explicit DocumentMaker(const Definition& definition);

  std::string key_of(journal::Row row) const;
  /// The same when only the key's values are known.
  std::string key_of(std::span<const ValueView> key) const;
  Document make(journal::Row row);
  /// Whether both rows make the same document; neither is null, and their keys are equal.
  bool are_alike(journal::Row left, journal::Row right) const;

 private:
  const Definition& definition_;
  words::Analyser analyser_;
};

/// The term of a filter: of a value as text, in the canonical form of the column's type.
std::string filter_term(const Definition::Column& column, std::string_view value);
/// A value as that text; '' of NULL.
std::string canonical_text(sql::Type type, const ValueView& value);
/// What somebody typed, in that form. Throws Error invalid_input when it is no value of the type.
std::string canonical_text(const Definition::Column& column, std::string_view typed);

/// The text that is searched: of jsonb its strings, separated by line ends.
std::string searched_text(sql::Type type, const ValueView& value);

/// A key, the JSON array that is stored, as values of its columns.
std::vector<Value> key_values(const Definition& definition, std::string_view key);
/// What somebody typed for a key, an object with the key's columns or the value of the only one, as that array. Throws Error invalid_input when it is none.
std::string key_of_object(const Definition& definition, std::string_view object);
/// Text in the canonical form of a column's type as a value of it.
Value value_of_text(sql::Type type, std::string_view text);
/// A key as an object, {"player_id":"ada"}; canonical JSON.
std::string key_object(const Definition& definition, std::string_view key);

}  // namespace reeve::search
