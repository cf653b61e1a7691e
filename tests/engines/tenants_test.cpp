// Many ledgers in one database that can't see each other, whatever is tried.

#include "database.h"

#include "state/migrate.h"
#include "state/promote.h"

#include <reeve/directory.h>

#include <functional>
#include <string>

namespace reeve::testing {
namespace {

using engine::Connection;

constexpr const char* ada = "10000000-0000-4000-8000-000000000001";

class tenants : public ::testing::Test {
 protected:
  static Database& database() {
    static Database made("tenants");
    static const bool filled = [] {
      for (const char* name : {"acme", "umbrella"}) {
        create_ledger(made.administrator(name), project_file("blueprints/dark_tower").string());
        Ledger ledger = Ledger::open(made.application(name));
        const std::string user = std::string(R"({"user_id":")") + ada + R"(","email":"ada@)" + name +
                                 R"(.example","display_name":"Ada of )" + name +
                                 R"(","password_hash":"$argon2id$v=19$x$y","role":"org_admin"})";
        EXPECT_EQ(reason_of(ledger.command("found_organization", std::string(R"({"subdomain":")") + name +
                                                                     R"(","display_name":")" + name + "\"}")),
                  "");
        EXPECT_EQ(reason_of(ledger.command("create_user", user)), "");
      }
      return true;
    }();
    EXPECT_TRUE(filled);
    return made;
  }

  static std::string ledger_id(const std::string& name) {
    return std::get<std::string>(
        *database().value("SELECT ledger_id::text FROM reeve.reeve_ledgers WHERE name = '" + name + "'"));
  }
  /// A session as `role`, bound to a ledger by SET LOCAL in each transaction.
  static std::unique_ptr<Connection> as(const std::string& role, const std::string& name) {
    auto connection = Connection::open_postgres(database().plain("test"), {.schema = "reeve", .role = role});
    if (!name.empty()) connection->set_ledger(ledger_id(name));
    return connection;
  }
  static std::int64_t count(Connection& connection, const std::string& table) {
    engine::Transaction tx(connection, engine::Transaction::Mode::read);
    return std::get<std::int64_t>(*connection.value("SELECT count(*) FROM " + table));
  }
};

TEST_F(tenants, the_same_keys_are_found_by_each_for_itself) {
  for (const std::string name : {"acme", "umbrella"}) {
    auto connection = as("reeve_writer", name);
    engine::Transaction tx(*connection, engine::Transaction::Mode::read);
    EXPECT_EQ(std::get<std::string>(*connection->value(
                  std::string("SELECT display_name FROM users WHERE user_id = '") + ada + "'")),
              "Ada of " + name);
  }
}

TEST_F(tenants, without_a_ledger_nothing_is_seen_by_any_role) {
  for (const char* role : {"reeve_owner", "reeve_writer", "reeve_reader"}) {
    auto connection = as(role, "");
    for (const char* table : {"users", "reeve_events", "reeve_heads", "reeve_groups", "reeve_meta"}) {
      EXPECT_EQ(count(*connection, table), 0) << role << " " << table;
    }
  }
}

TEST_F(tenants, a_setting_of_one_transaction_is_gone_in_the_next) {
  auto connection = as("reeve_writer", "acme");
  EXPECT_GT(count(*connection, "users"), 0);
  EXPECT_EQ(std::get<std::int64_t>(*connection->value("SELECT count(*) FROM users")), 0);
}

TEST_F(tenants, no_role_writes_into_another_ledger) {
  for (const char* role : {"reeve_owner", "reeve_writer"}) {
    auto connection = as(role, "acme");
    const Error error = error_of([&] {
      engine::Transaction tx(*connection, engine::Transaction::Mode::write);
      connection->execute("INSERT INTO reeve_sums (ledger_id, table_name, sequence, sum) VALUES ('" +
                          ledger_id("umbrella") + "', 'x', 1, '')");
    });
    EXPECT_EQ(error.code(), ErrorCode::denied) << role;
    engine::Transaction tx(*connection, engine::Transaction::Mode::write);
    connection->execute("UPDATE users SET display_name = 'x' WHERE ledger_id = '" + ledger_id("umbrella") +
                        "'");
    EXPECT_EQ(connection->changes(), 0) << role;
  }
}

