// Several organizations of Dark Tower beside each other, as files of a folder and as ledgers of a schema: each finds its
// own by a code that others use too, and a subdomain is one organization's.

#include "database.h"

#include <reeve/names.h>

#include <fmt/format.h>

#include <barrier>
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

  static bool is_file() { return std::string_view(GetParam()) == "sqlite"; }

 private:
  inline static int number = 0;
  Workshop workshop_;
  std::optional<Database> database_;
};
INSTANTIATE_TEST_SUITE_P(on, organizations, ::testing::Values("sqlite", "postgres"),
                         [](const auto& engine) { return std::string(engine.param); });

TEST_P(organizations, find_their_own_meeting_by_a_code_that_others_use_too) {
  const auto meeting_of = [](int place) { return fmt::format("20000000-0000-4000-8000-{:012}", place); };
  std::vector<std::string> urls;
  for (int place = 0; place < 3; ++place) {
    urls.push_back(make("organization" + std::to_string(place)));
    ASSERT_EQ(reason_of(found(urls.back(), "organization" + std::to_string(place))), "");
    Ledger ledger = Ledger::open(urls.back());
    ASSERT_EQ(
        reason_of(ledger.command(
            "create_user", fmt::format(R"({{"user_id":"{}","email":"ada@tower.example","display_name":"A",)"
                                       R"("password_hash":"$argon2id$v=19$x$y","role":"org_admin"}})",
                                       ada))),
        "");
    if (place == 2) continue;  // which has no meeting
    ASSERT_EQ(reason_of(ledger.command(
                  "create_meeting", fmt::format(R"({{"meeting_id":"{}","created_by":"{}","display_name":"M",)"
                                                R"("meeting_code":"planning","join_secret_hash":"{}"}})",
                                                meeting_of(place), ada, std::string(64, 'a')))),
              "");
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

}  // namespace
}  // namespace reeve::testing
