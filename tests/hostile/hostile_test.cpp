// Bad input gets a clear error and changes nothing: payloads, options, files, blueprints, disks.

#include "state/replay.h"
#include "state/vault_test.h"

#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

namespace reeve::state {
namespace {

using testing::error_of;
using testing::expect_equal;
using testing::read_text;
using testing::reason_of;
using testing::test_seed;
using testing::vault_sources;
using testing::Workshop;

class hostile : public ::testing::Test {
 protected:
  hostile() : file(workshop.path("vault.db")), folder(workshop.blueprint(vault_sources())) {}

  Ledger furnished() {
    Ledger vault = Ledger::create(file, folder);
    EXPECT_EQ(reason_of(vault.commit("owner.joined", R"({"owner_id":"o","name":"O"})")), "");
    EXPECT_EQ(reason_of(vault.commit("account.opened", R"({"account_id":"a","owner_id":"o"})")), "");
    return vault;
  }

  /// It throws with this code, or is rejected with it; nothing was stored.
  template <typename Call>
  static void expect_refused(Ledger& vault, ErrorCode code, Call call, const std::string& what) {
    const Head before = vault.head();
    try {
      const Outcome outcome = call();
      EXPECT_FALSE(outcome.accepted()) << what;
      if (!outcome.accepted()) {
        EXPECT_EQ(name_of(outcome.rejection().code), name_of(code))
            << what << ": " << outcome.rejection().reason;
        EXPECT_FALSE(outcome.rejection().reason.empty());
        EXPECT_LT(outcome.rejection().reason.size(), 2'000U) << what;
      }
    } catch (const Error& error) {
      EXPECT_EQ(name_of(error.code()), name_of(code)) << what << ": " << error.what();
      EXPECT_FALSE(error.message().empty());
      EXPECT_LT(std::strlen(error.what()), 2'000U) << what;
    }
    EXPECT_EQ(vault.head().chain_hash, before.chain_hash) << what;
    EXPECT_EQ(vault.head().state_hash, before.state_hash) << what;
  }

  Workshop workshop;
  std::string file;
  std::string folder;
};

std::string named(const std::string& name) { return R"({"owner_id":"x","name":)" + name + "}"; }

TEST_F(hostile, payloads_are_refused_and_change_nothing) {
  Ledger vault = furnished();
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  const std::pair<ErrorCode, std::string> cases[] = {
      {ErrorCode::invalid_input, ""},
      {ErrorCode::invalid_input, "{"},
      {ErrorCode::invalid_input, "null"},
      {ErrorCode::invalid_input, "[]"},
      {ErrorCode::invalid_input, "\"text\""},
      {ErrorCode::invalid_input, named("\"n\"") + "x"},
      {ErrorCode::invalid_input, named("\"n\"") + named("\"n\"")},
      {ErrorCode::invalid_input, named("NaN")},
      {ErrorCode::invalid_input, named("Infinity")},
      {ErrorCode::invalid_input, named("-Infinity")},
      {ErrorCode::invalid_input, named("1e999")},
      {ErrorCode::invalid_input, named("'n'")},
      {ErrorCode::invalid_input, named("\"n\",")},
      {ErrorCode::invalid_input, named("\"\xff\xfe\"")},
      {ErrorCode::invalid_input, named("\"\xc0\x80\"")},
      {ErrorCode::invalid_input, named("\"\xed\xa0\x80\"")},
      {ErrorCode::invalid_input, named("\"\\ud800\"")},
      {ErrorCode::invalid_input, named("\"a\\u0000b\"")},
      {ErrorCode::invalid_input, named(std::string("\"a\0b\"", 5))},
      {ErrorCode::invalid_input, named("\"n\",\"name\":\"m\"")},
      {ErrorCode::invalid_input, named("9007199254740993")},
      {ErrorCode::invalid_input, named("\"n\",\"more\":1")},
      {ErrorCode::limit_exceeded, named("\"" + std::string(5 * 1024 * 1024, 'x') + "\"")},
      {ErrorCode::limit_exceeded, named(deep)},
      {ErrorCode::limit_exceeded, deep},
  };
  for (const auto& [code, payload] : cases) {
    expect_refused(
        vault, code, [&] { return vault.commit("owner.joined", payload); }, payload.substr(0, 60));
  }
  for (const char* number : {"9007199254740993", "-9007199254740993", "1e17", "1e400", "0x10", "01", "+1",
                             ".5", "1.", "1.5", "\"9\"", "true", "-0"}) {
    expect_refused(
        vault, ErrorCode::invalid_input,
        [&] {
          return vault.commit("account.credited",
                              R"({"account_id":"a","amount":)" + std::string(number) + "}");
        },
        number);
  }
  expect_equal(file);
}

TEST_F(hostile, names_are_looked_up_and_never_trusted) {
  Ledger vault = furnished();
  for (const std::string& type :
       {std::string("account.gone"), std::string(), std::string("reeve.schema_migrated"),
        std::string("reeve.ledger_created"), std::string("owner.joined\0", 13),
        std::string("owner.joined' OR '1'='1"), std::string("../owner.joined"), std::string(100'000, 'x'),
        std::string("\xff")}) {
    expect_refused(
        vault, ErrorCode::not_found, [&] { return vault.commit(type, "{}"); }, type.substr(0, 40));
    expect_refused(
        vault, ErrorCode::not_found, [&] { return vault.command(type, "{}"); }, type.substr(0, 40));
    EXPECT_EQ(error_of([&] { vault.query(type); }).code(), ErrorCode::not_found);
  }
  expect_refused(
      vault, ErrorCode::not_found, [&] { return vault.commit("day.ended", "{}", {.version = 9}); },
      "version 9");
  expect_refused(
      vault, ErrorCode::not_found, [&] { return vault.commit("day.ended", "{}", {.version = -1}); },
      "version -1");
}

TEST_F(hostile, options_are_checked) {
  Ledger vault = furnished();
  const auto refused = [&](ErrorCode code, const CommitOptions& given, const char* what) {
    expect_refused(
        vault, code, [&] { return vault.commit("day.ended", "{}", given); }, what);
    expect_refused(
        vault, code, [&] { return vault.command("pay_all", R"({"amount":1})", given); }, what);
  };
  for (const char* id : {"x", "018F0000-0000-7000-8000-000000000007", "018f0000-0000-7000-8000-00000000000",
                         "018f0000-0000-7000-8000-0000000000070", "{18f0000-0000-7000-8000-00000000000}"}) {
    refused(ErrorCode::invalid_input, {.id = id}, id);
  }
  for (const char* time :
       {"now", "2026-01-02", "2026-02-30T00:00:00Z", "2026-01-02T25:00:00Z", "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z", "2026-01-02T03:04:05", "2026-01-02T03:04:05.0000061Z"}) {
    refused(ErrorCode::invalid_input, {.time = time}, time);
  }
  refused(ErrorCode::invalid_input, {.actor = std::string("a\0b", 3)}, "actor with U+0000");
  refused(ErrorCode::invalid_input, {.actor = "\xff"}, "actor that is not UTF-8");
  refused(ErrorCode::invalid_input, {.key = "\xff"}, "key that is not UTF-8");
  refused(ErrorCode::limit_exceeded, {.actor = std::string(1'000, 'a')}, "long actor");
  refused(ErrorCode::limit_exceeded, {.key = std::string(1'000, 'a')}, "long key");
  refused(ErrorCode::conflict, {.expected = Sequence{1}}, "an older head");
  refused(ErrorCode::conflict, {.expected = Sequence{-1}}, "no head");
  refused(ErrorCode::conflict, {.expected = Sequence{1'000'000}}, "a head to come");
  expect_equal(file);
}

TEST_F(hostile, values_at_the_edge_are_rejected_and_never_wrap) {
  Ledger vault = furnished();
  for (int i = 0; i < 1'100; ++i) {
    const Outcome outcome =
        vault.commit("account.credited", R"({"account_id":"a","amount":9007199254740992})");
    if (!outcome.accepted()) {
      EXPECT_GE(i, 1'020);
      EXPECT_NE(outcome.rejection().reason.find("account.credited"), std::string::npos);
      expect_equal(file);
      Rows rows = vault.query("account", R"({"account_id":"a"})");
      ASSERT_TRUE(rows.next());
      EXPECT_GT(std::get<2>(rows.as<std::string, std::string, std::int64_t>()), 9'000'000'000'000'000'000);
      return;
    }
  }
  FAIL() << "the balance went past 64 bits";
}

TEST_F(hostile, files_that_are_no_ledgers_are_told_apart_and_left_alone) {
  const std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\6\0\0\0\x1f\x15\xc4\x89", 33);
  workshop.write("picture.png", png + std::string(4'000, '\7'));
  workshop.write("empty.db", "");
  workshop.write("short.db", "SQLite format 3");
  engine::Connection::open(workshop.path("other.db"), engine::OpenMode::create)
      ->execute(
          "CREATE TABLE t (x); INSERT INTO t VALUES (1); PRAGMA application_id = 7; PRAGMA journal_mode = "
          "DELETE");
  { furnished(); }
  std::filesystem::copy_file(file, workshop.path("newer.db"));
  engine::Connection::open(workshop.path("newer.db"), engine::OpenMode::read_write)
      ->execute("PRAGMA user_version = 2; PRAGMA wal_checkpoint(TRUNCATE)");
  for (const auto& [name, code] :
       std::initializer_list<std::pair<const char*, ErrorCode>>{{"picture.png", ErrorCode::corrupt},
                                                                {"short.db", ErrorCode::corrupt},
                                                                {"empty.db", ErrorCode::invalid_input},
                                                                {"other.db", ErrorCode::invalid_input},
                                                                {"newer.db", ErrorCode::invalid_input},
                                                                {"missing.db", ErrorCode::not_found}}) {
    const std::string path = workshop.path(name);
    const std::string before = std::filesystem::exists(path) ? read_text(path) : "";
    const Error error = error_of([&] { Ledger::open(path); });
    EXPECT_EQ(name_of(error.code()), name_of(code)) << name << error.what();
    if (code != ErrorCode::corrupt) {
      EXPECT_FALSE(error.remedy().empty()) << name;
    }
    EXPECT_EQ(name_of(error_of([&] { verify(path); }).code()), name_of(code)) << name;
    EXPECT_EQ(name_of(error_of([&] { replay_scratch(path); }).code()), name_of(code)) << name;
    EXPECT_EQ(std::filesystem::exists(path) ? read_text(path) : "", before) << name;
  }
  EXPECT_FALSE(std::filesystem::exists(workshop.path("missing.db")));
  EXPECT_EQ(error_of([&] { Ledger::open("mysql://host/db"); }).code(), ErrorCode::invalid_input);
  EXPECT_EQ(error_of([&] { Ledger::open(""); }).code(), ErrorCode::invalid_input);
  EXPECT_THROW(Ledger::open(workshop.folder().string()), Error);
  EXPECT_THROW(Ledger::create(workshop.path("no/such/folder.db"), folder), Error);
}

/// Opens, reads, writes and verifies a file that may be anything: an Error is fine, a crash is not.
void poke(const std::string& path) {
  const auto attempt = [](const auto& call) {
    try {
      call();
    } catch (const Error& error) {
      EXPECT_NE(error.code(), ErrorCode::internal) << error.what();
    }
  };
  attempt([&] { verify(path); });
  attempt([&] { replay_scratch(path, {.by = ReplayBy::changeset, .progress = {}, .each = {}}); });
  attempt([&] {
    Ledger vault = Ledger::open(path);
    vault.head();
    vault.find_key("k");
    Rows rows = vault.query("accounts");
    while (rows.next()) rows.at(0);
    vault.commit("account.credited", R"({"account_id":"a","amount":1})");
  });
}

TEST_F(hostile, truncated_and_scribbled_files_give_errors_and_never_a_crash) {
  {
    Ledger vault = furnished();
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(vault.commit("account.credited", R"({"account_id":"a","amount":1})").accepted());
    }
  }
  engine::Connection::open(file, engine::OpenMode::read_write)->execute("PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string whole = read_text(file);
  std::mt19937_64 random(test_seed("scribbled files"));
  int found = 0;
  for (int round = 0; round < 80; ++round) {
    std::string damaged = whole;
    if (round % 2 == 0) {
      damaged.resize(random() % damaged.size());
    } else {
      for (int i = 0; i < 200; ++i)
        damaged[100 + random() % (damaged.size() - 100)] = static_cast<char>(random());
    }
    const std::string path = workshop.path("damaged.db");
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
    workshop.write("damaged.db", damaged);
    try {
      found += verify(path).equal() ? 0 : 1;
    } catch (const Error&) {
      ++found;
    }
    poke(path);
  }
  EXPECT_GE(found, 78) << "damage that verify did not see";
}

TEST_F(hostile, blueprints_with_wrong_sql_name_file_line_and_column_and_leave_no_ledger) {
  struct Case {
    const char* path;
    std::string text;
    const char* place;
    ErrorCode code;
  };
  std::string sum = "SELECT 1";
  for (int i = 0; i < 100'000; ++i) sum += "+1";
  const Case cases[] = {
      {"queries/accounts.sql", "-- name: q :many\nSELECT acount_id\nFROM accounts ORDER BY 1;\n",
       "queries/accounts.sql:2:8", ErrorCode::bad_statement},
      {"queries/accounts.sql", "-- name: q :many\nSELECT FROM WHERE;\n", "queries/accounts.sql:2:13",
       ErrorCode::bad_statement},
      {"events/day.ended.v1.sql", "UPDATE calendar SET day = random();\n", "events/day.ended.v1.sql:1:27",
       ErrorCode::bad_statement},
      {"events/day.ended.v1.sql", "UPDATE calender SET day = 1;\n", "events/day.ended.v1.sql:1:8",
       ErrorCode::bad_statement},
      {"events/day.ended.v1.sql", "DROP TABLE calendar;\n", "events/day.ended.v1.sql:1:1",
       ErrorCode::bad_statement},
      {"commands/pay_all.sql",
       "-- emit: account.credited\nSELECT account_id, 'x' AS amount FROM accounts ORDER BY 1;\n",
       "commands/pay_all.sql", ErrorCode::invalid_input},
      {"queries/accounts.sql", "-- name: q :many\n" + sum + ";\n", "queries/accounts.sql",
       ErrorCode::limit_exceeded},
      {"queries/accounts.sql", "-- name: q :many\nSELECT " + std::string(60'000, '(') + "1;\n",
       "queries/accounts.sql", ErrorCode::limit_exceeded},
      {"blueprint.toml", "format = 1\nname = [\n", "blueprint.toml:", ErrorCode::invalid_input},
      {"events/day.ended.v1.json", "{\"type\": \"object\", \"properties\": {}", "events/day.ended.v1.json",
       ErrorCode::invalid_input},
  };
  for (const Case& one : cases) {
    blueprint::Sources sources = vault_sources();
    sources.files[one.path] = one.text;
    const std::string wrong = workshop.blueprint(sources, "wrong");
    const Error error = error_of([&] { Ledger::create(file, wrong); });
    EXPECT_EQ(name_of(error.code()), name_of(one.code)) << error.what();
    EXPECT_EQ(error.place().to_string().substr(0, std::strlen(one.place)), one.place) << error.what();
    EXPECT_LT(std::strlen(error.what()), 2'000U);
    EXPECT_FALSE(std::filesystem::exists(file));
  }
  EXPECT_EQ(error_of([&] { Ledger::create(file, workshop.path("nowhere")); }).code(), ErrorCode::not_found);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(hostile, a_pattern_runs_on_a_long_text_without_harm) {
  blueprint::Sources sources = vault_sources();
  sources.files["events/owner.joined.v1.json"] =
      R"({"type":"object","properties":{"owner_id":{"type":"string","pattern":"^(a|b|[c-z])+$"},)"
      R"("name":{"type":"string"}},"required":["owner_id","name"]})";
  sources.files["events/owner.joined.v1.sql"] =
      "INSERT INTO owners (owner_id, name) VALUES (:owner_id, :name);\n";
  Ledger vault = Ledger::create(file, workshop.blueprint(sources));
  const std::string text(300 * 1024, 'a');
  EXPECT_EQ(reason_of(vault.commit("owner.joined", R"({"owner_id":")" + text + R"(","name":"n"})")), "");
  expect_refused(
      vault, ErrorCode::invalid_input,
      [&] { return vault.commit("owner.joined", R"({"owner_id":")" + text + R"(!","name":"n"})"); },
      "pattern");
}

TEST_F(hostile, a_writer_that_waits_too_long_is_told_so) {
  { furnished(); }
  LedgerOptions options;
  options.busy_ms_max = 50;
  Ledger vault = Ledger::open(file, options);
  const auto other = engine::Connection::open(file, engine::OpenMode::read_write);
  {
    engine::Transaction tx(*other, engine::Transaction::Mode::write);
    const Error error = error_of([&] { vault.commit("day.ended", "{}"); });
    EXPECT_EQ(error.code(), ErrorCode::retryable);
    EXPECT_FALSE(error.remedy().empty());
    Rows rows = vault.query("accounts");  // readers don't wait
    EXPECT_TRUE(rows.next());
  }
  EXPECT_TRUE(vault.commit("day.ended", "{}").accepted());
  expect_equal(file);
}

/// Commits until the disk says no; then nothing of it is there, and with space again everything goes on.
void expect_full_disk_to_harm_nothing(const std::string& file, const std::function<void()>& make_space) {
  Ledger vault = Ledger::open(file);
  Head before = vault.head();
  const std::string payload = R"({"account_id":"a","notes":{"text":")" + std::string(20'000, 'x');
  std::optional<Error> error;
  for (int i = 0; i < 2'000 && !error; ++i) {
    before = vault.head();
    try {
      ASSERT_TRUE(vault
                      .commit("account.noted", payload + std::to_string(i) + R"("}})",
                              {.key = "k" + std::to_string(i)})
                      .accepted());
    } catch (const Error& fault) {
      error = fault;
      // The outcome was unknown to the committer: by its key it is known to be nothing.
      EXPECT_FALSE(vault.find_key("k" + std::to_string(i)).has_value());
    }
  }
  ASSERT_TRUE(error.has_value()) << "the disk was never full";
  EXPECT_TRUE(error->code() == ErrorCode::commit_unknown || error->code() == ErrorCode::unavailable)
      << name_of(error->code()) << error->what();
  EXPECT_FALSE(error->remedy().empty());
  EXPECT_EQ(vault.head().chain_hash, before.chain_hash);
  make_space();
  EXPECT_EQ(reason_of(vault.commit("day.ended", "{}")), "");
  EXPECT_EQ(vault.head().sequence.value, before.sequence.value + 1);
  expect_equal(file);
}

TEST_F(hostile, a_file_that_may_not_grow_harms_nothing) {
  { furnished(); }
  rlimit old_limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit = old_limit;
  limit.rlim_cur = 700'000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  expect_full_disk_to_harm_nothing(file, [&] { setrlimit(RLIMIT_FSIZE, &old_limit); });
  setrlimit(RLIMIT_FSIZE, &old_limit);
  std::signal(SIGXFSZ, old_handler);
}

TEST_F(hostile, a_full_disk_harms_nothing) {
  const std::string disk = workshop.path("disk");
  std::filesystem::create_directory(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=2m") != 0) {
    GTEST_SKIP()
        << "this user may not mount a small file system; the limit of a file's size is tested all the same";
  }
  file = disk + "/vault.db";
  { furnished(); }
  std::ofstream(disk + "/ballast", std::ios::binary) << std::string(900'000, 'b');
  expect_full_disk_to_harm_nothing(file, [&] { std::filesystem::remove(disk + "/ballast"); });
  umount(disk.c_str());
}

TEST_F(hostile, a_place_that_can_not_be_written_is_unavailable) {
  const Error created = error_of([&] { Ledger::create("/proc/vault.db", folder); });
  EXPECT_EQ(name_of(created.code()), name_of(ErrorCode::unavailable)) << created.what();
  { furnished(); }
  if (geteuid() != 0) {
    std::filesystem::permissions(workshop.folder(), std::filesystem::perms(0555));
  } else {
    std::filesystem::permissions(workshop.folder(), std::filesystem::perms(0755));
  }
  std::filesystem::permissions(file, std::filesystem::perms(0444));
  const bool root = geteuid() == 0;
  if (root) {
    ASSERT_EQ(seteuid(65534), 0);  // root may write everywhere
  }
  const Error error = error_of([&] {
    Ledger vault = Ledger::open(file);
    vault.commit("day.ended", "{}");
  });
  if (root) {
    ASSERT_EQ(seteuid(0), 0);
  }
  std::filesystem::permissions(workshop.folder(), std::filesystem::perms(0755));
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  EXPECT_EQ(name_of(error.code()), name_of(ErrorCode::unavailable)) << error.what();
  expect_equal(file);
}

/// As somebody who may not write everywhere.
template <typename Work>
void as_nobody(Work&& work) {
  const bool root = geteuid() == 0;
  if (root) {
    ASSERT_EQ(seteuid(65534), 0);
  }
  work();
  if (root) {
    ASSERT_EQ(seteuid(0), 0);
  }
}

TEST_F(hostile, a_reader_without_rights_on_the_folder_hears_what_is_missing) {
  { furnished(); }
  engine::Connection::open(file, engine::OpenMode::read_write)->execute("PRAGMA wal_checkpoint(TRUNCATE)");
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(file + suffix);
  std::filesystem::permissions(file, std::filesystem::perms(0444));
  std::filesystem::permissions(workshop.folder(), std::filesystem::perms(0555));
  as_nobody([this] {
    const Error error = error_of([&] { state::verify(state::Location(file)); });
    EXPECT_EQ(error.code(), ErrorCode::unavailable);
    EXPECT_NE(error.message().find(file), std::string::npos) << error.message();
    EXPECT_NE(error.remedy().find("copy the file"), std::string::npos) << error.remedy();
  });
  std::filesystem::permissions(workshop.folder(), std::filesystem::perms(0755));
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  expect_equal(file);
}

TEST_F(hostile, a_ledger_on_a_disk_that_is_only_read_is_read) {
  const std::string disk = workshop.path("disk #1%");
  std::filesystem::create_directory(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=4m") != 0) {
    GTEST_SKIP() << "this user may not mount a file system";
  }
  file = disk + "/vault.db";
  { furnished(); }
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(file + suffix);
  ASSERT_EQ(mount("tmpfs", disk.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=4m"), 0);
  expect_equal(file);
  {
    Ledger vault = Ledger::open(file);
    EXPECT_TRUE(vault.query("accounts").next());
    EXPECT_EQ(error_of([&] { vault.commit("day.ended", "{}"); }).code(), ErrorCode::unavailable);
  }
  umount(disk.c_str());
}

TEST_F(hostile, an_outcome_asked_for_what_it_is_not_is_a_defect_of_the_caller) {
  Ledger vault = furnished();
  const Outcome refused = vault.commit("account.credited", R"({"account_id":"q","amount":1})");
  EXPECT_EQ(error_of([&] { refused.receipt(); }).code(), ErrorCode::internal);
  const Outcome accepted = vault.commit("day.ended", "{}");
  EXPECT_EQ(error_of([&] { accepted.rejection(); }).code(), ErrorCode::internal);
  Rows rows = vault.query("accounts");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(error_of([&] { rows.as<std::int64_t>(); }).code(), ErrorCode::type_mismatch);
}

}  // namespace
}  // namespace reeve::state
