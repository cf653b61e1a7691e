// Scenes by words, by meaning, by both, and within a lineage, the same on both engines.

#include "storyforge/tale_file.h"
#include "vectors/sentence_encoder.h"
#include "workshop.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <map>

namespace reeve::testing {
namespace {

using storyforge::FindOptions;
using storyforge::Found;
using storyforge::Stories;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;

/// The demonstration's tales in both ledgers, under the same ids.
class found_scenes : public StoryEngines {
 protected:
  void tell(const std::string& database_name) {
    open(database_name);
    const auto tale = storyforge::read_tale(project_file("demo/storyforge/data/tales_told_twice.txt"));
    CountingRandom left_ids;
    CountingRandom right_ids;
    for (const auto& [ledger, ids] : {std::pair(&*sqlite_, &left_ids), std::pair(&*postgres_, &right_ids)}) {
      Stories stories(*ledger, {.actor = "reader", .random = ids});
      tale_ = storyforge::plant(stories, tale);
    }
    for (const auto& [key, id] : tale_.nodes) keys_[id] = key;
  }
  /// False when the encoder's weights are not there.
  bool embed() {
    if (!std::filesystem::exists(vectors::sentence_encoder_folder() / "model.json")) return false;
    for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
      const EmbedReport report = ledger->embed("scenes");
      EXPECT_EQ(report.stored, std::ssize(keys_)) << report.failure;
    }
    return true;
  }

  std::vector<std::string> keys_of(const Found& found) const {
    std::vector<std::string> keys;
    for (const auto& scene : found.scenes) keys.push_back(keys_.at(scene.node.node_id));
    return keys;
  }
  /// Of both engines, with equal scores.
  std::vector<std::string> ask(const std::function<Found(Stories&)>& question) {
    const Found left = question(*left_);
    const Found right = question(*right_);
    EXPECT_EQ(keys_of(left), keys_of(right));
    for (std::size_t i = 0; i < left.scenes.size() && i < right.scenes.size(); ++i) {
      EXPECT_EQ(left.scenes[i].score, right.scenes[i].score);
      EXPECT_EQ(left.scenes[i].snippet, right.scenes[i].snippet);
    }
    return keys_of(left);
  }
  std::vector<std::string> find(const std::string& typed, const FindOptions& options = {}) {
    return ask([&](Stories& stories) { return stories.find(tale_.story_id, typed, options); });
  }
  const std::string& id(const std::string& key) const { return tale_.nodes.at(key); }

  storyforge::PlantedTale tale_;
  std::map<std::string, std::string> keys_;
};

TEST_F(found_scenes, by_words_are_of_the_story_and_of_the_lineage_that_was_asked_for) {
  tell("scenes_words");
  const std::int64_t before = left_->questions();
  EXPECT_THAT(find("sausages trough"), ElementsAre("red.grimm.again"));
  EXPECT_EQ(left_->questions() - before, 2);  // the search, and the nodes
  EXPECT_THAT(find("wolf", {.limit = 100}),
              IsSupersetOf({"red.grimm.2", "red.grimm.again", "red.perrault.2"}));
  // Seen from the end of the Grimms' telling: neither the variant nor Perrault, nor what comes after.
  EXPECT_THAT(find("wolf", {.limit = 100, .lineage_of = id("red.grimm.4")}),
              ::testing::UnorderedElementsAre("red", "red.grimm.2", "red.grimm.3", "red.grimm.4"));
  EXPECT_THAT(find("sausages trough", {.lineage_of = id("red.grimm.7")}), ElementsAre());
  const Found shown = left_->find(tale_.story_id, "sausages trough", {.snippets = true});
  EXPECT_THAT(shown.scenes.at(0).snippet, ::testing::HasSubstr("[trough]"));
  EXPECT_EQ(left_->find(story_id(9), "wolf").scenes.size(), 0U);
  EXPECT_THROW(left_->find(tale_.story_id, "wolf", {.lineage_of = node_id(9)}), Error);
}

TEST_F(found_scenes, leave_out_what_is_pruned) {
  tell("scenes_pruned");
  for (Stories* stories : {&*left_, &*right_}) ASSERT_TRUE(stories->prune(id("red.grimm.again")));
  EXPECT_THAT(find("sausages trough"), ElementsAre());
  for (Stories* stories : {&*left_, &*right_}) ASSERT_TRUE(stories->restore(id("red.grimm.again")));
  EXPECT_THAT(find("sausages trough"), ElementsAre("red.grimm.again"));
}

TEST_F(found_scenes, by_meaning_need_a_vector_of_their_text) {
  tell("scenes_meaning");
  EXPECT_THROW(left_->similar(id("red.grimm.6")), Error);  // nothing is embedded yet
  if (!embed()) GTEST_SKIP() << "left out: no weights in " << vectors::sentence_encoder_folder();

  // Not all of these words are in any scene.
  const std::string asked = "everybody in the castle falls asleep";
  EXPECT_THAT(find(asked), ElementsAre());
  EXPECT_THAT(find(asked, {.limit = 5, .by = SearchBy::meaning}),
              IsSupersetOf({"beauty.perrault.6", "beauty.grimm.6"}));
  // The same scene as the other book words it.
  const auto like = ask([&](Stories& stories) { return stories.similar(id("forest.edwardes.10"), 3); });
  ASSERT_EQ(like.size(), 3U);
  EXPECT_THAT(like, Contains("forest.lang.10"));
  EXPECT_THAT(like, Each(::testing::Ne("forest.edwardes.10")));
  // In its lineage nothing of the other book is.
  const auto own = ask([&](Stories& stories) { return stories.similar(id("forest.edwardes.10"), 50, true); });
  EXPECT_EQ(own.size(), 11U);  // nine scenes before it, the tale and the book
  EXPECT_THAT(own, Each(::testing::Not(::testing::StartsWith("forest.lang"))));
  EXPECT_THAT(own, Each(::testing::Ne("forest.edwardes.11")));

  const auto both_ways = find("grandmother devoured by the wolf", {.limit = 5, .by = SearchBy::both});
  EXPECT_THAT(both_ways, ::testing::AnyOf(Contains("red.grimm.5"), Contains("red.perrault.4")));

  // An edited scene has no vector of its text until it is embedded anew.
  for (Stories* stories : {&*left_, &*right_})
    ASSERT_TRUE(
        stories->edit({.node_id = id("forest.lang.10"), .version = 1, .content = "A sunny day at sea."}));
  EXPECT_THAT(ask([&](Stories& stories) { return stories.similar(id("forest.edwardes.10"), 3); }),
              Each(::testing::Ne("forest.lang.10")));
}

}  // namespace
}  // namespace reeve::testing
