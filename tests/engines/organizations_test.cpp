// Several organizations of Dark Tower beside each other, as files of a folder and as ledgers of a schema: each finds its
// own by a code that others use too, a subdomain is one organization's, and the machines of a published list are everybody's.

#include "database.h"
#include "state/reference.h"
#include "state/verify.h"

#include <reeve/names.h>

#include <fmt/format.h>

#include <barrier>
#include <fstream>
#include <optional>
#include <thread>
#include <vector>

namespace reeve::testing {
namespace {

constexpr const char* ada = "10000000-0000-4000-8000-000000000001";

class organizations : public ::testing::TestWithParam<const char*> {
 protected:
  organizations() {
    if (is_file()) {
      std::filesystem::create_directory(workshop_.path("organizations"));
    } else {
      database_.emplace("organizations_" + std::to_string(++number));
    }
  }

  /// A new ledger, not yet an organization; its url.
  std::string make(const std::string& name) {
    const std::string blueprint = project_file("blueprints/dark_tower").string();
    if (is_file()) {
      std::string file = workshop_.path("organizations/" + name + ".db");
      create_ledger(file, blueprint);
      return file;
    }
    create_ledger(database_->administrator(name), blueprint);
    return database_->application(name);
  }
  std::string as_administrator(const std::string& name) const {
    return is_file() ? workshop_.path("organizations/" + name + ".db") : database_->administrator(name);
  }
  /// Publishes lists of machines as the next version: lines of id, region, endpoint and capacity.
  void publish(const std::string& controllers, const std::string& handlers) {
    const std::filesystem::path rows = workshop_.path("machines");
    std::filesystem::create_directory(rows);
    const auto write = [&](const std::string& table, const std::string& key, const std::string& lines) {
      std::ofstream out(rows / (table + ".ndjson"));
      std::istringstream in(lines);
      std::string id;
      std::string region;
      std::string endpoint;
      for (int capacity = 0; in >> id >> region >> endpoint >> capacity;) {
        out << fmt::format(R"({{"{}":"{}","region":"{}","endpoint":"{}","capacity":{},"created_at":"{}",)"
                           R"("updated_at":"{}"}})",
                           key, id, region, endpoint, capacity, "2026-03-01T09:00:00Z",
                           "2026-03-01T09:00:00Z")
            << "\n";
      }
    };
    write("controllers", "controller_id", controllers);
    write("handlers", "handler_id", handlers);
    state::publish_reference(as_administrator("shared"), rows);
  }
  void pin(const std::string& organization, std::int64_t version) const {
    if (is_file()) {
      state::pin_reference(as_administrator(organization), version,
                           state::Location(as_administrator("shared")));
    } else {
      state::pin_reference(as_administrator(organization), version);
    }
  }
  /// Founds the organization under a subdomain that is no other's.
  static Outcome found(const std::string& url, const std::string& subdomain) {
    Ledger ledger = Ledger::open(url);
    Names names = Names::open(url);
    return names.use(
        "subdomain", subdomain,
        [&] {
          return ledger.command("found_organization",
                                fmt::format(R"({{"subdomain":"{0}","display_name":"{0}"}})", subdomain));
        },
        [&] {
          std::vector<std::string> used;
          for (Rows rows = ledger.query("organization"); rows.next();) used.emplace_back(rows.at(1).text());
          return used;
        });
  }

  static std::string meeting_of(int place) { return fmt::format("20000000-0000-4000-8000-{:012}", place); }
  static void expect_accepted(Ledger& ledger, const std::string& command, const std::string& parameters) {
    ASSERT_EQ(reason_of(ledger.command(command, parameters)), "") << parameters;
  }
  static void make_ada(Ledger& ledger) {
    expect_accepted(ledger, "create_user",
                    fmt::format(R"({{"user_id":"{}","email":"ada@tower.example","display_name":"A",)"
                                R"("password_hash":"$argon2id$v=19$x$y","role":"org_admin"}})",
                                ada));
  }
  /// Her meeting.
  static void make_meeting(Ledger& ledger, int place, const std::string& code) {
    expect_accepted(ledger, "create_meeting",
                    fmt::format(R"({{"meeting_id":"{}","created_by":"{}","display_name":"M",)"
                                R"("meeting_code":"{}","join_secret_hash":"{}"}})",
                                meeting_of(place), ada, code, std::string(64, 'a')));
  }

  static bool is_file() { return std::string_view(GetParam()) == "sqlite"; }

