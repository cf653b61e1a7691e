// The repository: one question for each answer, a refusal for each rule, the same on both engines.

#include "workshop.h"

#include <gmock/gmock.h>

#include <thread>

namespace reeve::testing {
namespace {

using storyforge::NodeType;
using storyforge::Refusal;
using storyforge::Stories;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class repository : public StoryEngines {};

template <typename Nodes>
std::vector<int> numbers(const Nodes& nodes) {
  std::vector<int> found;
  for (const auto& node : nodes) found.push_back(number_of_id(node.node_id));
  return found;
}

TEST_F(repository, begins_a_story_with_its_root_and_finds_both) {
  open("stories_begin");
  both([](Stories& stories) {
    const auto made = stories.create({.owner = "mary",
                                      .title = "The Last Man",
                                      .content = "I visited Naples in 1818.",
                                      .genre = "romance",
                                      .context_depth = 7,
                                      .metadata = Json{R"({"plague":true})"},
                                      .story_id = story_id(1),
                                      .root_id = node_id(1)});
    ASSERT_TRUE(made) << made.refusal().reason;
    const auto opened = stories.story(made.value().story_id);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->story.title, "The Last Man");
    EXPECT_EQ(opened->story.genre, "romance");
    EXPECT_EQ(opened->story.context_depth, 7);
    EXPECT_EQ(opened->story.metadata.text, R"({"plague":true})");
    EXPECT_EQ(opened->root_id, node_id(1));
    EXPECT_EQ(opened->current_leaf_id, std::nullopt);
    const auto root = stories.node(node_id(1));
    ASSERT_TRUE(root);
    EXPECT_EQ(root->type, NodeType::root);
    EXPECT_EQ(root->parent_id, std::nullopt);
    EXPECT_EQ(root->content, "I visited Naples in 1818.");
    EXPECT_EQ(root->version, 1);
    EXPECT_FALSE(stories.story(story_id(2)));
    EXPECT_FALSE(stories.node(node_id(2)));
    EXPECT_FALSE(stories.node_with_story(node_id(2)));
  });
}

TEST_F(repository, refuses_a_second_story_of_a_title_and_stores_no_half_of_it) {
  open("stories_title");
  plant();
  both([](Stories& stories) {
    const auto again = stories.create({.owner = "mary",
                                       .title = "Frankenstein",
                                       .content = "Again.",
                                       .story_id = story_id(2),
                                       .root_id = node_id(9)});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.refusal().reason, "mary has a story of this title already: Frankenstein");
    // A root that is taken: the story does not come without it.
    EXPECT_FALSE(stories.create({.owner = "mary",
                                 .title = "Other",
                                 .content = "Again.",
                                 .story_id = story_id(2),
                                 .root_id = node_id(1)}));
    EXPECT_FALSE(stories.story(story_id(2)));
    EXPECT_FALSE(stories.node(node_id(9)));
  });
}

TEST_F(repository, makes_ids_where_none_are_given) {
  open("stories_ids");
  const auto made =
      left_->create({.owner = "mary", .title = "Mathilda", .content = "It is only four o'clock."});
  ASSERT_TRUE(made);
  const auto one = left_->add({.parent_id = made.value().root_id, .content = "One."});
  const auto two = left_->add({.parent_id = made.value().root_id, .content = "Two."});
  ASSERT_TRUE(one);
  ASSERT_TRUE(two);
  EXPECT_NE(one.value(), two.value());
  EXPECT_EQ(left_->node(one.value())->content, "One.");
}

TEST_F(repository, walks_up_down_and_sideways) {
  open("stories_walk");
  plant();
  both([](Stories& stories) {
    EXPECT_THAT(numbers(stories.children(node_id(1))), ElementsAre(2, 3));
    EXPECT_THAT(numbers(stories.children(node_id(6))), ElementsAre());
    EXPECT_THAT(numbers(stories.siblings(node_id(5))), ElementsAre(4));
    EXPECT_THAT(numbers(stories.siblings(node_id(1))), ElementsAre());
    EXPECT_THAT(numbers(stories.ancestors(node_id(6))), ElementsAre(1, 2, 4, 6));
    EXPECT_THAT(numbers(stories.ancestors(node_id(6), 2)), ElementsAre(4, 6));
    EXPECT_THAT(numbers(stories.ancestors(node_id(6), 0)), ElementsAre());
    EXPECT_THAT(numbers(stories.leaves(story_id(1))), ElementsAre(5, 6, 7));
    EXPECT_THAT(numbers(stories.path(node_id(6), node_id(7))), ElementsAre(6, 4, 2, 1, 3, 7));
    EXPECT_THAT(numbers(stories.path(node_id(6), node_id(6))), ElementsAre(6));
    std::vector<std::pair<int, std::int64_t>> tree;
    for (const auto& [node, depth] : stories.subtree(node_id(2)))
      tree.emplace_back(number_of_id(node.node_id), depth);
    EXPECT_THAT(tree, ElementsAre(std::pair(2, 0), std::pair(4, 1), std::pair(5, 1), std::pair(6, 2)));
    EXPECT_THROW(stories.children("no uuid"), Error);
  });
}

