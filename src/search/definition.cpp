#include "search/definition.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/uuid.h"

#include <reeve/clock.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>

namespace reeve::search {

namespace {

Definition::Column column_at(const journal::TableLayout& table, int place, int weight = 1) {
  return {place, table.column(place).name, table.column(place).type, weight};
}

int place_of(const journal::TableLayout& table, std::string_view column) {
  for (std::size_t place = 0; place < table.columns.size(); ++place) {
    if (table.columns[place].name == column) {
      return static_cast<int>(place);
    }
  }
  throw Error(ErrorCode::internal, fmt::format("the table {} has no column {}", table.name, column));
}

void hash_columns(Hasher& hasher, const std::vector<Definition::Column>& columns) {
  hasher.number(columns.size());
  for (const Definition::Column& column : columns) {
    hasher.text(column.name).text(sql::name_of(column.type));
  }
}

}  // namespace

Definition Definition::of(const blueprint::Blueprint& blueprint, const blueprint::SearchIndex& index,
                          const journal::Layout& layout) {
  Definition definition;
  definition.name = index.name;
  definition.table = layout.find(index.table);
  ensure(definition.table >= 0, "a search index that was loaded has its table");
  const journal::TableLayout& table = layout.table(definition.table);
  definition.table_name = table.name;
  definition.language = index.language;
  for (const int place : table.key) {
    definition.key.push_back(column_at(table, place));
  }
  for (const auto& [column, weight] : index.text) {
    definition.text.push_back(column_at(table, place_of(table, column), weight));
  }
  for (const std::string& column : index.filters) {
    definition.filters.push_back(column_at(table, place_of(table, column)));
  }
  if (index.first) {
    const Column column = column_at(table, place_of(table, index.first->column));
    definition.first = First{column, canonical_text(column, index.first->value)};
  }
  if (index.embedding) {
    const auto& said = *index.embedding;
    definition.embedding = Embedding{layout.find(said.table),
                                     said.table,
                                     said.model,
                                     said.version,
                                     said.event,
                                     static_cast<std::size_t>(said.dimensions),
                                     vectors::metric_named(said.metric).value()};
    ensure(definition.embedding->table >= 0, "a table of vectors that was loaded is in the layout");
  }
  definition.tree = blueprint.catalogue.find_table(index.table)->tree;
  // Of what stored words depend on. Weights are not in it: they count when rows are ranked.
  Hasher hasher("reeve search definition/1");
  hasher.text(words::analyser_version()).text(definition.table_name).text(definition.language);
  hash_columns(hasher, definition.key);
  hash_columns(hasher, definition.text);
  hash_columns(hasher, definition.filters);
  definition.hash = to_hex(hasher.finish());
  return definition;
}

const Definition::Column* Definition::find_filter(std::string_view column) const {
  const auto found = std::find_if(filters.begin(), filters.end(),
                                  [&](const Column& filter) { return filter.name == column; });
  return found == filters.end() ? nullptr : &*found;
}

const blueprint::SearchIndex& declared(const blueprint::Blueprint& blueprint, std::string_view name) {
  const auto found = blueprint.searches.find(name);
  if (found == blueprint.searches.end()) {
    throw Error(ErrorCode::not_found,
                fmt::format("the blueprint {} has no search index {}", blueprint.name, name.substr(0, 128)),
                "`reeve search FILE` lists those there are");
  }
  return found->second;
}

std::vector<Definition> definitions_of(const blueprint::Blueprint& blueprint, const journal::Layout& layout) {
  std::vector<Definition> found;
  for (const auto& [name, index] : blueprint.searches) {
    found.push_back(Definition::of(blueprint, index, layout));
  }
  return found;
}

DocumentMaker::DocumentMaker(const Definition& definition)
    : definition_(definition), analyser_(definition.language) {}

std::string DocumentMaker::key_of(journal::Row row) const {
  std::string key = "[";
  for (const Definition::Column& column : definition_.key) {
    key += key.size() > 1 ? "," : "";
    journal::append_value_json(column.type, row[column.place], key);
  }
  return key + "]";
}

std::string DocumentMaker::key_of(std::span<const ValueView> values) const {
  std::string key = "[";
  for (std::size_t i = 0; i < values.size(); ++i) {
    key += i > 0 ? "," : "";
    journal::append_value_json(definition_.key[i].type, values[i], key);
  }
  return key + "]";
}

Document DocumentMaker::make(journal::Row row) {
  Document document;
  document.key = key_of(row);
  for (const Definition::Column& column : definition_.text) {
    std::string& terms = document.columns.emplace_back();
    analyser_.read(searched_text(column.type, row[column.place]), [&](const words::Word& word) {
      terms += terms.empty() ? "" : " ";
      terms += word.term;
      ++document.length;
      return true;
    });
  }
  document.length = std::min(document.length, length_max);
  for (const Definition::Column& column : definition_.filters) {
    if (!row[column.place].is_null()) {
      document.filters += document.filters.empty() ? "" : " ";
      document.filters += filter_term(column, canonical_text(column.type, row[column.place]));
    }
  }
  return document;
}

bool DocumentMaker::are_alike(journal::Row left, journal::Row right) const {
  const auto alike = [&](const Definition::Column& column) {
    return left[column.place] == right[column.place];
  };
  return std::all_of(definition_.text.begin(), definition_.text.end(), alike) &&
         std::all_of(definition_.filters.begin(), definition_.filters.end(), alike);
}

std::string filter_term(const Definition::Column& column, std::string_view value) {
  const Digest digest = Hasher("reeve search filter/1").text(column.name).text(value).finish();
  constexpr std::size_t bytes = 8;
  return "f" + to_hex(std::span(digest).first(bytes));
}

std::string canonical_text(sql::Type type, const ValueView& value) {
  switch (value.kind()) {
    case ValueView::Kind::integer:
      return type == sql::Type::boolean ? (value.integer() != 0 ? "true" : "false")
                                        : fmt::format("{}", value.integer());
    case ValueView::Kind::text: return std::string(value.text());
    default: return {};
  }
}

std::string canonical_text(const Definition::Column& column, std::string_view typed) {
  const auto refuse = [&](std::string_view what) -> Error {
    return Error(ErrorCode::invalid_input, fmt::format("the column {} takes {}", column.name, what),
                 fmt::format("it is a column of type {}", sql::name_of(column.type)));
  };
  switch (column.type) {
    case sql::Type::boolean:
      if (typed != "true" && typed != "false") throw refuse("true or false");
      return std::string(typed);
    case sql::Type::integer:
    case sql::Type::bigint: {
      std::int64_t number = 0;
      const auto [end, code] = std::from_chars(typed.data(), typed.data() + typed.size(), number);
      if (code != std::errc() || end != typed.data() + typed.size()) throw refuse("an integer");
      if (column.type == sql::Type::integer && (number < INT32_MIN || number > INT32_MAX)) {
        throw refuse("an integer of 32 bits");
      }
      return fmt::format("{}", number);
    }
    case sql::Type::timestamptz: {
      const auto time = parse_time(typed);
      if (!time) throw refuse("a time of RFC 3339");
      return format_time(*time);
    }
    case sql::Type::uuid: {
      std::string text(typed);
      std::transform(text.begin(), text.end(), text.begin(),
                     [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
      if (!is_uuid(text)) throw refuse("a uuid");
      return text;
    }
    case sql::Type::date:
      if (!is_date(typed)) throw refuse("a date, as 2026-12-31");
      return std::string(typed);
    default: return std::string(typed);
  }
}

namespace {

void append_strings(const nlohmann::json& value, std::string& out) {
  if (value.is_string()) {
    out += value.get_ref<const std::string&>();
    out += '\n';
  } else if (value.is_structured()) {
    for (const nlohmann::json& member : value) {
      append_strings(member, out);
    }
  }
}

}  // namespace

std::string searched_text(sql::Type type, const ValueView& value) {
  if (value.kind() != ValueView::Kind::text) {
    return {};
  }
  if (type != sql::Type::jsonb) {
    return std::string(value.text());
  }
  std::string out;
  append_strings(nlohmann::json::parse(value.text()), out);
  return out;
}

std::vector<Value> key_values(const Definition& definition, std::string_view key) {
  const nlohmann::json array = nlohmann::json::parse(key, nullptr, false);
  if (!array.is_array() || array.size() != definition.key.size()) {
    throw Error(ErrorCode::corrupt,
                fmt::format("the search index {} has a key that is none", definition.name),
                "run `reeve search rebuild`");
  }
  std::vector<Value> values;
  for (std::size_t i = 0; i < array.size(); ++i) {
    const nlohmann::json& value = array[i];
    if (value.is_boolean()) {
      values.emplace_back(std::int64_t{value.get<bool>()});
    } else if (value.is_number_integer() && definition.key[i].type != sql::Type::double_precision) {
      values.emplace_back(value.get<std::int64_t>());
    } else if (value.is_number()) {
      values.emplace_back(value.get<double>());
    } else if (value.is_string()) {
      const auto& text = value.get_ref<const std::string&>();
      const sql::Type type = definition.key[i].type;
      if (type == sql::Type::bigint || type == sql::Type::integer) {
        std::int64_t number = 0;
        std::from_chars(text.data(), text.data() + text.size(), number);
        values.emplace_back(number);
      } else if (type == sql::Type::bytea) {
        const std::string bytes = from_base64(text).value_or("");
        const auto* data = reinterpret_cast<const std::byte*>(bytes.data());
        values.emplace_back(Bytes(data, data + bytes.size()));
      } else {
        values.emplace_back(text);
      }
    } else {
      values.emplace_back(value.dump());
    }
  }
  return values;
}

Value value_of_text(sql::Type type, std::string_view text) {
  if (type == sql::Type::boolean) {
    return std::int64_t{text == "true"};
  }
  if (type == sql::Type::integer || type == sql::Type::bigint) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }
  return std::string(text);
}

std::string key_of_object(const Definition& definition, std::string_view object) {
  constexpr std::size_t bytes_max = 64 * 1024;
  const auto refuse = [&](std::string_view what) -> Error {
    std::string example;
    for (const Definition::Column& column : definition.key) {
      example += fmt::format("{}\"{}\":...", example.empty() ? "" : ",", column.name);
    }
    return Error(ErrorCode::invalid_input,
                 fmt::format("the key of a row of {} {}", definition.table_name, what),
                 fmt::format("write it as {{{}}}", example));
  };
  nlohmann::json parsed =
      object.size() > bytes_max ? nlohmann::json() : nlohmann::json::parse(object, nullptr, false);
  if (!parsed.is_object() && definition.key.size() == 1 && !object.empty() && object.size() <= bytes_max) {
    parsed = {{definition.key[0].name, std::string(object)}};  // of one column the value alone is enough
  }
  if (!parsed.is_object() || parsed.size() != definition.key.size()) {
    throw refuse("is an object with the columns of its primary key");
  }
  std::string key = "[";
  for (const Definition::Column& column : definition.key) {
    const auto member = parsed.find(column.name);
    if (member == parsed.end() || member->is_structured() || member->is_null()) {
      throw refuse(fmt::format("has no value for {}", column.name));
    }
    Value value;
    if (column.type == sql::Type::double_precision) {
      const nlohmann::json number =
          member->is_string() ? nlohmann::json::parse(member->get<std::string>(), nullptr, false) : *member;
      if (!number.is_number()) throw refuse(fmt::format("has no number as {}", column.name));
      value = number.get<double>();
    } else {
      const std::string typed = member->is_string() ? member->get<std::string>() : member->dump();
      if (typed.find('\0') != std::string::npos) throw refuse("holds U+0000, which no row does");
      value = value_of_text(column.type, canonical_text(column, typed));
    }
    key += key.size() > 1 ? "," : "";
    journal::append_value_json(column.type, ValueView::of(value), key);
  }
  return key + "]";
}

std::string key_object(const Definition& definition, std::string_view key) {
  const nlohmann::json array = nlohmann::json::parse(key, nullptr, false);
  std::map<std::string, std::string> members;
  for (std::size_t i = 0; array.is_array() && i < array.size() && i < definition.key.size(); ++i) {
    members.emplace(definition.key[i].name, array[i].dump());
  }
  std::string out = "{";
  for (const auto& [name, value] : members) {
    out += out.size() > 1 ? "," : "";
    json::append_canonical_string(name, out);
    out += ":" + value;
  }
  return out + "}";
}

}  // namespace reeve::search
