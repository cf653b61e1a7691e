#include "cli/event_line.h"

#include <gtest/gtest.h>

namespace reeve::cli {
namespace {

TEST(event_line, reads_an_event_with_everything_beside_it) {
  EventLineParser parser;
  const EventLine line = parser.parse(
      R"({"type":"guest.arrived","payload":{"b":1, "a":"x"},"actor":"Ada","key":"k","id":"i","time":"t",)"
      R"("expected":41,"version":2})");
  EXPECT_FALSE(line.is_command);
  EXPECT_EQ(line.name, "guest.arrived");
  EXPECT_EQ(line.payload, R"({"a":"x","b":1})");
  EXPECT_EQ(line.options.actor, "Ada");
  EXPECT_EQ(line.options.key, "k");
  EXPECT_EQ(line.options.id, "i");
  EXPECT_EQ(line.options.time, "t");
  EXPECT_EQ(line.options.expected, Sequence{41});
  EXPECT_EQ(line.options.version, 2);
}

TEST(event_line, reads_a_command_and_takes_missing_parameters_for_none) {
  EventLineParser parser;
  const EventLine line = parser.parse(R"({"command":"sign"})");
  EXPECT_TRUE(line.is_command);
  EXPECT_EQ(line.name, "sign");
  EXPECT_EQ(line.payload, "{}");
  EXPECT_FALSE(line.options.expected.has_value());
}

TEST(event_line, keeps_nothing_of_the_line_before) {
  EventLineParser parser;
  parser.parse(R"({"type":"a","actor":"Ada","key":"k"})");
  const EventLine line = parser.parse(R"({"type":"b"})");
  EXPECT_EQ(line.options.actor, "");
  EXPECT_EQ(line.options.key, "");
}

struct Bad {
  const char* line;
  const char* message;
};

class event_line_refuses : public testing::TestWithParam<Bad> {};

TEST_P(event_line_refuses, with_a_message_that_names_the_member) {
  EventLineParser parser;
  try {
    parser.parse(GetParam().line);
    FAIL() << "accepted " << GetParam().line;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_input);
    EXPECT_NE(error.message().find(GetParam().message), std::string::npos) << error.message();
    EXPECT_NE(error.remedy(), "");
  }
}

INSTANTIATE_TEST_SUITE_P(lines, event_line_refuses,
                         testing::Values(Bad{R"([1])", "not a JSON object"},
                                         Bad{R"({"payload":{}})", "neither"},
                                         Bad{R"({"type":"a","command":"b"})", "both"},
                                         Bad{R"({"type":"a","payload":{},"parameters":{}})", "both"},
                                         Bad{R"({"type":"a","parameters":{}})", "`payload`"},
                                         Bad{R"({"command":"a","payload":{}})", "`parameters`"},
                                         Bad{R"({"command":"a","version":1})", "version"},
                                         Bad{R"({"type":7})", "`type`"},
                                         Bad{R"({"type":"a","actor":null})", "`actor`"},
                                         Bad{R"({"type":"a","expected":-1})", "`expected`"},
                                         Bad{R"({"type":"a","expected":1.5})", "`expected`"},
                                         Bad{R"({"type":"a","version":0})", "`version`"},
                                         Bad{R"({"type":"a","actr":"x"})", "`actr`"}));

TEST(event_line, refuses_text_that_is_no_json) {
  EventLineParser parser;
  EXPECT_THROW(parser.parse("{\"type\":"), Error);
  EXPECT_THROW(parser.parse("{\"type\":\"a\xff\"}"), Error);
  EXPECT_THROW(parser.parse(R"({"type":"a","type":"b"})"), Error);
}

}  // namespace
}  // namespace reeve::cli