TEST_F(repository, gives_ten_ancestors_unless_more_are_asked_for) {
  open("stories_deep");
  plant();
  for (int node = 8; node < 20; ++node) hang(node, node == 8 ? 6 : node - 1, "Deeper.");
  both([](Stories& stories) {
    EXPECT_THAT(numbers(stories.ancestors(node_id(19))), ElementsAre(10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
    EXPECT_EQ(stories.ancestors(node_id(19), 100).size(), 16U);
  });
}

TEST_F(repository, asks_one_question_whatever_the_number_of_rows) {
  open("stories_questions");
  plant();
  for (int node = 8; node < 60; ++node) hang(node, 1, fmt::format("Letter {}.", node));
  both([](Stories& stories) {
    const auto one = [&](const auto& ask) {
      const std::int64_t before = stories.questions();
      ask();
      EXPECT_EQ(stories.questions() - before, 1);
    };
    one([&] { EXPECT_EQ(stories.children(node_id(1)).size(), 54U); });
    one([&] { EXPECT_EQ(stories.subtree(node_id(1)).size(), 59U); });
    one([&] { EXPECT_EQ(stories.leaves(story_id(1)).size(), 55U); });
    one([&] { EXPECT_EQ(stories.siblings(node_id(8)).size(), 53U); });
    one([&] { EXPECT_EQ(stories.ancestors(node_id(6)).size(), 4U); });
    one([&] { EXPECT_EQ(stories.path(node_id(6), node_id(8)).size(), 5U); });
    std::vector<std::string> ids = {node_id(999), node_id(3), node_id(3)};
    for (int node = 8; node < 60; ++node) ids.push_back(node_id(node));
    one([&] { EXPECT_EQ(stories.nodes(ids).size(), 53U); });
    one([&] { EXPECT_EQ(stories.nodes({}).size(), 0U); });
    one([&] {
      const auto found = stories.node_with_story(node_id(6));
      ASSERT_TRUE(found);
      EXPECT_EQ(found->node.content, "It opened its dull yellow eye.");
      EXPECT_EQ(found->story.title, "Frankenstein");
      EXPECT_EQ(found->story.story_id, story_id(1));
    });
  });
}

TEST_F(repository, tells_a_conflict_as_a_value_with_the_version_that_is_there) {
  open("stories_conflict");
  plant();
  both([](Stories& stories) {
    const auto first = stories.edit({.node_id = node_id(6), .version = 1, .content = "It moved."});
    ASSERT_TRUE(first) << first.refusal().reason;
    EXPECT_EQ(first.value(), 2);
    const auto second = stories.edit({.node_id = node_id(6), .version = 1, .content = "It spoke."});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.refusal().kind, Refusal::Kind::conflict);
    EXPECT_EQ(second.refusal().version, 2);
    EXPECT_THAT(second.refusal().reason, HasSubstr("somebody else changed the node"));
    EXPECT_EQ(stories.node(node_id(6))->content, "It moved.");
    const auto nobody = stories.edit({.node_id = node_id(60), .version = 1, .content = "x"});
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.refusal().kind, Refusal::Kind::not_found);
    const auto empty = stories.edit({.node_id = node_id(6), .version = 2, .content = ""});
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.refusal().kind, Refusal::Kind::rule);
    // What is not given stays, an empty summary of an older text is a conflict too.
    ASSERT_TRUE(stories.edit({.node_id = node_id(6), .version = 2, .metadata = Json{R"({"mood":"dark"})"}}));
    EXPECT_EQ(stories.node(node_id(6))->content, "It moved.");
    const auto late = stories.summarize(node_id(6), 1, "An eye.");
    ASSERT_FALSE(late);
    EXPECT_EQ(late.refusal().kind, Refusal::Kind::conflict);
    EXPECT_EQ(late.refusal().version, 3);
  });
  both([](Stories& stories) {
    ASSERT_TRUE(stories.edit_story({.story_id = story_id(1), .version = 1, .status = "active"}));
    const auto story =
        stories.edit_story({.story_id = story_id(1), .version = 1, .title = "The Modern Prometheus"});
    ASSERT_FALSE(story);
    EXPECT_EQ(story.refusal().kind, Refusal::Kind::conflict);
    EXPECT_EQ(story.refusal().version, 2);
  });
}

TEST_F(repository, lets_one_of_many_who_edit_a_version_at_once_through) {
  open("stories_race");
  plant();
  for (Stories* stories : {&*left_, &*right_}) {
    std::atomic<int> through = 0;
    std::atomic<int> conflicts = 0;
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 8; ++writer) {
      writers.emplace_back([&, writer] {
        const auto edited = stories->edit(
            {.node_id = node_id(5), .version = 1, .content = fmt::format("Writer {}.", writer)});
        if (edited) {
          ++through;
        } else if (edited.refusal().kind == Refusal::Kind::conflict) {
          ++conflicts;
        }
      });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(through, 1);
    EXPECT_EQ(conflicts, 7);
    EXPECT_EQ(stories->node(node_id(5))->version, 2);
  }
}

