#include "journal/changeset.h"

#include "base/base64.h"
#include "base/hash.h"
#include "base/json.h"
#include "journal/varint.h"

#include <reeve/error.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>

namespace reeve::journal {

namespace {

constexpr std::uint8_t tag_null = 0;
constexpr std::uint8_t tag_integer = 1;
constexpr std::uint8_t tag_real = 2;
constexpr std::uint8_t tag_text = 3;
constexpr std::uint8_t tag_bytes = 4;
constexpr std::uint8_t tag_spliced = 5;

/// Below this a splice costs more than it saves.
constexpr std::size_t splice_bytes_min = 48;

void append_value(const ValueView& value, std::string& out) {
  switch (value.kind()) {
    case ValueView::Kind::null: out.push_back(static_cast<char>(tag_null)); return;
    case ValueView::Kind::integer:
      out.push_back(static_cast<char>(tag_integer));
      append_varint(zigzag(value.integer()), out);
      return;
    case ValueView::Kind::real: {
      out.push_back(static_cast<char>(tag_real));
      const auto bits = std::bit_cast<std::uint64_t>(value.real() + 0.0);
      out.append(reinterpret_cast<const char*>(&bits), sizeof bits);
      return;
    }
    case ValueView::Kind::text:
    case ValueView::Kind::bytes:
      out.push_back(static_cast<char>(value.kind() == ValueView::Kind::text ? tag_text : tag_bytes));
      append_varint(value.text().size(), out);
      out.append(value.text());
      return;
  }
}

void append_new_value(const ValueView& old, const ValueView& value, std::string& out) {
  if (old.kind() != ValueView::Kind::text || value.kind() != ValueView::Kind::text ||
      value.text().size() < splice_bytes_min) {
    return append_value(value, out);
  }
  const std::string_view before = old.text();
  const std::string_view after = value.text();
  const std::size_t shorter = std::min(before.size(), after.size());
  const auto prefix = static_cast<std::size_t>(
      std::mismatch(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(shorter), after.begin())
          .first -
      before.begin());
  std::size_t suffix = 0;
  while (suffix < shorter - prefix &&
         before[before.size() - 1 - suffix] == after[after.size() - 1 - suffix]) {
    ++suffix;
  }
  if (prefix + suffix < splice_bytes_min / 2) {
    return append_value(value, out);
  }
  out.push_back(static_cast<char>(tag_spliced));
  append_varint(prefix, out);
  append_varint(suffix, out);
  append_varint(after.size() - prefix - suffix, out);
  out.append(after.substr(prefix, after.size() - prefix - suffix));
}

/// A bit for each of the other columns, by name, for which `present` holds.
template <typename Present>
void append_mask(const TableLayout& table, std::string& out, Present present) {
  unsigned byte = 0;
  unsigned bit = 0;
  for (const int place : table.rest) {
    byte |= static_cast<unsigned>(present(place)) << bit;
    if (++bit == 8) {
      out.push_back(static_cast<char>(byte));
      byte = 0;
      bit = 0;
    }
  }
  if (bit != 0) {
    out.push_back(static_cast<char>(byte));
  }
}

void append_change(const Layout& layout, const Change& change, std::string& out) {
  using Operation = StoredChange::Operation;
  const TableLayout& table = layout.table(change.table);
  const Operation operation = change.before == nullptr  ? Operation::insert
                              : change.after == nullptr ? Operation::remove
                                                        : Operation::update;
  append_varint(static_cast<std::uint64_t>(change.table) * 4 + static_cast<std::uint64_t>(operation), out);
  const Row row = change.any();
  for (const int place : table.key) {
    append_value(row[place], out);
  }
  if (operation == Operation::update) {
    append_mask(table, out, [&](int place) { return !(change.before[place] == change.after[place]); });
    for (const int place : table.rest) {
      if (!(change.before[place] == change.after[place])) {
        append_value(change.before[place], out);
        append_new_value(change.before[place], change.after[place], out);
      }
    }
    return;
  }
  append_mask(table, out, [&](int place) { return !row[place].is_null(); });
  for (const int place : table.rest) {
    if (!row[place].is_null()) {
      append_value(row[place], out);
    }
  }
}

}  // namespace

std::strong_ordering compare_values(const ValueView& left, const ValueView& right) {
  if (left.kind() != right.kind()) {
    return left.kind() <=> right.kind();
  }
  switch (left.kind()) {
    case ValueView::Kind::null: return std::strong_ordering::equal;
    case ValueView::Kind::integer: return left.integer() <=> right.integer();
    case ValueView::Kind::real:
      return left.real() < right.real()   ? std::strong_ordering::less
             : left.real() > right.real() ? std::strong_ordering::greater
                                          : std::strong_ordering::equal;
    case ValueView::Kind::text:
    case ValueView::Kind::bytes: return left.text() <=> right.text();
  }
  return std::strong_ordering::equal;
}

std::strong_ordering compare_keys(const TableLayout& table, Row left, Row right) {
  for (const int place : table.key) {
    const auto order = compare_values(left[place], right[place]);
    if (order != std::strong_ordering::equal) {
      return order;
    }
  }
  return std::strong_ordering::equal;
}

bool equal_rows(const TableLayout& table, Row left, Row right) {
  return std::equal(left, left + table.columns.size(), right);
}

void append_changeset(const Layout& layout, std::span<const Change> changes, std::string& out) {
  for (const Change& change : changes) {
    append_change(layout, change, out);
  }
}

void ChangesetReader::corrupt(const char* what) {
  throw Error(ErrorCode::corrupt, std::string("a stored changeset is damaged: ") + what);
}

std::string_view ChangesetReader::take(std::size_t size) {
  if (size > rest_.size()) {
    corrupt("it ends early");
  }
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::uint64_t ChangesetReader::varint() {
  const auto number = take_varint(rest_);
  if (!number) {
    corrupt("an integer ends early or is too long");
  }
  return *number;
}

ValueView ChangesetReader::value() {
  switch (static_cast<std::uint8_t>(take(1)[0])) {
    case tag_null: return {};
    case tag_integer: return ValueView::of(unzigzag(varint()));
    case tag_real: {
      std::uint64_t bits = 0;
      std::memcpy(&bits, take(sizeof bits).data(), sizeof bits);
      const auto number = std::bit_cast<double>(bits);
      if (!std::isfinite(number)) {
        corrupt("a number that is not finite");
      }
      return ValueView::of(number);
    }
    case tag_text: {
      const std::uint64_t size = varint();
      return ValueView::of(take(size));
    }
    case tag_bytes: {
      const std::uint64_t size = varint();
      const std::string_view bytes = take(size);
      return ValueView::of_bytes(bytes.data(), bytes.size());
    }
    default: corrupt("an unknown tag");
  }
}

ValueView ChangesetReader::spliced(std::string_view old) {
  const std::uint64_t prefix = varint();
  const std::uint64_t suffix = varint();
  const std::uint64_t size = varint();
  const std::string_view middle = take(size);
  if (prefix > old.size() || suffix > old.size() - prefix) {
    corrupt("a splice is longer than its text");
  }
  std::string text;
  text.reserve(prefix + middle.size() + suffix);
  text.append(old.substr(0, prefix)).append(middle).append(old.substr(old.size() - suffix));
  texts_.push_back(std::move(text));
  return ValueView::of(std::string_view(texts_.back()));
}

bool ChangesetReader::next(StoredChange& change) {
  using Operation = StoredChange::Operation;
  if (rest_.empty()) {
    return false;
  }
  texts_.clear();
  change.key.clear();
  change.columns.clear();
  change.before.clear();
  change.after.clear();
  const std::uint64_t head = varint();
  if (head / 4 >= layout_.tables.size() || head % 4 > 2) {
    corrupt("an unknown table or operation");
  }
  change.table = static_cast<int>(head / 4);
  change.operation = static_cast<Operation>(head % 4);
  const TableLayout& table = layout_.table(change.table);
  texts_.reserve(table.columns.size());  // views into its strings must stay
  for (std::size_t i = 0; i < table.key.size(); ++i) {
    change.key.push_back(value());
  }
  const std::string_view mask = take((table.rest.size() + 7) / 8);
  for (std::size_t i = 0; i < mask.size() * 8; ++i) {
    if ((static_cast<unsigned char>(mask[i / 8]) >> (i % 8) & 1) != 0) {
      if (i >= table.rest.size()) {
        corrupt("a mask names a column that does not exist");
      }
      change.columns.push_back(table.rest[i]);
    }
  }
  for (std::size_t i = 0; i < change.columns.size(); ++i) {
    if (change.operation != Operation::insert) {
      change.before.push_back(value());
    }
    if (change.operation == Operation::update && !rest_.empty() &&
        static_cast<std::uint8_t>(rest_.front()) == tag_spliced) {
      take(1);
      if (change.before.back().kind() != ValueView::Kind::text) {
        corrupt("a splice of what is no text");
      }
      change.after.push_back(spliced(change.before.back().text()));
    } else if (change.operation != Operation::remove) {
      change.after.push_back(value());
    }
  }
  return true;
}

void append_value_json(sql::Type type, const ValueView& value, std::string& out) {
  switch (value.kind()) {
    case ValueView::Kind::null: out += "null"; return;
    case ValueView::Kind::integer:
      if (type == sql::Type::boolean) {
        out += value.integer() != 0 ? "true" : "false";
      } else if (value.integer() > (std::int64_t{1} << 53) || value.integer() < -(std::int64_t{1} << 53)) {
        out += '"' + std::to_string(value.integer()) + '"';
      } else {
        out += std::to_string(value.integer());
      }
      return;
    case ValueView::Kind::real: json::append_canonical_number(value.real(), out); return;
    case ValueView::Kind::text:
      if (type == sql::Type::jsonb) {
        out += value.text();
      } else {
        json::append_canonical_string(value.text(), out);
      }
      return;
    case ValueView::Kind::bytes: out += '"' + to_base64(value.text()) + '"'; return;
  }
}

std::string changeset_json(const Layout& layout, std::string_view bytes) {
  static constexpr std::string_view operations[] = {"insert", "update", "remove"};
  std::string out = "[";
  ChangesetReader reader(layout, bytes);
  StoredChange change;
  while (reader.next(change)) {
    const TableLayout& table = layout.table(change.table);
    const auto append_columns = [&](std::string_view name, const std::vector<int>& places,
                                    const std::vector<ValueView>& values) {
      if (values.empty()) {
        return;
      }
      json::append_canonical_string(name, out);
      out += ":{";
      std::vector<std::size_t> by_name(values.size());
      std::iota(by_name.begin(), by_name.end(), std::size_t{0});
      std::sort(by_name.begin(), by_name.end(), [&](std::size_t left, std::size_t right) {
        return json::member_less(table.column(places[left]).name, table.column(places[right]).name);
      });
      for (const std::size_t i : by_name) {
        out += i == by_name.front() ? "" : ",";
        const ColumnLayout& column = table.column(places[i]);
        json::append_canonical_string(column.name, out);
        out += ':';
        append_value_json(column.type, values[i], out);
      }
      out += "},";
    };
    out += out.size() == 1 ? "{" : ",{";
    append_columns("after", change.columns, change.after);
    append_columns("before", change.columns, change.before);
    append_columns("key", table.key, change.key);
    out += "\"operation\":\"";
    out += operations[static_cast<std::size_t>(change.operation)];
    out += "\",\"table\":";
    json::append_canonical_string(table.name, out);
    out += '}';
  }
  return out + "]";
}

std::optional<std::string_view> changeset_at(std::string_view changesets, std::int64_t place) {
  std::optional<std::string_view> taken;
  for (std::int64_t i = 0; i <= place; ++i) {
    taken = take_sized(changesets);
    if (!taken) {
      return std::nullopt;
    }
  }
  return taken;
}

std::string schema_changeset_json(const Layout& before, const Layout& after, std::string_view changeset) {
  const auto removed = take_sized(changeset);
  if (!removed) {
    throw Error(ErrorCode::corrupt, "the changeset of a migration is damaged");
  }
  std::string removals = changeset_json(before, *removed);
  const std::string inserts = changeset_json(after, changeset);
  if (removals.size() > 2 && inserts.size() > 2) {
    removals.back() = ',';
    return removals + inserts.substr(1);
  }
  return removals.size() > 2 ? removals : inserts;
}

}  // namespace reeve::journal
