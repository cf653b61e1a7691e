// How long after its commit a row is found: by words, which are written with it, and by meaning, which a model makes after it.
// Whoever searches is another connection, as another process would be.

#include "shared/postgres.h"
#include "shared/support.h"

#include <reeve/ledger.h>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <vector>

namespace bench {

namespace {

using reeve::Ledger;
using reeve::SearchBy;

void write(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::filesystem::path blueprint(const Folder& folder) {
  std::filesystem::path path = folder.file("lore");
  write(path / "blueprint.toml", "format = 1\nname = \"lore\"\ntitle = \"Lore\"\n");
  write(path / "migrations/0001_core.up.sql",
        "CREATE TABLE lore (id bigint PRIMARY KEY, text text NOT NULL);\n"
        "CREATE TABLE lore_vectors (id bigint PRIMARY KEY REFERENCES lore (id) ON DELETE CASCADE,\n"
        "  model text NOT NULL, text_hash text NOT NULL, embedding bytea, failure text);\n");
  write(path / "migrations/0001_core.down.sql", "DROP TABLE lore_vectors;\nDROP TABLE lore;\n");
  write(path / "events/lore.told.v1.sql", "INSERT INTO lore (id, text) VALUES (:id, :text);\n");
  write(
      path / "events/lore.told.v1.json",
      R"({"type":"object","properties":{"id":{"type":"integer"},"text":{"type":"string"}},"required":["id","text"]})");
  write(path / "events/lore.embedded.v1.sql",
        "INSERT INTO lore_vectors (id, model, text_hash, embedding, failure)\n"
        "VALUES (:id, :model, :text_hash, decode(:embedding, 'base64'), :failure)\n"
        "ON CONFLICT (id) DO UPDATE SET model = excluded.model, text_hash = excluded.text_hash,\n"
        "  embedding = excluded.embedding, failure = excluded.failure;\n");
  write(
      path / "events/lore.embedded.v1.json",
      R"({"type":"object","properties":{"id":{"type":"integer"},"model":{"type":"string"},"text_hash":{"type":"string"},)"
      R"("embedding":{"type":"string"},"failure":{"type":"string"}},"required":["id","model","text_hash"]})");
  write(path / "search/lore.toml",
        "format = 1\ntable = \"lore\"\nlanguage = \"english\"\n\n[text]\ntext = 1\n\n[embedding]\n"
        "table = \"lore_vectors\"\nmodel = \"lexical\"\ndimensions = 512\nevent = \"lore.embedded\"\n");
  return path;
}

double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

/// Commits rows one after the other; each is asked for by `seeker` right after its acknowledgement, and has to be there.
std::vector<double> follow(Report& report, const std::string& key, Ledger& writer, Ledger& seeker,
                           std::int64_t count) {
  std::vector<double> words;
  std::vector<double> meaning;
  for (std::int64_t id = 0; id < count; ++id) {
    const std::string text = fmt::format("the lantern {} burned in house {}", id, id * 7919 % 100'003);
    const auto outcome = writer.commit("lore.told", fmt::format(R"({{"id":{},"text":"{}"}})", id, text));
    reeve::ensure(outcome.accepted(), "lore is told");
    const double acknowledged = wall_seconds();
    const auto by_words = seeker.search("lore", fmt::format("\"lantern {}\"", id));
    words.push_back((wall_seconds() - acknowledged) * 1e3);
    reeve::ensure(by_words.hits.size() == 1, "what was acknowledged is found by words");
    writer.embed("lore");
    const auto by_meaning = seeker.search("lore", text, {.limit = 1, .by = SearchBy::meaning});
    meaning.push_back((wall_seconds() - acknowledged) * 1e3);
    reeve::ensure(by_meaning.hits.size() == 1 && by_meaning.hits[0].key == fmt::format("{{\"id\":{}}}", id),
                  "what was embedded is found by meaning");
  }
  report.figure(key + "_words", percentile(words, 0.5), "ms",
                "from the acknowledgement to the answer, median");
  report.figure(key + "_words_p99", percentile(words, 0.99), "ms", "the same, 99 of 100");
  report.figure(key + "_meaning", percentile(meaning, 0.5), "ms",
                "with the lexical model asked between, median");
  report.figure(key + "_meaning_p99", percentile(meaning, 0.99), "ms", "the same, 99 of 100");
  return words;
}

void run_lag(const Arguments& arguments) {
  Report report("index-lag", arguments);
  const Folder folder;
  const std::int64_t count = arguments.events_or(500, 20);
  const std::string file = folder.file("lore.db").string();
  Ledger writer = Ledger::create(file, blueprint(folder).string());
  Ledger seeker = Ledger::open(file);
  const std::vector<double> lag = follow(report, "sqlite", writer, seeker, count);
  Server server(arguments);
  server.create_ledger("lore", blueprint(folder));
  const std::string base = server.url("lore", "app");
  const std::string url = base + (base.find('?') == std::string::npos ? "?" : "&") + "ledger=";
  Ledger writer_there = Ledger::open(url);
  Ledger seeker_there = Ledger::open(url);
  follow(report, "postgres", writer_there, seeker_there, count);
  report.end_with_value(percentile(lag, 0.99), "ms");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_lag); }