TEST_F(repository, moves_prunes_restores_and_merges_branches) {
  open("stories_branches");
  plant();
  both([](Stories& stories) {
    const auto knot = stories.move(node_id(2), node_id(6));
    ASSERT_FALSE(knot);
    EXPECT_EQ(knot.refusal().kind, Refusal::Kind::rule);
    EXPECT_THAT(knot.refusal().reason, HasSubstr("hangs on"));
    EXPECT_EQ(stories.move(node_id(70), node_id(1)).refusal().kind, Refusal::Kind::not_found);
    ASSERT_TRUE(stories.move(node_id(4), node_id(7)));
    EXPECT_THAT(numbers(stories.ancestors(node_id(6))), ElementsAre(1, 3, 7, 4, 6));
  });
  both([](Stories& stories) {
    ASSERT_TRUE(stories.choose_leaf(node_id(6)));
    EXPECT_EQ(stories.story(story_id(1))->current_leaf_id, node_id(6));
    ASSERT_TRUE(stories.prune(node_id(7)));
    EXPECT_FALSE(stories.node(node_id(6)));
    EXPECT_THAT(numbers(stories.nodes({node_id(6), node_id(3)})), ElementsAre(3));
    EXPECT_THAT(numbers(stories.leaves(story_id(1))), ElementsAre(3, 5));
    EXPECT_EQ(stories.prune(node_id(7)).refusal().kind, Refusal::Kind::not_found);
    EXPECT_EQ(stories.add({.parent_id = node_id(6), .content = "x"}).refusal().kind,
              Refusal::Kind::not_found);
    ASSERT_TRUE(stories.restore(node_id(7)));
    EXPECT_THAT(numbers(stories.leaves(story_id(1))), ElementsAre(5, 6));
  });
  both([](Stories& stories) {
    ASSERT_TRUE(stories.merge(node_id(7), node_id(5)));
    EXPECT_THAT(numbers(stories.ancestors(node_id(6))), ElementsAre(1, 2, 5, 4, 6));
    EXPECT_FALSE(stories.node(node_id(7)));
  });
}

TEST_F(repository, forks_a_branch_and_names_the_copies) {
  open("stories_fork");
  plant();
  both([](Stories& stories) {
    const auto copies = stories.fork(node_id(2), node_id(3));
    ASSERT_TRUE(copies) << copies.refusal().reason;
    ASSERT_EQ(copies.value().size(), 4U);
    const auto tree = stories.subtree(copies.value().front());
    ASSERT_EQ(tree.size(), 4U);
    EXPECT_EQ(tree[0].node.content, "I went to Ingolstadt.");
    EXPECT_EQ(tree[0].node.parent_id, node_id(3));
    EXPECT_EQ(tree[0].node.metadata.text, fmt::format(R"({{"copy_of":"{}"}})", node_id(2)));
    for (const auto& [node, depth] : tree)
      EXPECT_THAT(copies.value(), ::testing::Contains(node.node_id)) << depth;
    EXPECT_FALSE(stories.fork(node_id(2), node_id(6)));
    EXPECT_FALSE(stories.fork(node_id(1), node_id(6)));
  });
}

TEST_F(repository, keeps_the_world_of_a_story) {
  open("stories_world");
  plant();
  both([](Stories& stories) {
    ASSERT_TRUE(stories.add_entry({.story_id = story_id(1),
                                   .entry_type = "character",
                                   .name = "Victor",
                                   .description = "A student.",
                                   .entry_id = entry_id(1)}));
    ASSERT_TRUE(stories.add_entry(
        {.story_id = story_id(1), .entry_type = "location", .name = "Ingolstadt", .entry_id = entry_id(2)}));
    EXPECT_FALSE(stories.add_entry({.story_id = story_id(1), .entry_type = "prop", .name = "Victor"}));
    EXPECT_FALSE(stories.add_entry({.story_id = story_id(1), .entry_type = "weather", .name = "Storm"}));
    const auto edited =
        stories.edit_entry({.entry_id = entry_id(1), .version = 1, .description = "Of Geneva."});
    ASSERT_TRUE(edited);
    EXPECT_EQ(edited.value(), 2);
    const auto late = stories.edit_entry({.entry_id = entry_id(1), .version = 1, .name = "Henry"});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.refusal().kind, Refusal::Kind::conflict);
    EXPECT_EQ(late.refusal().version, 2);
    EXPECT_EQ(stories.edit_entry({.entry_id = entry_id(9), .version = 1}).refusal().kind,
              Refusal::Kind::not_found);
    const auto world = stories.world(story_id(1));
    ASSERT_EQ(world.size(), 2U);
    EXPECT_EQ(world[0].name, "Victor");
    EXPECT_EQ(world[0].description, "Of Geneva.");
    EXPECT_EQ(world[1].entry_type, "location");
    ASSERT_TRUE(stories.remove_entry(entry_id(2)));
    EXPECT_EQ(stories.remove_entry(entry_id(2)).refusal().kind, Refusal::Kind::not_found);
    EXPECT_EQ(stories.world(story_id(1)).size(), 1U);
  });
}

}  // namespace
}  // namespace reeve::testing
