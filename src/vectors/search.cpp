#include "vectors/search.h"

#include "vectors/graph.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::vectors {

namespace {

/// What the paths need of candidates, as measured (docs/vectors.md).
std::size_t candidates_of(Path path, std::size_t k) {
  switch (path) {
    case Path::scan: return 0;
    case Path::sieve: return std::max<std::size_t>(400, 20 * k);
    case Path::codes: return std::max<std::size_t>(32, 2 * k);
    case Path::graph:
    case Path::pgvector: return std::max<std::size_t>(64, 4 * k);
  }
  return 0;
}

struct Choice {
  Path path = Path::scan;
  std::string reason;
};

/// Why a graph can't be asked; empty when it can.
std::string_view unfit(RowSet& rows, const Query& query, const Graph& graph) {
  if (graph.options().metric != query.metric() || graph.options().dimensions != query.dimensions()) {
    return "the graph is of another metric or of other dimensions";
  }
  const std::uint64_t sequence = rows.sequence();
  if (graph.sequence() > sequence) return "the graph is ahead of what is shown";
  if (sequence - graph.sequence() > graph_events_behind_max) return "the graph is too far behind";
  return {};
}

Choice choose(RowSet& rows, std::uint64_t count, const Query& query, const Graph* graph) {
  if (count <= scan_rows_max) {
    return {Path::scan, fmt::format("up to {} rows every vector is looked at", scan_rows_max)};
  }
  std::string behind;
  if (graph != nullptr && count >= graph_rows_min) {
    std::string_view why = unfit(rows, query, *graph);
    // It passes through what a filter leaves out: of a small part, most of its way is for nothing.
    if (why.empty() && count < graph->live() / 4) why = "filters leave a small part of the graph";
    if (why.empty()) return {Path::graph, fmt::format("{} rows or more, and a graph", graph_rows_min)};
    behind = fmt::format("; {}", why);
  }
  if (query.metric() == Metric::cosine && query.dimensions() >= sieve_dimensions_min &&
      rows.keeps(Kind::signature)) {
    return {Path::sieve, fmt::format("more than {} rows{}", scan_rows_max, behind)};
  }
  if (rows.keeps(Kind::code)) {
    return {Path::codes,
            fmt::format("more than {} rows, and signatures suit cosine with {} dimensions or more",
                        scan_rows_max, sieve_dimensions_min)};
  }
  return {Path::scan, "the rows keep no codes"};
}

/// More would be a scan of all rows at a higher price.
constexpr std::size_t candidates_max = 1'000'000;

void check_options(RowSet& rows, const Query& query, const SearchOptions& options, const Graph* graph) {
  if (options.k < 1 || options.k > k_max) {
    throw Error(ErrorCode::invalid_input, fmt::format("{} nearest rows", options.k),
                fmt::format("ask for 1 to {}", k_max));
  }
  if (options.candidates > candidates_max) {
    throw Error(ErrorCode::invalid_input, fmt::format("{} candidates", options.candidates),
                fmt::format("take {} at most", candidates_max));
  }
  if (options.path == Path::sieve && query.metric() != Metric::cosine) {
    throw Error(ErrorCode::invalid_input, "a sieve has no order but cosine's", "take the path codes");
  }
  if ((options.path == Path::sieve && !rows.keeps(Kind::signature)) ||
      (options.path == Path::codes && !rows.keeps(Kind::code))) {
    throw Error(ErrorCode::invalid_input, fmt::format("the rows keep nothing for {}", name_of(*options.path)),
                "take the path scan");
  }
  if (options.path == Path::pgvector) {
    throw Error(ErrorCode::invalid_input, "the rows have no index of the database's", "take another path");
  }
  if (options.path == Path::graph) {
    const std::string_view why = graph == nullptr ? "there is no graph" : unfit(rows, query, *graph);
    if (!why.empty()) throw Error(ErrorCode::invalid_input, std::string(why), "take another path");
  }
}

std::vector<Hit> scan(RowSet& rows, const Query& query, std::size_t k) {
  Nearest nearest(k);
  rows.each(Kind::vector, [&](std::int64_t id, std::string_view stored) {
    nearest.offer({id, query.exact(stored)});
  });
  return nearest.take();
}

std::vector<std::int64_t> propose(RowSet& rows, const Query& query, Path path, std::size_t count) {
  Nearest nearest(count);
  if (path == Path::sieve) {
    rows.each(Kind::signature, [&](std::int64_t id, std::string_view stored) {
      nearest.offer({id, query.by_signature(stored)});
    });
  } else {
    rows.each(Kind::code, [&](std::int64_t id, std::string_view stored) {
      nearest.offer({id, query.by_code(stored)});
    });
  }
  std::vector<std::int64_t> ids;
  for (const Hit& hit : nearest.take()) ids.push_back(hit.id);
  return ids;
}

/// Asks the graph, for more and more while filters and erased rows leave too few. False when that does not end with k, or as
/// many as there are.
bool walk(RowSet& rows, const Query& query, std::size_t k, std::size_t candidates, const Graph& graph,
          Answer& answer) {
  Explanation& explanation = answer.explanation;
  explanation.is_exact = false;
  // What was written behind the graph's sequence is scored whatever the graph says of it.
  Nearest tail(k);
  std::vector<std::int64_t> tail_ids;
  rows.each_after(graph.sequence(), [&](std::int64_t id, std::string_view stored) {
    tail_ids.push_back(id);
    tail.offer({id, query.exact(stored)});
  });
  std::sort(tail_ids.begin(), tail_ids.end());
  explanation.tail = tail_ids.size();
  const std::vector<Hit> fresh = tail.take();
  const std::size_t looked_at_max = k + std::max<std::size_t>(8, k / 2);
  // Of those that the graph may know: rows of the tail say nothing of what a filter left of its proposals.
  const std::uint64_t known = explanation.rows - std::min<std::uint64_t>(explanation.rows, tail_ids.size());
  const std::uint64_t enough = std::min<std::uint64_t>(known, std::min(looked_at_max, candidates));
  for (std::size_t width = candidates;; width *= 4) {
    Nearest nearest(k);
    for (const Hit& hit : fresh) nearest.offer(hit);
    const std::vector<Hit> proposed = graph.propose(query, width);
    std::vector<std::int64_t> ids;
    for (const Hit& hit : proposed) {
      if (ids.size() == looked_at_max && explanation.widened == 0) break;
      if (!std::binary_search(tail_ids.begin(), tail_ids.end(), hit.id)) ids.push_back(hit.id);
    }
    std::uint64_t found = 0;
    rows.each_of(ids, [&](std::int64_t id, std::string_view stored) {
      ++found;
      nearest.offer({id, query.exact(stored)});
    });
    explanation.candidates = ids.size() + tail_ids.size();
    answer.hits = nearest.take();
    if (found >= enough || proposed.size() < width || width >= graph.live()) break;
    ++explanation.widened;
  }
  return answer.hits.size() == std::min<std::uint64_t>(explanation.rows, k);
}

}  // namespace

