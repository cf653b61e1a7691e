#include "search/searcher.h"

#include "sql/names.h"

#include "search/select_filter_values_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace reeve::search {

namespace {

constexpr double k1 = 1.2;
constexpr double b = 0.75;

const StoredIndex* find_index(const std::vector<StoredIndex>& indexes, std::string_view name) {
  const auto found =
      std::find_if(indexes.begin(), indexes.end(), [&](const StoredIndex& one) { return one.name == name; });
  return found == indexes.end() ? nullptr : &*found;
}

bool fits(const StoredIndex* stored, const Definition& definition, const journal::Head& head) {
  return stored != nullptr && stored->definition == definition.hash && stored->sequence == head.sequence &&
         stored->chain_hash == to_hex(head.chain_hash);
}

std::vector<StoredIndex> stored_of(Store& store) {
  return store.has_shown_tables() ? store.indexes() : std::vector<StoredIndex>();
}

/// Whether a key comes before another: by the values of its columns.
bool is_before(const std::vector<Value>& left, const std::vector<Value>& right) {
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
    const auto order = journal::compare_values(ValueView::of(left[i]), ValueView::of(right[i]));
    if (order != std::strong_ordering::equal) {
      return order == std::strong_ordering::less;
    }
  }
  return false;
}

}  // namespace

void check_place(const StoredIndex* stored, const Definition& definition, const journal::Head& head) {
  if (fits(stored, definition, head)) {
    return;
  }
  const std::string remedy = "run `reeve search rebuild`; the next commit mends it too";
  if (stored == nullptr) {
    throw Error(ErrorCode::corrupt, fmt::format("the search index {} was never built", definition.name),
                remedy);
  }
  if (stored->definition != definition.hash) {
    throw Error(
        ErrorCode::corrupt,
        fmt::format("the search index {} was built by another definition, or by another version of the "
                    "analyser",
                    definition.name),
        remedy);
  }
  throw Error(ErrorCode::corrupt,
              fmt::format("the search index {} was kept up to event {}, the ledger is at another event {}",
                          definition.name, stored->sequence, head.sequence),
              remedy);
}

std::vector<SearchIndexStatus> status_of(engine::Connection& connection,
                                         const blueprint::Blueprint& blueprint, const journal::Layout& layout,
                                         const journal::Head& head) {
  const auto store = Store::make(connection);
  const std::vector<StoredIndex> stored = stored_of(*store);
  std::vector<SearchIndexStatus> found;
  for (const Definition& definition : definitions_of(blueprint, layout)) {
    const StoredIndex* index = find_index(stored, definition.name);
    found.push_back({definition.name, definition.table_name, index != nullptr ? index->documents : 0,
                     index != nullptr ? index->words : 0, fits(index, definition, head),
                     definition.embedding ? definition.embedding->model : std::string()});
  }
  return found;
}

Searcher::Searcher(engine::Connection& connection, Store& store, const Definition& definition,
                   const journal::Layout& layout, const journal::Head& head)
    : connection_(connection), layout_(layout), definition_(definition), store_(store) {
  const std::vector<StoredIndex> stored = stored_of(store_);
  const StoredIndex* found = find_index(stored, definition_.name);
  check_place(found, definition_, head);
  index_ = *found;
}

std::vector<Occurrence> Searcher::occurrences(const words::Unit& unit, std::size_t place) {
  std::vector<Occurrence> found;
  if (unit.is_prefix && place + 1 == unit.terms.size()) {
    store_.read_prefix(index_.number, unit.terms[place], found);
    std::sort(found.begin(), found.end());
  } else {
    store_.read_term(index_.number, unit.terms[place], found);
  }
  std::erase_if(found, [](const Occurrence& one) { return one.column == filter_column; });
  return found;
}

