#include "search/vector_copy.h"

#include "engine/array.h"
#include "sql/names.h"
#include "vectors/stored_vector.h"

#include "search/postgres_create_copies_sql.h"
#include "search/postgres_create_copy_index_sql.h"
#include "search/postgres_create_copy_sql.h"
#include "search/postgres_delete_copied_sql.h"
#include "search/postgres_delete_copy_sql.h"
#include "search/postgres_drop_copy_sql.h"
#include "search/postgres_give_copy_up_sql.h"
#include "search/postgres_has_copies_sql.h"
#include "search/postgres_insert_copied_sql.h"
#include "search/postgres_insert_copy_sql.h"
#include "search/postgres_lock_copies_sql.h"
#include "search/postgres_select_copied_sql.h"
#include "search/postgres_select_copies_sql.h"
#include "search/postgres_select_nearest_copied_sql.h"
#include "search/postgres_select_pgvector_sql.h"
#include "search/postgres_set_candidates_back_sql.h"
#include "search/postgres_set_candidates_sql.h"
#include "search/postgres_update_copy_place_sql.h"
#include "search/postgres_update_copy_places_sql.h"

#include <fmt/format.h>

#include <charconv>

namespace reeve::search {

namespace {

/// As pgvector reads it: the shortest digits that give the same float.
std::string text_of(std::span<const float> vector) { return fmt::format("[{}]", fmt::join(vector, ",")); }

std::vector<float> vector_of(std::string_view text) {
  std::vector<float> vector;
  const char* at = text.data() + 1;
  const char* const end = text.data() + text.size();
  while (at < end) {
    float& component = vector.emplace_back();
    const auto [after, failed] = std::from_chars(at, end, component);
    ensure(failed == std::errc(), "pgvector writes floats");
    at = after + 1;  // behind the comma or the bracket
  }
  return vector;
}

std::string_view operator_of(vectors::Metric metric) {
  switch (metric) {
    case vectors::Metric::cosine: return "<=>";
    case vectors::Metric::inner_product: return "<#>";
    case vectors::Metric::l2: return "<->";
  }
  return "";
}

std::string_view operator_class_of(vectors::Metric metric) {
  switch (metric) {
    case vectors::Metric::cosine: return "vector_cosine_ops";
    case vectors::Metric::inner_product: return "vector_ip_ops";
    case vectors::Metric::l2: return "vector_l2_ops";
  }
  return "";
}

std::string schema_of(const StoredCopy& copy) { return sql::quoted_for_postgres(copy.schema); }

}  // namespace

std::string copy_definition(const Definition& definition) {
  Hasher hasher("reeve vector copy/1");
  hasher.text(definition.embedding->table_name)
      .text(std::to_string(definition.embedding->dimensions))
      .text(vectors::name_of(definition.embedding->metric));
  for (const Definition::Column& column : definition.key) {
    hasher.text(column.name).text(sql::name_of(column.type));
  }
  return to_hex(hasher.finish());
}

std::string unfit(const StoredCopy& copy, const Definition& definition, const journal::Head& head) {
  if (copy.definition.empty()) return "more vectors changed at once than it is brought up by";
  if (!copy.is_usable()) return "its table is gone, or pgvector is";
  if (copy.definition != copy_definition(definition)) return "it is of vectors as they were declared before";
  if (!copy.is_at(head)) return fmt::format("it is of event {}, and not of {}", copy.sequence, head.sequence);
  if (!copy.is_indexed) return "its index is not there, or was not finished";
  return {};
}

VectorCopies::VectorCopies(engine::Connection& connection)
    : connection_(connection), is_file_(connection.engine() == engine::Engine::sqlite) {}

engine::Statement VectorCopies::prepare(std::string_view sql) {
  engine::Statement statement = connection_.prepare(sql);
  statement.bind_text(1, connection_.ledger());
  return statement;
}

bool VectorCopies::has_any() {
  if (!is_file_ && !has_any_) {
    engine::Statement row = connection_.prepare(embedded::postgres_has_copies_sql);
    has_any_ = row.step() && row.integer(0) > 0;
  }
  return has_any_;
}

std::vector<StoredCopy> VectorCopies::stored() {
  std::vector<StoredCopy> copies;
  if (has_any()) {
    engine::Statement row = prepare(embedded::postgres_select_copies_sql);
    while (row.step()) {
      copies.push_back({std::string(row.text(0)), row.integer(1), std::string(row.text(2)), row.integer(3),
                        std::string(row.text(4)), row.integer(5), std::string(row.text(6)),
                        row.integer(7) != 0});
    }
  }
  return copies;
}

std::optional<StoredCopy> VectorCopies::find(const std::string& index) {
  for (StoredCopy& copy : stored()) {
    if (copy.index == index) return std::move(copy);
  }
  return std::nullopt;
}

bool VectorCopies::is_possible(const Definition& definition) {
  return !is_file_ && definition.embedding->dimensions <= copied_dimensions_max &&
         connection_.prepare(embedded::postgres_select_pgvector_sql, false).step();
}

StoredCopy VectorCopies::make(const Definition& definition, const journal::Head& head) {
  if (is_file_) {
    throw Error(ErrorCode::invalid_input, "a file has no server that could search its vectors",
                "leave them to the process");
  }
  if (definition.embedding->dimensions > copied_dimensions_max) {
    throw Error(
        ErrorCode::invalid_input,
        fmt::format("the vectors of the search index {} have {} dimensions, pgvector's index takes {}",
                    definition.name, definition.embedding->dimensions, copied_dimensions_max),
        "leave them to the process");
  }
  connection_.execute(embedded::postgres_lock_copies_sql);
  engine::Statement row = connection_.prepare(embedded::postgres_select_pgvector_sql, false);
  if (!row.step()) {
    throw Error(ErrorCode::bad_statement, "the database has no pgvector 0.5.0 or newer",
                "run CREATE EXTENSION vector as a superuser, where the server has it installed");
  }
  StoredCopy copy{definition.name,
                  row.integer(1),
                  copy_definition(definition),
                  head.sequence,
                  to_hex(head.chain_hash),
                  0,
                  std::string(row.text(0)),
                  false};
  row.reset();
  if (!has_any()) {
    connection_.execute(embedded::postgres_create_copies_sql);
  }
  connection_.execute(fmt::format(fmt::runtime(embedded::postgres_create_copy_sql), copy.number,
                                  schema_of(copy), definition.embedding->dimensions));
  engine::Statement insert = prepare(embedded::postgres_insert_copy_sql);
  insert.bind_text(2, copy.index);
  insert.bind_integer(3, copy.number);
  insert.bind_text(4, copy.definition);
  insert.bind_integer(5, copy.sequence);
  insert.bind_text(6, copy.chain_hash);
  insert.run();
  return copy;
}

void VectorCopies::make_index(const StoredCopy& copy, vectors::Metric metric) {
  connection_.execute(fmt::format(fmt::runtime(embedded::postgres_create_copy_index_sql), copy.number,
                                  schema_of(copy), operator_class_of(metric)));
  connection_.execute(fmt::format("ANALYZE reeve_vectors_{}", copy.number));
}

void VectorCopies::drop(const StoredCopy& copy) {
  forget(copy);
  drop_table(copy);
}

void VectorCopies::drop_table(const StoredCopy& copy) {
  connection_.execute(fmt::format(fmt::runtime(embedded::postgres_drop_copy_sql), copy.number));
}

void VectorCopies::forget(const StoredCopy& copy) {
  engine::Statement row = prepare(embedded::postgres_delete_copy_sql);
  row.bind_integer(2, copy.number);
  row.run();
}

void VectorCopies::write(const StoredCopy& copy, const std::vector<std::string>& gone,
                         const std::vector<std::pair<std::string, std::string>>& come) {
  using Of = engine::Array::Of;
  if (!gone.empty()) {
    engine::Array keys(Of::text);
    for (const std::string& key : gone) keys.add(std::string_view(key));
    engine::Statement remove =
        prepare(fmt::format(fmt::runtime(embedded::postgres_delete_copied_sql), copy.number));
    remove.bind_integer(2, copy.number);
    keys.bind(remove, 3);
    remove.run();
  }
  if (!come.empty()) {
    engine::Array keys(Of::text);
    engine::Array texts(Of::text);
    for (const auto& [key, stored] : come) {
      keys.add(std::string_view(key));
      texts.add(std::string_view(text_of(vectors::decode_vector(stored))));
    }
    engine::Statement insert = prepare(
        fmt::format(fmt::runtime(embedded::postgres_insert_copied_sql), copy.number, schema_of(copy)));
    insert.bind_integer(2, copy.number);
    keys.bind(insert, 3);
    texts.bind(insert, 4);
    insert.run();
  }
}

void VectorCopies::set_place(const StoredCopy& copy, const journal::Head& head) {
  const std::string hash = to_hex(head.chain_hash);
  engine::Statement update = prepare(embedded::postgres_update_copy_place_sql);
  update.bind_integer(2, copy.number);
  update.bind_integer(3, head.sequence);
  update.bind_text(4, hash);
  update.run();
}

void VectorCopies::give_up(const StoredCopy& copy) {
  engine::Statement update = prepare(embedded::postgres_give_copy_up_sql);
  update.bind_integer(2, copy.number);
  update.run();
}

void VectorCopies::move_places(const std::string& from_chain_hash, const journal::Head& head) {
  const std::string hash = to_hex(head.chain_hash);
  engine::Statement update = prepare(embedded::postgres_update_copy_places_sql);
  update.bind_integer(2, head.sequence);
  update.bind_text(3, hash);
  update.bind_text(4, from_chain_hash);
  update.post();
}

void VectorCopies::each(
    const StoredCopy& copy,
    const std::function<void(std::string_view key, const std::vector<float>& vector)>& take) {
  engine::Statement row =
      prepare(fmt::format(fmt::runtime(embedded::postgres_select_copied_sql), copy.number));
  while (row.step()) {
    take(row.text(0), vector_of(row.text(1)));
  }
}

std::optional<std::vector<std::string>> VectorCopies::nearest(const StoredCopy& copy, vectors::Metric metric,
                                                              std::span<const float> vector,
                                                              std::size_t count) {
  ensure(count <= proposed_max, "pgvector is asked for as many as it can find");
  const std::string text = text_of(vector);
  const std::string candidates = std::to_string(count);
  std::vector<std::string> keys;
  connection_.post("SAVEPOINT reeve_nearest");
  try {
    engine::Statement set = connection_.prepare(embedded::postgres_set_candidates_sql);
    set.bind_text(1, candidates);
    set.run();
    engine::Statement row = connection_.prepare(
        fmt::format(fmt::runtime(embedded::postgres_select_nearest_copied_sql), copy.number,
                    connection_.ledger(), schema_of(copy), operator_of(metric), count));
    row.bind_text(1, text);
    while (row.step()) keys.emplace_back(row.text(0));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::bad_statement && error.code() != ErrorCode::denied) {
      throw;
    }
    connection_.execute("ROLLBACK TO reeve_nearest; RELEASE reeve_nearest");
    return std::nullopt;
  }
  connection_.post(embedded::postgres_set_candidates_back_sql);
  connection_.post("RELEASE reeve_nearest");
  return keys;
}

}  // namespace reeve::search
