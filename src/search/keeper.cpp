#include "search/keeper.h"

#include "search/changed_keys.h"
#include "sql/names.h"

#include "search/select_indexed_rows_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace reeve::search {

namespace {

/// So many documents are written at once while an index is built.
constexpr std::size_t documents_at_once = 512;
/// More keys than this since an index was kept: it is made of all rows instead.
constexpr std::size_t keys_max = 100'000;

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    out += out.empty() ? "" : separator;
    out += part;
  }
  return out;
}

}  // namespace

RowReader::RowReader(engine::Connection& connection, const journal::Layout& layout,
                     const Definition& definition)
    : connection_(connection) {
  const journal::TableLayout& table = layout.table(definition.table);
  row_.resize(table.columns.size());
  for (const auto* columns : {&definition.key, &definition.text, &definition.filters}) {
    for (const Definition::Column& column : *columns) {
      columns_.push_back(&column);
    }
  }
  std::vector<std::string> names;
  for (const Definition::Column* column : columns_) {
    names.push_back(sql::quoted_for_postgres(column->name));
  }
  std::vector<std::string> keys;
  std::vector<std::string> conditions;
  const bool is_file = connection.engine() == engine::Engine::sqlite;
  for (const Definition::Column& column : definition.key) {
    keys.push_back(sql::quoted_for_postgres(column.name));
    conditions.push_back(fmt::format("{} = {}{}", keys.back(), is_file ? '?' : '$', conditions.size() + 1));
  }
  std::string from = sql::quoted_for_postgres(table.name);
  if (!is_file) {
    // The ledger is a value, so that the planner takes the key's index; the session's policy says the same.
    from += fmt::format(" WHERE ledger_id = '{}'", connection.ledger());
  }
  select_ =
      fmt::format(fmt::runtime(embedded::select_indexed_rows_sql), join(names, ", "), from, join(keys, ", "));
  find_ = connection.prepare(fmt::format(fmt::runtime(embedded::select_indexed_rows_sql), join(names, ", "),
                                         from + (is_file ? " WHERE " : " AND ") + join(conditions, " AND "),
                                         keys.front()));
}

void RowReader::load(const engine::Statement& statement) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    row_[static_cast<std::size_t>(columns_[i]->place)] = statement.column(static_cast<int>(i));
  }
}

void RowReader::each(const std::function<void(journal::Row)>& take) {
  engine::Statement rows = connection_.prepare(select_, false);
  while (rows.step()) {
    load(rows);
    take(row_.data());
  }
}

journal::Row RowReader::find(std::span<const ValueView> key) {
  find_.reset();
  for (std::size_t i = 0; i < key.size(); ++i) {
    find_.bind(static_cast<int>(i) + 1, key[i]);
  }
  if (!find_.step()) {
    return nullptr;
  }
  load(find_);
  return row_.data();
}

struct Keeper::Kept {
  Kept(Definition given) : definition(std::move(given)), maker(definition) {}
  Definition definition;
  DocumentMaker maker;
  std::int64_t number = 0;  ///< 0: not known
  std::vector<std::string> gone;
  std::vector<Document> come;
};

Keeper::Keeper(engine::Connection& connection, const blueprint::Blueprint* blueprint,
               const journal::Layout& layout)
    : connection_(connection),
      layout_(layout),
      has_blueprint_(blueprint != nullptr),
      store_(Store::make(connection)) {
  by_table_.resize(layout.tables.size());
  std::vector<const Definition*> with_vectors;
  if (blueprint != nullptr) {
    for (Definition& definition : definitions_of(*blueprint, layout)) {
      kept_.push_back(std::make_unique<Kept>(std::move(definition)));
      const Definition& kept = kept_.back()->definition;
      by_table_[static_cast<std::size_t>(kept.table)].push_back(kept_.back().get());
      if (kept.embedding) with_vectors.push_back(&kept);
    }
  }
  copies_ = std::make_unique<CopyKeeper>(connection, layout, std::move(with_vectors));
}

Keeper::~Keeper() = default;

void Keeper::forget() {
  copies_->forget();
  for (const auto& kept : kept_) {
    kept->gone.clear();
    kept->come.clear();
    kept->number = 0;
  }
}

std::vector<StoredIndex> Keeper::stored() {
  return store_->has_tables() ? store_->indexes() : std::vector<StoredIndex>();
}

void Keeper::drop_undeclared(const std::vector<StoredIndex>& stored, std::vector<BroughtUp>& report) {
  for (const StoredIndex& index : stored) {
    const bool is_declared = std::any_of(
        kept_.begin(), kept_.end(), [&](const auto& kept) { return kept->definition.name == index.name; });
    if (!is_declared) {
      store_->drop(index.number);
      report.push_back({index.name, BroughtUp::By::dropped, 0});
    }
  }
}

