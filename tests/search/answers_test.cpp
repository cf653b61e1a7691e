// What a search answers, and that it always answers.

#include "library.h"

#include "base/json.h"
#include "data/legacy_source.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <set>

namespace reeve::testing {
namespace {

class search : public BothEngines {
 protected:
  void add(const std::string& payload) { commit("sample.added", payload); }
  SearchAnswer ask(const std::string& words, const SearchOptions& options = {}) {
    const SearchAnswer left = sqlite_->search("samples", words, options);
    EXPECT_EQ(shown(left), shown(postgres_->search("samples", words, options))) << words;
    return left;
  }
  std::vector<std::string> keys(const std::string& words, const SearchOptions& options = {}) {
    std::vector<std::string> found;
    for (const SearchHit& hit : ask(words, options).hits) found.push_back(hit.key);
    return found;
  }
};
using Keys = std::vector<std::string>;

TEST_F(search, worked_example_of_the_document) {
  blueprint::Sources sources = library_sources();
  sources.files["search/samples.toml"] =
      "format = 1\ntable = \"samples\"\nlanguage = \"english\"\nfilters = [\"genre\", \"user_id\"]\n\n"
      "[text]\ntitle = 3\npath = 1\n";
  make(workshop_.blueprint(sources), "search_example");
  commit("user.joined", R"({"user_id":"u1"})");
  add(R"({"sample_id":1,"title":"Dusty 80's Kicks","path":"drums/kick_01.wav","genre":"lo-fi","user_id":"u1"})");
  const SearchAnswer answer = ask("kick");
  ASSERT_EQ(answer.hits.size(), 1U);
  EXPECT_EQ(answer.hits[0].key, R"({"sample_id":1})");
  EXPECT_EQ(answer.hits[0].score, std::log(1.0 + 0.5 / 1.5) * 4.0 * 2.2 / (4.0 + 1.2));
  EXPECT_NEAR(answer.hits[0].score, 0.4868, 0.0001);
  const auto file = engine::Connection::open(file_, engine::OpenMode::read_only);
  EXPECT_EQ(std::get<std::string>(*file->value("SELECT c0 || '|' || c1 FROM reeve_search_terms_2")),
            "drum kick 01 wav|dusti 80s kick");
}

TEST_F(search, finds_what_people_type_and_ranks_it) {
  make(workshop_.blueprint(library_sources()), "search_typed");
  add(R"({"sample_id":1,"title":"80's kick","path":"drums/a.wav","genre":"rock","bpm":90,"loud":true})");
  add(R"({"sample_id":2,"title":"lo-fi hiss","path":"kick/b.wav","genre":"lo-fi","bpm":80})");
  add(R"({"sample_id":10,"title":"Live in Ōtāhuhu","path":"c","notes":{"kick":"snare","tags":["deep Crate",{"x":"mood"}]}})");
  add(R"({"sample_id":9,"title":"Live in Ōtāhuhu","path":"c"})");
  EXPECT_EQ(keys("80's kick"), Keys{R"({"sample_id":1})"});
  EXPECT_EQ(keys("kick"), (Keys{R"({"sample_id":1})",
                                R"({"sample_id":2})"}));  // the title weighs more; no names of members
  EXPECT_EQ(keys("lo-fi"), Keys{R"({"sample_id":2})"});
  EXPECT_EQ(keys("OTAHUHU"), (Keys{R"({"sample_id":9})", R"({"sample_id":10})"}));
  EXPECT_EQ(keys("crates mood"), Keys{R"({"sample_id":10})"});
  EXPECT_EQ(keys("\"in live\""), Keys{});
  EXPECT_EQ(keys("\"live in\" -mood"), Keys{R"({"sample_id":9})"});
  EXPECT_EQ(keys("ki* -80s"), Keys{R"({"sample_id":2})"});
  EXPECT_EQ(keys("hiss or mood"), (Keys{R"({"sample_id":2})", R"({"sample_id":10})"}));
  EXPECT_EQ(keys("kick", {.filters = {{"bpm", "80"}, {"genre", "lo-fi"}}}), Keys{R"({"sample_id":2})"});
  EXPECT_EQ(keys("kick", {.filters = {{"loud", "true"}}}), Keys{R"({"sample_id":1})"});
  EXPECT_EQ(keys("kick", {.filters = {{"genre", "nothing"}}}), Keys{});
  EXPECT_EQ(ask("live crate", {.snippets = true, .mark_begin = "<b>", .mark_end = "</b>"}).hits.at(0).snippet,
            "<b>Live</b> in Ōtāhuhu");
  EXPECT_THROW(ask("kick", {.filters = {{"title", "x"}}}), Error);
  EXPECT_THROW(ask("kick", {.filters = {{"bpm", "many"}}}), Error);
  EXPECT_THROW(ask("kick", {.limit = 0}), Error);
  EXPECT_THROW(sqlite_->search("nowhere", "kick"), Error);
  EXPECT_EQ(sqlite_->search("plain", "kicks").hits.size(), 0U);  // of no language
}

TEST_F(search, gives_as_many_rows_as_are_asked_for_whenever_there_are_so_many) {
  make(workshop_.blueprint(library_sources()), "search_filters");
  for (int i = 0; i < 300; ++i) {
    // Those of the rare genre rank last.
    add(fmt::format(R"({{"sample_id":{},"title":"kick{}","path":"p","genre":"{}"}})", i,
                    i % 30 == 0 ? " among so many other words" : " kick kick",
                    i % 30 == 0 ? "rare" : "common"));
  }
  EXPECT_EQ(keys("kick", {.limit = 10, .filters = {{"genre", "rare"}}}).size(), 10U);
  const Keys all = keys("kick", {.limit = 300});
  EXPECT_EQ(all.size(), 300U);
  for (const std::int64_t limit : {1, 7, 100, 290, 299}) {
    const Keys some = keys("kick", {.limit = limit});
    EXPECT_EQ(some, Keys(all.begin(), all.begin() + limit));
  }
}

/// Titles and paths of a real library, or the test fails.
std::vector<std::pair<std::string, std::string>> real_files() {
  const auto legacy = legacy::find_file(project_file(""));
  if (!legacy) throw std::runtime_error("REEVE_SHARED_DATA names no folder with sp404/files.json");
  std::ifstream in(legacy->parent_path() / "sp404" / "files.json");
  const nlohmann::json files = nlohmann::json::parse(in);
  std::vector<std::pair<std::string, std::string>> found;
  for (const nlohmann::json& file : files) {
    std::string name;
    std::string path;
    for (const auto& [member, value] : file.items()) {
      if (!value.is_string()) continue;
      (member.find("path") != std::string::npos ? path : name) = value.get<std::string>();
    }
    found.emplace_back(name, path);
  }
  return found;
}

TEST_F(search, of_a_real_library_gives_the_same_rows_in_the_same_order_on_both_engines) {
  make(workshop_.blueprint(library_sources()), "search_real");
  const auto files = real_files();
  ASSERT_GT(files.size(), 4'000U);
  std::set<std::string> words;
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    std::vector<std::future<Outcome>> verdicts;
    for (std::size_t i = 0; i < files.size(); ++i) {
      std::string title;
      std::string path;
      json::append_canonical_string(files[i].first, title);
      json::append_canonical_string(files[i].second, path);
      verdicts.push_back(ledger->submit(
          "sample.added", fmt::format(R"({{"sample_id":{},"title":{},"path":{}}})", i, title, path),
          {.id = fmt::format("00000000-0000-4000-8000-{:012}", i + 1), .time = "2026-01-01T00:00:00Z"}));
    }
    for (std::future<Outcome>& verdict : verdicts) ASSERT_EQ(reason_of(verdict.get()), "");
  }
  expect_equal_heads(0);
  LibraryMaker maker(test_seed("search real"));
  int found = 0;
  for (int i = 0; i < 200; ++i) {
    const auto& [title, path] =
        files[static_cast<std::size_t>(maker.below(static_cast<std::int64_t>(files.size())))];
    std::string typed = maker.below(2) == 0 ? title : path;
    if (maker.below(2) == 0) typed = typed.substr(0, static_cast<std::size_t>(maker.below(12)) + 1) + "*";
    if (maker.below(4) == 0) typed = "\"" + typed + "\"";
    if (maker.below(4) == 0) typed += " or kick -snare";
    found += ask(typed, {.limit = 25, .snippets = true}).hits.empty() ? 0 : 1;
  }
  EXPECT_GT(found, 100);
  EXPECT_EQ(differences(file_), "");
  EXPECT_EQ(differences(database_->application()), "");
}

TEST_F(search, answers_whatever_is_typed) {
  // Many more, from one snapshot, in typed_test.cpp.
  constexpr int queries = 2'000;
  make(workshop_.blueprint(library_sources()), "search_rubbish");
  LibraryMaker maker(test_seed("search rubbish"));
  for (int i = 0; i < 60; ++i) {
    add(fmt::format(R"({{"sample_id":{},"title":"{}","path":"{}","genre":"{}"}})", i, maker.words(8),
                    maker.words(4), maker.genre()));
  }
  int found = 0;
  for (int i = 0; i < queries; ++i) {
    const std::string typed = maker.below(3) == 0 ? maker.query() : maker.rubbish();
    SearchOptions options{.limit = 1 + maker.below(30), .snippets = maker.below(8) == 0};
    if (maker.below(8) == 0) options.filters = {{"genre", maker.rubbish()}};
    found += ask(typed, options).hits.empty() ? 0 : 1;
  }
  EXPECT_GT(found, queries / 20);
  std::string large;
  while (large.size() < 1024 * 1024) large += maker.rubbish() + " ";
  EXPECT_TRUE(ask(large).was_cut);
}

}  // namespace
}  // namespace reeve::testing
