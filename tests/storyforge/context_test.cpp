// The context of a scene: what is chosen, in which order, and that a budget is kept.

#include "workshop.h"

#include <gmock/gmock.h>

#include <random>

namespace reeve::testing {
namespace {

using storyforge::choose_context;
using storyforge::Context;
using storyforge::ContextCandidate;
using storyforge::estimate_tokens;
using storyforge::Stories;
using storyforge::WorldEntry;

ContextCandidate scene(int number, std::int64_t tokens, std::int64_t summary_tokens = 0,
                       const std::string& word = "x") {
  std::string content = word;
  content.resize(static_cast<std::size_t>(tokens) * 4, '.');
  return {.node_id = node_id(number),
          .type = storyforge::NodeType::scene,
          .choice_text = "",
          .content = content,
          .summary = std::string(static_cast<std::size_t>(summary_tokens) * 4, 's')};
}

WorldEntry entry(int number, const std::string& name, std::int64_t tokens) {
  WorldEntry made{.entry_id = entry_id(number), .entry_type = "character", .name = name, .description = ""};
  made.description.resize(static_cast<std::size_t>(tokens) * 4 - name.size(), 'd');
  return made;
}

/// `2 3s 4`: the scenes, s for a summary.
std::string shown(const Context& context) {
  std::string out;
  for (const auto& of : context.scenes)
    out += fmt::format("{}{}{}", out.empty() ? "" : " ", number_of_id(of.node_id), of.is_summary ? "s" : "");
  for (const auto& of : context.world) out += " " + of.name;
  return out;
}

TEST(context_choice, estimates_four_code_points_to_a_token_rounded_up) {
  EXPECT_EQ(estimate_tokens(""), 0);
  EXPECT_EQ(estimate_tokens("a"), 1);
  EXPECT_EQ(estimate_tokens("abcd"), 1);
  EXPECT_EQ(estimate_tokens("abcde"), 2);
  EXPECT_EQ(estimate_tokens("Ōtā東"), 1);
  EXPECT_EQ(estimate_tokens("🎵🎵🎵🎵🎵"), 2);
}

TEST(context_choice, keeps_the_newest_and_says_them_in_story_order) {
  const std::vector<ContextCandidate> lineage = {scene(5, 10), scene(4, 10), scene(3, 10), scene(2, 10)};
  EXPECT_EQ(shown(choose_context(lineage, {}, 40)), "2 3 4 5");
  EXPECT_EQ(shown(choose_context(lineage, {}, 39)), "3 4 5");
  EXPECT_EQ(choose_context(lineage, {}, 39).left_out, 1);
  EXPECT_EQ(shown(choose_context(lineage, {}, 10)), "5");
  EXPECT_EQ(shown(choose_context(lineage, {}, 9)), "");
  EXPECT_EQ(shown(choose_context(lineage, {}, 0)), "");
  EXPECT_EQ(shown(choose_context(lineage, {}, -5)), "");
  EXPECT_EQ(shown(choose_context({}, {}, 100)), "");
}

TEST(context_choice, takes_summaries_where_the_text_does_not_fit_and_leaves_no_gap) {
  const std::vector<ContextCandidate> lineage = {scene(5, 10), scene(4, 30, 2), scene(3, 5), scene(2, 10, 1)};
  EXPECT_EQ(shown(choose_context(lineage, {}, 100)), "2 3 4 5");
  EXPECT_EQ(shown(choose_context(lineage, {}, 54)), "2s 3 4 5");
  EXPECT_EQ(shown(choose_context(lineage, {}, 39)), "2 3 4s 5");
  EXPECT_EQ(shown(choose_context(lineage, {}, 18)), "2s 3 4s 5");
  EXPECT_EQ(shown(choose_context(lineage, {}, 17)), "3 4s 5");
  // 3 has no summary: what is before it would hang in the air.
  EXPECT_EQ(shown(choose_context(lineage, {}, 14)), "4s 5");
  EXPECT_EQ(shown(choose_context({scene(5, 10, 3)}, {}, 4)), "5s");
}

TEST(context_choice, adds_what_the_scenes_name_of_the_world) {
  const std::vector<ContextCandidate> lineage = {scene(5, 10, 0, "The wolves met Red-Cap."),
                                                 scene(4, 10, 0, "Grandmother's house."),
                                                 scene(3, 10, 0, "Wine.")};
  const std::vector<WorldEntry> world = {entry(1, "Red-Cap", 5), entry(2, "Wolf", 5),
                                         entry(3, "grandmother", 5), entry(4, "Huntsman", 5),
                                         entry(5, "Cap Red", 5)};
  // "wolves" is no form of "wolf" to the stemmer; case, hyphens and 's are none of a name's business.
  EXPECT_EQ(shown(choose_context(lineage, world, 100)), "3 4 5 grandmother Red-Cap");
  EXPECT_EQ(choose_context(lineage, world, 100).tokens, 40);
  // What the node itself names stands before older scenes, for a quarter of the budget.
  EXPECT_EQ(shown(choose_context(lineage, world, 25)), "4 5 Red-Cap");
  EXPECT_EQ(shown(choose_context(lineage, world, 19)), "5 Red-Cap");
  EXPECT_EQ(shown(choose_context(lineage, world, 15)), "5 Red-Cap");
  EXPECT_EQ(shown(choose_context(lineage, world, 14)), "5");
}

/// Brute force: what the rules of choose_context() say, written down once more, without its shortcuts.
TEST(context_choice, keeps_its_budget_and_wastes_none_of_it) {
  std::mt19937 random(1812);
  const auto below = [&](int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random); };
  const std::vector<WorldEntry> world = {entry(1, "wolf", 4), entry(2, "cap", 2), entry(3, "oak", 9)};
  for (int round = 0; round < 3'000; ++round) {
    std::vector<ContextCandidate> lineage;
    for (int i = below(12); i >= 0; --i) {
      const int kind = below(8);
      const std::string word = kind == 0 ? "wolf oak" : kind == 1 ? "cap" : kind == 2 ? "oak cap" : "x";
      lineage.push_back(scene(i, 2 + below(20), below(3) == 0 ? 0 : 1 + below(4), word));
    }
    const std::int64_t budget = below(150);
    const Context context = choose_context(lineage, world, budget);
    EXPECT_EQ(shown(context), shown(choose_context(lineage, world, budget)));
    std::int64_t tokens = 0;
    for (const auto& of : context.scenes) tokens += of.tokens;
    for (const auto& of : context.world) tokens += of.tokens;
    EXPECT_EQ(tokens, context.tokens);
    EXPECT_LE(tokens, budget);
    const std::size_t kept = context.scenes.size();
    ASSERT_EQ(kept + static_cast<std::size_t>(context.left_out), lineage.size());
    for (std::size_t i = 0; i < kept; ++i) {
      const auto& of = context.scenes[kept - 1 - i];
      EXPECT_EQ(of.node_id, lineage[i].node_id);
      EXPECT_EQ(of.text, of.is_summary ? lineage[i].summary : lineage[i].content);
      EXPECT_EQ(of.tokens, estimate_tokens(of.text));
    }
    if (kept < lineage.size()) {
      // Without what the newest named, the next one would not have fitted either, or the share would be too large.
      std::int64_t older = 0;
      for (const auto& of : context.scenes) older += of.tokens;
      EXPECT_GT(older + budget / 4 + estimate_tokens(lineage[kept].content), budget);
    }
  }
}

class context : public StoryEngines {};

TEST_F(context, is_of_the_lineage_alone_and_as_deep_as_the_story_says) {
  open("stories_context");
  plant();
  both([](Stories& stories) {
    const std::int64_t before = stories.questions();
    const auto whole = stories.context(node_id(6), 1'000);
    EXPECT_EQ(stories.questions() - before, 2);
    ASSERT_TRUE(whole);
    EXPECT_EQ(shown(*whole), "1 2 4 6");
    EXPECT_EQ(shown(*stories.context(node_id(6), 1'000, 2)), "4 6");
    ASSERT_TRUE(stories.edit_story({.story_id = story_id(1), .version = 1, .context_depth = 3}));
    EXPECT_EQ(shown(*stories.context(node_id(6), 1'000)), "2 4 6");
    EXPECT_FALSE(stories.context(node_id(60), 1'000));
  });
}

TEST_F(context, counts_choices_passes_over_stale_summaries_and_finds_the_world) {
  open("stories_context_world");
  plant();
  both([](Stories& stories) {
    ASSERT_TRUE(stories.add({.parent_id = node_id(6),
                             .content = "I fled to Ingolstadt.",
                             .type = storyforge::NodeType::choice,
                             .choice_text = "Run away",
                             .node_id = node_id(8)}));
    ASSERT_TRUE(stories.summarize(node_id(6), 1, "An eye."));
    ASSERT_TRUE(stories.summarize(node_id(4), 1, "A being."));
    ASSERT_TRUE(
        stories.edit({.node_id = node_id(4), .version = 1, .content = "I made the being, and shuddered."}));
    ASSERT_TRUE(stories.add_entry({.story_id = story_id(1),
                                   .entry_type = "location",
                                   .name = "Ingolstadt",
                                   .description = "A town on the Danube.",
                                   .entry_id = entry_id(1)}));
  });
  both([](Stories& stories) {
    const auto whole = stories.context(node_id(8), 1'000);
    ASSERT_TRUE(whole);
    EXPECT_EQ(shown(*whole), "1 2 4 6 8 Ingolstadt");
    EXPECT_EQ(whole->scenes.back().choice_text, "Run away");
    EXPECT_EQ(whole->scenes.back().tokens, 8);  // (21 + 8 code points + 3) / 4
    EXPECT_EQ(whole->world.front().description, "A town on the Danube.");
    // 6 by its summary; 4's summary is of an older text, and its text too long.
    EXPECT_EQ(shown(*stories.context(node_id(8), 15)), "6s 8");
    // Ingolstadt's 8 tokens are a quarter of 33 and more than a quarter of 31.
    EXPECT_EQ(shown(*stories.context(node_id(8), 33)), "4 6 8 Ingolstadt");
    EXPECT_EQ(shown(*stories.context(node_id(8), 31)), "2 4 6 8");
  });
}

}  // namespace
}  // namespace reeve::testing
