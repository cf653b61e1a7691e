// Two hundred queries with judged answers: the same rows on both engines, and the right ones among the first.

#include "data/legacy_source.h"
#include "search/library.h"
#include "storyforge/tale_file.h"
#include "workshop.h"

#include "base/json.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <map>

namespace reeve::testing {
namespace {

constexpr std::int64_t shown_max = 10;
constexpr std::size_t first_max = 3;  ///< where a right answer counts

struct Judged {
  std::string typed;
  std::vector<std::string> answers;
};

/// The part of judged.txt under a heading.
std::vector<Judged> read_judged(const std::string& part) {
  std::ifstream in(project_file("tests/storyforge/judged.txt"));
  std::vector<Judged> judged;
  bool is_part = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('[')) is_part = line == "[" + part + "]";
    const std::size_t bar = line.find(" | ");
    if (!is_part || bar == std::string::npos) continue;
    judged.push_back({line.substr(0, bar), {}});
    const std::string answers = line.substr(bar + 3);
    if (part == "samples") {
      judged.back().answers = {answers};  // names have blanks
      continue;
    }
    std::istringstream words(answers);
    for (std::string word; words >> word;) judged.back().answers.push_back(word);
  }
  return judged;
}

/// How the right answers came out.
struct Share {
  std::size_t queries = 0;
  std::size_t first = 0;
  std::size_t among_first = 0;
  std::string missed;

  void count(const Judged& judged, const std::vector<std::string>& found) {
    ++queries;
    for (std::size_t i = 0; i < std::min(found.size(), first_max); ++i) {
      if (std::find(judged.answers.begin(), judged.answers.end(), found[i]) == judged.answers.end()) continue;
      first += i == 0 ? 1 : 0;
      ++among_first;
      return;
    }
    missed += fmt::format("  {} ({} found)\n", judged.typed, found.size());
  }
  double of_all(std::size_t number) const {
    return static_cast<double>(number) / static_cast<double>(queries);
  }
  std::string counts() const {
    return fmt::format("{} queries, {} right at once, {} among the first {}\n", queries, first, among_first,
                       first_max);
  }
  std::string shown() const { return counts() + "missed:\n" + missed; }
};

class judged_queries : public StoryEngines {
 protected:
  /// Of both engines, compared to the last bit of their scores.
  std::vector<std::string> keys_of(const std::string& index, const Judged& judged,
                                   const SearchOptions& options,
                                   const std::map<std::string, std::string>& names) {
    const SearchAnswer left = sqlite_->search(index, judged.typed, options);
    EXPECT_EQ(shown(left), shown(postgres_->search(index, judged.typed, options))) << judged.typed;
    std::vector<std::string> keys;
    for (const SearchHit& hit : left.hits) keys.push_back(names.at(hit.key));
    return keys;
  }
};

TEST_F(judged_queries, about_tales_are_answered_alike_and_rightly_where_all_words_are_there) {
  open("judged_tales");
  const auto tale = storyforge::read_tale(project_file("demo/storyforge/data/tales_told_twice.txt"));
  std::map<std::string, std::string> names;
  CountingRandom left_ids;
  CountingRandom right_ids;
  for (const auto& [ledger, ids] : {std::pair(&*sqlite_, &left_ids), std::pair(&*postgres_, &right_ids)}) {
    storyforge::Stories stories(*ledger, {.actor = "reader", .random = ids});
    for (const auto& [key, id] : storyforge::plant(stories, tale).nodes)
      names[JsonMembers().add("node_id", id).object()] = key;
  }
  ASSERT_EQ(names.size(), tale.nodes.size());  // the same ids on both
  expect_equal_heads(0);
  Share all;
  Share with_all_words;
  for (const Judged& judged : read_judged("tales")) {
    const auto keys = keys_of("scenes", judged, {.limit = shown_max, .snippets = true}, names);
    all.count(judged, keys);
    if (!keys.empty()) with_all_words.count(judged, keys);
  }
  EXPECT_GE(all.queries, 175U);
  // Every word has to be there: what people remember otherwise finds nothing.
  std::cout << all.counts() << "with all words: " << with_all_words.counts();
  EXPECT_GE(all.of_all(all.among_first), 0.85) << all.shown();
  EXPECT_GE(with_all_words.of_all(with_all_words.among_first), 0.95) << with_all_words.shown();
}

class judged_samples : public BothEngines {};

TEST_F(judged_samples, are_found_by_their_names_in_a_real_library) {
  const auto legacy = legacy::find_file(project_file(""));
  ASSERT_TRUE(legacy) << "REEVE_SHARED_DATA names no folder with sp404/files.json";
  const nlohmann::json files =
      nlohmann::json::parse(std::ifstream(legacy->parent_path() / "sp404" / "files.json"));
  make(workshop_.blueprint(library_sources()), "judged_samples");
  std::map<std::string, std::string> names;
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    std::vector<std::future<Outcome>> verdicts;
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto name = files[i].at("filename").get<std::string>();
      names[fmt::format(R"({{"sample_id":{}}})", i)] = name;
      verdicts.push_back(ledger->submit(
          "sample.added",
          JsonMembers()
              .add("sample_id", i)
              .add("title", name)
              .add("path", files[i].at("rel_path").get<std::string>())
              .object(),
          {.id = fmt::format("00000000-0000-4000-8000-{:012}", i + 1), .time = "2026-01-01T00:00:00Z"}));
    }
    for (std::future<Outcome>& verdict : verdicts) ASSERT_EQ(reason_of(verdict.get()), "");
  }
  Share all;
  for (const Judged& judged : read_judged("samples")) {
    const SearchOptions options{.limit = shown_max, .snippets = true};
    const SearchAnswer left = sqlite_->search("samples", judged.typed, options);
    EXPECT_EQ(shown(left), shown(postgres_->search("samples", judged.typed, options))) << judged.typed;
    std::vector<std::string> found;
    for (const SearchHit& hit : left.hits) found.push_back(names.at(hit.key));
    all.count(judged, found);
  }
  EXPECT_EQ(all.queries, 25U);
  std::cout << all.counts();
  EXPECT_GE(all.of_all(all.among_first), 0.95) << all.shown();
}

}  // namespace
}  // namespace reeve::testing