Searcher::Matches Searcher::weigh(const std::vector<Occurrence>& occurrences) const {
  Matches matches;
  for (const Occurrence& one : occurrences) {
    if (matches.empty() || matches.back().entry != one.entry) {
      matches.push_back({one.entry, 0});
    }
    const auto column = static_cast<std::size_t>(one.column);
    matches.back().frequency += column < definition_.text.size() ? definition_.text[column].weight : 0;
  }
  return matches;
}

Searcher::Matches Searcher::find(const words::Unit& unit) {
  return unit.terms.size() > 1 ? find_phrase(unit) : weigh(occurrences(unit, 0));
}

/// Places of the first term behind which the others follow, each at the next position.
Searcher::Matches Searcher::find_phrase(const words::Unit& unit) {
  std::vector<Occurrence> starts = occurrences(unit, 0);
  for (std::size_t place = 1; place < unit.terms.size() && !starts.empty(); ++place) {
    const std::vector<Occurrence> next = occurrences(unit, place);
    auto at = next.begin();
    std::erase_if(starts, [&](Occurrence wanted) {
      wanted.position += static_cast<std::int64_t>(place);
      at = std::lower_bound(at, next.end(), wanted);
      return at == next.end() || *at != wanted;
    });
  }
  return weigh(starts);
}

namespace {

bool has_order(sql::Type type) {
  return type == sql::Type::integer || type == sql::Type::bigint || type == sql::Type::date ||
         type == sql::Type::timestamptz;
}

/// Cuts `<=` or `>=` from the end.
Condition::Compare cut_comparison(std::string_view& filter) {
  const bool is_most = filter.ends_with("<=");
  if (!is_most && !filter.ends_with(">=")) return Condition::Compare::equal;
  filter.remove_suffix(2);
  while (filter.ends_with(' ')) filter.remove_suffix(1);
  return is_most ? Condition::Compare::at_most : Condition::Compare::at_least;
}

[[noreturn]] void refuse_filter(const Definition& definition, std::string_view column) {
  std::string known;
  for (const Definition::Column& one : definition.filters) {
    known += (known.empty() ? "" : ", ") + one.name;
  }
  throw Error(ErrorCode::invalid_input,
              fmt::format("the search index {} has no filter {}", definition.name, column.substr(0, 128)),
              known.empty() ? "it has none" : "it has: " + known);
}

}  // namespace

Condition asked_filter(const Definition& definition, std::string_view filter, std::string_view value) {
  Condition condition;
  condition.compare = cut_comparison(filter);
  condition.or_none = filter.ends_with('?');
  if (condition.or_none) filter.remove_suffix(1);
  condition.column = definition.find_filter(filter);
  if (condition.column == nullptr) refuse_filter(definition, filter);
  if (condition.compare != Condition::Compare::equal && !has_order(condition.column->type)) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("the filter {} is of type {}, which is compared for equality alone", filter,
                            sql::name_of(condition.column->type)),
                "integer, bigint, date and timestamptz have an order");
  }
  condition.value = canonical_text(*condition.column, value);
  return condition;
}

/// Entries of the rows with a value, which is in the canonical form of the filter's type.
std::vector<std::int64_t> Searcher::having(const Definition::Column& filter, std::string_view value) {
  std::vector<Occurrence> found;
  store_.read_term(index_.number, filter_term(filter, value), found);
  std::vector<std::int64_t> entries;
  for (const Occurrence& one : found) {
    if (one.column == filter_column && (entries.empty() || entries.back() != one.entry)) {
      entries.push_back(one.entry);
    }
  }
  return entries;
}

