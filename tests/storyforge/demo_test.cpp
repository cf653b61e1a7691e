// The demonstration does what it says, and a book of tales is read as it is written.

#include "cli/run_program.h"
#include "storyforge/tale_file.h"
#include "workshop.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace reeve::testing {
namespace {

using storyforge::NodeType;
using storyforge::read_tale;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string build_folder() {
  const char* folder = std::getenv("REEVE_BUILD_DIR");
  return folder != nullptr ? folder : std::filesystem::absolute("build").string();
}

std::string text_of(const std::filesystem::path& file) {
  std::stringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

TEST(stories_demo, shows_a_book_of_tales_and_takes_it_into_a_second_ledger) {
  const tests::Folder folder;
  const std::string demo = "'" + build_folder() + "/reeve_stories' --folder . 2>&1";
  for (int run = 0; run < 2; ++run) {  // again, over what the first run left
    const tests::Result ran = tests::shell(folder, demo);
    ASSERT_EQ(ran.exit_code, 0) << ran.out;
    EXPECT_THAT(ran.out, HasSubstr("└─ As Perrault tells it"));
    EXPECT_THAT(ran.out, HasSubstr("great stone [trough]"));
    EXPECT_THAT(ran.out, HasSubstr("summary  With her wand she puts everybody"));
    EXPECT_THAT(ran.out, HasSubstr("changed copies     2 scenes"));
    EXPECT_THAT(ran.out, HasSubstr("it is there already, nothing was added"));
    EXPECT_THAT(ran.out, HasSubstr("exported from it   the same bytes"));
    EXPECT_THAT(ran.out, HasSubstr("Found in a lineage"));
    EXPECT_THAT(ran.out, HasSubstr("Found by meaning"));
    EXPECT_THAT(ran.out, Not(HasSubstr("DIFFERENT")));
  }
  const nlohmann::json exported = nlohmann::json::parse(text_of(folder.path() / "stories.json"));
  EXPECT_EQ(exported["nodes"].size(), 107U);
  EXPECT_THAT(text_of(folder.path() / "stories.md"), StartsWith("# Tales Told Twice\n"));
  EXPECT_THAT(text_of(folder.path() / "stories.svg"), HasSubstr("The children in the forest</text>"));
  const tests::Result verified = tests::shell(folder, "'" + build_folder() + "/reeve' verify stories_2.db");
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
}

class tale_file : public ::testing::Test {
 protected:
  storyforge::Tale read(const std::string& text) {
    const std::filesystem::path file = folder_.path() / "tale.txt";
    std::ofstream(file, std::ios::binary) << text;
    return read_tale(file);
  }
  std::string refusal_of(const std::string& text) {
    try {
      read(text);
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_input);
      return fmt::format("{}: {}", error.place().line, error.message());
    }
  }
  tests::Folder folder_;
};

TEST_F(tale_file, joins_the_lines_of_a_paragraph_and_keeps_those_of_a_verse) {
  const auto tale = read(
      "# a comment\r\n@story S\n@owner o\n@entry prop hazel-tree: Of a twig: grown.\n"
      "@node a - root\nOnce upon\na time.\n\n\nShe sang:\n  Shake, shake,\n  gold.\nAnd so on.\n"
      "@node b a choice: Go: there\n@summary They go.\nThey went.\n\n");
  EXPECT_EQ(tale.story.title, "S");
  ASSERT_EQ(tale.world.size(), 1U);
  EXPECT_EQ(tale.world[0].name, "hazel-tree");
  EXPECT_EQ(tale.world[0].description, "Of a twig: grown.");
  ASSERT_EQ(tale.nodes.size(), 2U);
  EXPECT_EQ(tale.nodes[0].content, "Once upon a time.\n\nShe sang:\nShake, shake,\ngold.\nAnd so on.");
  EXPECT_EQ(tale.nodes[1].type, NodeType::choice);
  EXPECT_EQ(tale.nodes[1].choice_text, "Go: there");
  EXPECT_EQ(tale.nodes[1].summary, "They go.");
  EXPECT_EQ(tale.nodes[1].content, "They went.");
}

TEST_F(tale_file, names_the_line_of_what_is_wrong) {
  EXPECT_EQ(refusal_of("@story S\ntext\n"), "2: text stands before the first @node");
  EXPECT_EQ(refusal_of("@story S\n@node a - scene\nx\n"),
            "2: the first node, and no other, is the root and hangs on -");
  EXPECT_EQ(refusal_of("@story S\n@node a - root\nx\n@node b - root\nx\n"),
            "4: the first node, and no other, is the root and hangs on -");
  EXPECT_EQ(refusal_of("@story S\n@node a - root\nx\n@node b c scene\nx\n"), "4: no node c came before");
  EXPECT_EQ(refusal_of("@story S\n@node a - root\nx\n@node a a scene\nx\n"), "4: there is a node a already");
  EXPECT_EQ(refusal_of("@story S\n@node a - root\n@node b a scene\nx\n"), "3: the node a has no text");
  EXPECT_EQ(refusal_of("@story S\n@node a - root\nx\n@nod b\n"), "4: there is no @nod here");
  EXPECT_EQ(refusal_of("@story S\n"), "1: there is no @story, or no @node");
  EXPECT_THROW(read_tale(folder_.path() / "nowhere.txt"), Error);
}

TEST_F(tale_file, of_the_demonstration_is_a_tree_of_tales_told_twice) {
  const auto file = project_file("demo/storyforge/data/tales_told_twice.txt");
  EXPECT_LT(std::filesystem::file_size(file), 300U * 1024U);
  const auto tale = read_tale(file);
  EXPECT_EQ(tale.nodes.size(), 104U);
  std::map<std::string, int> tellers;
  for (const auto& node : tale.nodes)
    if (node.type == NodeType::choice) ++tellers[node.parent];
  EXPECT_EQ(tellers["top"], 5);
  for (const char* of : {"red", "beauty", "cinders", "forest", "name"}) EXPECT_EQ(tellers[of], 2) << of;
}

}  // namespace
}  // namespace reeve::testing
