#include "search/verify.h"

#include "search/copy_keeper.h"
#include "search/keeper.h"
#include "search/searcher.h"
#include "search/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <unordered_map>

namespace reeve::search {

namespace {

constexpr std::size_t examples_max = 5;

/// A sum over terms with their places: equal for equal entries, in whatever order they are read.
class PlaceSum {
 public:
  void add(std::string_view term, std::int64_t column, std::int64_t position) {
    std::uint64_t mixed = std::hash<std::string_view>()(term) ^ (static_cast<std::uint64_t>(column) << 40U) ^
                          static_cast<std::uint64_t>(position);
    // splitmix64's finish (Steele, Lea, Flood 2014).
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBULL;
    sum_ += mixed ^ (mixed >> 31U);
    ++count_;
  }
  void add_terms(std::string_view terms, std::int64_t column) {
    for (std::int64_t position = 0; !terms.empty(); ++position) {
      const std::size_t end = std::min(terms.find(' '), terms.size());
      add(terms.substr(0, end), column, position);
      terms.remove_prefix(std::min(end + 1, terms.size()));
    }
  }
  bool operator==(const PlaceSum&) const = default;

 private:
  std::uint64_t sum_ = 0;
  std::uint64_t count_ = 0;
};

class IndexVerifier {
 public:
  IndexVerifier(engine::Connection& connection, const journal::Layout& layout, const Definition& definition,
                Store& store)
      : connection_(connection), layout_(layout), definition_(definition), store_(store) {
    check_.name = definition.name;
  }

  IndexCheck run(const StoredIndex* stored, const journal::Head& head) {
    try {
      check_place(stored, definition_, head);
    } catch (const Error& error) {
      check_.fault = error.message();
    }
    if (stored == nullptr || stored->definition != definition_.hash) {
      return std::move(check_);
    }
    index_ = *stored;
    store_.each_document(index_.number, [&](std::string_view key, std::int64_t entry) {
      entries_.emplace(std::string(key), entry);
    });
    store_.each_occurrence(index_.number, [&](std::string_view term, const Occurrence& one) {
      places_[one.entry].add(term, one.column, one.position);
    });
    compare_rows();
    for (const auto& [key, entry] : entries_) {
      places_.erase(entry);
      differ(check_.extra, "extra", key);
    }
    // Terms of entries that belong to no document.
    for (std::size_t i = 0; i < places_.size(); ++i) {
      differ(check_.extra, "extra", "terms of no row");
    }
    if (check_.fault.empty() && (index_.documents != documents_ || index_.words != words_)) {
      check_.fault = fmt::format("{} rows and {} words are counted, there are {} and {}", index_.documents,
                                 index_.words, documents_, words_);
    }
    return std::move(check_);
  }

 private:
  void differ(std::int64_t& count, std::string_view what, const std::string& which) {
    ++count;
    if (check_.examples.size() < examples_max) {
      check_.examples.push_back(fmt::format("{}: {}", what, which));
    }
  }

  void compare_rows() {
    DocumentMaker maker(definition_);
    RowReader(connection_, layout_, definition_).each([&](journal::Row row) {
      const Document document = maker.make(row);
      ++check_.rows;
      ++documents_;
      words_ += document.length;
      const auto entry = entries_.find(document.key);
      if (entry == entries_.end()) {
        differ(check_.missing, "missing", key_object(definition_, document.key));
        return;
      }
      PlaceSum expected;
      for (std::size_t column = 0; column < document.columns.size(); ++column) {
        expected.add_terms(document.columns[column], static_cast<std::int64_t>(column));
      }
      expected.add_terms(document.filters, filter_column);
      const auto found = places_.find(entry->second);
      const PlaceSum actual = found == places_.end() ? PlaceSum() : found->second;
      if (actual != expected || length_of(entry->second) != document.length) {
        differ(check_.stale, "stale", key_object(definition_, document.key));
      }
      if (found != places_.end()) {
        places_.erase(found);
      }
      entries_.erase(entry);
    });
  }

