#include "state/replay.h"

#include "state/ledger_fixture_test.h"
#include "state/migrate.h"
#include "state/transfer.h"

namespace reeve::state {
namespace {

using testing::error_of;
using testing::expect_equal;
using testing::reason_of;
using testing::vault_sources;

/// The chain and state hash after each event.
using History = std::vector<std::string>;

class replays : public LedgerTest {
 protected:
  void commit(Ledger& vault, const char* type, const std::string& payload) {
    ASSERT_EQ(reason_of(vault.commit(type, payload)), "") << type;
  }

  /// A ledger with a bit of everything, a migration up and down in its middle.
  void play() {
    {
      Ledger vault = create();
      furnish(vault);
      ASSERT_EQ(
          reason_of(vault.command("transfer", R"({"from_id":"a","to_id":"b","amount":30})", {.key = "t"})),
          "");
      ASSERT_EQ(reason_of(vault.command("gamble", R"({"account_id":"a"})")), "");
      commit(vault, "pair.joined", R"({"one":"x","other":"y"})");
      commit(vault, "badge.given", R"({"owner_id":"ann","number":-3,"label":"\u00e4"})");
      commit(vault, "day.ended", "{}");
    }
    blueprint::Sources next = vault_sources();
    testing::add_grades(next);
    ASSERT_EQ(migrate_up(file, next).names, std::vector<std::string>{"0002_grades"});
    {
      Ledger vault = open();
      ASSERT_EQ(reason_of(vault.command("pay_all", R"({"amount":7})")), "");
      commit(vault, "account.noted",
             R"({"account_id":"a","notes":{"text":")" + std::string(300, 'x') + R"("}})");
      commit(vault, "account.noted",
             R"({"account_id":"a","notes":{"text":")" + std::string(310, 'x') + R"("}})");
    }
    ASSERT_EQ(migrate_down(file, 1).names, std::vector<std::string>{"0002_grades"});
    ASSERT_TRUE(migrate_up(file, vault_sources()).names.empty());
    Ledger vault = open();
    commit(vault, "owner.left", R"({"owner_id":"bob"})");
    commit(vault, "day.ended", "{}");
  }

