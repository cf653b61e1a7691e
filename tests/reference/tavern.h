#pragma once
// A tavern whose dishes are reference rows and whose orders are its own; in a file or in a PostgreSQL schema.

#include "engines/database.h"

#include "state/migrate.h"
#include "state/reference.h"
#include "state/verify.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace reeve::testing {

inline blueprint::Sources tavern_sources() {
  const std::string order =
      R"({"type":"object","properties":{"number":{"type":"integer"},"dish":{"type":"string"}},"required":["number","dish"]})";
  return {{
      {"blueprint.toml", "format = 1\nname = \"tavern\"\ntitle = \"The Tavern\"\n"},
      {"migrations/0001_core.up.sql",
       "-- reference: what sorts of dishes there are\n"
       "CREATE TABLE kinds (kind text PRIMARY KEY, label varchar(40) NOT NULL, weight double precision,\n"
       "  extra jsonb, since timestamptz, big bigint, open boolean, code uuid, day date);\n"
       "-- reference: the dishes\n"
       "CREATE TABLE dishes (dish text PRIMARY KEY, kind text NOT NULL REFERENCES kinds,\n"
       "  price integer NOT NULL CHECK (price > 0));\n"
       "CREATE TABLE orders (number bigint PRIMARY KEY, dish text NOT NULL REFERENCES dishes,\n"
       "  cost bigint NOT NULL);\n"
       "CREATE INDEX orders_by_dish ON orders (dish);\n"
       "CREATE VIEW menu AS SELECT dish, price, label FROM dishes JOIN kinds USING (kind);\n"},
      {"migrations/0001_core.down.sql",
       "DROP VIEW menu;\nDROP TABLE orders;\nDROP TABLE dishes;\nDROP TABLE kinds;\n"},
      {"events/dish.ordered.v1.sql",
       "-- expect 1: there is no dish :dish\n"
       "INSERT INTO orders (number, dish, cost) SELECT :number, dish, price FROM dishes WHERE dish = "
       ":dish;\n"},
      {"events/dish.ordered.v1.json", order},
      {"events/dish.forced.v1.sql", "INSERT INTO orders (number, dish, cost) VALUES (:number, :dish, 0);\n"},
      {"events/dish.forced.v1.json", order},
      {"commands/order.sql",
       "-- check: no dish :dish\nSELECT EXISTS (SELECT 1 FROM dishes WHERE dish = :dish);\n\n"
       "-- emit: dish.ordered\nSELECT :number AS number, dish FROM menu WHERE dish = :dish ORDER BY dish;\n"},
      {"commands/order.json", order},
      {"queries/menu.sql",
       "-- name: menu :many\nSELECT dish, price, label FROM menu ORDER BY dish;\n\n"
       "-- name: orders :many\nSELECT number, dish, cost FROM orders ORDER BY number;\n"},
  }};
}

/// Ledgers of taverns: files of a folder, or ledgers of one schema; and `shared`, which publishes.
class Taverns {
 public:
  Taverns(bool on_postgres, const std::string& name) {
    blueprint = workshop.blueprint(tavern_sources());
    if (on_postgres) {
      database = std::make_unique<Database>(name);
    }
  }

  std::string administrator(const std::string& ledger) const {
    return database ? database->administrator(ledger) : workshop.path(ledger + ".db");
  }
  std::string application(const std::string& ledger) const {
    return database ? database->application(ledger) : workshop.path(ledger + ".db");
  }
  void make(std::initializer_list<const char*> names) const {
    for (const char* name : names) {
      create_ledger(administrator(name), blueprint);
    }
  }
  Ledger open(const std::string& ledger) const { return Ledger::open(application(ledger)); }

  /// The folder of a version's files: kinds and dishes as CSV.
  std::string folder(const std::string& kinds, const std::string& dishes) const {
    const std::string name = "rows" + std::to_string(++folders_);
    workshop.write(name + "/kinds.csv", kinds);
    workshop.write(name + "/dishes.csv", dishes);
    return workshop.path(name);
  }
  state::PublishedReference publish(const std::string& kinds, const std::string& dishes) const {
    return state::publish_reference(administrator("shared"), folder(kinds, dishes));
  }
  state::PinnedReference pin(const std::string& ledger, std::int64_t version) const {
    return state::pin_reference(administrator(ledger), version,
                                database ? std::optional<state::Location>()
                                         : std::optional<state::Location>(administrator("shared")));
  }
  /// `bread 3 Bakery; soup 5 Kitchen`
  std::string menu(const std::string& ledger) const { return rows(ledger, "menu"); }
  std::string rows(const std::string& ledger, const std::string& query) const {
    Ledger opened = open(ledger);
    Rows found = opened.query(query);
    std::string out;
    while (found.next()) {
      out += out.empty() ? "" : "; ";
      for (std::size_t column = 0; column < found.columns().size(); ++column) {
        const ValueView value = found.at(column);
        out += column == 0 ? "" : " ";
        out += value.kind() == ValueView::Kind::integer ? std::to_string(value.integer())
                                                        : std::string(value.text());
      }
    }
    return out;
  }
  std::string order(const std::string& ledger, int number, const std::string& dish) const {
    Ledger opened = open(ledger);
    return reason_of(
        opened.command("order", R"({"number":)" + std::to_string(number) + R"(,"dish":")" + dish + "\"}"));
  }
  void expect_verified(const std::string& ledger) const {
    const state::Verification found = state::verify(application(ledger));
    EXPECT_TRUE(found.equal()) << ledger << "\n" << describe(found);
  }

  Workshop workshop;
  std::string blueprint;
  std::unique_ptr<Database> database;

 private:
  mutable int folders_ = 0;
};

/// Each test on both engines.
class references : public ::testing::TestWithParam<bool> {
 protected:
  references() : taverns(GetParam(), name()) {}

  static std::string name() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    std::string out = test->name();
    for (char& letter : out) letter = letter == '/' ? '_' : letter;
    return ("r_" + out).substr(0, 60);
  }

  Taverns taverns;
};

inline constexpr const char* two_kinds = "kind,label\nbaked,Bakery\ncooked,Kitchen\n";
inline constexpr const char* first_dishes = "dish,kind,price\nbread,baked,3\nsoup,cooked,5\n";
inline constexpr const char* second_dishes = "dish,kind,price\nbread,baked,4\nsoup,cooked,5\ncake,baked,7\n";

inline std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return std::string(name_of(error.code())) + ": " + error.place().to_string() + " " + error.message();
  }
  return "nothing was refused";
}

#define REEVE_ON_BOTH_ENGINES(fixture)                                                   \
  INSTANTIATE_TEST_SUITE_P(engines, fixture, ::testing::Bool(), [](const auto& tested) { \
    return std::string(tested.param ? "postgres" : "sqlite");                            \
  })

}  // namespace reeve::testing
