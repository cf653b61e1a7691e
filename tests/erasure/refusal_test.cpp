// What a statement could do with a sealed value but copy it is refused when the blueprint is loaded.

#include "people.h"

#include <gtest/gtest.h>

namespace reeve::testing {
namespace {

std::string findings_of(const blueprint::Sources& sources) {
  std::string text;
  for (const blueprint::Finding& finding : blueprint::check(sources).findings) {
    text += finding.place.to_string() + ": " + finding.message + " (" + finding.remedy + ")\n";
  }
  return text;
}

void expect_refused(const std::string& file, const std::string& text, const std::string& message) {
  blueprint::Sources sources = people_sources();
  sources.files[file] = text;
  const std::string found = findings_of(sources);
  EXPECT_NE(found.find(message), std::string::npos) << text << "found: " << found;
  EXPECT_NE(found.find(file), std::string::npos) << text << "found: " << found;
}

TEST(personal, the_blueprint_of_people_has_no_findings) { EXPECT_EQ(findings_of(people_sources()), ""); }

TEST(personal, apply_copies_whole_into_a_column_of_the_same_subject_or_not_at_all) {
  const std::string file = "events/user.moved.v2.sql";
  const std::string computed = "can't be computed with, compared or ordered by";
  for (const char* statement : {
           "UPDATE users SET email = lower(:email) WHERE user_id = :user_id;\n",
           "UPDATE users SET email = :email || '' WHERE user_id = :user_id;\n",
           "UPDATE users SET email = COALESCE(:email, email) WHERE user_id = :user_id;\n",
           "UPDATE users SET email = CAST(:email AS text) WHERE user_id = :user_id;\n",
           "UPDATE users SET email = (SELECT :email) WHERE user_id = :user_id;\n",
           "UPDATE users SET email = CASE WHEN visits > 1 THEN :email END WHERE user_id = :user_id;\n",
           "UPDATE users SET email = name WHERE user_id = :user_id;\n",
           "UPDATE users SET visits = length(email) WHERE user_id = :user_id;\n",
           ("UPDATE users SET visits = (SELECT count(*) FROM users u WHERE u.email = :email) WHERE user_id = "
            ":user_id;\n"),
           "UPDATE users SET visits = 1 WHERE email = :email AND user_id = :user_id;\n",
           "UPDATE users SET visits = 1 WHERE email LIKE '%@%';\n",
           "UPDATE users SET visits = 1 WHERE email IS NULL;\n",
           "UPDATE users SET visits = 1 WHERE :email IN ('a', 'b');\n",
           "UPDATE users SET visits = 1 FROM letters l WHERE l.body = users.email AND l.number = 1;\n",
           "DELETE FROM users WHERE email = :email;\n",
           "DELETE FROM users WHERE user_id IN (SELECT user_id FROM letters GROUP BY user_id, body);\n",
           "INSERT INTO users (user_id, visits) VALUES (:email, 0);\n",
           "INSERT INTO letters (number, user_id) SELECT count(DISTINCT email)::integer, 'x' FROM users;\n",
           "INSERT INTO letters (number, user_id) SELECT count(email)::integer, 'x' FROM users;\n",
       }) {
    const std::string plain = std::string(statement).find("INTO users (user_id, visits)") != std::string::npos
                                  ? "can't go into the plain column"
                                  : computed;
    expect_refused(file, statement, plain);
  }
  for (const auto& [statement, message] : std::vector<std::pair<std::string, std::string>>{
           {"UPDATE users SET email = 'a' WHERE user_id = :user_id;\n", "it takes a personal member"},
           {"UPDATE users SET email = :user_id WHERE user_id = :user_id;\n", "it takes a personal member"},
           {"UPDATE users SET email = :email WHERE visits = 3;\n", "is personal to 'user_id'"},
           {"UPDATE users SET email = :email WHERE user_id = 'other';\n", "is personal to 'user_id'"},
           {"UPDATE users SET email = :email WHERE user_id = :user_id OR visits = 1;\n",
            "is personal to 'user_id'"},
           {"UPDATE users SET email = :email FROM letters l WHERE l.user_id = :user_id AND l.number = 1 AND "
            "users.user_id = 'x';\n",
            "is personal to 'user_id'"},
           {"INSERT INTO users (user_id, email, visits) VALUES ('other', :email, 0);\n",
            "is personal to 'user_id'"},
           {"UPDATE users SET user_id = :user_id WHERE visits = 1;\n", "it can't be set anew"},
           {"INSERT INTO users (user_id, email, visits) SELECT :user_id, 'x', 0;\n",
            "can't be filled by a SELECT"},
           {"INSERT INTO users (user_id, email, visits) VALUES (:user_id, :email, 0) ON CONFLICT (user_id) "
            "DO UPDATE SET "
            "email = excluded.email;\n",
            "can't be set by DO UPDATE"},
       }) {
    expect_refused(file, statement, message);
  }
}

TEST(personal, queries_show_and_nothing_more) {
  const auto refused = [](const std::string& select, const std::string& message) {
    expect_refused("queries/people.sql", "-- name: people :many\n" + select + ";\n", message);
  };
  const std::string computed = "can't be computed with, compared or ordered by";
  refused("SELECT upper(email) AS e FROM users ORDER BY user_id", computed);
  refused("SELECT user_id FROM users WHERE email = :email ORDER BY user_id", computed);
  refused("SELECT user_id, email FROM users ORDER BY email", computed);
  refused("SELECT user_id, email FROM users ORDER BY 2", computed);
  refused("SELECT email, count(*) AS n FROM users GROUP BY email", computed);
  refused("SELECT email, count(*) AS n FROM users GROUP BY 1", computed);
  refused("SELECT max(email) AS e FROM users", computed);
  refused("SELECT email AS e FROM users UNION ALL SELECT user_id FROM users", computed);
  refused("WITH u AS (SELECT user_id, email FROM users) SELECT user_id, email FROM u ORDER BY user_id",
          computed);
  refused("SELECT x.email FROM (SELECT email FROM users) x", computed);
  refused("SELECT x.email FROM (SELECT * FROM users) x", "where it can't");
  refused("SELECT u.user_id FROM users u JOIN letters l ON l.body = u.email", computed);
  refused("SELECT DISTINCT email FROM users", "can't be told apart");
  refused("SELECT jsonb_build_object('e', email) AS e FROM users", computed);
}

TEST(personal, commands_pass_on_to_a_personal_member_and_look_at_nothing) {
  const std::string file = "commands/invite.sql";
  const std::string emit = "-- emit: user.joined\n";
  expect_refused(file, "-- check: no\nSELECT :email LIKE '%@%';\n" + emit + "SELECT :user_id AS user_id;\n",
                 "can't be computed with");
  expect_refused(file,
                 "-- check: no\nSELECT EXISTS (SELECT 1 FROM users WHERE email = :email);\n" + emit +
                     "SELECT :user_id AS user_id;\n",
                 "can't be computed with");
  expect_refused(file, emit + "SELECT :email AS user_id;\n",
                 "is personal, and in user.joined v1 the member is not");
  expect_refused(file, emit + "SELECT :user_id AS user_id, 'x' AS email;\n",
                 "is not personal, and in user.joined v1");
  expect_refused(file, emit + "SELECT user_id, email FROM users ORDER BY user_id;\n",
                 "can't be computed with");
  expect_refused(
      "commands/invite.json",
      R"({"type": "object", "properties": {"user_id": {"type": "string"}, "greeting": {"type": "string"},
                     "email": {"type": "integer", "personal": "user_id"}}, "required": ["user_id"]})",
      "is personal and no string");
  expect_refused(
      "commands/invite.json",
      R"({"type": "object", "properties": {"user_id": {"type": "string"}, "greeting": {"type": "string"},
                     "email": {"type": "string", "personal": "user_id"}}})",
      "which is not a plain string that is always there");
}

