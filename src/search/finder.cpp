#include "search/finder.h"

#include "search/embedding.h"
#include "search/vector_copy.h"
#include "vectors/fusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace reeve::search {

namespace {

constexpr std::int64_t limit_max = 10'000;
constexpr std::size_t snippet_words_max = 1'000;
constexpr std::int64_t weight_max = 1'000'000;
/// Of each of two orders so many rows are looked at for one: more than are asked for, so that what both have shows.
constexpr std::size_t fused_min = 100;
constexpr std::size_t fused_times = 4;
/// Rows beyond those that are asked for, in case some of them are stale.
constexpr std::size_t spare = 8;
/// So many rows a server's index is asked for at least, for the ten nearest to be among them.
constexpr std::size_t proposed_min = 64;

[[noreturn]] void refuse(std::string message, std::string remedy) {
  throw Error(ErrorCode::invalid_input, std::move(message), std::move(remedy));
}

bool by_words(const SearchOptions& options) { return options.by != SearchBy::meaning; }
bool by_meaning(const SearchOptions& options) { return options.by != SearchBy::words; }

vectors::FusionWeights weights_of(const SearchOptions& options, const QueryVector& vector) {
  vectors::Model model;
  model.name = vector.model.substr(0, vector.model.find('/'));
  model.is_semantic = model.name != "lexical";
  vectors::FusionWeights weights = vectors::weights_for(model);
  if (options.words_weight >= 0) weights.words = options.words_weight;
  if (options.meaning_weight >= 0) weights.vectors = options.meaning_weight;
  return weights;
}

}  // namespace

void check_options(const blueprint::SearchIndex& index, const SearchOptions& options) {
  if (options.limit < 1 || options.limit > limit_max || options.snippet_words < 1 ||
      options.snippet_words > snippet_words_max) {
    refuse("a search gives 1 to 10,000 rows, a snippet has 1 to 1,000 words", "ask for fewer, or for more");
  }
  if (options.words_weight > weight_max || options.meaning_weight > weight_max) {
    refuse("a weight is more than 1,000,000 thousandths", "write 1000 for 1");
  }
  if (!by_meaning(options)) {
    if (!options.like.empty() || !options.vector.empty() || !options.path.empty()) {
      refuse("a row or a vector that others are like says nothing of words", "search by meaning, or by both");
    }
    return;
  }
  if (!index.embedding) {
    refuse(fmt::format("the search index {} has no vectors", index.name),
           "add a section [embedding] to search/" + index.name + ".toml, or search by words");
  }
  if (!options.vector.empty() && !options.like.empty()) {
    refuse("both a vector and a row are given to be like", "leave one out");
  }
  if (!options.vector.empty() && options.model.empty() != index.embedding->model.empty()) {
    refuse(index.embedding->model.empty() ? "a model is named, and this index has none"
                                          : "it is not said which model made the vector",
           "vectors of two models can't be compared: name the model as `reeve embed status` shows it, where "
           "there is one");
  }
  if (!options.path.empty() && !vectors::path_named(options.path)) {
    refuse("unknown path " + options.path.substr(0, 64), "write scan, sieve, codes, graph or pgvector");
  }
  if (!options.vector.empty() &&
      options.vector.size() != static_cast<std::size_t>(index.embedding->dimensions)) {
    refuse(fmt::format("the vector has {} dimensions, those of the search index {} have {}",
                       options.vector.size(), index.name, index.embedding->dimensions),
           "ask with a vector of the same model");
  }
}

Finder::Finder(const Ledger& ledger, std::string_view index)
    : ledger_(ledger),
      declared_(declared(ledger.blueprint, index)),
      definition_(Definition::of(ledger.blueprint, declared_, ledger.layout)) {}

SearchAnswer Finder::find(std::string_view words, const SearchOptions& options,
                          std::optional<QueryVector> vector) {
  check_options(declared_, options);
  SearchAnswer answer;
  answer.sequence = {ledger_.head.sequence};
  query_ = words::read_query(words, definition_.language);
  answer.was_cut = query_.was_cut;
  searcher_.emplace(ledger_.connection, ledger_.store, definition_, ledger_.layout, ledger_.head);
  if (by_meaning(options)) {
    vector_ = std::move(vector);
    if (!options.like.empty()) {
      left_out_ = key_of_object(definition_, options.like);
      vector_ = vector_of_row(left_out_);
    }
    ensure(vector_.has_value(), "a search by meaning has a vector");
  }
  Scope scope;
  if (!options.lineage.empty()) {
    if (definition_.tree.empty()) {
      refuse(fmt::format("the rows of the search index {} hang on no others", definition_.name),
             "a lineage is that of a tree (docs/blueprint.md, \"Trees\")");
    }
    lineage_ = lineage_of(ledger_.connection, definition_, key_of_object(definition_, options.lineage));
    if (lineage_.empty()) {
      throw Error(ErrorCode::not_found, "there is no row of the key that a lineage was asked of",
                  "look for it by a query");
    }
    scope.keys = &lineage_;
  }
  const auto limit = static_cast<std::size_t>(options.limit);
  if (definition_.first) {
    scope.is_first = true;
    search_part(options, scope, limit, answer);
    scope.is_first = false;
  }
  search_part(options, scope, limit, answer);
  if (options.snippets) {
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      answer.hits[i].snippet = searcher_->snippet(query_, options, keys_[i]);
    }
  }
  return answer;
}