bool Keeper::bring_up(const journal::Head& head, const Anew& anew, std::vector<BroughtUp>* report_to) {
  if (!has_blueprint_) {
    return false;  // on the way to the last migration
  }
  std::vector<BroughtUp> report;
  if (!store_->has_tables()) {
    if (is_empty()) {
      return false;
    }
    store_->create_tables();
  }
  forget();
  const std::vector<StoredIndex> found = stored();
  drop_undeclared(found, report);
  for (const auto& kept : kept_) {
    const auto index = std::find_if(found.begin(), found.end(), [&](const StoredIndex& one) {
      return one.name == kept->definition.name;
    });
    const bool is_anew = anew.wanted && (anew.only.empty() || anew.only == kept->definition.name);
    bring_up(*kept, index == found.end() ? nullptr : &*index, head, is_anew, report);
  }
  copies_->bring_up(head);
  const bool has_moved = std::any_of(report.begin(), report.end(),
                                     [](const BroughtUp& one) { return one.by != BroughtUp::By::nothing; });
  if (has_moved) {
    store_->set_place(head.sequence, head.chain_hash);
  }
  if (report_to != nullptr) {
    *report_to = std::move(report);
  }
  return has_moved;
}

void Keeper::bring_up(Kept& kept, const StoredIndex* found, const journal::Head& head, bool anew,
                      std::vector<BroughtUp>& report) {
  BroughtUp said{kept.definition.name, BroughtUp::By::nothing, 0};
  const bool fits = found != nullptr && !anew && found->definition == kept.definition.hash;
  if (fits) {
    kept.number = found->number;
  }
  if (fits && found->sequence == head.sequence && found->chain_hash == to_hex(head.chain_hash)) {
    report.push_back(said);
    return;
  }
  if (fits && catch_up(kept, *found, head, said.documents)) {
    said.by = BroughtUp::By::keys;
    report.push_back(said);
    return;
  }
  if (found != nullptr) {
    store_->drop(found->number);
  }
  kept.number = store_->create(kept.definition, found != nullptr ? found->number : 0);
  said.by = BroughtUp::By::rows;
  said.documents = build(kept);
  report.push_back(said);
}

std::int64_t Keeper::build(Kept& kept) {
  std::int64_t documents = 0;
  std::vector<Document> come;
  RowReader(connection_, layout_, kept.definition).each([&](journal::Row row) {
    come.push_back(kept.maker.make(row));
    ++documents;
    if (come.size() == documents_at_once) {
      store_->write(kept.definition, kept.number, {}, come);
      come.clear();
    }
  });
  store_->write(kept.definition, kept.number, {}, come);
  return documents;
}

/// By the keys that changesets name: an entry is made of the row as it is now. False where that can't be done.
bool Keeper::catch_up(Kept& kept, const StoredIndex& found, const journal::Head& head,
                      std::int64_t& documents) {
  if (found.sequence > head.sequence) {
    return false;
  }
  std::map<std::string, std::vector<Value>> keys;
  const auto take = [&](std::int64_t /*sequence*/, std::span<const ValueView> key) {
    std::vector<Value>& values = keys[kept.maker.key_of(key)];
    values.clear();
    std::transform(key.begin(), key.end(), std::back_inserter(values),
                   [](const ValueView& value) { return value.to_value(); });
    return keys.size() <= keys_max;
  };
  if (!each_changed_key(connection_, layout_, kept.definition.table, found.sequence, found.chain_hash,
                        take)) {
    return false;
  }
  RowReader rows(connection_, layout_, kept.definition);
  std::vector<std::string> gone;
  std::vector<Document> come;
  std::vector<ValueView> views;
  for (const auto& [key, values] : keys) {
    views.clear();
    std::transform(values.begin(), values.end(), std::back_inserter(views),
                   [](const Value& value) { return ValueView::of(value); });
    gone.push_back(key);
    if (const journal::Row row = rows.find(views)) {
      come.push_back(kept.maker.make(row));
    }
    if (gone.size() == documents_at_once) {
      store_->write(kept.definition, kept.number, gone, come);
      gone.clear();
      come.clear();
    }
  }
  documents = static_cast<std::int64_t>(keys.size());
  store_->write(kept.definition, kept.number, gone, come);
  return true;
}

void Keeper::change(int table, journal::Row before, journal::Row after) {
  copies_->note(table);
  for (Kept* kept : by_table_[static_cast<std::size_t>(table)]) {
    if (before != nullptr && after != nullptr && kept->maker.are_alike(before, after)) {
      continue;
    }
    if (before != nullptr) {
      kept->gone.push_back(kept->maker.key_of(before));
    }
    if (after != nullptr) {
      kept->come.push_back(kept->maker.make(after));
    }
  }
}

void Keeper::seal(const journal::Head& head) {
  if (is_empty()) {
    return;
  }
  const bool is_known =
      std::all_of(kept_.begin(), kept_.end(), [](const auto& kept) { return kept->number > 0; });
  if (!is_known) {
    for (const StoredIndex& index : stored()) {
      for (const auto& kept : kept_) {
        kept->number = kept->definition.name == index.name ? index.number : kept->number;
      }
    }
  }
  for (const auto& kept : kept_) {
    ensure(kept->number > 0, "an index is brought up before it is written");
    if (!kept->gone.empty() || !kept->come.empty()) {
      store_->write(kept->definition, kept->number, kept->gone, kept->come);
      kept->gone.clear();
      kept->come.clear();
    }
  }
  store_->set_place(head.sequence, head.chain_hash);
  copies_->seal(head);
}

void bring_up(engine::Connection& connection, const blueprint::Blueprint* blueprint,
              const journal::Layout& layout, const journal::Head& head, bool anew) {
  Keeper(connection, blueprint, layout).bring_up(head, {.wanted = anew});
}

}  // namespace reeve::search
