// Search of the nearest vectors, by each path, beside hnswlib, and where npm can fetch them beside sqlite-vec and pgvector.
// The last line is queries per second of a whole search by the graph over those of hnswlib's bare search, each with the
// fewest candidates that give a recall of 0.95 at 10. One thread, seconds of CPU. `--rows N` is the number of vectors.

#include "shared/hnswlib_index.h"
#include "shared/support.h"
#include "shared/vector_peers.h"
#include "vectors/graph.h"
#include "vectors/memory_rows.h"
#include "vectors/search.h"
#include "vectors/sentence_encoder.h"

#include <support/vector_sample.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace bench {

namespace {

using namespace reeve::vectors;

constexpr std::size_t k = 10;
constexpr double recall_min = 0.95;
constexpr std::size_t ladder[] = {10, 12, 14, 16, 18,  20,  23,  26,  30,  34,  38,  43,  48,  54, 60,
                                  68, 76, 86, 96, 108, 122, 138, 156, 176, 200, 260, 340, 450, 600};

/// Rows with the ids 0 to size - 1, and queries that are none of them, all of length 1.
struct Data {
  VectorList rows;
  VectorList queries;
  std::size_t dimensions() const { return rows.front().size(); }
};

std::vector<float> unit(std::vector<float> vector) {
  normalize(vector);
  return vector;
}

Data clustered(std::size_t count, std::size_t dimensions) {
  reeve::testing::VectorSample sample(dimensions, std::max<std::size_t>(count / 100, 5), 1);
  Data data;
  for (std::size_t i = 0; i < count; ++i) data.rows.push_back(unit(sample.next()));
  for (int i = 0; i < 200; ++i) data.queries.push_back(unit(sample.next()));
  return data;
}

MemoryRows rows_of(const VectorList& vectors, std::size_t divisor = 1) {
  MemoryRows rows(vectors.front().size());
  for (std::size_t i = 0; i < vectors.size(); i += divisor)
    rows.put(static_cast<std::int64_t>(i), vectors[i], i + 1);
  return rows;
}

std::vector<Query> queries_of(const Data& data) {
  std::vector<Query> queries;
  for (const std::vector<float>& vector : data.queries) queries.emplace_back(Metric::cosine, vector);
  return queries;
}

/// A side of a comparison: queries per second of CPU, and of the truth how much was found.
struct Speed {
  double per_second = 0;
  double recall = 0;
};

template <typename Ask>
Speed measure_queries(const Data& data, const Truth& truth, const Ask& ask) {
  std::size_t found = 0;
  std::size_t wanted = 0;
  const Spent spent = measure([&] {
    for (std::size_t i = 0; i < data.queries.size(); ++i) {
      for (const std::int64_t id : ask(data.queries[i])) {
        found += static_cast<std::size_t>(std::count(truth[i].begin(), truth[i].end(), id));
      }
      wanted += truth[i].size();
    }
  });
  return {static_cast<double>(data.queries.size()) / spent.thread_cpu,
          static_cast<double>(found) / static_cast<double>(wanted)};
}

std::vector<std::int64_t> ids_of(const std::vector<Hit>& hits) {
  std::vector<std::int64_t> ids;
  for (const Hit& hit : hits) ids.push_back(hit.id);
  return ids;
}

Truth truth_of(MemoryRows& rows, const Data& data) {
  Truth truth;
  for (const Query& query : queries_of(data)) {
    truth.push_back(ids_of(search(rows, query, {.k = k, .path = Path::scan}).hits));
  }
  return truth;
}

Speed by_path(MemoryRows& rows, const Data& data, const Truth& truth, const SearchOptions& options,
              const Graph* graph = nullptr) {
  return measure_queries(data, truth, [&](const std::vector<float>& vector) {
    return ids_of(search(rows, Query(Metric::cosine, vector), options, graph).hits);
  });
}

/// The fewest candidates of the ladder that give the recall.
template <typename Run>
std::size_t fewest(const Run& run) {
  for (const std::size_t candidates : ladder) {
    if (run(candidates).recall >= recall_min) return candidates;
  }
  throw std::runtime_error("no number of candidates gives the recall");
}

void report_path(Report& report, const std::string& name, const Speed& speed, const std::string& what) {
  report.figure(name, speed.per_second, "queries/s", fmt::format("{}, recall {:.4f}", what, speed.recall));
}

/// The graph and the library on the same vectors, in turn; gives the ratio.
double compare(Report& report, const std::string& name, const Data& data, MemoryRows& rows,
               const Truth& truth, std::int64_t rounds) {
  Graph graph({.dimensions = data.dimensions()});
  graph.reserve(data.rows.size());
  const Spent ours_built = measure([&] {
    for (std::size_t i = 0; i < data.rows.size(); ++i) {
      graph.put(static_cast<std::int64_t>(i), rows.stored(static_cast<std::int64_t>(i), Kind::code), i + 1);
    }
  });
  HnswlibIndex library(data.dimensions(), data.rows.size(), Graph::links, 200);
  const Spent theirs_built = measure([&] {
    for (std::size_t i = 0; i < data.rows.size(); ++i) library.add(data.rows[i].data(), i);
  });
  report.figure(name + "_build", ours_built.thread_cpu, "s",
                fmt::format("to build the graph; hnswlib {:.1f} s", theirs_built.thread_cpu));
  report.figure(name + "_memory", static_cast<double>(graph.memory_bytes()) / 1e6, "MB",
                fmt::format("of the graph; hnswlib {:.0f} MB, with the vectors",
                            static_cast<double>(library.memory_bytes()) / 1e6));
  const auto ours = [&](std::size_t candidates) {
    return by_path(rows, data, truth, {.k = k, .path = Path::graph, .candidates = candidates}, &graph);
  };
  const auto theirs = [&](std::size_t candidates) {
    library.set_candidates(candidates);
    return measure_queries(data, truth, [&](const std::vector<float>& vector) {
      std::vector<std::int64_t> ids;
      for (const std::size_t id : library.search(vector.data(), k))
        ids.push_back(static_cast<std::int64_t>(id));
      return ids;
    });
  };
  const std::size_t ours_candidates = fewest(ours);
  const std::size_t theirs_candidates = fewest(theirs);
  std::vector<double> ratios;
  std::vector<double> ours_speeds;
  std::vector<double> theirs_speeds;
  for (std::int64_t round = 0; round < rounds; ++round) {
    ours_speeds.push_back(ours(ours_candidates).per_second);
    theirs_speeds.push_back(theirs(theirs_candidates).per_second);
    ratios.push_back(ours_speeds.back() / theirs_speeds.back());
  }
  report_path(report, name + "_graph", {median(ours_speeds), ours(ours_candidates).recall},
              fmt::format("by the graph with {} candidates", ours_candidates));
  report_path(report, name + "_hnswlib", {median(theirs_speeds), theirs(theirs_candidates).recall},
              fmt::format("by hnswlib with {} candidates", theirs_candidates));
  report_path(report, name + "_graph_default",
              by_path(rows, data, truth, {.k = k, .path = Path::graph}, &graph), "by the graph as it comes");
  report.figure(name + "_ratio", median(ratios), "", "of the two, at a recall of 0.95");
  return median(ratios);
}

double measure_set(Report& report, const std::string& name, const Data& data, std::int64_t rounds) {
  report.figure(name + "_rows", static_cast<double>(data.rows.size()), "",
                fmt::format("vectors of {} dimensions", data.dimensions()));
  MemoryRows rows = rows_of(data.rows);
  const Truth truth = truth_of(rows, data);
  report_path(report, name + "_scan", by_path(rows, data, truth, {.k = k, .path = Path::scan}), "exact");
  for (const std::size_t candidates : {100U, 200U, 400U, 800U}) {
    report_path(report, fmt::format("{}_sieve_{}", name, candidates),
                by_path(rows, data, truth, {.k = k, .path = Path::sieve, .candidates = candidates}),
                fmt::format("by the sieve with {} candidates", candidates));
  }
  report_path(report, name + "_codes", by_path(rows, data, truth, {.k = k, .path = Path::codes}), "by codes");
  MemoryRows hundredth = rows_of(data.rows, 100);
  const Truth of_hundredth = truth_of(hundredth, data);
  report_path(report, name + "_filtered", by_path(hundredth, data, of_hundredth, {.k = k}),
              "with a filter of 1 %");
  return compare(report, name, data, rows, truth, rounds);
}

void measure_peers(Report& report, Data data, const Arguments& arguments) {
  std::string why = "a quick run fetches nothing";
  VectorPeers peers;
  if (arguments.quick || !peers.prepare(why)) {
    report.figure("peers", 0, "", "sqlite-vec and pgvector are LEFT OUT: " + why);
    return;
  }
  data.rows.resize(std::min<std::size_t>(data.rows.size(), 10'000));
  data.queries.resize(50);
  MemoryRows rows = rows_of(data.rows);
  const Truth truth = truth_of(rows, data);
  MemoryRows hundredth = rows_of(data.rows, 100);
  const Truth of_hundredth = truth_of(hundredth, data);
  report.figure("peers", static_cast<double>(data.rows.size()), "",
                "of the clustered vectors, for those that follow");
  report_path(report, "peers_scan", by_path(rows, data, truth, {.k = k, .path = Path::scan}), "exact");
  report.figure("peers_sqlite_vec", peers.sqlite_vec(data.rows, data.queries, truth), "queries/s",
                "exact by sqlite-vec");
  const VectorPeers::Pgvector pgvector = peers.pgvector(data.rows, data.queries, truth, of_hundredth);
  report.figure("peers_pgvector_build", pgvector.build_seconds, "s",
                "to build pgvector's graph (WebAssembly)");
  report_path(report, "peers_pgvector", {pgvector.queries_per_second, pgvector.recall},
              fmt::format("by pgvector with {} candidates", pgvector.candidates));
  report_path(report, "peers_pgvector_filtered", {pgvector.filtered_per_second, pgvector.filtered_recall},
              "by pgvector with a filter of 1 %");
  report_path(report, "peers_filtered", by_path(hundredth, data, of_hundredth, {.k = k}),
              "with a filter of 1 %");
}

/// Sentences of the project's own documents and comments, each once: English as people write it, if technical.
std::vector<std::string> sentences(std::size_t count_max) {
  const std::filesystem::path root = source_folder();
  std::vector<std::filesystem::path> files;
  for (const char* folder : {"docs", "include", "src", "blueprints", "tests"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const std::string kind = entry.path().extension().string();
      if (kind == ".md" || kind == ".h" || kind == ".cpp" || kind == ".sql") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::set<std::string> seen;
  std::vector<std::string> all;
  for (const std::filesystem::path& file : files) {
    const bool is_prose = file.extension() == ".md";
    std::ifstream stream(file);
    std::string text;
    for (std::string line; std::getline(stream, line);) {
      const std::size_t mark = is_prose ? 0 : line.find(file.extension() == ".sql" ? "--" : "//");
      text += mark == std::string::npos ? "\n" : line.substr(is_prose ? 0 : mark + 2) + " ";
    }
    std::string sentence;
    for (const char c : text) {
      sentence += c;
      if (c != '.' && c != '\n' && c != '|') continue;
      const std::size_t first = sentence.find_first_not_of(" \n/<#*-|");
      if (first != std::string::npos && sentence.size() - first > 25 && sentence.size() - first < 300 &&
          seen.insert(sentence.substr(first)).second) {
        all.push_back(sentence.substr(first));
      }
      sentence.clear();
      if (all.size() == count_max) return all;
    }
  }
  return all;
}

Data of_texts(std::size_t count_max, Report& report) {
  SentenceEncoder encoder;
  Data data;
  const std::vector<std::string> texts = sentences(count_max);
  const Spent spent = measure([&] {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      Embedding made = encoder.embed_one(texts[i]);
      if (made.vector.empty()) continue;
      const bool is_query = i % 20 == 7 && data.queries.size() < 200;
      (is_query ? data.queries : data.rows).push_back(std::move(made.vector));
    }
  });
  report.figure("encoder", spent.thread_cpu / static_cast<double>(texts.size()) * 1e3, "ms",
                "for a sentence, by the sentence encoder");
  return data;
}

void run_vectors(const Arguments& arguments) {
  Report report("vectors", arguments);
  const auto count = static_cast<std::size_t>(arguments.events_or(100'000, 2'000));
  const std::int64_t rounds = arguments.rounds_or(7, 2);
  double ratio = 0;
  {
    const Data data = clustered(count, 768);
    ratio = measure_set(report, "clustered", data, rounds);
    measure_peers(report, data, arguments);
  }
  measure_set(report, "texts", of_texts(arguments.quick ? 400 : count, report), rounds);
  report.end_with_ratio(ratio);
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) {
  // Rows are what the other benchmarks' events are.
  static std::string events = "--events";
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--rows") argv[i] = events.data();
  }
  return bench::run(argc, argv, bench::run_vectors);
}
