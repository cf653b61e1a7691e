#pragma once
// A ledger of a blueprint in a file and its copy on PostgreSQL, with the same id and seed.

#include "database.h"

#include "state/promote.h"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

namespace reeve::testing {

/// What a run is told to do more or less of, by the environment.
inline int number_of(const char* variable, int otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::atoi(given) : otherwise;
}

class BothEngines : public ::testing::Test {
 protected:
  void make(const std::string& blueprint, const std::string& database_name) {
    file_ = workshop_.path("ledger.db");
    create_ledger(file_, blueprint);
    database_ = std::make_unique<Database>(database_name);
    const auto copied = state::promote(file_, database_->administrator(), {.progress = {}, .fence = false});
    ASSERT_TRUE(copied.equal());
    sqlite_.emplace(Ledger::open(file_));
    postgres_.emplace(Ledger::open(database_->application()));
  }

  /// The same event for both, which have the same head after it.
  void commit(const std::string& type, const std::string& payload, bool accepted = true) {
    const CommitOptions options{.id = fmt::format("00000000-0000-4000-8000-{:012}", ++count_),
                                .time = fmt::format("2026-01-01T00:{:02}:{:02}Z", count_ / 60, count_ % 60)};
    const Outcome left = sqlite_->commit(type, payload, options);
    const Outcome right = postgres_->commit(type, payload, options);
    EXPECT_EQ(left.accepted(), accepted) << type << " " << payload << reason_of(left);
    EXPECT_EQ(right.accepted(), accepted) << type << " " << payload << reason_of(right);
    expect_equal_heads(count_);
  }

  void expect_equal_heads(std::int64_t after) {
    const Head left = sqlite_->head();
    const Head right = postgres_->head();
    ASSERT_EQ(left.sequence.value, right.sequence.value) << "after " << after;
    ASSERT_EQ(left.chain_hash.to_string(), right.chain_hash.to_string()) << "after " << after;
    ASSERT_EQ(left.state_hash.to_string(), right.state_hash.to_string()) << "after " << after;
  }

  Workshop workshop_;
  std::string file_;
  std::unique_ptr<Database> database_;
  std::optional<Ledger> sqlite_;
  std::optional<Ledger> postgres_;

 private:
  int count_ = 0;  ///< of events that were committed to both
};

/// The vault with an event whose first statement changes a row before its second is refused.
inline blueprint::Sources vault_with_moves() {
  blueprint::Sources sources = vault_sources();
  sources.files["events/account.moved.v1.json"] =
      R"({"type": "object", "properties": {"from_id": {"type": "string"}, "to_id": {"type": "string"},)"
      R"( "amount": {"type": "integer", "minimum": 1}}, "required": ["from_id", "to_id", "amount"]})";
  sources.files["events/account.moved.v1.sql"] =
      "UPDATE accounts SET balance = balance + :amount WHERE account_id = :to_id;\n"
      "-- expect 1: :from_id does not hold :amount\n"
      "UPDATE accounts SET balance = balance - :amount WHERE account_id = :from_id AND balance >= :amount;\n";
  return sources;
}

}  // namespace reeve::testing
