// Dark Tower through the public API: limits under concurrency, and a long campaign that a model foretells.

#include "state/vault_test.h"
#include "support/dark_tower_campaign.h"

#include <fmt/format.h>

#include <algorithm>
#include <barrier>
#include <map>
#include <set>
#include <thread>
#include <vector>

namespace reeve::testing {
namespace {

constexpr const char* ada = "10000000-0000-4000-8000-000000000001";
constexpr const char* meeting = "20000000-0000-4000-8000-000000000001";
const std::string hash_of_a_secret(64, 'a');

/// An organization of a few users, for which everything is allowed that its limits allow.
class dark_tower : public ::testing::Test {
 protected:
  dark_tower() : file(workshop.path("tower.db")) {}

  Ledger create() { return Ledger::create(file, project_file("blueprints/dark_tower").string()); }

  static void expect_accepted(Ledger& ledger, const std::string& name, const std::string& parameters) {
    EXPECT_EQ(reason_of(ledger.command(name, parameters)), "") << name << " " << parameters;
  }
  static std::string user_id(int number) { return fmt::format("10000000-0000-4000-8000-{:012}", number); }

  /// Users 1 to `users`; the first is an org_admin.
  static void furnish(Ledger& ledger, int meetings_max, int participants_max, int users) {
    expect_accepted(ledger, "found_organization",
                    fmt::format(R"({{"subdomain":"acme","display_name":"Acme","max_concurrent_meetings":{},)"
                                R"("max_participants_per_meeting":{}}})",
                                meetings_max, participants_max));
    for (int i = 1; i <= users; ++i) {
      expect_accepted(ledger, "create_user",
                      fmt::format(R"({{"user_id":"{}","email":"u{}@acme.example","display_name":"U{}",)"
                                  R"("password_hash":"$argon2id$v=19$x$y","role":"{}"}})",
                                  user_id(i), i, i, i == 1 ? "org_admin" : "user"));
    }
  }
  static std::string create_meeting(const std::string& id, const std::string& code) {
    return fmt::format(R"({{"meeting_id":"{}","created_by":"{}","display_name":"M","meeting_code":"{}",)"
                       R"("join_secret_hash":"{}"}})",
                       id, ada, code, hash_of_a_secret);
  }

