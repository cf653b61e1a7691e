#include "blueprint/message.h"

#include <gtest/gtest.h>

namespace reeve::blueprint {
namespace {

using Names = std::vector<std::string>;

TEST(message, names_the_parameters_in_order_each_once) {
  EXPECT_EQ(message_parameters("player :player_id has :gold, not :amount; :gold"),
            (Names{"player_id", "gold", "amount"}));
}

TEST(message, takes_times_casts_and_words_with_colons_as_text) {
  EXPECT_EQ(message_parameters("closed since 12:30, see: note ratio a:b x::text end:"), Names{});
  EXPECT_EQ(message_parameters("(:a) [:b]:c"), (Names{"a", "b", "c"}));
}

TEST(message, fills_in_values_and_keeps_the_rest) {
  const auto value = [](std::string_view name) { return "<" + std::string(name) + ">"; };
  EXPECT_EQ(fill_message("unknown player :player_id: none at 12:30", value),
            "unknown player <player_id>: none at 12:30");
  EXPECT_EQ(fill_message("", value), "");
  // A value that looks like a parameter is not filled in again.
  EXPECT_EQ(fill_message(":a", [](std::string_view) { return std::string(":b"); }), ":b");
}

}  // namespace
}  // namespace reeve::blueprint
