#include "cli/tree_drawing.h"

#include <reeve/error.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Forest story() {
  Forest forest;
  forest.add("1", "", "I am by birth a Genevese.");
  forest.add("2", "1", "Ingolstadt\nin winter");
  forest.add("3", "1", "<home> & hearth");
  forest.add("4", "2", "The being");
  forest.add("5", "4", "Its eye");
  forest.add("6", "elsewhere", "Another root");
  forest.grow();
  return forest;
}

TEST(tree_drawing, hangs_each_row_under_its_parent) {
  EXPECT_EQ(draw_text(story(), 0),
            "I am by birth a Genevese.\n"
            "├─ Ingolstadt\\nin winter\n"
            "│  └─ The being\n"
            "│     └─ Its eye\n"
            "└─ <home> & hearth\n"
            "Another root\n");
}

TEST(tree_drawing, cuts_lines_to_the_width) {
  EXPECT_THAT(draw_text(story(), 12), HasSubstr("│     └─ It…\n"));
  Forest empty;
  empty.grow();
  EXPECT_EQ(draw_text(empty, 0), "");
}

TEST(tree_drawing, takes_children_that_come_before_their_parent) {
  Forest forest;
  forest.add("b", "a", "b");
  forest.add("a", "", "a");
  forest.grow();
  EXPECT_EQ(draw_text(forest, 0), "a\n└─ b\n");
}

TEST(tree_drawing, refuses_a_key_twice_and_rows_that_hang_on_themselves) {
  Forest twice;
  twice.add("a", "", "");
  twice.add("a", "", "");
  EXPECT_THROW(twice.grow(), Error);
  Forest knot;
  knot.add("a", "b", "");
  knot.add("b", "a", "");
  knot.add("c", "", "");
  EXPECT_THROW(knot.grow(), Error);
}

TEST(tree_drawing, draws_ten_thousand_levels) {
  Forest deep;
  for (int i = 0; i < 10'000; ++i) deep.add(std::to_string(i), i == 0 ? "" : std::to_string(i - 1), "x");
  deep.grow();
  EXPECT_THAT(draw_text(deep, 20), HasSubstr("└─ x\n"));
  EXPECT_THAT(draw_svg(deep, "deep"), HasSubstr("</svg>"));
}

TEST(tree_drawing, writes_svg_that_takes_no_label_for_markup) {
  const std::string svg = draw_svg(story(), "a <b>");
  EXPECT_THAT(svg, HasSubstr("<title>a &lt;b&gt;</title>"));
  EXPECT_THAT(svg, HasSubstr("&lt;home&gt; &amp; hearth"));
  EXPECT_THAT(svg, Not(HasSubstr("<home>")));
}

}  // namespace
}  // namespace reeve::cli
