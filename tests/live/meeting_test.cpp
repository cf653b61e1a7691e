// Dark Tower's live meetings on every store, over a real ledger.

#include "dark_tower/live_meeting.h"
#include "live/stores_test.h"
#include "state/vault_test.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace dark_tower {
namespace {

using reeve::Ledger;
using reeve::live::second;

constexpr const char* ada = "10000000-0000-4000-8000-000000000001";
constexpr const char* bob = "10000000-0000-4000-8000-000000000002";
constexpr const char* meeting = "20000000-0000-4000-8000-000000000001";
constexpr const char* bobs_stay = "30000000-0000-4000-8000-000000000002";
constexpr const char* first = "40000000-0000-4000-8000-000000000001";
constexpr const char* second_one = "40000000-0000-4000-8000-000000000002";

using reeve::testing::reason_of;

void give(Ledger& ledger, const std::string& command, const std::string& parameters) {
  EXPECT_EQ(reason_of(ledger.command(command, parameters)), "") << command;
}

/// An organization whose meeting has begun and is given to the first controller.
void furnish(Ledger& ledger) {
  give(ledger, "found_organization", R"({"subdomain":"acme","display_name":"Acme"})");
  for (const auto& [id, name] : {std::pair(ada, "Ada"), std::pair(bob, "Bob")}) {
    give(ledger, "create_user",
         fmt::format(R"({{"user_id":"{}","email":"{}@acme.example","display_name":"{}",)"
                     R"("password_hash":"$argon2id$v=19$x$y"}})",
                     id, name, name));
  }
  give(ledger, "create_meeting",
       fmt::format(R"({{"meeting_id":"{}","created_by":"{}","display_name":"M","meeting_code":"planning",)"
                   R"("join_secret_hash":"{}"}})",
                   meeting, ada, std::string(64, 'a')));
  give(ledger, "start_meeting", fmt::format(R"({{"meeting_id":"{}","user_id":"{}"}})", meeting, ada));
  for (const char* controller : {first, second_one}) {
    give(ledger, "register_controller",
         fmt::format(R"({{"controller_id":"{}","region":"eu","endpoint":"https://{}","capacity":2}})",
                     controller, controller));
    give(ledger, "heartbeat_controller",
         fmt::format(R"({{"controller_id":"{}","health":"healthy"}})", controller));
  }
  give(ledger, "assign_meeting",
       fmt::format(R"({{"meeting_id":"{}","region":"eu","controller_id":"{}"}})", meeting, first));
}

/// A copy of it for each test: it is made once.
std::string copy_into(const reeve::testing::Workshop& workshop) {
  static const reeve::testing::Workshop made;
  static const std::string original = [] {
    std::string file = made.path("tower.db");
    Ledger ledger = Ledger::create(file, reeve::testing::project_file("blueprints/dark_tower").string());
    furnish(ledger);
    return file;
  }();
  std::filesystem::copy(std::filesystem::path(original).parent_path(), workshop.path(""),
                        std::filesystem::copy_options::recursive);
  return workshop.path("tower.db");
}

class live_meeting : public reeve::live::StoreTest {
 protected:
  live_meeting() : ledger(Ledger::open(copy_into(workshop))), meetings(*store) {}

  std::string refusal(const std::string& command, const std::string& parameters) {
    return reason_of(ledger.command(command, parameters));
  }
  /// The database gives the meeting to the second controller.
  void move_to_the_second(std::int64_t generation) {
    give(ledger, "move_assignment",
         fmt::format(R"({{"meeting_id":"{}","region":"eu","generation":{},"controller_id":"{}"}})", meeting,
                     generation, second_one));
  }
  std::string join(std::int64_t generation) {
    return refusal("join_meeting", fmt::format(R"({{"meeting_id":"{}","user_id":"{}","participant_id":"{}",)"
                                               R"("region":"eu","generation":{}}})",
                                               meeting, bob, bobs_stay, generation));
  }
  std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const PresentParticipant& one : meetings.roster(place))
      all.push_back(one.role + " " + one.display_name);
    std::sort(all.begin(), all.end());
    return all;
  }

  reeve::testing::Workshop workshop;
  Ledger ledger;
  LiveMeetings meetings;
  const MeetingPlace place{"acme", meeting, "eu"};
};
INSTANTIATE_TEST_SUITE_P(on, live_meeting, ::testing::ValuesIn(reeve::live::store_kinds),
                         reeve::live::name_of_kind);

TEST_P(live_meeting, shows_who_is_heard_of_and_who_falls_silent_drops_out) {
  const auto leader = meetings.rebuild(place, ledger);
  ASSERT_TRUE(leader);
  EXPECT_EQ(leader->controller_id, first);
  EXPECT_EQ(leader->generation, 1);
  EXPECT_THAT(names(), ::testing::ElementsAre("host Ada"));
  EXPECT_EQ(join(leader->generation), "");
  EXPECT_EQ(meetings.enter(place, *leader,
                           {.participant_id = bobs_stay, .role = "participant", .display_name = "B\nob"}),
            Heard::done);
  EXPECT_THAT(names(), ::testing::ElementsAre("host Ada", "participant B\nob"));
  EXPECT_EQ(meetings.roster(place).front().region, "eu");
  clock.add(30 * second - 1);
  EXPECT_EQ(meetings.heartbeat(place, *leader, bobs_stay), Heard::done);
  clock.add(1);
  EXPECT_THAT(names(), ::testing::ElementsAre("participant B\nob"));
  EXPECT_EQ(meetings.leave(place, *leader, bobs_stay), Heard::done);
  EXPECT_EQ(meetings.heartbeat(place, *leader, bobs_stay), Heard::absent);
  EXPECT_TRUE(names().empty());
}

