#include "base/value.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

namespace reeve {
namespace {

TEST(value, a_view_gives_back_the_value_it_was_made_of) {
  const std::vector<Value> values = {Null{},        std::int64_t{-7},
                                     2.5,           std::string("J\xC3\xBCrgen"),
                                     std::string(), Bytes{std::byte{0}, std::byte{255}},
                                     Bytes{}};
  for (const Value& value : values) EXPECT_EQ(ValueView::of(value).to_value(), value) << value.index();
}

TEST(value, a_view_points_into_what_it_was_made_of) {
  const Value value = std::string("text");
  EXPECT_EQ(ValueView::of(value).text().data(), std::get<std::string>(value).data());
}

TEST(value, kinds_never_equal_each_other) {
  const ValueView views[] = {ValueView(), ValueView::of(std::int64_t{0}), ValueView::of(0.0),
                             ValueView::of(std::string_view()), ValueView::of_bytes(nullptr, 0)};
  for (std::size_t i = 0; i < std::size(views); ++i) {
    for (std::size_t j = 0; j < std::size(views); ++j) EXPECT_EQ(views[i] == views[j], i == j) << i << j;
  }
}

TEST(value, doubles_are_equal_by_bits_except_zero) {
  EXPECT_EQ(ValueView::of(0.0), ValueView::of(-0.0));
  EXPECT_EQ(ValueView::of(0.1), ValueView::of(0.1));
  EXPECT_NE(ValueView::of(0.1), ValueView::of(std::bit_cast<double>(std::bit_cast<std::uint64_t>(0.1) + 1)));
  EXPECT_NE(ValueView::of(1.0), ValueView::of(-1.0));
  EXPECT_NE(ValueView::of(0.0), ValueView::of(std::numeric_limits<double>::denorm_min()));
}

TEST(value, text_and_bytes_are_equal_by_content) {
  const std::string one = "same";
  const std::string other = "same";
  EXPECT_EQ(ValueView::of(std::string_view(one)), ValueView::of(std::string_view(other)));
  EXPECT_NE(ValueView::of(std::string_view("a")), ValueView::of(std::string_view("ab")));
  EXPECT_NE(ValueView::of_bytes("a", 1), ValueView::of_bytes("b", 1));
  EXPECT_NE(ValueView::of(std::int64_t{1}), ValueView::of(std::int64_t{2}));
}

}  // namespace
}  // namespace reeve
