#pragma once
// A small blueprint of owners and accounts that uses every logical type, cascades, deferred foreign keys,
// moments, seals, upcasts and commands of several events; and the folder, clock and dice of a test.

#include "blueprint/blueprint.h"
#include "engine/connection.h"
#include "state/verify.h"

#include <reeve/ledger.h>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <string_view>

namespace reeve::testing {

inline blueprint::Sources vault_sources() {
  const auto schema = [](const std::string& properties, const std::string& required) {
    return "{\"type\": \"object\", \"properties\": {" + properties + "}, \"required\": [" + required + "]}\n";
  };
  const std::string text = "{\"type\": \"string\", \"minLength\": 1, \"maxLength\": 200}";
  const std::string account = "\"account_id\": " + text;
  const std::string owner = "\"owner_id\": " + text;
  const std::string amount = "\"amount\": {\"type\": \"integer\", \"minimum\": 1}";
  return {{
      {"blueprint.toml",
       "format = 1\nname = \"vault\"\ntitle = \"The Vault\"\n\n"
       "[moment]\nname = \"day\"\ntype = \"integer\"\nquery = \"SELECT day FROM calendar WHERE id = 1\"\n\n"
       "[events]\nseal = [\"day.ended\"]\n"},
      {"migrations/0001_core.up.sql",
       "CREATE TABLE owners (owner_id text PRIMARY KEY, name varchar(40) NOT NULL, born date,\n"
       "  active boolean NOT NULL DEFAULT true);\n"
       "CREATE TABLE accounts (account_id text PRIMARY KEY,\n"
       "  owner_id text NOT NULL REFERENCES owners (owner_id) ON DELETE CASCADE,\n"
       "  balance bigint NOT NULL DEFAULT 0 CHECK (balance >= 0),\n"
       "  rate double precision NOT NULL DEFAULT 0, tag uuid, opened_at timestamptz NOT NULL,\n"
       "  notes jsonb NOT NULL DEFAULT '{}', token bytea);\n"
       "CREATE INDEX accounts_by_owner ON accounts (owner_id);\n"
       "CREATE TABLE members (member_id text PRIMARY KEY,\n"
       "  partner_id text NOT NULL REFERENCES members (member_id) DEFERRABLE INITIALLY DEFERRED);\n"
       "CREATE INDEX members_by_partner ON members (partner_id);\n"
       "CREATE TABLE badges (owner_id text NOT NULL, number integer NOT NULL, label text NOT NULL UNIQUE,\n"
       "  PRIMARY KEY (owner_id, number));\n"
       "CREATE TABLE calendar (id integer PRIMARY KEY, day integer NOT NULL);\n"
       "INSERT INTO calendar (id, day) VALUES (1, 1);\n"},
      {"migrations/0001_core.down.sql",
       "DROP TABLE calendar;\nDROP TABLE badges;\nDROP TABLE members;\nDROP TABLE accounts;\n"
       "DROP TABLE owners;\n"},
      {"events/owner.joined.v1.sql",
       "INSERT INTO owners (owner_id, name, born) VALUES (:owner_id, :name, :born);\n"},
      {"events/owner.joined.v1.json",
       schema(
           owner +
               ", \"name\": {\"type\": \"string\"}, \"born\": {\"type\": \"string\", \"format\": \"date\"}",
           "\"owner_id\", \"name\"")},
      {"events/owner.left.v1.sql",
       "-- expect 1: unknown owner :owner_id\nDELETE FROM owners WHERE owner_id = :owner_id;\n"},
      {"events/owner.left.v1.json", schema(owner, "\"owner_id\"")},
      {"events/account.opened.v1.sql",
       "INSERT INTO accounts (account_id, owner_id, rate, tag, opened_at, notes, token)\n"
       "VALUES (:account_id, :owner_id, COALESCE(:rate, 0), :tag, :at, COALESCE(:notes, '{}'::jsonb),\n"
       "        convert_to(:account_id, 'UTF8'));\n"},
      {"events/account.opened.v1.json",
       schema(account + ", " + owner +
                  ", \"rate\": {\"type\": \"number\"}, \"tag\": {\"type\": \"string\", \"format\": \"uuid\"},"
                  " \"notes\": {\"type\": \"object\"}",
              "\"account_id\", \"owner_id\"")},
      {"events/account.credited.v1.sql",
       "-- expect 1: unknown account :account_id\n"
       "UPDATE accounts SET balance = balance + :amount WHERE account_id = :account_id;\n"},
      {"events/account.credited.v1.json", schema(account + ", " + amount, "\"account_id\", \"amount\"")},
      {"events/account.debited.v1.sql",
       "-- expect 1: unknown account :account_id\n"
       "UPDATE accounts SET balance = balance - :amount WHERE account_id = :account_id;\n"},
      {"events/account.debited.v1.json", schema(account + ", " + amount, "\"account_id\", \"amount\"")},
      {"events/account.closed.v1.sql",
       "-- expect 1: unknown account :account_id, or it is not empty\n"
       "DELETE FROM accounts WHERE account_id = :account_id AND balance = 0;\n"},
      {"events/account.closed.v1.json", schema(account, "\"account_id\"")},
      {"events/account.rated.v1.sql",
       "-- expect 1: unknown account :account_id\n"
       "UPDATE accounts SET rate = CAST(:percent AS double precision) WHERE account_id = :account_id;\n"},
      {"events/account.rated.v1.json",
       schema(account + ", \"percent\": {\"type\": \"integer\"}", "\"account_id\", \"percent\"")},
      {"events/account.rated.v1-v2.sql",
       "SELECT :account_id AS account_id, CAST(:percent AS double precision) AS rate;\n"},
      {"events/account.rated.v2.sql",
       "-- expect 1: unknown account :account_id\n"
       "UPDATE accounts SET rate = :rate WHERE account_id = :account_id;\n"},
      {"events/account.rated.v2.json",
       schema(account + ", \"rate\": {\"type\": \"number\"}", "\"account_id\", \"rate\"")},
      {"events/account.noted.v1.sql",
       "-- expect 1: unknown account :account_id\n"
       "UPDATE accounts SET notes = :notes WHERE account_id = :account_id;\n"},
      {"events/account.noted.v1.json",
       schema(account + ", \"notes\": {\"type\": \"object\"}", "\"account_id\", \"notes\"")},
      {"events/member.joined.v1.sql",
       "INSERT INTO members (member_id, partner_id) VALUES (:member_id, :partner_id);\n"},
      {"events/member.joined.v1.json",
       schema("\"member_id\": " + text + ", \"partner_id\": " + text, "\"member_id\", \"partner_id\"")},
      {"events/pair.joined.v1.sql",
       "INSERT INTO members (member_id, partner_id) VALUES (:one, :other);\n"
       "INSERT INTO members (member_id, partner_id) VALUES (:other, :one);\n"},
      {"events/pair.joined.v1.json",
       schema("\"one\": " + text + ", \"other\": " + text, "\"one\", \"other\"")},
      {"events/badge.given.v1.sql",
       "INSERT INTO badges (owner_id, number, label) VALUES (:owner_id, :number, :label);\n"},
      {"events/badge.given.v1.json",
       schema(
           owner +
               ", \"number\": {\"type\": \"integer\", \"minimum\": -1000, \"maximum\": 1000}, \"label\": " +
               text,
           "\"owner_id\", \"number\", \"label\"")},
      {"events/day.ended.v1.sql", "UPDATE calendar SET day = day + 1 WHERE id = 1;\n"},
      {"events/day.ended.v1.json", "{\"type\": \"object\", \"properties\": {}}\n"},
      {"commands/open.sql",
       "-- check: unknown owner :owner_id\n"
       "SELECT EXISTS (SELECT 1 FROM owners WHERE owner_id = :owner_id);\n\n"
       "-- emit: account.opened\nSELECT :account_id AS account_id, :owner_id AS owner_id;\n"},
      {"commands/open.json", schema(account + ", " + owner, "\"account_id\", \"owner_id\"")},
      {"commands/withdraw.sql",
       "-- check: :account_id does not hold :amount\n"
       "SELECT EXISTS (SELECT 1 FROM accounts WHERE account_id = :account_id AND balance >= :amount);\n\n"
       "-- emit: account.debited\nSELECT :account_id AS account_id, :amount AS amount;\n"},
      {"commands/withdraw.json", schema(account + ", " + amount, "\"account_id\", \"amount\"")},
      {"commands/transfer.sql",
       "-- check: :from_id does not hold :amount\n"
       "SELECT EXISTS (SELECT 1 FROM accounts WHERE account_id = :from_id AND balance >= :amount);\n\n"
       "-- emit: account.debited\nSELECT :from_id AS account_id, :amount AS amount;\n\n"
       "-- emit: account.credited\nSELECT :to_id AS account_id, :amount AS amount;\n"},
      {"commands/transfer.json", schema("\"from_id\": " + text + ", \"to_id\": " + text + ", " + amount,
                                        "\"from_id\", \"to_id\", \"amount\"")},
      {"commands/pay_all.sql",
       "-- Gives the amount to every account: one event for each.\n"
       "-- emit: account.credited\n"
       "SELECT account_id, CAST(:amount AS bigint) AS amount FROM accounts ORDER BY account_id;\n"},
      {"commands/pay_all.json", schema(amount, "\"amount\"")},
      {"commands/gamble.sql",
       "-- emit: account.credited\n"
       "SELECT account_id, dice('gamble:' || account_id, 6) AS amount FROM accounts\n"
       "WHERE account_id = :account_id ORDER BY account_id;\n"},
      {"commands/gamble.json", schema(account, "\"account_id\"")},
      {"queries/accounts.sql",
       "-- name: account :one\n"
       "SELECT account_id, owner_id, balance, rate, tag, opened_at, notes FROM accounts\n"
       "WHERE account_id = :account_id;\n\n"
       "-- name: accounts :many\nSELECT account_id, balance FROM accounts ORDER BY account_id;\n\n"
       "-- name: owners :many\nSELECT owner_id, name, born, active FROM owners ORDER BY owner_id;\n\n"
       "-- name: members :many\nSELECT member_id, partner_id FROM members ORDER BY member_id;\n\n"
       "-- name: day :one\nSELECT day FROM calendar WHERE id = 1;\n\n"
       "-- name: events :many\n"
       "SELECT sequence, type, version, moment, actor, command, key FROM reeve_events\n"
       "WHERE sequence > :after::bigint ORDER BY sequence;\n"},
  }};
}

/// A migration on top: a column with rows filled in, a new table; and the way back.
inline void add_grades(blueprint::Sources& sources) {
  sources.files["migrations/0002_grades.up.sql"] =
      "ALTER TABLE accounts ADD COLUMN grade integer;\n"
      "UPDATE accounts SET grade = 1 WHERE balance > 0;\n"
      "CREATE TABLE grades (grade integer PRIMARY KEY, label text NOT NULL);\n"
      "INSERT INTO grades (grade, label) VALUES (1, 'solid');\n";
  sources.files["migrations/0002_grades.down.sql"] =
      "DROP TABLE grades;\nALTER TABLE accounts DROP COLUMN grade;\n";
}

/// A folder that is gone at the end of the test.
class Workshop {
 public:
  Workshop() {
    std::string pattern = (std::filesystem::temp_directory_path() / "reeve_test_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = pattern;
  }
  ~Workshop() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  std::string path(std::string_view name) const { return (folder_ / name).string(); }

  void write(const std::string& file, std::string_view text) const {
    const std::filesystem::path path = folder_ / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  /// Writes the sources into a folder of their own and gives its path.
  std::string blueprint(const blueprint::Sources& sources, const std::string& name = "blueprint") const {
    std::filesystem::remove_all(folder_ / name);
    for (const auto& [file, text] : sources.files) write(name + "/" + file, text);
    return path(name);
  }

 private:
  std::filesystem::path folder_;
};

/// Each look is a millisecond after the last.
class StepClock : public Clock {
 public:
  explicit StepClock(Microseconds start = 1'767'323'045'000'006) : now_(start) {}
  Microseconds now() override { return now_ += 1000; }

 private:
  std::atomic<Microseconds> now_;
};

/// The same bytes for the same seed. For one thread.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(engine_());
  }

 private:
  std::mt19937_64 engine_;
};

/// REEVE_SEED repeats a run; every random test prints the seed it used.
inline std::uint64_t test_seed(std::string_view test) {
  const char* given = std::getenv("REEVE_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << test << ": REEVE_SEED=" << seed << std::endl;
  return seed;
}

inline std::string describe(const state::Verification& verification) {
  std::string text;
  for (const state::Difference& difference : verification.differences) {
    text += "event " + std::to_string(difference.sequence) + " " + difference.table + " " + difference.key +
            ": " + difference.message + "\n";
  }
  return text;
}

/// The ledger in the file is equal to its journal.
inline void expect_equal(const std::filesystem::path& file) {
  const state::Verification verification = state::verify(file);
  EXPECT_TRUE(verification.equal()) << describe(verification);
  EXPECT_EQ(verification.state_hash, verification.state_hash_of_rows);
}

/// What an outcome says: "" when it was accepted.
inline std::string reason_of(const Outcome& outcome) {
  return outcome.accepted() ? std::string() : outcome.rejection().reason;
}

/// Runs something that must throw an Error and gives it back.
template <typename Call>
Error error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error was thrown";
  return Error(ErrorCode::internal, "no error was thrown");
}

inline std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A file of the project, wherever the test runs.
inline std::filesystem::path project_file(std::string_view name) {
  const char* root = std::getenv("REEVE_SOURCE_DIR");
  return std::filesystem::path(root != nullptr ? root : ".") / name;
}

}  // namespace reeve::testing