void Finder::search_part(const SearchOptions& options, const Scope& scope, std::size_t limit,
                         SearchAnswer& answer) {
  const std::size_t left = limit - answer.hits.size();
  const std::size_t count = options.by == SearchBy::both
                                ? std::min(vectors::k_max, std::max(fused_min, fused_times * left))
                                : std::max<std::size_t>(left, 1);
  Part part;
  if (by_words(options)) {
    Ranking ranking = searcher_->rank(query_, options, scope, count);
    answer.matches += ranking.matches;
    answer.units = std::move(ranking.units);
    part.by_words = std::move(ranking.rows);
  }
  if (by_meaning(options) && left > 0) {
    part.by_meaning = nearest(options, scope, count, answer);
  }
  add_hits(options, part, left, answer);
}

/// One order, and which place each row had in the others.
void Finder::add_hits(const SearchOptions& options, const Part& part, std::size_t limit,
                      SearchAnswer& answer) {
  const auto add = [&](const std::string& key, double score, std::size_t words_rank,
                       std::size_t meaning_rank) {
    keys_.push_back(key);
    answer.hits.push_back({key_object(definition_, key),
                           score,
                           {},
                           static_cast<std::int64_t>(words_rank),
                           static_cast<std::int64_t>(meaning_rank)});
  };
  if (options.by != SearchBy::both) {
    for (std::size_t i = 0; i < part.by_words.size() && i < limit; ++i) {
      add(part.by_words[i].key, part.by_words[i].score, i + 1, 0);
    }
    for (std::size_t i = 0; i < part.by_meaning.size() && i < limit; ++i) {
      add(part.by_meaning[i].key, part.by_meaning[i].similarity, 0, i + 1);
    }
    return;
  }
  std::unordered_map<std::int64_t, const std::string*> keys;
  std::vector<vectors::Ranked> words;
  std::vector<vectors::Ranked> meaning;
  for (const Ranking::Row& row : part.by_words) {
    words.push_back({vector_id(row.key), row.score});
    keys.emplace(words.back().id, &row.key);
  }
  for (const Near& row : part.by_meaning) {
    meaning.push_back({vector_id(row.key), row.similarity});
    keys.emplace(meaning.back().id, &row.key);
  }
  const auto fusion = options.fusion == SearchFusion::reciprocal_rank ? vectors::Fusion::reciprocal_rank
                                                                      : vectors::Fusion::weighted_scores;
  // Thousandths of billionths, or of millionths (vectors/fusion.cpp).
  const double unit = fusion == vectors::Fusion::reciprocal_rank ? 1e12 : 1e9;
  const std::vector<vectors::Fused> fused =
      vectors::fuse(words, meaning, fusion, weights_of(options, *vector_));
  for (std::size_t i = 0; i < fused.size() && i < limit; ++i) {
    add(*keys.at(fused[i].id), static_cast<double>(fused[i].score) / unit, fused[i].words_rank,
        fused[i].vectors_rank);
  }
}

std::vector<Condition> Finder::conditions(const SearchOptions& options, const Scope& scope) const {
  std::vector<Condition> conditions;
  for (const auto& [filter, value] : options.filters) {
    conditions.push_back(asked_filter(definition_, filter, value));
  }
  if (scope.is_first) {
    conditions.push_back(
        {.column = &definition_.first->column,
         .value = definition_.first->value,
         .compare = *scope.is_first ? Condition::Compare::equal : Condition::Compare::unequal});
  }
  return conditions;
}