 private:
  inline static int number = 0;
  Workshop workshop_;
  std::optional<Database> database_;
};
INSTANTIATE_TEST_SUITE_P(on, organizations, ::testing::Values("sqlite", "postgres"),
                         [](const auto& engine) { return std::string(engine.param); });

TEST_P(organizations, find_their_own_meeting_by_a_code_that_others_use_too) {
  std::vector<std::string> urls;
  for (int place = 0; place < 3; ++place) {
    urls.push_back(make("organization" + std::to_string(place)));
    ASSERT_EQ(reason_of(found(urls.back(), "organization" + std::to_string(place))), "");
    Ledger ledger = Ledger::open(urls.back());
    make_ada(ledger);
    if (place == 2) continue;  // which has no meeting
    make_meeting(ledger, place, "planning");
  }
  for (int place = 0; place < 3; ++place) {
    Ledger ledger = Ledger::open(urls[static_cast<std::size_t>(place)]);
    Rows rows = ledger.query("meeting_by_code", R"({"meeting_code":"planning"})");
    ASSERT_EQ(rows.next(), place < 2);
    if (place == 2) break;
    EXPECT_EQ(rows.at(0).text(), meeting_of(place));
    EXPECT_FALSE(rows.next());
  }
}

TEST_P(organizations, share_no_subdomain_however_many_ask_for_it_at_once) {
  constexpr int asking = 4;
  std::vector<std::string> urls;
  for (int i = 0; i < asking; ++i) urls.push_back(make("asking" + std::to_string(i)));
  std::vector<std::optional<Outcome>> outcomes(asking);
  std::barrier start(asking);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < asking; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      outcomes[i] = found(urls[i], "north");
    });
  }
  for (std::thread& thread : threads) thread.join();
  int founded = 0;
  for (std::size_t i = 0; i < asking; ++i) {
    if (outcomes[i]->accepted()) {
      ++founded;
      continue;
    }
    EXPECT_EQ(outcomes[i]->rejection().code, ErrorCode::unique_violation) << reason_of(*outcomes[i]);
    EXPECT_EQ(reason_of(found(urls[i], "south" + std::to_string(i))), "");
  }
  EXPECT_EQ(founded, 1);
}

TEST_P(organizations, use_the_machines_of_the_published_list_that_each_has_pinned) {
  const std::string one = "40000000-0000-4000-8000-000000000001";
  const std::string two = "40000000-0000-4000-8000-000000000002";
  const std::string handler = "50000000-0000-4000-8000-000000000001";
  make("shared");
  std::vector<std::string> urls;
  for (const char* name : {"north", "south"}) {
    urls.push_back(make(name));
    ASSERT_EQ(reason_of(found(urls.back(), name)), "");
    Ledger ledger = Ledger::open(urls.back());
    make_ada(ledger);
    for (int place = 1; place <= 2; ++place) make_meeting(ledger, place, "meeting-" + std::to_string(place));
  }
  const auto assign = [&](Ledger& ledger, int meeting, const std::string& controller) {
    return reason_of(ledger.command(
        "assign_meeting",
        fmt::format(R"({{"meeting_id":"{}","region":"eu","controller_id":"{}","handler_id":"{}"}})",
                    meeting_of(meeting), controller, handler)));
  };
  publish(one + " eu one.tower.example 5\n" + two + " eu two.tower.example 5\n",
          handler + " eu media.tower.example 9\n");
  for (std::size_t place = 0; place < 2; ++place) {
    pin(place == 0 ? "north" : "south", 1);
    Ledger ledger = Ledger::open(urls[place]);
    EXPECT_EQ(assign(ledger, 1, one), "no healthy controller " + one + " in eu") << "it was not taken up yet";
    const Outcome taken = ledger.command("take_up_machines", "{}");
    ASSERT_EQ(reason_of(taken), "");
    EXPECT_EQ(taken.receipt().count, 3);
    EXPECT_EQ(ledger.command("take_up_machines", "{}").receipt().count, 0) << "nothing is left to do";
    for (const std::string& controller : {one, two})
      ASSERT_EQ(reason_of(ledger.command(
                    "heartbeat_controller",
                    fmt::format(R"({{"controller_id":"{}","health":"healthy"}})", controller))),
                "");
    ASSERT_EQ(reason_of(ledger.command("heartbeat_handler",
                                       fmt::format(R"({{"handler_id":"{}","health":"healthy"}})", handler))),
              "");
    EXPECT_EQ(assign(ledger, 1, one), "") << "both organizations use the same machine";
    EXPECT_EQ(reason_of(ledger.command(
                  "register_controller",
                  fmt::format(R"({{"controller_id":"40000000-0000-4000-8000-000000000009","region":"eu",)"
                              R"("endpoint":"own.{}.example","capacity":2}})",
                              place))),
              "")
        << "an organization may have machines of its own";
  }
  // One machine carries less than before, and one is gone. Who has not pinned that sees nothing of it.
  publish(one + " eu one.tower.example 1\n", handler + " eu media.tower.example 9\n");
  pin("north", 2);
  Ledger north = Ledger::open(urls[0]);
  EXPECT_EQ(north.command("take_up_machines", "{}").receipt().count, 2);
  EXPECT_EQ(assign(north, 2, one),
            "limit reached: the controller " + one + " leads as many meetings as it can");
  EXPECT_EQ(assign(north, 2, two), "no healthy controller " + two + " in eu");
  Ledger south = Ledger::open(urls[1]);
  EXPECT_EQ(assign(south, 2, two), "");
  EXPECT_EQ(
      reason_of(south.command(
          "register_controller",
          fmt::format(R"({{"controller_id":"{}","region":"eu","endpoint":"else.example","capacity":2}})",
                      one))),
      "there is a meeting controller " + one + " already");
  for (const std::string& url : urls) EXPECT_TRUE(state::verify(url).equal()) << url;
}

}  // namespace
}  // namespace reeve::testing
