#pragma once
// The text of a row of which its vector is made, and which rows have a vector of the text that they have.

#include "journal/journal.h"
#include "search/definition.h"

#include <reeve/search.h>

#include <functional>
#include <string>
#include <string_view>

namespace reeve::search {

/// The text columns that say something, the weightier first, then by name, an empty line between them. '' when there is none.
std::string embedded_text(const Definition& definition, journal::Row row);

/// What stands beside a vector: of which text it was made. Hexadecimal.
std::string hash_of_text(std::string_view text);

enum class Freshness : std::uint8_t { fresh, missing, stale, failed };

/// A row that has a text; valid during the call.
struct EmbeddedRow {
  std::string_view key;
  std::string_view text;
  std::string_view text_hash;
  Freshness freshness = Freshness::missing;
};

/// Every row of the table that has a text, in order of the key. `model` as it is stored. Inside the snapshot of a read
/// transaction. Precondition: the definition has a model.
void each_embedded_row(engine::Connection& connection, const journal::Layout& layout,
                       const Definition& definition, const std::string& model,
                       const std::function<void(const EmbeddedRow&)>& take);

}  // namespace reeve::search
