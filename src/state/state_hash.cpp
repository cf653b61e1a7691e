#include "state/state_hash.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace reeve::state {

namespace {

constexpr std::string_view row_domain = "reeve.row.1";

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

void StateSums::accumulate(int table, journal::Row row, bool add) {
  buffer_.clear();
  encoder_.append(table, row, buffer_);
  Digest digest;
  crypto_generichash_blake2b(digest.data(), digest.size(),
                             reinterpret_cast<const unsigned char*>(buffer_.data()), buffer_.size(), nullptr,
                             0);
  TableSum& sum = sums_[static_cast<std::size_t>(table)];
  add ? add_expansion(digest, sum) : subtract_expansion(digest, sum);
  ++rows_hashed_;
}

void StateSums::change(int table, journal::Row before, journal::Row after) {
  if (before != nullptr) {
    accumulate(table, before, false);
  }
  if (after != nullptr) {
    accumulate(table, after, true);
  }
  stale_[static_cast<std::size_t>(table)] = true;
}

Digest StateSums::state_hash() {
  Hasher root("reeve.state.1");
  for (std::size_t table = 0; table < sums_.size(); ++table) {
    if (stale_[table]) {
      const TableSum& sum = sums_[table];
      zero_[table] = sum == TableSum{};
      digests_[table] = Hasher("reeve.sum.1").raw(sum.data(), sizeof sum).finish();
      stale_[table] = false;
    }
    if (!zero_[table]) {
      root.text(layout_->tables[table].name).digest(digests_[table]);
    }
  }
  return root.finish();
}

void StateSums::set_sum(int table, const TableSum& sum) {
  sums_[static_cast<std::size_t>(table)] = sum;
  stale_[static_cast<std::size_t>(table)] = true;
}

void StateSums::clear() {
  for (std::size_t table = 0; table < sums_.size(); ++table) {
    set_sum(static_cast<int>(table), TableSum{});
  }
}

}  // namespace reeve::state