TEST_F(tenants, a_reference_across_ledgers_is_refused_even_to_the_owner) {
  const std::string table = std::get<std::string>(*database().value(
      "SELECT c.conrelid::regclass::text FROM pg_constraint c WHERE c.contype = 'f' AND c.confrelid = "
      "'reeve.users'::regclass AND c.connamespace = 'reeve'::regnamespace ORDER BY 1 LIMIT 1"));
  const std::string leading =
      std::get<std::string>(*database().value("SELECT string_agg(DISTINCT a.attname::text, ',') FROM "
                                              "pg_constraint c JOIN pg_attribute a ON a.attrelid = "
                                              "c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f' "
                                              "AND c.connamespace = 'reeve'::regnamespace "
                                              "AND c.conrelid <> 'reeve.reeve_names'::regclass"));
  EXPECT_EQ(leading, "ledger_id") << "a foreign key of " << table << " does not begin with the ledger";
  const std::string keys = std::get<std::string>(
      *database().value("SELECT coalesce(string_agg(DISTINCT c.relname::text, ','), '') FROM pg_index i JOIN "
                        "pg_class c ON c.oid = "
                        "i.indrelid JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = "
                        "i.indkey[0] WHERE i.indisunique "
                        "AND c.relnamespace = 'reeve'::regnamespace AND a.attname <> 'ledger_id'"));
  // controllers and handlers are reference tables, which no application writes.
  EXPECT_EQ(keys,
            "controllers,handlers,reeve_epoch_files,reeve_format,reeve_layouts,reeve_ledgers,reeve_names,"
            "reeve_sources,reeve_trails")
      << "unique keys that could tell of another ledger's rows";
  // A user of acme alone; a role of umbrella that points to it.
  const char* eve = "10000000-0000-4000-8000-00000000000e";
  Ledger acme = Ledger::open(database().application("acme"));
  ASSERT_EQ(
      reason_of(acme.command("create_user", std::string(R"({"user_id":")") + eve +
                                                R"(","email":"eve@acme.example","display_name":"Eve",)" +
                                                R"("password_hash":"$argon2id$v=19$x$y","role":"user"})")),
      "");
  const std::string statement =
      std::string("INSERT INTO user_roles SELECT (jsonb_populate_record(r, jsonb_build_object('user_id', '") +
      eve + "'))).* FROM user_roles r WHERE r.ledger_id = '" + ledger_id("umbrella") + "' LIMIT 1";
  auto owner = as("reeve_owner", "umbrella");
  auto superuser = as("", "umbrella");
  for (Connection* connection : {owner.get(), superuser.get()}) {
    const Error error = error_of([&] {
      engine::Transaction tx(*connection, engine::Transaction::Mode::write);
      connection->execute(statement);
    });
    EXPECT_EQ(error.code(), ErrorCode::constraint_violation) << error.message();
    EXPECT_NE(std::string(error.message()).find("user_roles"), std::string::npos) << error.message();
  }
}

TEST_F(tenants, an_application_is_refused_who_could_pass_by) {
  const std::string url = database().administrator("acme");
  const Error superuser = error_of([&] { Ledger::open(url); });
  EXPECT_EQ(superuser.code(), ErrorCode::denied);
  database().execute(
      "DROP ROLE IF EXISTS bypasser; CREATE ROLE bypasser LOGIN BYPASSRLS IN ROLE reeve_writer");
  std::string bypassing = url;
  bypassing.replace(bypassing.find("test"), 4, "bypasser");
  EXPECT_EQ(error_of([&] { Ledger::open(bypassing); }).code(), ErrorCode::denied) << bypassing;
  database().execute(
      "DROP ROLE IF EXISTS owning; CREATE ROLE owning LOGIN IN ROLE reeve_owner, reeve_writer");
  std::string owning = url;
  owning.replace(owning.find("test"), 4, "owning");
  EXPECT_EQ(error_of([&] { Ledger::open(owning); }).code(), ErrorCode::denied) << owning;
}

