#include "engine/postgres_capture.h"

#include "engine/capture.h"
#include "engine/postgres_capture_sql.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::engine {

std::string_view capture_schema() { return embedded::postgres_capture_sql; }

void PostgresCapture::bind(Statement& drain, std::string_view ledger) {
  ensure(!ledger.empty(), "changes were drained of a connection that is bound to no ledger");
  // A new connection may be one to a server that crashed: the ordinals of an unlogged table begin anew.
  if (connection_ != session_.connection_number() || ledger_ != ledger) {
    connection_ = session_.connection_number();
    ledger_ = ledger;
    last_ordinal_ = 0;
  }
  drain.bind_text(1, ledger);
  drain.bind_integer(2, last_ordinal_);
}

const char* PostgresCapture::stable_name(std::string_view table) {
  auto known = names_.find(table);
  if (known == names_.end()) {
    known = names_.emplace(table).first;
  }
  return known->c_str();
}

void PostgresCapture::decode(const PGresult* rows, int row, int column, std::string_view table,
                             std::string_view ledger, Image& image) {
  std::string_view data(PQgetvalue(rows, row, column),
                        static_cast<std::size_t>(PQgetlength(rows, row, column)));
  const auto take = [&data](std::size_t size) {
    ensure(size <= data.size(), "a captured row is cut short");
    const std::string_view taken = data.substr(0, size);
    data.remove_prefix(size);
    return taken;
  };
  const std::int32_t count = read_int32(take(4).data());
  image.values.assign(static_cast<std::size_t>(std::max(count - 1, 0)), {});
  image.places.resize(image.values.size());
  for (std::int32_t i = 0; i < count; ++i) {
    const auto type = static_cast<Oid>(read_int32(take(4).data()));
    const std::int32_t size = read_int32(take(4).data());
    if (size < 0) {
      continue;
    }
    const std::string_view bytes = take(static_cast<std::size_t>(size));
    const auto place = static_cast<std::size_t>(i) - 1;
    ValueView value;
    if (!session_.decoder().decode(type, bytes, i == 0 ? id_place_ : image.places[place], value)) {
      throw Error(ErrorCode::type_mismatch,
                  fmt::format("column {} of table {} holds no value of Reeve's types", i + 1, table));
    }
    if (i == 0) {
      ensure(type == oid::uuid && value.text() == ledger,
             "the first column of a captured row is no ledger_id");
    } else {
      image.values[place] = value;
    }
  }
}

void PostgresCapture::report(const PGresult* rows, std::string_view ledger, ChangeSink* sink) {
  order_.clear();
  for (int row = 0; row < PQntuples(rows); ++row) {
    order_.emplace_back(read_int64(PQgetvalue(rows, row, 0)), row);
  }
  std::sort(order_.begin(), order_.end());
  for (const auto& [ordinal, row] : order_) {
    last_ordinal_ = std::max(last_ordinal_, ordinal);
    if (sink == nullptr) {
      continue;
    }
    const std::string_view table(PQgetvalue(rows, row, 1),
                                 static_cast<std::size_t>(PQgetlength(rows, row, 1)));
    report_row(rows, row, 2, stable_name(table), ledger, *sink);
  }
}

std::int64_t PostgresCapture::report_returned(const PGresult* rows, std::string_view table,
                                              std::string_view ledger, ChangeSink& sink) {
  const char* name = stable_name(table);
  std::int64_t before = 0;
  std::int64_t after = 0;
  for (int row = 0; row < PQntuples(rows); ++row) {
    const bool has_before = PQgetisnull(rows, row, 0) == 0;
    before += has_before ? 1 : 0;
    after += PQgetisnull(rows, row, 1) == 0 ? 1 : 0;
    if (has_before) {
      report_row(rows, row, 0, name, ledger, sink);
    }
  }
  for (int row = 0; row < PQntuples(rows); ++row) {
    if (PQgetisnull(rows, row, 0) != 0) {
      report_row(rows, row, 0, name, ledger, sink);
    }
  }
  ensure(before == 0 || after == 0 || before == after, "an UPDATE returns as many rows before as after");
  return std::max(before, after);
}

void PostgresCapture::report_row(const PGresult* rows, int row, int before_column, const char* table,
                                 std::string_view ledger, ChangeSink& sink) {
  const bool has_before = PQgetisnull(rows, row, before_column) == 0;
  const bool has_after = PQgetisnull(rows, row, before_column + 1) == 0;
  RowChange change;
  change.operation = !has_before  ? RowChange::Operation::insert
                     : !has_after ? RowChange::Operation::remove
                                  : RowChange::Operation::update;
  change.table = table;
  if (has_before) {
    decode(rows, row, before_column, table, ledger, before_);
    change.before_values = before_.values.data();
    change.column_count = static_cast<int>(before_.values.size());
  }
  if (has_after) {
    decode(rows, row, before_column + 1, table, ledger, after_);
    change.after_values = after_.values.data();
    change.column_count = static_cast<int>(after_.values.size());
  }
  sink.on_change(change);
}

}  // namespace reeve::engine
