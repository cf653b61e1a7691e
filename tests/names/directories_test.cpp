// Where names are kept: what a role on PostgreSQL may, what is stored, and ledgers that go.

#include "clubs.h"

#include "cli/run_program.h"
#include "state/promote.h"

#include <reeve/directory.h>

#include <filesystem>

namespace reeve::testing {
namespace {

using engine::Connection;
using ::testing::HasSubstr;
using ::testing::Not;

std::string bytes_of(const std::filesystem::path& folder) {
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename().string().starts_with("reeve_names")) bytes += tests::read_file(entry.path());
  return bytes;
}

class names_in_a_schema : public Clubs {
 protected:
  std::string ledger_id(const std::string& name) const {
    return std::get<std::string>(
        *database_->value("SELECT ledger_id::text FROM reeve.reeve_ledgers WHERE name = '" + name + "'"));
  }
  /// A session that speaks SQL of its own.
  std::unique_ptr<Connection> as(const std::string& role, const std::string& ledger) const {
    auto connection = Connection::open_postgres(database_->plain("test"), {.schema = "reeve", .role = role});
    if (!ledger.empty()) connection->set_ledger(ledger_id(ledger));
    return connection;
  }
  static ErrorCode refusal(Connection& connection, const std::string& sql) {
    return code_of([&] {
      engine::Transaction tx(connection, engine::Transaction::Mode::write);
      connection.value(sql);
    });
  }
  static Value ask(Connection& connection, const std::string& sql) {
    engine::Transaction tx(connection, engine::Transaction::Mode::write);
    auto value = connection.value(sql);
    tx.commit();
    return value.value_or(Value());
  }
};
INSTANTIATE_TEST_SUITE_P(on, names_in_a_schema, ::testing::Values("postgres"), live::name_of_kind);

TEST_P(names_in_a_schema, are_nobody_elses_to_read_or_to_change) {
  Names ada = names("ada");
  ASSERT_EQ(ada.reserve("email", "wren@x", 60 * second), NameState::reserved);
  ASSERT_EQ(ada.reserve("email", "crow@x"), NameState::reserved);
  ASSERT_TRUE(ada.confirm("email", "crow@x"));
  const std::vector<NameEntry> held = list_names(directory(), "email", "wren@x");
  ASSERT_EQ(held.size(), 1U);
  const std::string wren = "'" + held[0].hash + "'";

  for (const char* const role : {"reeve_writer", "reeve_reader"}) {
    const auto connection = as(role, "ada");
    for (const char* const sql :
         {"SELECT count(*) FROM reeve_names", "DELETE FROM reeve_names",
          "UPDATE reeve_names SET confirmed = true",
          "INSERT INTO reeve_names SELECT 'h', 'email', ledger_id, true, NULL, '' FROM reeve_heads",
          "SELECT reeve_holder()"})
      EXPECT_EQ(refusal(*connection, sql), ErrorCode::denied) << role << " " << sql;
  }
  for (const std::string& call :
       {std::string("reeve_list_names('')"), "reeve_confirm_name(" + wren + ", 'v')",
        "reeve_release_name(" + wren + ", '')", "reeve_reserve_name('email', " + wren + ", 0, 1, 'v')"}) {
    EXPECT_EQ(refusal(*as("reeve_reader", "ada"), "SELECT " + call), ErrorCode::denied) << call;
    EXPECT_EQ(refusal(*as("reeve_writer", ""), "SELECT " + call), ErrorCode::denied) << call;  // of no ledger
  }
  const auto eve = as("reeve_writer", "eve");
  EXPECT_EQ(ask(*eve, "SELECT count(*) FROM reeve_list_names('')"), Value(std::int64_t{0}));
  EXPECT_EQ(ask(*eve, "SELECT reeve_confirm_name(" + wren + ", 'v')"), Value(std::int64_t{0}));
  EXPECT_EQ(ask(*eve, "SELECT reeve_release_name(" + wren + ", '')"), Value(std::int64_t{0}));
  // A clock that is said to be far ahead ends no reservation of another.
  ASSERT_EQ(ada.reserve("email", "raven@x", reservation_max), NameState::reserved);
  clock_.add(0);
  const std::string raven = "'" + list_names(directory(), "email", "raven@x")[0].hash + "'";
  database_->execute(
      "UPDATE reeve.reeve_names SET ends = (extract(epoch FROM now()) * 1000000)::bigint + 3600000000 "
      "WHERE hash = " +
      raven);
  EXPECT_EQ(
      ask(*eve, "SELECT reeve_reserve_name('email', " + raven + ", 9000000000000000, 9000000000000001, 'v')"),
      Value(std::string("taken")));
  EXPECT_EQ(holder("crow@x"), "ada confirmed");
  EXPECT_EQ(holder("wren@x"), "ada reserved");
  // What was added for names opens nothing that an application's connection would refuse; a function of somebody else does.
  EXPECT_NO_THROW(Ledger::open(url("eve")));
  database_->execute(
      "CREATE FUNCTION reeve.peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS "
      "'SELECT count(*) FROM reeve.reeve_names'");
  EXPECT_EQ(code_of([&] { Ledger::open(url("eve")); }), ErrorCode::denied);
  database_->execute("DROP FUNCTION reeve.peek(); GRANT SELECT ON reeve.reeve_names TO reeve_writer");
  EXPECT_EQ(code_of([&] { Ledger::open(url("eve")); }), ErrorCode::denied);
}

TEST_P(names_in_a_schema, are_not_stored_in_plain) {
  Names ada = names("ada");
  ASSERT_EQ(ada.reserve("email", "wren@keep.example"), NameState::reserved);
  const Value row = *database_->value("SELECT string_agg(n::text, ' ') FROM reeve.reeve_names n");
  EXPECT_THAT(std::get<std::string>(row), Not(HasSubstr("wren")));
  // As docs/names.md says, for any tool.
  EXPECT_THAT(std::get<std::string>(row),
              HasSubstr("a25b45d8ee2c4974261815f06fac3ebef737ba20dcf76445973006e334ed67e3"));
}

TEST_P(names_in_a_schema, stay_taken_for_an_erased_ledger_unless_its_name_is_freed) {
  {
    Names ada = names("ada");
    Names eve = names("eve");
    ASSERT_EQ(ada.reserve("email", "ada@x"), NameState::reserved);
    ASSERT_TRUE(ada.confirm("email", "ada@x"));
    ASSERT_EQ(ada.reserve("email", "next@x"), NameState::reserved);
    ASSERT_EQ(eve.reserve("email", "eve@x"), NameState::reserved);
    ASSERT_TRUE(eve.confirm("email", "eve@x"));
    erase_ledger(database_->administrator("ada"), {.confirm = "ada"});
    erase_ledger(database_->administrator("eve"), {.confirm = "eve", .free_name = true});
    EXPECT_NE(code_of([&] { ada.reserve("email", "again@x"); }), ErrorCode::internal);
  }
  Names bob = names("bob");
  EXPECT_EQ(bob.reserve("email", "ada@x"), NameState::taken);
  EXPECT_EQ(bob.reserve("email", "next@x"), NameState::reserved);
  EXPECT_EQ(bob.reserve("email", "eve@x"), NameState::reserved);
  // Later after all.
  erase_ledger(database_->administrator("ada"), {.confirm = "ada", .free_name = true});
  EXPECT_EQ(bob.reserve("email", "ada@x"), NameState::reserved);
}

TEST_P(names_in_a_schema, are_not_changed_while_their_ledger_is_suspended_or_when_it_has_moved) {
  Names ada = names("ada");
  ASSERT_EQ(ada.reserve("email", "ada@x"), NameState::reserved);
  suspend_ledger(database_->administrator("ada"));
  EXPECT_EQ(code_of([&] { ada.confirm("email", "ada@x"); }), ErrorCode::denied);
  EXPECT_EQ(code_of([&] { names("ada"); }), ErrorCode::denied);
  resume_ledger(database_->administrator("ada"));
  EXPECT_TRUE(ada.confirm("email", "ada@x"));
  const std::string file = workshop_.path("clubs/ada.db");
  ASSERT_TRUE(state::promote(database_->administrator("ada"), state::Location(file), {}).equal());
  EXPECT_EQ(code_of([&] { ada.reserve("email", "b@x"); }), ErrorCode::conflict);
  EXPECT_EQ(code_of([&] { names("ada"); }), ErrorCode::conflict);
  // In the folder it is reserved anew.
  Names moved = Names::open(file, {.clock = &clock_});
  EXPECT_EQ(moved.settle("email", [] { return std::vector<std::string>{"ada@x"}; }).confirmed, 1);
}

TEST_P(names_in_a_schema, of_before_there_were_names_get_what_is_missing_from_their_administrator) {
  database_->execute(
      "DROP TABLE reeve.reeve_names CASCADE; DROP FUNCTION reeve.reeve_holder(), "
      "reeve.reeve_reserve_name(text, text, bigint, bigint, text), reeve.reeve_confirm_name(text, text), "
      "reeve.reeve_release_name(text, text), reeve.reeve_list_names(text)");
  const Error missing = error_of([&] { names("ada"); });
  EXPECT_EQ(missing.code(), ErrorCode::not_found);
  EXPECT_THAT(missing.what(), HasSubstr("reeve name list"));
  erase_ledger(database_->administrator("eve"), {.confirm = "eve"});  // needs none of it
  EXPECT_TRUE(list_names(directory()).empty());
  EXPECT_EQ(names("ada").reserve("email", "a@x"), NameState::reserved);
}

class names_in_a_folder : public Clubs {};
INSTANTIATE_TEST_SUITE_P(on, names_in_a_folder, ::testing::Values("sqlite"), live::name_of_kind);

TEST_P(names_in_a_folder, are_in_a_file_of_their_own_without_being_readable_there) {
  const std::filesystem::path folder = workshop_.path("clubs");
  EXPECT_TRUE(list_names(directory()).empty());
  EXPECT_FALSE(std::filesystem::exists(folder / "reeve_names.sqlite"));  // asking makes none
  EXPECT_FALSE(release_name(directory(), "email", "wren@keep.example"));
  EXPECT_EQ(names("ada").reserve("email", "wren@keep.example"), NameState::reserved);
  const std::string bytes = bytes_of(folder);
  EXPECT_THAT(bytes, Not(HasSubstr("wren")));
  EXPECT_THAT(bytes, HasSubstr("a25b45d8ee2c4974261815f06fac3ebef737ba20dcf76445973006e334ed67e3"));
  EXPECT_EQ(list_ledgers(directory()).size(), 3U);
}

TEST_P(names_in_a_folder, are_the_same_by_every_path_to_a_ledger_and_others_in_another_folder) {
  EXPECT_EQ(names("ada").reserve("email", "a@x"), NameState::reserved);
  std::filesystem::create_directory_symlink(workshop_.path("clubs"), workshop_.path("link"));
  EXPECT_EQ(Names::open("sqlite:" + workshop_.path("link/../clubs/eve.db"), {.clock = &clock_})
                .reserve("email", "a@x"),
            NameState::taken);
  EXPECT_EQ(Names::open(workshop_.path("link/eve.db"), {.clock = &clock_}).reserve("email", "a@x"),
            NameState::taken);
  std::filesystem::create_directory(workshop_.path("other"));
  create_ledger(workshop_.path("other/eve.db"), workshop_.path("blueprint"));
  EXPECT_EQ(Names::open(workshop_.path("other/eve.db"), {.clock = &clock_}).reserve("email", "a@x"),
            NameState::reserved);
  // Away goes the file, and its name is its administrator's to free.
  EXPECT_TRUE(names("ada").confirm("email", "a@x"));
  std::filesystem::remove(workshop_.path("clubs/ada.db"));
  EXPECT_EQ(holder("a@x"), " confirmed");
  EXPECT_EQ(names("eve").reserve("email", "a@x"), NameState::taken);
  EXPECT_TRUE(release_name(directory(), "email", "a@x"));
  EXPECT_EQ(names("eve").reserve("email", "a@x"), NameState::reserved);
}

TEST_P(names_in_a_folder, are_not_looked_for_in_what_is_something_else) {
  const std::string file = workshop_.path("clubs/reeve_names.sqlite");
  tests::write_file(file, "not a database, and longer than the header of one: " + std::string(200, '.'));
  EXPECT_NE(code_of([&] { names("ada"); }), ErrorCode::internal);
  std::filesystem::remove(file);
  Connection::open(file, engine::OpenMode::create)->execute("CREATE TABLE mine (a integer)");
  EXPECT_EQ(code_of([&] { names("ada"); }), ErrorCode::invalid_input);
  EXPECT_EQ(code_of([&] { list_names(directory()); }), ErrorCode::invalid_input);
  std::filesystem::remove(file);
  EXPECT_EQ(names("ada").reserve("email", "a@x"), NameState::reserved);
  Connection::open(file, engine::OpenMode::read_write)->execute("PRAGMA user_version = 2");
  EXPECT_EQ(code_of([&] { names("ada"); }), ErrorCode::invalid_input);
  EXPECT_EQ(code_of([&] { Names::open(workshop_.path("clubs/nobody.db")); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { list_names(workshop_.path("clubs/ada.db")); }), ErrorCode::not_found);
  EXPECT_FALSE(std::filesystem::exists(workshop_.path("clubs/nobody.db")));
}

}  // namespace
}  // namespace reeve::testing
