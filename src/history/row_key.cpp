#include "history/row_key.h"

#include "base/hash.h"
#include "base/json.h"
#include "state/binding.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

namespace reeve::history {

std::string key_json(std::span<const journal::ColumnLayout> columns, std::span<const ValueView> key) {
  std::vector<std::size_t> by_name(key.size());
  std::iota(by_name.begin(), by_name.end(), std::size_t{0});
  std::sort(by_name.begin(), by_name.end(), [&](std::size_t left, std::size_t right) {
    return json::member_less(columns[left].name, columns[right].name);
  });
  std::string out = "{";
  for (const std::size_t place : by_name) {
    out += out.size() == 1 ? "" : ",";
    json::append_canonical_string(columns[place].name, out);
    out += ':';
    journal::append_value_json(columns[place].type, key[place], out);
  }
  return out + "}";
}

std::string key_json(const journal::TableLayout& table, std::span<const ValueView> key) {
  std::vector<journal::ColumnLayout> columns;
  for (const int place : table.key) {
    columns.push_back(table.column(place));
  }
  return key_json(columns, key);
}

namespace {

std::string columns_of(const journal::TableLayout& table) {
  std::string names;
  for (const int place : table.key) {
    names += (names.empty() ? "\"" : ",\"") + table.column(place).name + "\":..";
  }
  return names;
}

[[noreturn]] void refuse(const journal::TableLayout& table, std::string_view text, std::string_view why) {
  throw Error(ErrorCode::invalid_input,
              fmt::format("`{}` is no key of {}: {}", text.substr(0, std::size_t{120}), table.name, why),
              fmt::format("give {{{}}}", columns_of(table)));
}

}  // namespace

std::string read_key(const journal::TableLayout& table, std::string_view text, std::vector<Value>* values) {
  const journal::ColumnLayout& first = table.column(table.key.front());
  std::string object(text);
  const bool is_object = text.starts_with('{');
  if (!is_object) {
    if (table.key.size() != 1) {
      refuse(table, text, "it has several columns");
    }
    // A text may be written as it is; what reads as JSON of the column's type is that.
    const bool is_json =
        text.starts_with('"') ||
        (first.type != sql::Type::text && first.type != sql::Type::uuid && first.type != sql::Type::date &&
         first.type != sql::Type::timestamptz && first.type != sql::Type::bytea);
    object = "{";
    json::append_canonical_string(first.name, object);
    object += ':';
    if (is_json) {
      object += text;
    } else {
      json::append_canonical_string(text, object);
    }
    object += '}';
  }
  json::Reader reader;
  const simdjson::dom::element tree = reader.read(object);
  simdjson::dom::object members;
  if (tree.get(members) != simdjson::SUCCESS) {
    refuse(table, text, "it is no object");
  }
  if (members.size() != table.key.size()) {
    refuse(table, text, fmt::format("it has {} of {} columns", members.size(), table.key.size()));
  }
  state::Scratch scratch;
  std::vector<ValueView> key;
  for (const int place : table.key) {
    const journal::ColumnLayout& column = table.column(place);
    simdjson::dom::element value;
    if (members[column.name].get(value) != simdjson::SUCCESS || value.is_null()) {
      refuse(table, text, "it lacks " + column.name);
    }
    key.push_back(state::value_of(value, column.type, column.name, scratch));
    if (values != nullptr) {
      values->push_back(key.back().to_value());
    }
  }
  return key_json(table, key);
}

std::int64_t row_number(std::string_view table, std::string_view key) {
  const Digest digest = Hasher("reeve.history.row.1").text(table).text(key).finish();
  std::int64_t number = 0;
  std::memcpy(&number, digest.data(), sizeof number);
  return number;
}

std::int64_t column_bit(std::string_view column) {
  const Digest digest = Hasher("reeve.history.column.1").text(column).finish();
  constexpr unsigned bits = 63;
  return std::int64_t{1} << (digest[0] % bits);
}

}  // namespace reeve::history
