#include "search/copy_keeper.h"

#include "search/changed_keys.h"
#include "search/vector_table.h"
#include "vectors/stored_vector.h"

#include <algorithm>
#include <map>
#include <set>

namespace reeve::search {

namespace {

/// So many rows are written at once.
constexpr std::size_t rows_at_once = 256;
/// More to be taken up at once (each takes the server some milliseconds): `reeve search rebuild` makes the copy anew instead.
constexpr std::size_t changes_max = 20'000;

Digest digest_of(std::string_view stored) { return Hasher("reeve copied vector/1").text(stored).finish(); }

}  // namespace

bool compare_copy(engine::Connection& connection, const Definition& definition, const StoredCopy& copy,
                  const std::function<bool(CopyDifference difference)>& take) {
  std::map<std::string, Digest> copied;
  VectorCopies(connection).each(copy, [&](std::string_view key, const std::vector<float>& vector) {
    copied.emplace(key, digest_of(vectors::encode_vector(vector)));
  });
  bool goes_on = true;
  VectorTable(connection, definition, {}, {}).each([&](const VectorRow& row) {
    const auto found = copied.find(std::string(row.key));
    if (!goes_on) {
      return;
    }
    if (found == copied.end()) {
      goes_on = take({CopyDifference::Kind::missing, std::string(row.key)});
      return;
    }
    if (found->second != digest_of(row.embedding)) {
      goes_on = take({CopyDifference::Kind::stale, std::string(row.key)});
    }
    copied.erase(found);
  });
  for (auto extra = copied.begin(); goes_on && extra != copied.end(); ++extra) {
    goes_on = take({CopyDifference::Kind::extra, extra->first});
  }
  return goes_on;
}

CopyKeeper::CopyKeeper(engine::Connection& connection, const journal::Layout& layout,
                       std::vector<const Definition*> definitions)
    : connection_(connection), layout_(layout), definitions_(std::move(definitions)), copies_(connection) {}

void CopyKeeper::bring_up(const journal::Head& head) {
  if (definitions_.empty()) {
    return;
  }
  const std::vector<StoredCopy> stored = copies_.stored();
  for (const Definition* definition : definitions_) {
    for (const StoredCopy& copy : stored) {
      if (copy.index == definition->name) bring_up(*definition, copy, head);
    }
  }
  is_known_ = true;
  has_changed_ = false;
  at_ = to_hex(head.chain_hash);
}

void CopyKeeper::bring_up(const Definition& definition, const StoredCopy& copy, const journal::Head& head) {
  if (!copy.is_usable() || copy.definition != copy_definition(definition) || copy.is_at(head)) {
    return;
  }
  if (take_changes(definition, copy) || take_differences(definition, copy)) {
    copies_.set_place(copy, head);
  } else {
    copies_.give_up(copy);
  }
}

bool CopyKeeper::take_changes(const Definition& definition, const StoredCopy& copy) {
  std::set<std::string> keys;
  const DocumentMaker maker(definition);
  const auto take = [&](std::int64_t /*sequence*/, std::span<const ValueView> key) {
    keys.insert(maker.key_of(key));
    return keys.size() <= changes_max;
  };
  if (!each_changed_key(connection_, layout_, definition.embedding->table, copy.sequence, copy.chain_hash,
                        take)) {
    return false;
  }
  const std::vector<std::string> changed(keys.begin(), keys.end());
  write_rows(definition, copy, changed, changed);
  return true;
}

/// Where a migration is between, or what the journal says doesn't lead there.
bool CopyKeeper::take_differences(const Definition& definition, const StoredCopy& copy) {
  std::vector<std::string> gone;
  std::vector<std::string> come;
  const bool are_all = compare_copy(connection_, definition, copy, [&](CopyDifference difference) {
    if (difference.kind != CopyDifference::Kind::missing) gone.push_back(difference.key);
    if (difference.kind != CopyDifference::Kind::extra) come.push_back(std::move(difference.key));
    return gone.size() + come.size() <= changes_max;
  });
  if (are_all) write_rows(definition, copy, gone, come);
  return are_all;
}

void CopyKeeper::write_rows(const Definition& definition, const StoredCopy& copy,
                            const std::vector<std::string>& gone, const std::vector<std::string>& come) {
  copies_.write(copy, gone, {});
  std::vector<std::pair<std::string, std::string>> rows;
  VectorTable table(connection_, definition, {}, {});
  for (std::size_t from = 0; from < come.size(); from += rows_at_once) {
    const auto first = come.begin() + static_cast<std::ptrdiff_t>(from);
    const std::size_t count = std::min(rows_at_once, come.size() - from);
    table.each_of({first, first + static_cast<std::ptrdiff_t>(count)},
                  [&](const VectorRow& row) { rows.emplace_back(row.key, row.embedding); });
    copies_.write(copy, {}, rows);
    rows.clear();
  }
}

void CopyKeeper::note(int table) {
  has_changed_ =
      has_changed_ || std::any_of(definitions_.begin(), definitions_.end(),
                                  [&](const Definition* one) { return one->embedding->table == table; });
}

void CopyKeeper::seal(const journal::Head& head) {
  // Read anew before vectors are written: an administrator may have made a copy, and who drops the extension stops no commit.
  if (has_changed_ || !is_known_) {
    bring_up(head);
    return;
  }
  if (!definitions_.empty() && copies_.has_known()) {
    copies_.move_places(at_, head);
    at_ = to_hex(head.chain_hash);
  }
}

StoredCopy CopyKeeper::rebuild(const Definition& definition, const journal::Head& head) {
  // The table of before goes last: who drops it holds up everybody who reads it.
  const auto before = copies_.find(definition.name);
  if (before) {
    copies_.forget(*before);
  }
  StoredCopy copy = copies_.make(definition, head);
  std::vector<std::pair<std::string, std::string>> rows;
  VectorTable(connection_, definition, {}, {}).each([&](const VectorRow& row) {
    rows.emplace_back(row.key, row.embedding);
    ++copy.rows;
    if (rows.size() == rows_at_once) {
      copies_.write(copy, {}, rows);
      rows.clear();
    }
  });
  copies_.write(copy, {}, rows);
  if (before) {
    copies_.drop_table(*before);
  }
  return copy;
}

}  // namespace reeve::search