void Searcher::score(const Matches& matches, std::vector<Scored>& rows) const {
  const auto documents = static_cast<double>(index_.documents);
  const auto with_unit = static_cast<double>(matches.size());
  const double rarity = std::log(1.0 + (documents - with_unit + 0.5) / (with_unit + 0.5));
  const double average = index_.documents > 0 ? static_cast<double>(index_.words) / documents : 1.0;
  auto match = matches.begin();
  for (Scored& row : rows) {
    while (match != matches.end() && match->entry < row.entry) {
      ++match;
    }
    if (match == matches.end()) {
      return;
    }
    if (match->entry != row.entry) {
      continue;
    }
    const auto frequency = static_cast<double>(match->frequency);
    const double share = average > 0 ? static_cast<double>(length_of(row.entry)) / average : 1.0;
    row.score += rarity * frequency * (k1 + 1.0) / (frequency + k1 * (1.0 - b + b * share));
  }
}

/// The highest scores, ties in order of the key.
std::vector<Searcher::Scored> Searcher::best(std::vector<Scored> rows, std::size_t limit) {
  const auto by_score = [](const Scored& left, const Scored& right) { return left.score > right.score; };
  if (rows.size() > limit) {
    const auto last = rows.begin() + static_cast<std::ptrdiff_t>(limit) - 1;
    std::nth_element(rows.begin(), last, rows.end(), by_score);
    const double lowest = last->score;
    std::erase_if(rows, [lowest](const Scored& row) { return row.score < lowest; });
  }
  std::vector<std::int64_t> entries;
  for (const Scored& row : rows) {
    entries.push_back(row.entry);
  }
  const std::vector<std::optional<std::string>> keys = store_.keys_of(index_.number, entries);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!keys[i]) {
      throw Error(
          ErrorCode::corrupt,
          fmt::format("the search index {} has terms of a row that it does not know", definition_.name),
          "run `reeve search verify`, then `reeve search rebuild`");
    }
    rows[i].key = *keys[i];
    rows[i].values = key_values(definition_, rows[i].key);
  }
  std::sort(rows.begin(), rows.end(), [](const Scored& left, const Scored& right) {
    return left.score != right.score ? left.score > right.score : is_before(left.values, right.values);
  });
  if (rows.size() > limit) {
    rows.resize(limit);
  }
  return rows;
}

std::string Searcher::snippet(const words::Query& query, const SearchOptions& options,
                              const std::string& key) {
  const words::SnippetOptions shown{options.snippet_words, options.mark_begin, options.mark_end};
  if (!rows_) {
    rows_.emplace(connection_, layout_, definition_);
  }
  const std::vector<Value> values = key_values(definition_, key);
  std::vector<ValueView> views;
  std::transform(values.begin(), values.end(), std::back_inserter(views),
                 [](const Value& value) { return ValueView::of(value); });
  const journal::Row row = rows_->find(views);
  if (row == nullptr) {
    throw Error(ErrorCode::corrupt,
                fmt::format("the search index {} has a row that is not there: {}", definition_.name, key),
                "run `reeve search verify`, then `reeve search rebuild`");
  }
  words::Snippet best;
  int weight = -1;
  for (const Definition::Column& column : definition_.text) {
    words::Snippet snippet = words::make_snippet(searched_text(column.type, row[column.place]), query,
                                                 definition_.language, shown);
    const bool is_better =
        snippet.units > best.units || (snippet.units == best.units && column.weight > weight);
    if (is_better && !snippet.text.empty()) {
      best = std::move(snippet);
      weight = column.weight;
    }
  }
  return std::move(best.text);
}

namespace {

/// Entries of several ordered lists, each once, in order.
std::vector<std::int64_t> united(const std::vector<std::int64_t>& left,
                                 const std::vector<std::int64_t>& right) {
  std::vector<std::int64_t> out;
  std::set_union(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(out));
  return out;
}

std::vector<std::int64_t> shared(const std::vector<std::int64_t>& left,
                                 const std::vector<std::int64_t>& right) {
  std::vector<std::int64_t> out;
  std::set_intersection(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(out));
  return out;
}

std::vector<std::int64_t> without(const std::vector<std::int64_t>& entries,
                                  const std::vector<std::int64_t>& gone) {
  std::vector<std::int64_t> out;
  std::set_difference(entries.begin(), entries.end(), gone.begin(), gone.end(), std::back_inserter(out));
  return out;
}

}  // namespace