  /// Every thread submits one command, all at once; the reasons of those that were refused.
  template <typename Parameters>
  static std::vector<std::string> refusals(Ledger& ledger, const std::string& command, int threads_count,
                                           Parameters parameters) {
    std::vector<std::string> reasons(static_cast<std::size_t>(threads_count));
    std::barrier start(threads_count);
    std::vector<std::thread> threads;
    for (int i = 0; i < threads_count; ++i) {
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        reasons[static_cast<std::size_t>(i)] = reason_of(ledger.command(command, parameters(i)));
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::erase(reasons, "");
    return reasons;
  }

  static std::int64_t count(Ledger& ledger, const std::string& query, const std::string& parameters = "{}") {
    Rows rows = ledger.query(query, parameters);
    std::int64_t rows_count = 0;
    while (rows.next()) ++rows_count;
    return rows_count;
  }

  Workshop workshop;
  std::string file;
};

TEST_F(dark_tower, gives_two_of_thirty_two_who_ask_at_once_the_two_places_that_there_are) {
  Ledger ledger = create();
  furnish(ledger, 2, 100, 1);
  const auto reasons = refusals(ledger, "create_meeting", 32, [](int i) {
    return create_meeting(fmt::format("20000000-0000-4000-8000-{:012}", i + 1), fmt::format("meeting-{}", i));
  });
  EXPECT_EQ(reasons.size(), 30U);
  for (const std::string& reason : reasons)
    EXPECT_EQ(reason, "limit reached: the organization holds as many open meetings as it may");
  EXPECT_EQ(count(ledger, "meetings_of_user", fmt::format(R"({{"user_id":"{}","rows":100}})", ada)), 2);
  EXPECT_TRUE(state::verify(file).equal());
}

TEST_F(dark_tower, tells_a_reached_limit_from_no_organization_and_from_an_inactive_one) {
  Ledger ledger = create();
  const std::string wish = create_meeting(meeting, "planning");
  EXPECT_EQ(reason_of(ledger.command("create_meeting", wish)), "no such organization");
  furnish(ledger, 1, 100, 1);
  expect_accepted(ledger, "create_meeting", create_meeting(user_id(7), "other-code"));
  EXPECT_EQ(reason_of(ledger.command("create_meeting", wish)).substr(0, 13), "limit reached");
  expect_accepted(ledger, "suspend_organization", R"({"reason":"unpaid"})");
  EXPECT_EQ(reason_of(ledger.command("create_meeting", wish)), "the organization is inactive");
}

TEST_F(dark_tower, lets_no_more_into_a_meeting_than_it_holds_and_nobody_twice) {
  Ledger ledger = create();
  furnish(ledger, 2, 5, 24);
  expect_accepted(ledger, "create_meeting", create_meeting(meeting, "planning"));
  expect_accepted(ledger, "start_meeting",
                  fmt::format(R"({{"meeting_id":"{}","user_id":"{}"}})", meeting, ada));
  // The host is in. Twelve others try, each from two devices at once.
  const auto join = [](int i) {
    return fmt::format(R"({{"meeting_id":"{}","user_id":"{}"}})", meeting, user_id(2 + i / 2));
  };
  const std::string of_meeting = fmt::format(R"({{"meeting_id":"{}"}})", meeting);
  EXPECT_EQ(refusals(ledger, "join_meeting", 24, join).size(), 20U);
  EXPECT_EQ(count(ledger, "participants_present", of_meeting), 5);
  expect_accepted(ledger, "end_meeting", of_meeting);
  EXPECT_EQ(count(ledger, "participants_present", of_meeting), 0);
  EXPECT_EQ(refusals(ledger, "join_meeting", 24, join).size(), 24U);
  EXPECT_TRUE(state::verify(file).equal());
}

TEST_F(dark_tower, gives_a_meeting_to_one_controller_however_many_ask_for_it) {
  Ledger ledger = create();
  furnish(ledger, 2, 5, 1);
  expect_accepted(ledger, "create_meeting", create_meeting(meeting, "planning"));
  for (int i = 1; i <= 16; ++i) {
    expect_accepted(ledger, "register_controller",
                    fmt::format(R"({{"controller_id":"{}","region":"eu","endpoint":"e{}","capacity":4}})",
                                user_id(100 + i), i));
    expect_accepted(ledger, "heartbeat_controller",
                    fmt::format(R"({{"controller_id":"{}","health":"healthy"}})", user_id(100 + i)));
  }
  EXPECT_EQ(refusals(ledger, "assign_meeting", 16,
                     [](int i) {
                       return fmt::format(R"({{"meeting_id":"{}","region":"eu","controller_id":"{}"}})",
                                          meeting, user_id(101 + i));
                     })
                .size(),
            15U);
  // All who think that they lead by generation 1 hand it on at once: one does, the others hear that they are late.
  const auto reasons = refusals(ledger, "move_assignment", 16, [](int i) {
    return fmt::format(R"({{"meeting_id":"{}","region":"eu","generation":1,"controller_id":"{}"}})", meeting,
                       user_id(101 + i));
  });
  EXPECT_EQ(reasons.size(), 15U);
  EXPECT_EQ(
      std::count_if(reasons.begin(), reasons.end(),
                    [](const std::string& reason) { return reason.starts_with("stale generation 1"); }) +
          std::count_if(reasons.begin(), reasons.end(),
                        [](const std::string& reason) { return reason.ends_with("already"); }),
      15);
  EXPECT_EQ(count(ledger, "assignments_of_meeting", fmt::format(R"({{"meeting_id":"{}"}})", meeting)), 2);
  EXPECT_TRUE(state::verify(file).equal());
}

TEST_F(dark_tower, audit_log_knows_who_did_what_to_what_and_what_became_of_it) {
  Ledger ledger = create();
  furnish(ledger, 2, 5, 2);
  const auto sequences = [&](const std::string& query, const std::string& parameters) {
    std::vector<std::int64_t> found;
    Rows rows = ledger.query(query, parameters);
    while (rows.next()) found.push_back(rows.at(0).integer());
    return found;
  };
  const Outcome made = ledger.command("create_meeting", create_meeting(meeting, "planning"), {.actor = ada});
  ASSERT_TRUE(made.accepted());
  const std::int64_t created = made.receipt().first.value;
  const Outcome renamed =
      ledger.command("change_meeting", fmt::format(R"({{"meeting_id":"{}","display_name":"N"}})", meeting),
                     {.actor = user_id(2)});
  ASSERT_TRUE(renamed.accepted());
  const std::int64_t changed = renamed.receipt().first.value;

  using Sequences = std::vector<std::int64_t>;
  EXPECT_EQ(sequences("audit_of_actor", fmt::format(R"({{"by_actor":"{}","rows":9}})", ada)),
            Sequences{created});
  EXPECT_EQ(sequences("audit_of_actor", fmt::format(R"({{"by_actor":"{}","rows":9}})", user_id(2))),
            Sequences{changed});
  const std::string of_meeting = fmt::format(R"("resource_type":"meeting","resource_id":"{}")", meeting);
  EXPECT_EQ(sequences("audit_of_resource", "{" + of_meeting + R"(,"rows":9})"),
            (Sequences{changed, created}));
  EXPECT_EQ(
      sequences("audit_of_resource", fmt::format(R"({{{},"rows":9,"before":{}}})", of_meeting, changed)),
      Sequences{created});
  EXPECT_EQ(sequences("audit_between",
                      R"({"since":"2020-01-01T00:00:00Z","until":"2100-01-01T00:00:00Z","rows":99})")
                .back(),
            changed);
  EXPECT_EQ(sequences("audit_export", fmt::format(R"({{"pepper":"p","after":{},"rows":9}})", created)),
            Sequences{changed});

  Rows entry = ledger.query("audit_entry", fmt::format(R"({{"entry":{}}})", changed));
  ASSERT_TRUE(entry.next());
  const std::string changes(entry.at(8).text());
  EXPECT_NE(changes.find(R"("after":{"display_name":"N",)"), std::string::npos) << changes;
  EXPECT_NE(changes.find(R"("before":{"display_name":"M",)"), std::string::npos) << changes;
  EXPECT_EQ(changes.find("audit_index"), std::string::npos) << changes;
}

/// Each of the blueprint's queries with some parameters; the rows of all of them together.
std::int64_t ask_everything(Ledger& ledger, const std::string& blueprint_folder) {
  const auto loaded = blueprint::load(blueprint::Sources::read(blueprint_folder));
  std::int64_t rows_count = 0;
  for (const auto& [name, query] : loaded->queries) {
    std::string parameters;
    for (const sql::Parameter& parameter : query.sql.parameters) {
      if (parameter.name == "at") continue;
      std::string value = "null";
      if (parameter.type == sql::Type::uuid) value = fmt::format("\"{}\"", ada);
      if (parameter.type == sql::Type::bigint) value = "100";
      if (parameter.type == sql::Type::text) value = "\"eu-west\"";
      if (parameter.name == "since" || parameter.name == "heard_since") value = "\"2020-01-01T00:00:00Z\"";
      if (parameter.name == "until" || parameter.name == "silent_since") value = "\"2100-01-01T00:00:00Z\"";
      parameters += fmt::format("{}\"{}\":{}", parameters.empty() ? "" : ",", parameter.name, value);
    }
    Rows rows = ledger.query(name, "{" + parameters + "}");
    while (rows.next()) ++rows_count;
  }
  return rows_count;
}

class campaign : public dark_tower {
 protected:
  static void play(Ledger& ledger, DarkTowerCampaign& stream, int submissions) {
    for (int i = 0; i < submissions; ++i) {
      const Submission submission = stream.next();
      const std::string reason = reason_of(submit(ledger, submission));
      ASSERT_EQ(reason.empty(), submission.accepted)
          << "submission " << i << ": " << submission.command << " " << submission.parameters << "\n"
          << (reason.empty() ? "is accepted" : reason);
    }
  }
};

TEST_F(campaign, of_five_thousand_commands_goes_as_the_model_foretells_and_verifies) {
  Ledger ledger = create();
  const auto loaded = blueprint::load(blueprint::Sources::read(project_file("blueprints/dark_tower")));
  DarkTowerCampaign stream(2026);
  std::map<std::string, int> accepted;
  std::map<std::string, int> refused;
  for (int i = 0; i < 5'000; ++i) {
    const Submission submission = stream.next();
    const std::string reason = reason_of(submit(ledger, submission));
    ASSERT_EQ(reason.empty(), submission.accepted)
        << "submission " << i << ": " << submission.command << " " << submission.parameters << "\n"
        << (reason.empty() ? "is accepted" : reason);
    ++(reason.empty() ? accepted : refused)[submission.command];
  }
  for (const auto& [name, command] : loaded->commands) {
    if (name != "erase_organization") {
      EXPECT_GE(accepted[name], 1) << name;
    }
    // A failed login is always put on record.
    if (name != "record_login_failure") {
      EXPECT_GE(refused[name], 1) << name;
    }
  }
  EXPECT_GE(ask_everything(ledger, project_file("blueprints/dark_tower").string()), 100);
  const auto verification = state::verify(file);
  EXPECT_TRUE(verification.equal());
  EXPECT_GE(verification.events, 2'500);

  // The end of it all: rows go, the trail stays.
  reason_of(ledger.command("reactivate_organization", "{}"));
  expect_accepted(ledger, "suspend_organization", R"({"reason":"contract ended"})");
  const std::int64_t sequence = ledger.head().sequence.value;
  expect_accepted(ledger, "erase_organization", R"({"reason":"contract ended"})");
  EXPECT_EQ(ledger.head().sequence.value, sequence + 1);
  EXPECT_EQ(count(ledger, "users", R"({"rows":1000})"), 0);
  EXPECT_GE(count(ledger, "audit_export", R"({"pepper":"p","after":0,"rows":100000})"), 1'000);
  EXPECT_TRUE(state::verify(file).equal());
}

TEST_F(campaign, of_one_seed_is_the_same_again_and_of_another_seed_another) {
  DarkTowerCampaign one(7);
  DarkTowerCampaign same(7);
  DarkTowerCampaign other(8);
  int different = 0;
  for (int i = 0; i < 1'000; ++i) {
    const Submission left = one.next();
    const Submission right = same.next();
    EXPECT_EQ(left.command + left.parameters + left.actor + left.time,
              right.command + right.parameters + right.actor + right.time);
    different += left.parameters != other.next().parameters ? 1 : 0;
  }
  EXPECT_GT(different, 900);
}

TEST_F(campaign, gives_the_same_state_on_two_ledgers) {
  Ledger ledger = create();
  Ledger second = Ledger::create(workshop.path("second.db"), project_file("blueprints/dark_tower").string());
  DarkTowerCampaign one(11);
  DarkTowerCampaign same(11);
  play(ledger, one, 600);
  play(second, same, 600);
  EXPECT_EQ(ledger.head().state_hash, second.head().state_hash);
}

}  // namespace
}  // namespace reeve::testing
