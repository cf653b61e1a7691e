#pragma once
// The key of a row as people write it, and as what is derived is found by.

#include "journal/changeset.h"
#include "journal/layout.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::history {

/// Canonical JSON: {"player":"ada"}. `columns` are those of the key; the values are in their order.
std::string key_json(std::span<const journal::ColumnLayout> columns, std::span<const ValueView> key);
/// The same of a layout's table.
std::string key_json(const journal::TableLayout& table, std::span<const ValueView> key);

/// Reads what a person wrote: an object with every column of the key and no other, or the value of its one column (as
/// JSON or, for a text, as it is). Gives the canonical JSON, and the values in the key's order. Throws Error invalid_input that names the columns.
std::string read_key(const journal::TableLayout& table, std::string_view text,
                     std::vector<Value>* values = nullptr);

/// By which a row is found in the index (docs/history.md).
std::int64_t row_number(std::string_view table, std::string_view key_json);
/// The bits of a column in the index, from its name.
std::int64_t column_bit(std::string_view column);
inline constexpr std::int64_t all_columns = -1;

}  // namespace reeve::history
