#include "state/state_hash.h"

#include "base/hash_many.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace reeve::state {

namespace {

constexpr std::string_view row_domain = "reeve.row.1";
/// So many rows are hashed together; their bytes fit into the processor's first cache.
constexpr std::size_t waiting_max = 64;

template <typename T>
void append_little_endian(T number, std::string& out) {
  static_assert(std::endian::native == std::endian::little);
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void append_text(std::string_view text, std::string& out) {
  append_little_endian(static_cast<std::uint32_t>(text.size()), out);
  out.append(text);
}

/// Types that may be widened into each other without a change of rows share a tag.
std::uint8_t tag_of(sql::Type type) {
  switch (type) {
    case sql::Type::boolean: return 1;
    case sql::Type::integer:
    case sql::Type::bigint: return 2;
    case sql::Type::double_precision: return 3;
    case sql::Type::text:
    case sql::Type::interval:  // Never stored.
    case sql::Type::unknown: return 4;
    case sql::Type::uuid: return 5;
    case sql::Type::date: return 6;
    case sql::Type::timestamptz: return 7;
    case sql::Type::jsonb: return 8;
    case sql::Type::bytea: return 9;
  }
  return 0;
}

}  // namespace

RowEncoder::RowEncoder(const journal::Layout& layout) {
  for (const journal::TableLayout& table : layout.tables) {
    Table entry;
    append_text(row_domain, entry.prefix);
    append_text(table.name, entry.prefix);
    append_little_endian(static_cast<std::uint32_t>(table.key.size()), entry.prefix);
    const auto add = [&](int place) {
      Column column{place, tag_of(table.column(place).type), {}};
      append_text(table.column(place).name, column.prefix);
      entry.columns.push_back(std::move(column));
    };
    std::for_each(table.key.begin(), table.key.end(), add);
    std::for_each(table.rest.begin(), table.rest.end(), add);
    tables_.push_back(std::move(entry));
  }
}

void RowEncoder::append_value(std::uint8_t tag, const ValueView& value, std::string& out) {
  out.push_back(static_cast<char>(tag));
  switch (value.kind()) {
    case ValueView::Kind::integer: append_little_endian(value.integer(), out); return;
    case ValueView::Kind::real:
      append_little_endian(std::bit_cast<std::uint64_t>(value.real() + 0.0), out);  // -0 becomes 0
      return;
    case ValueView::Kind::text:
    case ValueView::Kind::bytes: append_text(value.text(), out); return;
    case ValueView::Kind::null: return;
  }
}

void RowEncoder::append(int table, journal::Row row, std::string& out) const {
  const Table& entry = tables_[static_cast<std::size_t>(table)];
  out.append(entry.prefix);
  for (const Column& column : entry.columns) {
    if (!row[column.place].is_null()) {
      out.append(column.prefix);
      append_value(column.tag, row[column.place], out);
    }
  }
}

StateSums::StateSums(const journal::Layout& layout)
    : layout_(&layout),
      encoder_(layout),
      sums_(layout.tables.size(), TableSum{}),
      digests_(layout.tables.size()),
      stale_(layout.tables.size(), true),
      zero_(layout.tables.size(), true) {}

void StateSums::append(int table, journal::Row row, bool add) {
  encoder_.append(table, row, buffer_);
  waiting_.push_back({table, add, buffer_.size()});
  ++rows_hashed_;
}

void StateSums::change(int table, journal::Row before, journal::Row after) {
  if (before != nullptr) {
    append(table, before, false);
  }
  if (after != nullptr) {
    append(table, after, true);
  }
  stale_[static_cast<std::size_t>(table)] = true;
  if (waiting_.size() >= waiting_max) {
    settle();
  }
}

void StateSums::settle() {
  if (waiting_.empty()) {
    return;
  }
  messages_.clear();
  std::size_t begin = 0;
  for (const Waiting& row : waiting_) {
    messages_.push_back(std::string_view(buffer_).substr(begin, row.end - begin));
    begin = row.end;
  }
  message_digests_.resize(messages_.size());
  hash_many(messages_, message_digests_);
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    TableSum& sum = sums_[static_cast<std::size_t>(waiting_[i].table)];
    waiting_[i].add ? add_expansion(message_digests_[i], sum) : subtract_expansion(message_digests_[i], sum);
  }
  waiting_.clear();
  buffer_.clear();
}

void StateSums::refresh_digests() {
  static constexpr std::string_view domain = "reeve.sum.1";
  std::vector<std::size_t> tables;
  for (std::size_t table = 0; table < sums_.size(); ++table) {
    if (stale_[table]) {
      tables.push_back(table);
      zero_[table] = sums_[table] == TableSum{};
      append_little_endian(std::uint64_t{domain.size()}, buffer_);
      buffer_.append(domain).append(static_cast<const char*>(sums_[table].data()), sizeof(TableSum));
      stale_[table] = false;
    }
  }
  const std::size_t bytes = sizeof(std::uint64_t) + domain.size() + sizeof(TableSum);
  messages_.clear();
  for (std::size_t i = 0; i < tables.size(); ++i) {
    messages_.push_back(std::string_view(buffer_).substr(i * bytes, bytes));
  }
  message_digests_.resize(tables.size());
  hash_many(messages_, message_digests_);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    digests_[tables[i]] = message_digests_[i];
  }
  buffer_.clear();
}

Digest StateSums::state_hash() {
  settle();
  refresh_digests();
  Hasher root("reeve.state.1");
  for (std::size_t table = 0; table < sums_.size(); ++table) {
    if (!zero_[table]) {
      root.text(layout_->tables[table].name).digest(digests_[table]);
    }
  }
  return root.finish();
}

const TableSum& StateSums::sum(int table) {
  settle();
  return sums_[static_cast<std::size_t>(table)];
}

void StateSums::set_sum(int table, const TableSum& sum) {
  settle();
  sums_[static_cast<std::size_t>(table)] = sum;
  stale_[static_cast<std::size_t>(table)] = true;
}

void StateSums::clear() {
  waiting_.clear();
  buffer_.clear();
  for (std::size_t table = 0; table < sums_.size(); ++table) {
    set_sum(static_cast<int>(table), TableSum{});
  }
}

}  // namespace reeve::state
