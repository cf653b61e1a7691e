// Full text by a search index beside what the engines bring: FTS5 with bm25(), tsvector with GIN and ts_rank, on the same
// rows, the twenty best of each query. And what an index adds to a commit.

#include "shared/postgres.h"
#include "shared/support.h"

#include "engine/connection.h"

#include <reeve/ledger.h>

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <future>
#include <random>
#include <vector>

namespace bench {

namespace {

using reeve::Ledger;
using reeve::engine::Connection;

constexpr std::size_t together = 64;
constexpr int vocabulary = 5'000;
constexpr int hits = 20;

void write(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::filesystem::path blueprint(const Folder& folder, bool with_index) {
  std::filesystem::path path = folder.file(with_index ? "indexed" : "plain");
  write(path / "blueprint.toml", "format = 1\nname = \"library\"\ntitle = \"The Library\"\n");
  write(path / "migrations/0001_core.up.sql",
        "CREATE TABLE samples (sample_id bigint PRIMARY KEY, title text NOT NULL, path text NOT NULL);\n");
  write(path / "migrations/0001_core.down.sql", "DROP TABLE samples;\n");
  write(path / "events/sample.added.v1.sql",
        "INSERT INTO samples (sample_id, title, path) VALUES (:sample_id, :title, :path);\n");
  write(path / "events/sample.added.v1.json",
        R"({"type":"object","properties":{"sample_id":{"type":"integer"},"title":{"type":"string"},)"
        R"("path":{"type":"string"}},"required":["sample_id","title","path"]})");
  if (with_index) {
    write(path / "search/samples.toml",
          "format = 1\ntable = \"samples\"\nlanguage = \"english\"\n\n[text]\ntitle = 1\npath = 1\n");
  }
  return path;
}

/// Words as often as in natural text: the n-th about 1/n as often as the first.
class Words {
 public:
  std::string next() {
    const double share = std::uniform_real_distribution<double>(0, 1)(random_);
    return fmt::format("word{}", static_cast<int>(std::pow(vocabulary, share)));
  }
  std::string several(int count) {
    std::string out = next();
    for (int i = 1; i < count; ++i) out += " " + next();
    return out;
  }

 private:
  std::mt19937_64 random_{11};
};

struct Sample {
  std::int64_t id = 0;
  std::string title;
  std::string path;
};

void commit(Ledger& ledger, std::span<const Sample> samples) {
  for (std::size_t i = 0; i < samples.size(); i += together) {
    std::vector<std::future<reeve::Outcome>> verdicts;
    for (const Sample& sample : samples.subspan(i, std::min(together, samples.size() - i))) {
      verdicts.push_back(
          ledger.submit("sample.added", fmt::format(R"({{"sample_id":{},"title":"{}","path":"{}"}})",
                                                    sample.id, sample.title, sample.path)));
    }
    for (auto& verdict : verdicts) reeve::ensure(verdict.get().accepted(), "a sample is added");
  }
}

/// Asks each query, as often as there are rounds, of both in turn. Gives the median of (queries a second of Reeve) over
/// (those of the bare engine).
double compare(Report& report, const std::string& key, const std::vector<std::string>& queries,
               std::int64_t rounds, Ledger& ledger, const std::function<int(const std::string&)>& bare) {
  std::vector<double> ratios;
  std::vector<double> own;
  for (std::int64_t round = 0; round < rounds; ++round) {
    const auto by_reeve = measure([&] {
      for (const std::string& query : queries) ledger.search("samples", query, {.limit = hits});
    });
    const auto by_bare = measure([&] {
      for (const std::string& query : queries) bare(query);
    });
    ratios.push_back(by_bare.wall / by_reeve.wall);
    own.push_back(static_cast<double>(queries.size()) / by_reeve.wall);
  }
  report.figure(key + "_queries", median(own), "queries/s", "by a search index");
  report.figures(key + "_ratios", ratios, "ratio", "queries per second, Reeve over bare");
  return median(ratios);
}

/// CPU of a commit with an index over one without, client and server.
void compare_commits(Report& report, const std::string& key, std::span<const Sample> samples,
                     std::size_t warm, Ledger& indexed, Ledger& plain,
                     const std::function<double()>& server) {
  commit(indexed, samples.first(warm));
  commit(plain, samples.first(warm));
  const auto rest = samples.subspan(warm);
  double with = 0;
  double without = 0;
  constexpr std::size_t slices = 8;
  for (std::size_t i = 0; i < slices; ++i) {
    const std::size_t begin = rest.size() * i / slices;
    const auto slice = rest.subspan(begin, rest.size() * (i + 1) / slices - begin);
    double before = server();
    with += measure([&] { commit(indexed, slice); }).process_cpu + server() - before;
    before = server();
    without += measure([&] { commit(plain, slice); }).process_cpu + server() - before;
  }
  const double scale = 1e6 / static_cast<double>(rest.size());
  report.figure(key + "_commit", without * scale, "us/event", "CPU without an index");
  report.figure(key + "_indexed_commit", with * scale, "us/event", "CPU with one over ten words");
  report.figure(key + "_commit_ratio", with / without, "ratio", "with over without");
}

int rows_of(reeve::engine::Statement& statement) {
  int rows = 0;
  while (statement.step()) ++rows;
  statement.reset();
  return rows;
}

void run_text(const Arguments& arguments) {
  Report report("text", arguments);
  const Folder folder;
  const std::int64_t count = arguments.events_or(20'000, 400);
  const std::int64_t rounds = arguments.rounds_or(5, 1);
  const auto warm = static_cast<std::size_t>(count / 2);
  Words words;
  std::vector<Sample> samples;
  for (std::int64_t i = 1; i <= count; ++i) samples.push_back({i, words.several(4), words.several(6)});
  std::vector<std::string> queries;
  for (int i = 0; i < (arguments.quick ? 10 : 200); ++i) queries.push_back(words.several(1 + i % 2));

  Ledger indexed = Ledger::create(folder.file("indexed.db").string(), blueprint(folder, true).string());
  Ledger plain = Ledger::create(folder.file("plain.db").string(), blueprint(folder, false).string());
  compare_commits(report, "sqlite", samples, warm, indexed, plain, [] { return 0.0; });
  const auto file = Connection::open(folder.file("bare.db"), reeve::engine::OpenMode::create);
  file->execute("CREATE VIRTUAL TABLE samples_text USING fts5(title, path, tokenize = 'porter unicode61')");
  {
    reeve::engine::Transaction tx(*file, reeve::engine::Transaction::Mode::write);
    auto insert = file->prepare("INSERT INTO samples_text (rowid, title, path) VALUES (?1, ?2, ?3)");
    for (const Sample& sample : samples) {
      insert.bind_integer(1, sample.id);
      insert.bind_text(2, sample.title);
      insert.bind_text(3, sample.path);
      insert.run();
    }
    tx.commit();
  }
  auto match = file->prepare(
      "SELECT rowid, rank FROM samples_text WHERE samples_text MATCH ?1 ORDER BY rank LIMIT 20");
  const double ratio = compare(report, "sqlite", queries, rounds, indexed, [&](const std::string& query) {
    match.bind_text(1, query);
    return rows_of(match);
  });

  Server server(arguments);
  server.create_ledger("indexed", blueprint(folder, true));
  server.create_ledger("plain", blueprint(folder, false));
  const auto url = [&](const std::string& name) {
    const std::string base = server.url(name, "app");
    return base + (base.find('?') == std::string::npos ? "?" : "&") + "ledger=";
  };
  Ledger indexed_there = Ledger::open(url("indexed"));
  Ledger plain_there = Ledger::open(url("plain"));
  compare_commits(report, "postgres", samples, warm, indexed_there, plain_there,
                  [&] { return server.cpu_seconds(); });
  const auto bare = Connection::open_postgres(server.create_database("bare"));
  bare->execute(
      "CREATE TABLE samples (sample_id bigint PRIMARY KEY, title text NOT NULL, path text NOT NULL, words "
      "tsvector"
      " GENERATED ALWAYS AS (to_tsvector('english', title || ' ' || path)) STORED);"
      "CREATE INDEX ON samples USING gin (words)");
  {
    reeve::engine::Transaction tx(*bare, reeve::engine::Transaction::Mode::write);
    auto insert = bare->prepare("INSERT INTO samples (sample_id, title, path) VALUES ($1, $2, $3)");
    for (const Sample& sample : samples) {
      insert.bind_integer(1, sample.id);
      insert.bind_text(2, sample.title);
      insert.bind_text(3, sample.path);
      insert.run();
    }
    tx.commit();
  }
  bare->execute("ANALYZE");
  server.execute("indexed", "ANALYZE");
  auto ranked = bare->prepare(
      "SELECT sample_id, ts_rank(words, q) AS rank FROM samples, plainto_tsquery('english', $1) AS q"
      " WHERE words @@ q ORDER BY rank DESC, sample_id LIMIT 20");
  compare(report, "postgres", queries, rounds, indexed_there, [&](const std::string& query) {
    ranked.bind_text(1, query);
    return rows_of(ranked);
  });
  report.end_with_ratio(ratio);
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_text); }