TEST(personal, upcasts_are_not_given_the_payload_that_a_personal_value_is_in) {
  expect_refused("events/user.moved.v1-v2.sql", "SELECT :user_id AS user_id, :payload ->> 'mail' AS email;\n",
                 "payload");
}

TEST(personal, columns_stand_in_no_key_index_check_default_or_view) {
  const auto refused = [](const std::string& more, const std::string& message) {
    const std::string file = "migrations/0002_letters.up.sql";
    expect_refused(file, people_sources().files.at(file) + more, message);
  };
  refused("CREATE INDEX by_email ON users (email);\n", "stands in the index by_email");
  refused("CREATE INDEX by_lower ON users (lower(email));\n", "can't be computed with");
  refused("CREATE INDEX by_some ON users (visits) WHERE email IS NOT NULL;\n", "can't be computed with");
  refused("ALTER TABLE users ADD CONSTRAINT one UNIQUE (email);\n", "stands in the unique key one");
  refused("ALTER TABLE users ADD CONSTRAINT long CHECK (length(email) > 3);\n", "can't be computed with");
  refused("CREATE VIEW mails AS SELECT user_id, email FROM users;\n", "can't be computed with");
  refused("UPDATE users SET email = 'x';\n", "it takes a personal member");
  refused("-- breaking: gone\nALTER TABLE letters DROP COLUMN user_id;\n", "names no subject");
  const auto made = [](const std::string& directive, const std::string& columns, const std::string& message) {
    expect_refused("migrations/0002_letters.up.sql",
                   directive + "\nCREATE TABLE letters (number integer PRIMARY KEY, user_id text NOT NULL, " +
                       columns + ");\n",
                   message);
  };
  made("-- personal body: user_id", "body integer", "is not text");
  made("-- personal body: user_id", "body varchar(10)", "is not text");
  made("-- personal body: user_id", "body text DEFAULT ''", "is not text");
  made("-- personal body: user_id", "body text UNIQUE", "stands in the unique key");
  made("-- personal body: nobody", "body text", "names no subject");
  made("-- personal body: other", "body text, other text", "names no subject");
  made("-- personal boddy: user_id", "body text", "has no column 'boddy'");
  expect_refused("migrations/0002_letters.up.sql",
                 "CREATE TABLE letters (number integer PRIMARY KEY, user_id text NOT NULL, body text);\n"
                 "-- personal body: user_id\nCREATE INDEX letters_by_user ON letters (user_id);\n",
                 "does not make the personal column");
}

}  // namespace
}  // namespace reeve::testing