/// Entries have the terms of values, which have no order. So the values that the rows have are compared, each once, and the
/// entries of those that pass stay; or of a filter that rows without a value pass too, the entries of those that don't pass go.
void Searcher::narrow_by(const Condition& condition, std::vector<std::int64_t>& entries) {
  if (condition.compare == Condition::Compare::equal && !condition.or_none) {
    entries = shared(entries, having(*condition.column, condition.value));
    return;
  }
  Condition strict = condition;
  strict.or_none = false;
  const bool is_file = connection_.engine() == engine::Engine::sqlite;
  engine::Statement values = connection_.prepare(
      fmt::format(fmt::runtime(embedded::select_filter_values_sql),
                  sql::quoted_for_postgres(condition.column->name),
                  sql::quoted_for_postgres(definition_.table_name),
                  is_file ? "" : fmt::format(" AND t.ledger_id = '{}'", connection_.ledger()),
                  condition.or_none ? "NOT " : "", condition_sql(strict, is_file ? "?1" : "$1", is_file)),
      false);
  bind_condition(values, 1, strict);
  std::vector<std::int64_t> found;
  while (values.step()) {
    const std::vector<std::int64_t> one =
        having(*condition.column, canonical_text(condition.column->type, values.column(0)));
    found.insert(found.end(), one.begin(), one.end());
  }
  std::sort(found.begin(), found.end());
  entries = condition.or_none ? without(entries, found) : shared(entries, found);
}

/// Leaves the entries that filters and scope leave.
void Searcher::narrow(const SearchOptions& options, const Scope& scope, std::vector<std::int64_t>& entries) {
  for (const auto& [filter, value] : options.filters) {
    narrow_by(asked_filter(definition_, filter, value), entries);
  }
  if (scope.keys != nullptr) {
    entries = shared(entries, store_.entries_of(index_.number, *scope.keys));
  }
  if (scope.is_first) {
    const std::vector<std::int64_t> first = having(definition_.first->column, definition_.first->value);
    entries = *scope.is_first ? shared(entries, first) : without(entries, first);
  }
}

Ranking Searcher::rank(const words::Query& query, const SearchOptions& options, const Scope& scope,
                       std::size_t limit) {
  Ranking ranking;
  const auto entries_of = [](const Matches& matches) {
    std::vector<std::int64_t> entries;
    std::transform(matches.begin(), matches.end(), std::back_inserter(entries),
                   [](const Match& match) { return match.entry; });
    return entries;
  };
  std::vector<Matches> units;
  std::vector<std::int64_t> found;
  int clause = 0;
  for (const std::vector<words::Unit>& alternatives : query.wanted) {
    ++clause;
    std::vector<std::int64_t> any;
    for (const words::Unit& unit : alternatives) {
      units.push_back(find(unit));
      any = united(any, entries_of(units.back()));
      ranking.units.push_back(
          {unit.to_string(), static_cast<std::int64_t>(units.back().size()), false, clause});
    }
    found = clause == 1 ? std::move(any) : shared(found, any);
  }
  for (const words::Unit& unit : query.excluded) {
    const std::vector<std::int64_t> gone = entries_of(find(unit));
    ranking.units.push_back({unit.to_string(), static_cast<std::int64_t>(gone.size()), true, 0});
    found = without(found, gone);
  }
  narrow(options, scope, found);
  ranking.matches = static_cast<std::int64_t>(found.size());
  std::vector<Scored> rows(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    rows[i].entry = found[i];
  }
  for (const Matches& unit : units) {
    score(unit, rows);
  }
  for (Scored& row : best(std::move(rows), limit)) {
    ranking.rows.push_back({std::move(row.key), row.score});
  }
  return ranking;
}

}  // namespace reeve::search