TEST_F(tenants, who_is_no_administrator_is_told_what_one_is) {
  const std::string url = database().application("acme");
  const std::string file = Workshop().path("fork.db");
  for (const auto& work : std::initializer_list<std::function<void()>>{
           [&] { list_ledgers(url); }, [&] { suspend_ledger(url); },
           [&] { state::migrate_up(url, blueprint::Sources::read(project_file("blueprints/dark_tower"))); },
           [&] { state::promote(url, file, {}); },
           [&] {
             create_ledger(database().application("third"), project_file("blueprints/dark_tower").string());
           }}) {
    const Error refused = error_of(work);
    EXPECT_EQ(refused.code(), ErrorCode::denied);
    EXPECT_NE(refused.message().find("is no administrator"), std::string::npos) << refused.message();
    EXPECT_NE(refused.remedy().find("reeve_owner"), std::string::npos) << refused.remedy();
  }
  std::string stranger = url;
  stranger.replace(stranger.find("app@"), 4, "stranger@");
  const Error unknown = error_of([&] { list_ledgers(stranger); });
  EXPECT_EQ(unknown.code(), ErrorCode::denied);
  EXPECT_EQ(unknown.message(), "the server refused the role or its password");
  EXPECT_NE(unknown.remedy(), "");
}

TEST_F(tenants, the_writer_can_neither_switch_security_off_nor_list_ledgers) {
  auto connection = as("reeve_writer", "acme");
  const std::int64_t users = count(*connection, "users");
  for (const char* statement :
       {"ALTER TABLE users DISABLE ROW LEVEL SECURITY", "ALTER TABLE users NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY reeve_tenant ON users", "CREATE POLICY mine ON users USING (true)",
        "SELECT * FROM reeve_ledgers", "UPDATE reeve_events SET payload = '{}'", "DELETE FROM reeve_events",
        "DELETE FROM reeve_groups", "TRUNCATE users", "DROP TRIGGER \"0_reeve_capture\" ON users",
        "ALTER TABLE users DISABLE TRIGGER ALL", "SET ROLE reeve_owner"}) {
    // A session that logged in as the superuser may always set its role back: so as a role of its own.
    auto application = Connection::open_postgres(
        database().application("acme").substr(0, database().application("acme").find("ledger=") - 1),
        {.schema = "reeve"});
    application->set_ledger(ledger_id("acme"));
    const Error error = error_of([&] {
      engine::Transaction tx(*application, engine::Transaction::Mode::write);
      application->execute(statement);
    });
    EXPECT_EQ(error.code(), ErrorCode::denied) << statement << ": " << error.message();
  }
  EXPECT_EQ(count(*connection, "users"), users);
}

TEST_F(tenants, the_reader_sees_no_seed) {
  auto reader = as("reeve_reader", "acme");
  EXPECT_EQ(count(*reader, "reeve_meta WHERE name = 'seed'"), 0);
  auto writer = as("reeve_writer", "acme");
  EXPECT_EQ(count(*writer, "reeve_meta WHERE name = 'seed'"), 1);
}

TEST_F(tenants, every_table_and_view_is_held_to_its_ledger) {
  const std::string open_tables = std::get<std::string>(*database().value(
      "SELECT coalesce(string_agg(relname::text, ',' ORDER BY relname), '') FROM pg_class WHERE relnamespace "
      "= "
      "'reeve'::regnamespace AND relkind = 'r' AND NOT (relrowsecurity AND relforcerowsecurity)"));
  EXPECT_EQ(
      open_tables,
      "reeve_epoch_files,reeve_format,reeve_layouts,reeve_ledgers,reeve_names,reeve_sources,reeve_trails");
  const std::string open_views = std::get<std::string>(*database().value(
      "SELECT coalesce(string_agg(relname::text, ','), '') FROM pg_class WHERE relnamespace = "
      "'reeve'::regnamespace AND relkind IN ('v', 'm') AND NOT coalesce(reloptions::text LIKE "
      "'%security_invoker=true%', false)"));
  EXPECT_EQ(open_views, "");
}

TEST_F(tenants, a_name_leads_to_one_ledger_and_is_given_once) {
  EXPECT_EQ(error_of([&] { Ledger::open(database().application("nobody")); }).code(), ErrorCode::not_found);
  EXPECT_EQ(error_of([&] {
              create_ledger(database().administrator("acme"), project_file("blueprints/dark_tower").string());
            }).code(),
            ErrorCode::conflict);
  // Two are there: which one is meant has to be said.
  EXPECT_EQ(error_of([&] { Ledger::open(database().application()); }).code(), ErrorCode::not_found);
}

}  // namespace
}  // namespace reeve::testing