  engine::Connection& connection_;
  const journal::Layout& layout_;
  const Definition& definition_;
  Store& store_;
  StoredIndex index_;
  IndexCheck check_;
  std::map<std::string, std::int64_t, std::less<>> entries_;  ///< of documents that no row was found for yet
  std::unordered_map<std::int64_t, PlaceSum> places_;         ///< by entry, of the same
  std::int64_t documents_ = 0;
  std::int64_t words_ = 0;
};

/// Vectors are rows, and are compared by replay like all others: here, whether they can be read, and what the graph says.
void verify_vectors(engine::Connection& connection, const journal::Layout& layout,
                    const Definition& definition, const journal::Head& head, const GraphPlace& graphs,
                    IndexCheck& check) {
  VectorTable table(connection, definition, {}, {});
  std::int64_t readable = 0;
  std::map<std::string, std::int64_t> models;
  table.each([&](const VectorRow& row) {
    ++readable;
    ++models[std::string(row.model)];
  });
  const auto all = static_cast<std::int64_t>(table.count(std::numeric_limits<std::int64_t>::max()));
  check.unreadable = all - readable;
  check.vectors = readable;
  if (graphs.is_empty()) {
    return;
  }
  const auto most = std::max_element(models.begin(), models.end(), [](const auto& left, const auto& right) {
    return left.second < right.second;
  });
  if (most != models.end()) {
    VectorMemory memory(definition, most->first, graphs);
    for (const std::string& difference : memory.compare(connection, layout, head)) {
      ++check.in_graph_otherwise;
      if (check.examples.size() < examples_max) check.examples.push_back(difference);
    }
  }
}

void verify_copy(engine::Connection& connection, const Definition& definition, const journal::Head& head,
                 IndexCheck& check) {
  const std::optional<StoredCopy> copy = VectorCopies(connection).find(definition.name);
  if (!copy) {
    return;
  }
  const auto differ = [&](std::string what) {
    ++check.on_server_otherwise;
    if (check.examples.size() < examples_max) check.examples.push_back(std::move(what));
  };
  if (const std::string why = unfit(*copy, definition, head); !why.empty()) {
    differ("the server's copy of the vectors is not asked: " + why);
  }
  if (!copy->is_usable() || copy->definition != copy_definition(definition)) {
    return;
  }
  std::int64_t missing = 0;
  std::int64_t extra = 0;
  compare_copy(connection, definition, *copy, [&](const CopyDifference& one) {
    const bool is_missing = one.kind == CopyDifference::Kind::missing;
    const bool is_extra = one.kind == CopyDifference::Kind::extra;
    missing += is_missing ? 1 : 0;
    extra += is_extra ? 1 : 0;
    differ(fmt::format("the server's copy {}: {}",
                       is_missing ? "lacks a vector"
                       : is_extra ? "has a vector of no row"
                                  : "has another vector",
                       key_object(definition, one.key)));
    return true;
  });
  const std::int64_t rows = check.vectors + extra - missing;
  if (copy->rows != rows) {
    differ(fmt::format("the server's copy is said to have {} vectors, and has {}", copy->rows, rows));
  }
}

}  // namespace

std::vector<IndexCheck> verify(engine::Connection& connection, const blueprint::Blueprint& blueprint,
                               const journal::Layout& layout, const journal::Head& head,
                               const GraphPlace& graphs, std::string_view only) {
  if (!only.empty()) {
    declared(blueprint, only);
  }
  const auto store = Store::make(connection);
  const std::vector<StoredIndex> stored = store->has_tables() ? store->indexes() : std::vector<StoredIndex>();
  std::vector<IndexCheck> checks;
  for (const Definition& definition : definitions_of(blueprint, layout)) {
    if (!only.empty() && definition.name != only) {
      continue;
    }
    const StoredIndex* found = nullptr;
    for (const StoredIndex& index : stored) {
      found = index.name == definition.name ? &index : found;
    }
    checks.push_back(IndexVerifier(connection, layout, definition, *store).run(found, head));
    if (definition.embedding) {
      verify_vectors(connection, layout, definition, head, graphs, checks.back());
      verify_copy(connection, definition, head, checks.back());
    }
  }
  return checks;
}

}  // namespace reeve::search