std::string_view name_of(Path path) {
  switch (path) {
    case Path::scan: return "scan";
    case Path::sieve: return "sieve";
    case Path::codes: return "codes";
    case Path::graph: return "graph";
    case Path::pgvector: return "pgvector";
  }
  return "scan";
}

std::optional<Path> path_named(std::string_view name) {
  for (const Path path : {Path::scan, Path::sieve, Path::codes, Path::graph, Path::pgvector}) {
    if (name_of(path) == name) return path;
  }
  return std::nullopt;
}

std::string Explanation::to_string() const {
  std::string text = fmt::format("{}, {}: {} candidates of {} rows", is_exact ? "exact" : "approximate",
                                 name_of(path), candidates, rows);
  if (tail > 0) text += fmt::format(", {} of them behind the graph", tail);
  if (widened > 0) text += fmt::format(", widened {} times", widened);
  return text + "; " + reason;
}

Answer search(RowSet& rows, const Query& query, const SearchOptions& options, const Graph* graph) {
  check_options(rows, query, options, graph);
  Answer answer;
  Explanation& explanation = answer.explanation;
  explanation.rows = rows.count();
  const Choice choice =
      options.path ? Choice{*options.path, "as asked"} : choose(rows, explanation.rows, query, graph);
  explanation.path = choice.path;
  explanation.reason = choice.reason;
  const auto wanted_of = [&](Path path) {
    return std::max(options.k, options.candidates > 0 ? options.candidates : candidates_of(path, options.k));
  };
  if (explanation.path == Path::graph) {
    if (walk(rows, query, options.k, wanted_of(Path::graph), *graph, answer)) return answer;
    explanation.reason = "the graph did not reach enough rows";
    explanation.path = rows.keeps(Kind::code) ? Path::codes : Path::scan;
  }
  const std::size_t wanted = wanted_of(explanation.path);
  explanation.is_exact = explanation.path == Path::scan || wanted >= explanation.rows;
  if (explanation.path == Path::scan) {
    explanation.candidates = explanation.rows;
    answer.hits = scan(rows, query, options.k);
    return answer;
  }
  const std::vector<std::int64_t> ids = propose(rows, query, explanation.path, wanted);
  explanation.candidates = ids.size();
  Nearest nearest(options.k);
  rows.each_of(ids, [&](std::int64_t id, std::string_view stored) {
    nearest.offer({id, query.exact(stored)});
  });
  answer.hits = nearest.take();
  return answer;
}

}  // namespace reeve::vectors
