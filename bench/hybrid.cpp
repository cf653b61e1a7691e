// Search by words, by meaning and by both in a ledger: queries per second, with and without a filter, and how many of the
// nearest the approximate paths find. Vectors are the application's own, clustered as embeddings are.

#include "shared/support.h"

#include "base/base64.h"
#include "support/vector_sample.h"
#include "vectors/stored_vector.h"

#include <reeve/ledger.h>

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <future>
#include <random>
#include <set>
#include <vector>

namespace bench {

namespace {

using reeve::Ledger;
using reeve::SearchBy;
using reeve::SearchOptions;

constexpr std::size_t dimensions = 768;
constexpr std::int64_t together = 256;
constexpr int groups = 100;  ///< values of the filter: one leaves 1 % of the rows

void write(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::filesystem::path blueprint(const Folder& folder) {
  std::filesystem::path path = folder.file("lore");
  write(path / "blueprint.toml", "format = 1\nname = \"lore\"\ntitle = \"Lore\"\n");
  write(path / "migrations/0001_core.up.sql",
        "CREATE TABLE lore (id bigint PRIMARY KEY, universe integer NOT NULL, text text NOT NULL);\n"
        "CREATE INDEX lore_by_universe ON lore (universe, id);\n"
        "CREATE TABLE lore_vectors (id bigint PRIMARY KEY REFERENCES lore (id) ON DELETE CASCADE,\n"
        "  embedding bytea NOT NULL);\n");
  write(path / "migrations/0001_core.down.sql", "DROP TABLE lore_vectors;\nDROP TABLE lore;\n");
  write(path / "events/lore.told.v1.sql",
        "INSERT INTO lore (id, universe, text) VALUES (:id, :universe, :text);\n"
        "INSERT INTO lore_vectors (id, embedding) VALUES (:id, decode(:embedding, 'base64'));\n");
  write(
      path / "events/lore.told.v1.json",
      R"({"type":"object","properties":{"id":{"type":"integer"},"universe":{"type":"integer"},)"
      R"("text":{"type":"string"},"embedding":{"type":"string"}},"required":["id","universe","text","embedding"]})");
  write(path / "search/lore.toml",
        fmt::format("format = 1\ntable = \"lore\"\nlanguage = \"english\"\nfilters = [\"universe\"]\n\n"
                    "[text]\ntext = 1\n\n[embedding]\ntable = \"lore_vectors\"\ndimensions = {}\n",
                    dimensions));
  return path;
}

class Words {
 public:
  std::string several(int count) {
    std::string out;
    for (int i = 0; i < count; ++i) {
      const double share = std::uniform_real_distribution<double>(0, 1)(random_);
      out += fmt::format("{}word{}", i > 0 ? " " : "", static_cast<int>(std::pow(5'000, share)));
    }
    return out;
  }

 private:
  std::mt19937_64 random_{13};
};

struct Question {
  std::string words;
  std::vector<float> vector;
  std::string universe;
};

class Measurement {
 public:
  Measurement(Report& report, Ledger& ledger, const std::vector<Question>& questions, std::int64_t rounds)
      : report_(report), ledger_(ledger), questions_(questions), rounds_(rounds) {}

  /// Seconds for all questions, the median of the rounds.
  double run(const std::string& key, SearchBy by, bool is_filtered, const std::string& path = {}) {
    std::vector<double> seconds;
    for (std::int64_t round = 0; round < rounds_; ++round) {
      seconds.push_back(measure([&] {
                          for (const Question& question : questions_) ask(question, by, is_filtered, path);
                        }).wall);
    }
    const double middle = median(seconds);
    report_.figure(key, static_cast<double>(questions_.size()) / middle, "queries/s",
                   path_.empty() ? "by words" : path_);
    return middle;
  }

  /// The share of the ten nearest that a search finds.
  void recall(const std::string& key, bool is_filtered) {
    double found = 0;
    double all = 0;
    for (const Question& question : questions_) {
      std::set<std::string> exact;
      for (const auto& hit : ask(question, SearchBy::meaning, is_filtered, "scan").hits)
        exact.insert(hit.key);
      for (const auto& hit : ask(question, SearchBy::meaning, is_filtered, {}).hits) {
        found += exact.contains(hit.key) ? 1 : 0;
      }
      all += static_cast<double>(exact.size());
    }
    report_.figure(key, found / all, "share", "of the ten nearest");
  }

 private:
  reeve::SearchAnswer ask(const Question& question, SearchBy by, bool is_filtered, const std::string& path) {
    SearchOptions options;
    options.limit = 10;
    options.by = by;
    if (by != SearchBy::words) {
      options.vector = question.vector;
      options.path = path;
    }
    if (is_filtered) options.filters = {{"universe", question.universe}};
    reeve::SearchAnswer answer = ledger_.search("lore", question.words, options);
    path_ = answer.paths.empty() ? std::string() : answer.paths.front();
    return answer;
  }

  Report& report_;
  Ledger& ledger_;
  const std::vector<Question>& questions_;
  std::int64_t rounds_;
  std::string path_;
};

void run_hybrid(const Arguments& arguments) {
  Report report("hybrid", arguments);
  const Folder folder;
  const std::int64_t count = arguments.events_or(100'000, 500);
  const std::int64_t rounds = arguments.rounds_or(3, 1);
  Ledger ledger = Ledger::create(folder.file("lore.db").string(), blueprint(folder).string());
  reeve::testing::VectorSample vectors(dimensions, 500, 17);
  Words words;
  std::mt19937_64 random(19);
  const auto written = measure([&] {
    for (std::int64_t first = 0; first < count; first += together) {
      std::vector<std::future<reeve::Outcome>> verdicts;
      for (std::int64_t id = first; id < std::min<std::int64_t>(count, first + together); ++id) {
        verdicts.push_back(ledger.submit(
            "lore.told",
            fmt::format(R"({{"id":{},"universe":{},"text":"{}","embedding":"{}"}})", id, random() % groups,
                        words.several(12), reeve::to_base64(reeve::vectors::encode_vector(vectors.next())))));
      }
      for (auto& verdict : verdicts) reeve::ensure(verdict.get().accepted(), "lore is told");
    }
  });
  report.figure("write", static_cast<double>(count) / written.wall, "rows/s", "with words and a vector each");
  std::vector<Question> questions;
  for (int i = 0; i < (arguments.quick ? 5 : 100); ++i) {
    questions.push_back({words.several(1 + i % 2), vectors.next(), fmt::format("{}", random() % groups)});
  }
  const auto first =
      measure([&] { ledger.search("lore", "", {.by = SearchBy::meaning, .vector = questions[0].vector}); });
  report.figure("first", first.wall * 1e3, "ms", "the first search, which reads all vectors once");
  Measurement of(report, ledger, questions, rounds);
  const double by_words = of.run("words", SearchBy::words, false);
  const double by_meaning = of.run("meaning", SearchBy::meaning, false);
  const double by_both = of.run("both", SearchBy::both, false);
  of.run("words_filtered", SearchBy::words, true);
  of.run("meaning_filtered", SearchBy::meaning, true);
  of.run("both_filtered", SearchBy::both, true);
  of.run("scan", SearchBy::meaning, false, "scan");
  of.recall("recall", false);
  of.recall("recall_filtered", true);
  // What both cost over the two alone: one order out of two is nearly free.
  report.end_with_ratio((by_words + by_meaning) / by_both);
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_hybrid); }
