#include "cli/event_text.h"

#include <gtest/gtest.h>

namespace reeve::cli {
namespace {

TEST(event_text, shows_json_with_a_member_on_each_line) {
  EXPECT_EQ(
      pretty_json(R"({"a":[1,{"b":null}],"c":{},"d":"x\ny"})", ""),
      "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": {},\n  \"d\": \"x\\ny\"\n}");
  EXPECT_EQ(pretty_json("{}", "    "), "{}");
}

TEST(event_text, shows_a_change_as_column_before_and_after) {
  EXPECT_EQ(changes_text(R"([{"after":{"entries":2},"before":{"entries":1},"key":{"name":"Ada"},)"
                         R"("operation":"update","table":"guests"},)"
                         R"({"after":{"message":"It computes.","n":7},"key":{"entry_id":"x"},)"
                         R"("operation":"insert","table":"entries"},)"
                         R"({"before":{"note":"old"},"key":{"id":1},"operation":"remove","table":"notes"}])"),
            "  guests {\"name\":\"Ada\"} updated\n"
            "    entries  1 -> 2\n"
            "  entries {\"entry_id\":\"x\"} inserted\n"
            "    message  \"It computes.\"\n"
            "    n        7\n"
            "  notes {\"id\":1} removed\n"
            "    note  \"old\"\n");
  EXPECT_EQ(changes_text("[]"), "  no row\n");
}

TEST(event_text, names_what_is_there_and_leaves_out_what_is_not) {
  journal::Entry entry;
  entry.event.sequence = 3;
  entry.event.id = "id-3";
  entry.event.type = "guest.arrived";
  entry.event.time = "2026-01-02T03:04:05.000006Z";
  entry.event.moment = std::int64_t{1843};
  entry.event.payload = R"({"guest":"Ada"})";
  const std::string text = event_text(entry, "[]");
  EXPECT_NE(text.find("event 3: guest.arrived v1\n  id       id-3\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  moment   1843\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("actor"), std::string::npos) << text;
  EXPECT_EQ(text.find("command"), std::string::npos) << text;
  EXPECT_NE(text.find("not sealed here"), std::string::npos) << text;
  entry.seals = true;
  EXPECT_NE(event_text(entry, "[]").find("  state    " + std::string(64, '0') + "\n"), std::string::npos);
}

}  // namespace
}  // namespace reeve::cli
