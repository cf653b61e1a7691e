#pragma once
// Ledgers of a club of one member, with an address that no two have: in a folder, or in a schema of PostgreSQL.

#include "database.h"
#include "live/stores_test.h"

#include <reeve/names.h>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace reeve::testing {

using live::code_of;
using live::second;

inline blueprint::Sources club_sources() {
  const std::string schema =
      R"({"type": "object", "properties": {"email": {"type": "string", "maxLength": 60}}, "required": ["email"]})";
  return {{
      {"blueprint.toml", "format = 1\nname = \"club\"\ntitle = \"A Club\"\n"},
      {"migrations/0001_core.up.sql",
       "CREATE TABLE members (member_id integer PRIMARY KEY CHECK (member_id = 1), email text NOT NULL);\n"},
      {"migrations/0001_core.down.sql", "DROP TABLE members;\n"},
      {"events/member.joined.v1.sql", "INSERT INTO members (member_id, email) VALUES (1, :email);\n"},
      {"events/member.joined.v1.json", schema},
      {"events/email.changed.v1.sql",
       "-- expect 1: there is no member\nUPDATE members SET email = :email WHERE member_id = 1;\n"},
      {"events/email.changed.v1.json", schema},
      {"events/member.left.v1.sql", "DELETE FROM members WHERE member_id = 1;\n"},
      {"events/member.left.v1.json", R"({"type": "object", "properties": {}})"},
      {"queries/members.sql", "-- name: emails :many\nSELECT email FROM members ORDER BY email;\n"},
  }};
}

/// The kind is the parameter: sqlite or postgres.
class Clubs : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string blueprint = workshop_.blueprint(club_sources());
    if (!is_file()) {
      static int number = 0;
      database_ = std::make_unique<Database>(fmt::format("names_{}", ++number));
    }
    std::filesystem::create_directory(workshop_.folder() / "clubs");
    for (const char* name : {"ada", "eve", "bob"})
      create_ledger(is_file() ? url(name) : database_->administrator(name), blueprint);
  }

  bool is_file() const { return std::string_view(GetParam()) == "sqlite"; }
  std::string url(const std::string& name) const {
    return is_file() ? workshop_.path("clubs/" + name + ".db") : database_->application(name);
  }
  /// For administrators, of all ledgers.
  std::string directory() const {
    if (is_file()) return workshop_.path("clubs");
    const std::string all = database_->administrator();
    return all.substr(0, all.find_last_of("?&"));
  }
  Names names(const std::string& ledger) { return Names::open(url(ledger), {.clock = &clock_}); }
  static Names::InUse in_use(Ledger& ledger) {
    return [&ledger] {
      std::vector<std::string> emails;
      for (Rows rows = ledger.query("emails"); rows.next();)
        emails.push_back(std::get<0>(rows.as<std::string>()));
      return emails;
    };
  }
  static Outcome commit(Ledger& ledger, const std::string& type, const std::string& email) {
    return ledger.commit(type, R"({"email":")" + email + "\"}");
  }
  Outcome use(Names& names, Ledger& ledger, const std::string& type, const std::string& email) {
    return names.use(
        "email", email, [&] { return commit(ledger, type, email); }, in_use(ledger));
  }
  /// Who has a name, by the directory: `ada confirmed`, `eve reserved`, or ''.
  std::string holder(const std::string& name) {
    const std::vector<NameEntry> found = list_names(directory(), "email", name);
    if (found.empty()) return "";
    return found[0].ledger + (found[0].confirmed ? " confirmed" : " reserved");
  }

  Workshop workshop_;
  live::HandClock clock_;
  std::unique_ptr<Database> database_;
};

}  // namespace reeve::testing