QueryVector Finder::vector_of_row(const std::string& key) {
  QueryVector found;
  std::string text_hash;
  VectorTable(ledger_.connection, definition_, {}, {}).each_of({key}, [&](const VectorRow& row) {
    found = {vectors::decode_vector(row.embedding, definition_.embedding->dimensions),
             std::string(row.model)};
    text_hash = row.text_hash;
  });
  if (found.vector.empty() || !is_of_its_text(key, text_hash)) {
    throw Error(ErrorCode::not_found,
                found.vector.empty() ? "the row that others are to be like has no vector, or is not there"
                                     : "the row that others are to be like has the vector of an earlier text",
                definition_.embedding->model.empty()
                    ? "the application's own events bring the vectors of this index"
                    : "`reeve embed` makes vectors of the texts that are there now");
  }
  return found;
}

/// Whether a vector was made of the text that its row has in the snapshot; what an application brings itself is.
bool Finder::is_of_its_text(const std::string& key, const std::string& text_hash) {
  if (definition_.embedding->model.empty()) {
    return true;
  }
  if (!texts_) texts_.emplace(ledger_.connection, ledger_.layout, definition_);
  const std::vector<Value> values = key_values(definition_, key);
  std::vector<ValueView> views;
  std::transform(values.begin(), values.end(), std::back_inserter(views),
                 [](const Value& value) { return ValueView::of(value); });
  const journal::Row row = texts_->find(views);
  return row != nullptr && hash_of_text(embedded_text(definition_, row)) == text_hash;
}

/// Where the rows of a search by meaning come from, and what proposes which of them to look at.
struct Finder::Source {
  Source(const Ledger& ledger, const Definition& definition, std::vector<Condition> narrowed,
         std::string model)
      : is_narrowed(!narrowed.empty()),
        table(ledger.connection, definition, std::move(narrowed), std::move(model)) {}
  bool is_narrowed = false;
  VectorTable table;
  std::uint64_t counted = 0;
  std::optional<StoredCopy> copy;  ///< the server's, as long as it is asked
  std::string why_no_copy;         ///< a sentence's end, or nothing
  std::shared_ptr<VectorMemory> memory;
  std::optional<VectorMemory::Reading> reading;
  std::optional<SnapshotRows> rows;

  void set_no_copy(std::string why) {
    copy.reset();
    why_no_copy = std::move(why);
  }
};

void Finder::open_source(Source& source, const SearchOptions& options, const Scope& scope) {
  if (scope.keys != nullptr) {
    source.rows.emplace(source.table, *scope.keys);
    return;
  }
  const bool wants_all = options.path == vectors::name_of(vectors::Path::scan);
  // What is remembered tells whether there are many, where nothing narrows them; else they are counted.
  const auto known =
      !source.is_narrowed && !wants_all ? ledger_.memories.find(definition_, vector_->model) : nullptr;
  source.counted = known ? vectors::scan_rows_max + 1 : source.table.count(vectors::scan_rows_max + 1);
  const bool are_many =
      source.counted > vectors::scan_rows_max || (!options.path.empty() && source.counted > 0);
  if (!are_many || wants_all) {
    source.rows.emplace(source.table, source.counted);
    return;
  }
  choose_copy(source, options);
  if (!source.copy) open_memory(source);
}

void Finder::open_memory(Source& source) {
  source.memory = ledger_.memories.of(definition_, vector_->model);
  source.reading = source.memory->read(ledger_.connection, ledger_.layout, ledger_.head);
  if (source.reading) {
    source.rows.emplace(source.table, *source.memory, ledger_.head, source.is_narrowed);
  } else {
    source.rows.emplace(source.table, source.counted);
  }
}

/// The server is asked of as many rows, and behind such filters, as a graph would be.
void Finder::choose_copy(Source& source, const SearchOptions& options) {
  const bool is_asked_for = options.path == vectors::name_of(vectors::Path::pgvector);
  if (!options.path.empty() && !is_asked_for) {
    return;
  }
  source.copy = VectorCopies(ledger_.connection).find(definition_.name);
  if (!source.copy && !is_asked_for) {
    return;
  }
  const std::string why =
      source.copy ? unfit(*source.copy, definition_, ledger_.head) : "there is no copy of the vectors";
  if (!why.empty() && is_asked_for) {
    refuse("pgvector can't be asked: " + why,
           "run `reeve search rebuild URL --vectors server`, or take another path");
  }
  const auto rows = static_cast<std::uint64_t>(source.copy->rows);
  const bool is_zero =
      std::all_of(vector_->vector.begin(), vector_->vector.end(), [](float one) { return one == 0; });
  if (!why.empty()) {
    source.set_no_copy(why);
  } else if (is_zero) {
    source.set_no_copy("the zero vector has no direction");
  } else if (!is_asked_for && rows < vectors::graph_rows_min) {
    source.set_no_copy({});
  } else if (!is_asked_for && source.is_narrowed && source.table.count(rows / 4) < rows / 4) {
    source.set_no_copy("filters leave a small part of its index");
  }
}

