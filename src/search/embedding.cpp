#include "search/embedding.h"

#include "search/keeper.h"
#include "sql/names.h"
#include "vectors/stored_vector.h"

#include "search/select_indexed_rows_sql.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::search {

std::string embedded_text(const Definition& definition, journal::Row row) {
  std::vector<const Definition::Column*> columns;
  for (const Definition::Column& column : definition.text) columns.push_back(&column);
  std::stable_sort(columns.begin(), columns.end(),
                   [](const auto* left, const auto* right) { return left->weight > right->weight; });
  std::string text;
  for (const Definition::Column* column : columns) {
    const std::string part = searched_text(column->type, row[column->place]);
    if (part.find_first_not_of(" \t\r\n") != std::string::npos) {
      text += (text.empty() ? "" : "\n\n") + part;
    }
  }
  return text;
}

std::string hash_of_text(std::string_view text) {
  return to_hex(Hasher("reeve embedded text/1").text(text).finish());
}

namespace {

struct StoredVector {
  std::string model;
  std::string text_hash;
  bool is_vector = false;
  bool is_failure = false;
};

/// All of the table of vectors, in order of the key.
class StoredVectors {
 public:
  StoredVectors(engine::Connection& connection, const Definition& definition)
      : maker_(definition),
        bytes_(static_cast<std::int64_t>(
            vectors::stored_bytes(vectors::Kind::vector, definition.embedding->dimensions))) {
    const std::vector<float> zero(definition.embedding->dimensions);
    header_ = vectors::encode_vector(zero).substr(0, vectors::header_bytes);
    std::string keys;
    for (const Definition::Column& column : definition.key) {
      keys += (keys.empty() ? "" : ", ") + sql::quoted_for_postgres(column.name);
    }
    std::string from = sql::quoted_for_postgres(definition.embedding->table_name);
    if (connection.engine() == engine::Engine::postgres) {
      from += fmt::format(" WHERE ledger_id = '{}'", connection.ledger());
    }
    // Of the bytes their beginning and their number are enough: a reader that another statement interrupts is buffered.
    const std::string shape =
        fmt::format("substr(embedding, 1, {}), {}(embedding)", vectors::header_bytes,
                    connection.engine() == engine::Engine::sqlite ? "length" : "octet_length");
    rows_ = connection.prepare(fmt::format(fmt::runtime(embedded::select_indexed_rows_sql),
                                           keys + ", model, text_hash, failure, " + shape, from, keys),
                               false);
    key_.resize(definition.key.size());
  }

  bool next() {
    if (!rows_.step()) {
      return false;
    }
    for (std::size_t i = 0; i < key_.size(); ++i) key_[i] = rows_.column(static_cast<int>(i)).to_value();
    const auto first = static_cast<int>(key_.size());
    const auto text = [&](int column) {
      const ValueView value = rows_.column(first + column);
      return value.is_null() ? std::string() : std::string(value.text());
    };
    vector.model = text(0);
    vector.text_hash = text(1);
    vector.is_failure = !rows_.column(first + 2).is_null();
    vector.is_vector = !rows_.column(first + 3).is_null() && rows_.bytes(first + 3) == header_ &&
                       rows_.integer(first + 4) == bytes_;
    return true;
  }

  std::string key() const {
    std::vector<ValueView> views;
    for (const Value& value : key_) views.push_back(ValueView::of(value));
    return maker_.key_of(views);
  }

  StoredVector vector;

 private:
  DocumentMaker maker_;
  std::string header_;
  std::int64_t bytes_;
  engine::Statement rows_;
  std::vector<Value> key_;
};

Freshness freshness_of(const StoredVector& vector, std::string_view text_hash, std::string_view model) {
  if (vector.text_hash != text_hash || vector.model != model) return Freshness::stale;
  if (vector.is_vector) return Freshness::fresh;
  return vector.is_failure ? Freshness::failed : Freshness::stale;
}

}  // namespace

void each_embedded_row(engine::Connection& connection, const journal::Layout& layout,
                       const Definition& definition, const std::string& model,
                       const std::function<void(const EmbeddedRow&)>& take) {
  const DocumentMaker maker(definition);
  // Both are read in order of the key, and no vector is without its row: one walk meets all.
  StoredVectors vectors(connection, definition);
  bool has_vector = vectors.next();
  RowReader(connection, layout, definition).each([&](journal::Row row) {
    const std::string key = maker.key_of(row);
    const bool is_its = has_vector && vectors.key() == key;
    const std::string text = embedded_text(definition, row);
    if (!text.empty()) {
      const std::string text_hash = hash_of_text(text);
      take({key, text, text_hash,
            is_its ? freshness_of(vectors.vector, text_hash, model) : Freshness::missing});
    }
    if (is_its) has_vector = vectors.next();
  });
}

}  // namespace reeve::search