  History history(ReplayBy by) const {
    History out;
    replay_scratch(file, {.by = by, .progress = {}, .each = collect(out)});
    return out;
  }
  static std::function<void(std::int64_t, const Digest&, const Digest&)> collect(History& out) {
    return [&out](std::int64_t sequence, const Digest& chain, const Digest& state) {
      EXPECT_EQ(sequence, static_cast<std::int64_t>(out.size()) + 1);
      out.push_back(to_hex(chain) + " " + to_hex(state));
    };
  }
  std::vector<std::string> exported(bool seed = true) const {
    std::vector<std::string> lines;
    export_journal(file, [&](std::string_view line) { lines.emplace_back(line); },
                   {.progress = {}, .seed = seed});
    return lines;
  }
  static Import import_lines(const std::vector<std::string>& lines, const std::filesystem::path& target,
                             const ImportOptions& import_options = {}) {
    std::size_t place = 0;
    return import_journal(
        [&](std::string& line) {
          if (place == lines.size()) return false;
          line = lines[place++];
          return true;
        },
        target, import_options);
  }
};

TEST_F(replays, are_equal_by_execution_and_by_changeset_after_every_event) {
  play();
  expect_equal(file);
  const History executed = history(ReplayBy::execution);
  EXPECT_EQ(static_cast<std::int64_t>(executed.size()), number("SELECT max(sequence) FROM reeve_events"));
  EXPECT_EQ(history(ReplayBy::changeset), executed);
  Ledger vault = open();
  EXPECT_EQ(executed.back(), vault.head().chain_hash.to_string() + " " + vault.head().state_hash.to_string());
}

TEST_F(replays, make_dropped_tables_anew) {
  play();
  const Head before = open().head();
  const std::string schema =
      "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'reeve%' ORDER "
      "BY name)";
  const std::string schema_before = text(schema);
  for (const ReplayBy by : {ReplayBy::execution, ReplayBy::changeset}) {
    meddle(
        "PRAGMA foreign_keys = OFF; DROP TABLE badges; DROP TABLE members; DROP TABLE accounts; "
        "DROP TABLE owners; DROP TABLE calendar");
    EXPECT_FALSE(verify(file).equal());
    const Replay result = replay(file, {.by = by, .progress = {}, .each = {}});
    EXPECT_EQ(to_hex(result.state_hash), before.state_hash.to_string());
    EXPECT_EQ(to_hex(result.chain_hash), before.chain_hash.to_string());
    EXPECT_EQ(text(schema), schema_before);
    expect_equal(file);
  }
  Ledger vault = open();
  EXPECT_EQ(vault.head().state_hash, before.state_hash);
  ASSERT_TRUE(vault.commit("day.ended", "{}").accepted());
  expect_equal(file);
}

TEST_F(replays, change_nothing_when_the_journal_is_not_what_it_was) {
  play();
  meddle("UPDATE reeve_events SET actor = 'x' WHERE sequence = 8");
  meddle("DELETE FROM badges");
  for (const ReplayBy by : {ReplayBy::execution, ReplayBy::changeset}) {
    const Error error = error_of([&] { replay(file, {.by = by, .progress = {}, .each = {}}); });
    EXPECT_EQ(error.code(), ErrorCode::corrupt);
    EXPECT_NE(error.message().find("event 8"), std::string::npos) << error.what();
    EXPECT_EQ(number("SELECT count(*) FROM badges"), 0);
  }
}

TEST_F(replays, of_an_export_give_the_same_hashes_with_other_pages_and_groups) {
  play();
  const History here = history(ReplayBy::execution);
  int copy = 0;
  for (const auto& [page_bytes, group_events_max] : {std::pair{512, 1}, {65536, 3}, {4096, 256}}) {
    const std::string target = workshop.path("copy" + std::to_string(++copy));
    History there;
    ImportOptions import_options;
    import_options.page_bytes = page_bytes;
    import_options.group_events_max = group_events_max;
    import_options.each = copy == 3 ? nullptr : collect(there);
    const Import result = import_lines(exported(), target, import_options);
    EXPECT_EQ(result.events, static_cast<std::int64_t>(here.size()));
    if (copy != 3) {
      EXPECT_EQ(there, here);
    }
    expect_equal(target);
    Ledger vault = Ledger::open(target);
    EXPECT_EQ(vault.head().state_hash, open().head().state_hash);
    EXPECT_EQ(vault.head().chain_hash, open().head().chain_hash);
    EXPECT_TRUE(vault.find_key("t").has_value());
    EXPECT_EQ(std::get<std::int64_t>(
                  *engine::Connection::open(target, engine::OpenMode::read_only)->value("PRAGMA page_size")),
              page_bytes);
    ASSERT_TRUE(vault.command("pay_all", R"({"amount":1})").accepted());
    expect_equal(target);
  }
}

TEST_F(replays, of_the_commands_afresh_with_their_ids_and_times_give_the_same_hashes) {
  const auto run = [&](const std::string& target, int group_events_max, int page_bytes) {
    testing::SeededRandom same(99);
    testing::StepClock then(1'000'000'000'000'000);
    LedgerOptions given;
    given.clock = &then;
    given.random = &same;
    given.group_events_max = group_events_max;
    given.page_bytes = page_bytes;
    Ledger vault = Ledger::create(target, workshop.blueprint(vault_sources()), given);
    furnish(vault);
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(reason_of(vault.command("gamble", R"({"account_id":"b"})")), "");
      EXPECT_EQ(reason_of(vault.command("pay_all", R"({"amount":3})")), "");
    }
    return vault.head();
  };
  const Head one = run(workshop.path("one"), 256, 4096);
  const Head two = run(workshop.path("two"), 1, 1024);
  EXPECT_EQ(one.chain_hash, two.chain_hash);
  EXPECT_EQ(one.state_hash, two.state_hash);
}

TEST_F(replays, of_a_damaged_export_leave_no_file_and_name_the_line) {
  play();
  const std::vector<std::string> lines = exported();
  const std::string target = workshop.path("copy");
  const auto refused = [&](const std::vector<std::string>& given) {
    const Error error = error_of([&] { import_lines(given, target); });
    EXPECT_FALSE(std::filesystem::exists(target));
    EXPECT_FALSE(std::filesystem::exists(target + "-wal"));
    return error;
  };
  std::vector<std::string> cut(lines.begin(), lines.end() - 1);
  EXPECT_EQ(refused(cut).code(), ErrorCode::corrupt);
  EXPECT_EQ(refused({}).code(), ErrorCode::corrupt);
  std::vector<std::string> gap = lines;
  gap.erase(gap.begin() + 6);
  EXPECT_EQ(refused(gap).code(), ErrorCode::corrupt);
  std::vector<std::string> more = lines;
  more.push_back(lines.back());
  EXPECT_EQ(refused(more).code(), ErrorCode::corrupt);
  std::vector<std::string> changed = lines;
  const auto event = std::find_if(changed.begin(), changed.end(), [](const std::string& line) {
    return line.find("\"amount\":100") != std::string::npos;
  });
  ASSERT_NE(event, changed.end());
  event->replace(event->find("\"amount\":100"), 12, "\"amount\":101");
  const Error error = refused(changed);
  EXPECT_EQ(error.code(), ErrorCode::corrupt);
  EXPECT_NE(error.message().find("line " + std::to_string(event - changed.begin() + 1)), std::string::npos)
      << error.what();
  std::vector<std::string> no_json = lines;
  no_json[3] = "{";
  refused(no_json);
  std::vector<std::string> seed = lines;
  const std::size_t at = seed[0].find("\"seed\":\"") + 8;
  seed[0][at] = seed[0][at] == '0' ? '1' : '0';
  EXPECT_EQ(refused(seed).code(), ErrorCode::corrupt);
  std::vector<std::string> of_another = lines;
  const std::size_t id = of_another[0].find("\"ledger_id\":\"") + 13;
  of_another[0][id] = of_another[0][id] == '0' ? '1' : '0';
  EXPECT_EQ(refused(of_another).code(), ErrorCode::corrupt);
  EXPECT_EQ(error_of([&] { import_lines(lines, file); }).code(), ErrorCode::conflict);
}

TEST_F(replays, without_the_seed_refuse_dice_and_nothing_else) {
  play();
  const std::string target = workshop.path("copy");
  import_lines(exported(false), target);
  expect_equal(target);
  Ledger vault = Ledger::open(target);
  const Head before = vault.head();
  const Error error = error_of([&] { vault.command("gamble", R"({"account_id":"a"})"); });
  EXPECT_EQ(error.code(), ErrorCode::denied);
  EXPECT_FALSE(error.remedy().empty());
  EXPECT_EQ(vault.head().chain_hash, before.chain_hash);
  EXPECT_TRUE(vault.command("pay_all", R"({"amount":1})").accepted());
  expect_equal(target);
}

}  // namespace
}  // namespace reeve::state