/// More and more of what the server's index proposes, while filters leave too few of it; nothing, and no copy, where that does not
/// end with k.
std::optional<vectors::Answer> Finder::ask_server(Source& source, const vectors::Query& query,
                                                  std::size_t k) {
  VectorCopies copies(ledger_.connection);
  int widened = 0;
  for (std::size_t count = std::max(proposed_min, 4 * k); k <= proposed_max; count *= 4, ++widened) {
    count = std::min(count, proposed_max);
    const auto keys = copies.nearest(*source.copy, definition_.embedding->metric, vector_->vector, count);
    if (!keys) {
      source.set_no_copy("the server refuses to search it");
      return std::nullopt;
    }
    source.rows.emplace(source.table, *keys);
    vectors::Answer answer = vectors::search(*source.rows, query, {.k = k, .path = vectors::Path::scan});
    if (answer.hits.size() == k) {
      answer.explanation = {vectors::Path::pgvector,
                            false,
                            static_cast<std::uint64_t>(source.copy->rows),
                            keys->size(),
                            0,
                            widened,
                            "the server's index, and the rows' own vectors"};
      return answer;
    }
    if (count == proposed_max) break;
  }
  source.set_no_copy("its index proposes too few rows");
  return std::nullopt;
}

vectors::Answer Finder::ask(Source& source, const vectors::Query& query,
                            const vectors::SearchOptions& asked) {
  if (source.copy) {
    if (auto answer = ask_server(source, query, asked.k)) return *answer;
    open_memory(source);
  }
  vectors::SearchOptions options = asked;
  if (options.path == vectors::Path::pgvector || !source.reading) {
    const bool wants_all = options.path == vectors::Path::scan;
    options.path = wants_all ? options.path : std::nullopt;
  }
  vectors::Answer answer =
      vectors::search(*source.rows, query, options, source.reading ? source.memory->graph() : nullptr);
  if (!source.reading) answer.explanation.rows = answer.explanation.candidates = source.rows->looked_at();
  if (!source.why_no_copy.empty())
    answer.explanation.reason += "; pgvector is not asked: " + source.why_no_copy;
  return answer;
}

/// The rows whose vectors are nearest and of the text that they have: more are asked for while stale ones leave too few.
std::vector<Finder::Near> Finder::nearest(const SearchOptions& options, const Scope& scope, std::size_t count,
                                          SearchAnswer& answer) {
  Source source(ledger_, definition_, conditions(options, scope), vector_->model);
  open_source(source, options, scope);
  const vectors::Query query(definition_.embedding->metric, vector_->vector);
  vectors::SearchOptions asked;
  asked.path = vectors::path_named(options.path);
  const std::size_t wanted = std::min(vectors::k_max, count + (left_out_.empty() ? 0 : 1));
  std::unordered_map<std::int64_t, bool> is_fresh;
  std::vector<Near> near;
  vectors::Answer found;
  for (asked.k = std::min(vectors::k_max, wanted + spare);; asked.k = std::min(vectors::k_max, 4 * asked.k)) {
    found = ask(source, query, asked);
    near.clear();
    for (auto hit = found.hits.begin(); hit != found.hits.end() && near.size() < wanted; ++hit) {
      const auto [verdict, is_new] = is_fresh.try_emplace(hit->id, false);
      if (is_new)
        verdict->second = is_of_its_text(source.rows->key_of(hit->id), source.rows->text_hash_of(hit->id));
      if (verdict->second)
        near.push_back(
            {source.rows->key_of(hit->id), static_cast<double>(vectors::similarity_of(hit->score))});
    }
    if (near.size() >= wanted || found.hits.size() < asked.k || asked.k == vectors::k_max) break;
  }
  const auto stale =
      std::count_if(is_fresh.begin(), is_fresh.end(), [](const auto& one) { return !one.second; });
  if (near.size() < wanted && found.hits.size() == vectors::k_max) {
    found.explanation.is_exact = false;  // beyond the nearest 10,000 nobody looked
  }
  vectors::Explanation& explanation = found.explanation;
  answer.is_exact = answer.is_exact && explanation.is_exact;
  answer.paths.push_back(
      explanation.to_string() +
      (stale > 0 ? fmt::format("; {} rows left out, whose text changed since", stale) : ""));
  if (!by_words(options)) answer.matches += static_cast<std::int64_t>(explanation.rows);
  std::erase_if(near, [&](const Near& one) { return one.key == left_out_; });
  if (near.size() > count) near.resize(count);
  return near;
}

}  // namespace reeve::search
