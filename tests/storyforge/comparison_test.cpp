// Two branches side by side, from one snapshot.

#include "workshop.h"

#include <gmock/gmock.h>

#include <thread>

namespace reeve::testing {
namespace {

using storyforge::NodeAtDepth;
using storyforge::Stories;
using ::testing::ElementsAre;

class comparison : public StoryEngines {};

std::vector<std::pair<int, std::int64_t>> places(const std::vector<NodeAtDepth>& nodes) {
  std::vector<std::pair<int, std::int64_t>> found;
  for (const NodeAtDepth& at : nodes) found.emplace_back(number_of_id(at.node.node_id), at.depth);
  return found;
}
using At = std::pair<int, std::int64_t>;

TEST_F(comparison, names_the_fork_and_what_each_branch_has_alone) {
  open("stories_compare");
  plant();
  both([](Stories& stories) {
    const std::int64_t before = stories.questions();
    const auto compared = stories.compare(node_id(4), node_id(3));
    EXPECT_EQ(stories.questions() - before, 1);
    ASSERT_TRUE(compared);
    EXPECT_EQ(number_of_id(compared->fork.node_id), 1);
    // Down from the fork to the node, and what hangs on it; 5 hangs beside it.
    EXPECT_THAT(places(compared->left_alone), ElementsAre(At(2, 1), At(4, 2), At(6, 3)));
    EXPECT_THAT(places(compared->right_alone), ElementsAre(At(3, 1), At(7, 2)));
    EXPECT_TRUE(compared->changed.empty());
    EXPECT_TRUE(compared->differs());
  });
}

TEST_F(comparison, of_a_node_with_one_that_it_hangs_on_is_the_way_between) {
  open("stories_compare_up");
  plant();
  both([](Stories& stories) {
    const auto up = stories.compare(node_id(6), node_id(2));
    ASSERT_TRUE(up);
    EXPECT_EQ(number_of_id(up->fork.node_id), 2);
    EXPECT_THAT(places(up->left_alone), ElementsAre(At(4, 1), At(6, 2)));
    EXPECT_TRUE(up->right_alone.empty());
    const auto down = stories.compare(node_id(2), node_id(6));
    ASSERT_TRUE(down);
    EXPECT_TRUE(down->left_alone.empty());
    EXPECT_THAT(places(down->right_alone), ElementsAre(At(4, 1), At(6, 2)));
    const auto itself = stories.compare(node_id(4), node_id(4));
    ASSERT_TRUE(itself);
    EXPECT_FALSE(itself->differs());
    EXPECT_FALSE(stories.compare(node_id(4), node_id(60)));
  });
}

TEST_F(comparison, of_two_stories_is_none) {
  open("stories_compare_two");
  plant();
  both([](Stories& stories) {
    ASSERT_TRUE(stories.create({.owner = "mary",
                                .title = "Valperga",
                                .content = "The other republics of Italy.",
                                .story_id = story_id(2),
                                .root_id = node_id(9)}));
    EXPECT_FALSE(stories.compare(node_id(9), node_id(4)));
  });
}

TEST_F(comparison, matches_copies_and_tells_which_changed) {
  open("stories_compare_copies");
  plant();
  both([](Stories& stories) {
    const auto copies = stories.fork(node_id(2), node_id(3));
    ASSERT_TRUE(copies);
    const std::string copy = copies.value().front();
    const auto fresh = stories.compare(node_id(2), copy);
    ASSERT_TRUE(fresh);
    EXPECT_EQ(number_of_id(fresh->fork.node_id), 1);
    EXPECT_EQ(fresh->equal.size(), 4U);
    EXPECT_TRUE(fresh->left_alone.empty());
    EXPECT_THAT(places(fresh->right_alone), ElementsAre(At(3, 1)));  // what the copy hangs on

    std::string copy_of_6;
    for (const auto& [node, depth] : stories.subtree(copy))
      if (node.content == "It opened its dull yellow eye.") copy_of_6 = node.node_id;
    ASSERT_TRUE(stories.edit({.node_id = copy_of_6, .version = 1, .content = "It sang."}));
    ASSERT_TRUE(stories.prune(node_id(5)));
    const auto later = stories.compare(node_id(2), copy);
    ASSERT_TRUE(later);
    EXPECT_EQ(later->equal.size(), 2U);
    ASSERT_EQ(later->changed.size(), 1U);
    EXPECT_EQ(later->changed[0].left.content, "It opened its dull yellow eye.");
    EXPECT_EQ(later->changed[0].right.content, "It sang.");
    EXPECT_TRUE(later->left_alone.empty());
    ASSERT_EQ(later->right_alone.size(), 2U);
    EXPECT_EQ(later->right_alone[1].node.content, "I gave up the work.");

    // Two copies of the same match each other, and nothing is matched twice.
    const auto second = stories.fork(node_id(6), node_id(7));
    ASSERT_TRUE(second);
    const auto both_copies = stories.compare(copy, second.value().front());
    ASSERT_TRUE(both_copies);
    EXPECT_EQ(number_of_id(both_copies->fork.node_id), 3);
    EXPECT_EQ(both_copies->changed.size(), 1U);
  });
}

TEST_F(comparison, sees_one_snapshot_while_others_write) {
  open("stories_compare_race");
  plant();
  for (Stories* stories : {&*left_, &*right_}) {
    std::atomic<bool> done = false;
    std::thread writer([&] {
      // Scene 6 hangs on 4 or on 7, never on both or on neither.
      for (int i = 0; i < 60; ++i) EXPECT_TRUE(stories->move(node_id(6), node_id(i % 2 == 0 ? 7 : 4)));
      done = true;
    });
    int compared = 0;
    while (!done) {
      const auto seen = stories->compare(node_id(2), node_id(3));
      ASSERT_TRUE(seen);
      int times = 0;
      for (const auto* side : {&seen->left_alone, &seen->right_alone})
        for (const auto& [number, depth] : places(*side)) times += number == 6 ? 1 : 0;
      EXPECT_EQ(times, 1);
      EXPECT_EQ(seen->left_alone.size() + seen->right_alone.size(), 6U);
      ++compared;
    }
    writer.join();
    EXPECT_GT(compared, 0);
  }
}

}  // namespace
}  // namespace reeve::testing
