#include "blueprint/fixture_test.h"

namespace reeve::blueprint {
namespace {

const char* const good =
    "format = 1\n"
    "on = [\"player.joined\", \"gold.gained\"]\n"
    "run = \"handler\"\n"
    "arguments = [\"player_id\"]\n"
    "unique = [\"player_id\"]\n"
    "priority = 5\n"
    "delay = 0.5\n"
    "attempts = 3\n"
    "tier = \"player_id\"\n"
    "\n"
    "[backoff]\n"
    "first = 0.25\n"
    "max = 60\n"
    "\n"
    "[weights]\n"
    "ann = 4\n";

Sources with_job(const std::string& text = good) {
  Sources sources = good_sources();
  sources.files["jobs/greet.toml"] = text;
  return sources;
}

Sources spoilt(std::string_view old_text, std::string_view new_text) {
  Sources sources = with_job();
  spoil(sources, "jobs/greet.toml", old_text, new_text);
  return sources;
}

TEST(job_kind, is_read_from_its_file) {
  const Loaded loaded = check(with_job());
  ASSERT_NE(loaded.blueprint, nullptr) << describe(loaded.findings);
  const JobKind& job = loaded.blueprint->jobs.at("greet");
  EXPECT_EQ(job.on, (std::vector<std::string>{"gold.gained", "player.joined"}));
  EXPECT_EQ(job.run, JobKind::Run::handler);
  EXPECT_EQ(job.arguments, std::vector<std::string>{"player_id"});
  EXPECT_EQ(job.unique, std::vector<std::string>{"player_id"});
  EXPECT_EQ(job.priority, 5);
  EXPECT_EQ(job.delay_us, 500'000);
  EXPECT_EQ(job.attempts, 3);
  EXPECT_EQ(job.backoff_first_us, 250'000);
  EXPECT_EQ(job.backoff_max_us, 60'000'000);
  EXPECT_EQ(job.lease_us, 60'000'000);
  EXPECT_EQ(job.weights.at("ann"), 4);
}

TEST(job_kind, may_be_a_command_or_a_program) {
  Sources sources = good_sources();
  sources.files["jobs/reward.toml"] = "format = 1\non = [\"gold.gained\"]\nrun = \"command:grant\"\n";
  sources.files["jobs/mail.toml"] =
      "format = 1\non = [\"gold.gained\"]\nrun = \"program:send-mail.sh\"\n"
      "program_arguments = [\"-v\", \"-v\"]\n";
  const Loaded loaded = check(sources);
  ASSERT_NE(loaded.blueprint, nullptr) << describe(loaded.findings);
  EXPECT_EQ(loaded.blueprint->jobs.at("reward").target, "grant");
  EXPECT_FALSE(loaded.blueprint->jobs.at("reward").arguments);
  EXPECT_EQ(loaded.blueprint->jobs.at("mail").target, "send-mail.sh");
  EXPECT_EQ(loaded.blueprint->jobs.at("mail").program_arguments, (std::vector<std::string>{"-v", "-v"}));
}

TEST(job_kind, names_what_is_wrong_with_place_and_remedy) {
  const char* const file = "jobs/greet.toml";
  const auto at = [&](const char* place) { return std::string(file) + ":" + place; };
  expect_finding(spoilt("\"player.joined\"", "\"player.left\""), at("2:7"), "no event type `player.left`",
                 "`player.joined`");
  expect_finding(spoilt("[\"player.joined\", \"gold.gained\"]", "\"gold.gained\""), at("2:6"),
                 "`on` is not a list", "on = [");
  expect_finding(spoilt("\"handler\"", "\"shell:rm -rf /\""), at("3:7"), "nothing that can be run",
                 "command:NAME");
  expect_finding(spoilt("\"handler\"", "\"program:../rm\""), at("3:7"), "nothing that can be run",
                 "program:NAME");
  expect_finding(spoilt("\"handler\"", "\"command:give\""), at("3:7"), "no command `give`", "`grant`");
  expect_finding(spoilt("arguments = [\"player_id\"]", "arguments = [\"name\"]"), at("4:14"),
                 "gold.gained has no member `name`", "`player_id`");
  expect_finding(spoilt("priority = 5", "priority = \"5\""), at("6:12"), "`priority` is not an integer",
                 "priority = 5");
  expect_finding(spoilt("delay = 0.5", "delay = -1"), at("7:9"), "`delay` is not a number of seconds",
                 "delay = 30");
  expect_finding(spoilt("delay = 0.5", "delay = \"player_id\""), at("7:9"), "holds no time", "date-time");
  expect_finding(spoilt("attempts = 3", "attempts = 0"), at("8:12"), "from 1 to 1000", "attempts = 3");
  expect_finding(spoilt("attempts = 3", "attempt = 3"), at("8:1"), "unknown key `attempt`", "`attempts`");
  expect_finding(spoilt("first = 0.25", "first = 61"), at("11:1"), "shorter than the first", "first <= max");
  expect_finding(spoilt("ann = 4", "ann = 0"), at("16:7"), "weight of `ann`", "ann = 4");
  expect_finding(spoilt("format = 1", "format = 2"), at("1:10"), "a format", "newer version");
  expect_finding(with_job("on = [[["), at("1:9"), "", "TOML");
}

TEST(job_kind, needs_what_its_command_requires) {
  Sources sources = good_sources();
  sources.files["jobs/reward.toml"] =
      "format = 1\non = [\"gold.gained\"]\nrun = \"command:grant\"\narguments = [\"player_id\"]\n";
  expect_finding(sources, "jobs/reward.toml:3:7", "requires `amount`", "name it in `arguments`");
  sources.files["jobs/reward.toml"] = "format = 1\non = [\"gold.gained\"]\nrun = \"command:grant\"\n";
  spoil(sources, "commands/grant.json", "\"amount\": {\"type\": \"integer\"}",
        "\"amount\": {\"type\": \"string\"}");
  const Loaded loaded = check(sources);
  EXPECT_NE(describe(loaded.findings).find("`amount` of grant has another type"), std::string::npos)
      << describe(loaded.findings);
}

TEST(job_kind, comes_after_another_of_the_same_key_and_never_after_itself) {
  const std::string kind =
      "format = 1\non = [\"gold.gained\"]\nrun = \"handler\"\nunique = [\"player_id\"]\n";
  Sources sources = good_sources();
  sources.files["jobs/one.toml"] = kind + "after = \"two\"\n";
  expect_finding(sources, "jobs/one.toml:1:1", "no kind of job `two`", "`one`");
  sources.files["jobs/two.toml"] = "format = 1\non = [\"gold.gained\"]\nrun = \"handler\"\n";
  expect_finding(sources, "jobs/one.toml:1:1", "don't fit", "`unique` in both");
  sources.files["jobs/two.toml"] = kind;
  EXPECT_NE(check(sources).blueprint, nullptr);
  sources.files["jobs/two.toml"] = kind + "after = \"one\"\n";
  EXPECT_NE(describe(check(sources).findings).find("comes after itself"), std::string::npos);
  sources.files["jobs/two.toml"] = kind + "after = \"two\"\n";
  EXPECT_NE(describe(check(sources).findings).find("`two` comes after itself"), std::string::npos);
}

TEST(job_kind, keeps_nothing_personal) {
  Sources sources = with_job("format = 1\non = [\"player.joined\"]\nrun = \"handler\"\n");
  spoil(sources, "events/player.joined.v1.json", "\"name\": {\"type\": \"string\"}",
        "\"name\": {\"type\": \"string\", \"personal\": \"player_id\"}");
  spoil(sources, "migrations/0001_core.up.sql", "CREATE TABLE players (player_id text PRIMARY KEY, name text",
        "CREATE TABLE players (player_id text PRIMARY KEY,\n-- personal: player_id\nname text");
  std::string said = describe(check(sources).findings);
  EXPECT_NE(said.find("jobs/greet.toml:1:1: the payload of player.joined has the personal member `name`"),
            std::string::npos)
      << said;
  sources.files["jobs/greet.toml"] =
      "format = 1\non = [\"player.joined\"]\nrun = \"handler\"\narguments = [\"name\"]\n";
  said = describe(check(sources).findings);
  EXPECT_NE(said.find("jobs/greet.toml:4:14: the member `name` of player.joined is personal"),
            std::string::npos)
      << said;
}

TEST(job_kind, may_be_asked_for_by_time) {
  const std::string timed =
      "format = 1\nschedule = \"30 3 * * mon\"\ntime_zone = \"Europe/Berlin\"\ncatch_up = \"all\"\n"
      "run = \"command:grant\"\n\n[given]\nplayer_id = \"ann\"\namount = 5\n";
  const Loaded loaded = check(with_job(timed));
  ASSERT_NE(loaded.blueprint, nullptr) << describe(loaded.findings);
  const JobKind& job = loaded.blueprint->jobs.at("greet");
  EXPECT_TRUE(job.on.empty());
  EXPECT_EQ(job.schedule->identity(), "30 3 * * mon Europe/Berlin");
  EXPECT_EQ(job.schedule->catch_up, JobKind::CatchUp::all);
  EXPECT_EQ(job.schedule->given, R"({"amount":5,"player_id":"ann"})");
  const auto with = [&](std::string_view old_text, std::string_view new_text) {
    Sources sources = with_job(timed);
    spoil(sources, "jobs/greet.toml", old_text, new_text);
    return sources;
  };
  const char* const place = "jobs/greet.toml:";
  expect_finding(with("30 3", "30 24"), place + std::string("2:12"), "`24` is no hour", "five fields");
  expect_finding(with("30 3 * * mon", "0 0 30 2 *"), place + std::string("2:12"), "never comes",
                 "a day that there is");
  expect_finding(with("Berlin", "Utopia"), place + std::string("3:13"), "no time zone `Europe/Utopia`",
                 "IANA");
  expect_finding(with("\"all\"", "\"some\""), place + std::string("4:12"), "`some` is no way to catch up",
                 "\"none\"");
  expect_finding(with("amount = 5", "amount = \"5\""), place + std::string("5:7"), "/amount", "[given]");
  expect_finding(with("amount = 5\n", ""), place + std::string("5:7"), "amount", "[given]");
  expect_finding(with("run =", "slot = \"amount\"\nrun ="), place + std::string("8:1"), "and given too",
                 "leave one");
  expect_finding(with("run =", "on = [\"gold.gained\"]\nrun ="), place + std::string("5:6"),
                 "of jobs that events ask for", "a second kind");
  const std::string said =
      describe(check(with("schedule = \"30 3 * * mon\"\n", "on = [\"gold.gained\"]\n")).findings);
  EXPECT_NE(said.find("jobs/greet.toml:3:13: `time_zone` belongs to a schedule"), std::string::npos) << said;
}

TEST(job_kind, may_wait_for_a_moment_and_for_a_confirmation) {
  const std::string kind =
      "format = 1\non = [\"gold.gained\"]\nrun = \"handler\"\narguments = [\"amount\"]\n";
  const Loaded loaded = check(with_job(kind + "moment = \"amount\"\nconfirm = 60\n"));
  ASSERT_NE(loaded.blueprint, nullptr) << describe(loaded.findings);
  EXPECT_EQ(loaded.blueprint->jobs.at("greet").moment_member, "amount");
  EXPECT_EQ(loaded.blueprint->jobs.at("greet").confirm_us, 60'000'000);
  expect_finding(with_job(kind + "moment = \"player_id\"\n"), "jobs/greet.toml:5:10", "holds no moment",
                 "integer");
  expect_finding(with_job(kind + "moment = \"amount\"\ndelay = 5\n"), "jobs/greet.toml:5:10",
                 "a time and for a moment", "leave");
  expect_finding(with_job("format = 1\non = [\"gold.gained\"]\nrun = \"command:grant\"\nconfirm = 5\n"),
                 "jobs/greet.toml:4:11", "nobody has to confirm", "leave `confirm` out");
}

TEST(job_kind, has_a_file_whose_name_fits_the_rule) {
  Sources sources = good_sources();
  sources.files["jobs/Greet.toml"] = good;
  expect_finding(sources, "jobs/Greet.toml", "fits no rule", "NAME.toml");
}

}  // namespace
}  // namespace reeve::blueprint
