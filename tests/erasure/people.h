#pragma once
// A blueprint of people with an e-mail and a name that are personal, by event, by command and by an upcast.

#include "blueprint/blueprint.h"

#include <string>

namespace reeve::testing {

inline blueprint::Sources people_sources() {
  const std::string user = R"("user_id": {"type": "string", "minLength": 1})";
  const std::string email = R"("email": {"type": "string", "pattern": "@", "personal": "user_id"})";
  const auto schema = [](const std::string& properties, const std::string& required) {
    return R"({"type": "object", "properties": {)" + properties + R"(}, "required": [)" + required + "]}\n";
  };
  return {{
      {"blueprint.toml", "format = 1\nname = \"people\"\ntitle = \"People\"\n"},
      {"migrations/0001_core.up.sql",
       "-- personal email: user_id\n-- personal name: user_id\n"
       "CREATE TABLE users (user_id text PRIMARY KEY, email text, name text, visits integer NOT NULL);\n"},
      {"migrations/0001_core.down.sql", "DROP TABLE users;\n"},
      {"migrations/0002_letters.up.sql",
       "CREATE TABLE letters (number integer PRIMARY KEY, user_id text NOT NULL);\n"
       "-- personal body: user_id\n"
       "ALTER TABLE letters ADD COLUMN body text;\n"},
      {"migrations/0002_letters.down.sql", "DROP TABLE letters;\n"},
      {"events/user.joined.v1.sql",
       "INSERT INTO users (user_id, email, name, visits) VALUES (:user_id, :email, :name, 0);\n"},
      {"events/user.joined.v1.json",
       schema(user + ", " + email + R"(, "name": {"type": "string", "personal": "user_id"})", "\"user_id\"")},
      {"events/user.visited.v1.sql",
       "-- expect 1: unknown user :user_id\n"
       "UPDATE users SET visits = visits + 1 WHERE user_id = :user_id;\n"},
      {"events/user.visited.v1.json", schema(user, "\"user_id\"")},
      {"events/user.moved.v1.sql",
       "-- expect 1: unknown user :user_id\n"
       "UPDATE users SET email = :mail WHERE user_id = :user_id;\n"},
      {"events/user.moved.v1.json",
       schema(user + R"(, "mail": {"type": "string", "personal": "user_id"})", R"("user_id", "mail")")},
      {"events/user.moved.v1-v2.sql", "SELECT :user_id AS user_id, :mail AS email;\n"},
      {"events/user.moved.v2.sql",
       "-- expect 1: unknown user :user_id\n"
       "UPDATE users SET email = :email WHERE user_id = :user_id;\n"},
      {"events/user.moved.v2.json", schema(user + ", " + email, R"("user_id", "email")")},
      {"events/user.left.v1.sql", "DELETE FROM users WHERE user_id = :user_id;\n"},
      {"events/user.left.v1.json", schema(user, "\"user_id\"")},
      {"events/letter.written.v1.sql",
       "INSERT INTO letters (number, user_id, body) VALUES (:number, :user_id, :body);\n"},
      {"events/letter.written.v1.json",
       schema(user + R"(, "number": {"type": "integer"}, "body": {"type": "string", "personal": "user_id"})",
              R"("user_id", "number", "body")")},
      {"commands/invite.sql",
       "-- check: :user_id is there already\n"
       "SELECT NOT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);\n\n"
       "-- emit: user.joined\nSELECT :user_id AS user_id, :email AS email;\n\n"
       "-- emit: letter.written\n"
       "SELECT :user_id AS user_id, 1 + count(*) AS number, :greeting AS body FROM letters;\n"},
      {"commands/invite.json",
       schema(user + ", " + email + R"(, "greeting": {"type": "string", "personal": "user_id"})",
              R"("user_id", "email", "greeting")")},
      {"queries/people.sql",
       "-- name: people :many\nSELECT user_id, email, name, visits FROM users ORDER BY user_id;\n\n"
       "-- name: whole :many\nSELECT * FROM users u ORDER BY u.user_id;\n\n"
       "-- name: letters :many\nSELECT l.body, u.email AS writer FROM letters l JOIN users u USING "
       "(user_id)\n"
       "ORDER BY l.number;\n"},
  }};
}

}  // namespace reeve::testing