TEST_P(live_meeting, is_led_by_one_until_it_falls_silent) {
  const Leader leader = *meetings.rebuild(place, ledger);
  ASSERT_TRUE(meetings.leader(place));
  EXPECT_EQ(meetings.leader(place)->controller_id, first);
  clock.add(15 * second - 1);
  EXPECT_EQ(meetings.go_on_leading(place, leader), Heard::done);
  clock.add(15 * second);
  EXPECT_EQ(meetings.go_on_leading(place, leader), Heard::absent);
  EXPECT_FALSE(meetings.leader(place));
  EXPECT_EQ(meetings.lead(place, leader), Heard::done) << "no newer one was handed out";
  meetings.stop_leading(place, leader);
  EXPECT_FALSE(meetings.leader(place));
}

TEST_P(live_meeting, hears_no_more_of_a_controller_that_was_replaced) {
  const Leader old = *meetings.rebuild(place, ledger);
  EXPECT_EQ(meetings.set_route(place, old, {.participant_id = bobs_stay, .handler_endpoint = "https://mh1"}),
            Heard::done);
  move_to_the_second(old.generation);
  const Leader fresh = *meetings.rebuild(place, ledger);
  EXPECT_EQ(fresh.controller_id, second_one);
  EXPECT_EQ(fresh.generation, 2);
  // The first one was paused, and does not know.
  EXPECT_EQ(meetings.go_on_leading(place, old), Heard::absent);
  EXPECT_EQ(meetings.lead(place, old), Heard::stale);
  EXPECT_EQ(meetings.set_route(place, old, {.participant_id = bobs_stay, .handler_endpoint = "https://old"}),
            Heard::stale);
  EXPECT_EQ(meetings.keep_route(place, old, bobs_stay), Heard::stale);
  EXPECT_EQ(meetings.remove_route(place, old, bobs_stay), Heard::stale);
  EXPECT_EQ(
      meetings.enter(place, old, {.participant_id = bobs_stay, .role = "participant", .display_name = "Bob"}),
      Heard::stale);
  EXPECT_EQ(meetings.leave(place, old, bobs_stay), Heard::stale);
  EXPECT_THAT(join(old.generation), ::testing::HasSubstr("stale generation 1"));
  const auto routes = meetings.routes(place);
  ASSERT_EQ(routes.size(), 1U);
  EXPECT_EQ(routes.front().handler_endpoint, "https://mh1");
  EXPECT_EQ(meetings.leader(place)->controller_id, second_one);
  EXPECT_EQ(
      meetings.set_route(place, fresh, {.participant_id = bobs_stay, .handler_endpoint = "https://mh2"}),
      Heard::done);
}

TEST_P(live_meeting, of_another_organization_or_region_is_another_one) {
  const Leader leader = *meetings.rebuild(place, ledger);
  MeetingPlace elsewhere = place;
  elsewhere.organization = "other";
  EXPECT_TRUE(meetings.roster(elsewhere).empty());
  EXPECT_FALSE(meetings.leader(elsewhere));
  MeetingPlace region = place;
  region.region = "us";
  EXPECT_FALSE(meetings.rebuild(region, ledger)) << "nobody is assigned there";
  EXPECT_EQ(meetings.lead(region, {second_one, 1}), Heard::done) << "and its generations are its own";
  EXPECT_EQ(meetings.leader(place)->controller_id, leader.controller_id);
}

TEST_P(live_meeting, that_is_over_leaves_nothing_behind) {
  const Leader leader = *meetings.rebuild(place, ledger);
  meetings.set_route(place, leader, {.participant_id = bobs_stay, .handler_endpoint = "https://mh1"});
  meetings.stop_leading(place, leader);
  meetings.forget(place);
  EXPECT_TRUE(store->list("").empty());
  EXPECT_FALSE(store->find_lease("meeting/acme/" + std::string(meeting) + "/lead/eu"));
}

TEST(live_meetings, are_made_again_from_the_ledger_when_redis_has_lost_them) {
  const reeve::testing::Workshop workshop;
  Ledger ledger = Ledger::open(copy_into(workshop));
  reeve::testing::RedisServer server;
  const auto store = reeve::live::open_store(server.url(), {.wait_ms_max = 5'000});
  LiveMeetings meetings(*store);
  const MeetingPlace place{"acme", meeting, "eu"};
  const Leader old = *meetings.rebuild(place, ledger);
  server.kill_now();
  EXPECT_EQ(reeve::live::code_of([&] { meetings.roster(place); }), reeve::ErrorCode::unavailable);
  give(ledger, "move_assignment",
       fmt::format(R"({{"meeting_id":"{}","region":"eu","generation":{},"controller_id":"{}"}})", meeting,
                   old.generation, second_one));
  server.start();
  EXPECT_TRUE(meetings.roster(place).empty());
  const auto fresh = meetings.rebuild(place, ledger);
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->controller_id, second_one);
  const auto roster = meetings.roster(place);
  ASSERT_EQ(roster.size(), 1U);
  EXPECT_EQ(roster.front().display_name, "Ada");
  EXPECT_EQ(meetings.heartbeat(place, old, roster.front().participant_id), Heard::stale);
  EXPECT_EQ(meetings.heartbeat(place, *fresh, roster.front().participant_id), Heard::done);
}

}  // namespace
}  // namespace dark_tower
