// The worked example of docs/live.md, byte by byte: other programs may read what is stored.

#include "live/redis_connection.h"
#include "live/stores_test.h"

#include "engine/connection.h"

#include <gmock/gmock.h>

namespace reeve::live {
namespace {

void run_example(Store& store) {
  store.put("room/7", "open", 60 * second);
  const Bucket bucket{.capacity = 3, .interval = 10 * second};
  store.take("login/ada", bucket);
  store.take("login/ada", bucket);
  store.acquire("lead", "a", 30 * second, 4);
  EXPECT_EQ(store.put("led", "x", second, {.fence = Fence{"lead", 5}}).verdict, Verdict::done);
}

void end_example(Store& store) {
  const Bucket bucket{.capacity = 3, .interval = 10 * second};
  EXPECT_TRUE(store.take("login/ada", bucket).allowed);
  EXPECT_EQ(store.take("login/ada", bucket).retry_after, 10 * second);
  EXPECT_FALSE(store.renew("lead", "a", 4, second));
  EXPECT_EQ(store.put("led", "x", second, {.fence = Fence{"lead", 4}}).verdict, Verdict::stale);
}

TEST(live_layout, is_that_of_the_document) {
  HandClock clock;
  const ScratchFolder folder;
  const std::string file = folder.path / "live.db";
  const auto in_file = open_store(file, {.clock = &clock});
  run_example(*in_file);
  const auto db = engine::Connection::open(file, engine::OpenMode::read_only);
  const auto value_of = [&](const char* sql) { return std::get<std::int64_t>(db->value(sql).value()); };
  EXPECT_EQ(value_of("SELECT format FROM reeve_live"), 1);
  EXPECT_EQ(value_of("SELECT count(*) FROM reeve_live_values WHERE key = CAST('room/7' AS BLOB) AND "
                     "value = CAST('open' AS BLOB) AND version = 1 AND ends = 1767355260000000"),
            1);
  EXPECT_EQ(value_of("SELECT ends FROM reeve_live_buckets"), 1767355220000000);
  EXPECT_EQ(value_of("SELECT count(*) FROM reeve_live_leases WHERE name = CAST('lead' AS BLOB) AND "
                     "generation = 5 AND owner = x'' AND ends = 0"),
            1);
  end_example(*in_file);
}

TEST(live_layout, in_redis_is_that_of_the_document) {
  HandClock clock;
  testing::RedisServer server;
  const std::string url = "redis://127.0.0.1:" + std::to_string(server.port());
  const auto store = open_store(url, {.clock = &clock});
  store->put("room/7", "open", 60 * second);
  RedisConnection redis(parse_redis_url(url), 2000);
  const std::string of = "reeve:live:1:{default}:";
  const std::string value = of + "value:room/7";
  const RedisReply stored = redis.call({"HMGET", value, "value", "version", "ends"});
  EXPECT_EQ(stored[0].text(), "open");
  EXPECT_EQ(stored[1].text(), "1767355200000000");
  EXPECT_EQ(stored[2].text(), "1767355260000000");
  const std::int64_t left = redis.call({"PTTL", value}).integer();
  EXPECT_GT(left, 1000);
  EXPECT_LE(left, 61'000);
  EXPECT_EQ(redis.call({"ZSCORE", of + "ends", "room/7"}).text(), "1767355260000000");
  EXPECT_EQ(redis.call({"ZSCORE", of + "keys", "room/7"}).text(), "0");
  EXPECT_EQ(redis.call({"GET", of + "version"}).text(), "1767355200000000");
  run_example(*store);
  EXPECT_EQ(redis.call({"GET", of + "bucket:login/ada"}).text(), "1767355220000000");
  const RedisReply lease = redis.call({"HMGET", of + "lease:lead", "generation", "owner", "ends"});
  EXPECT_EQ(lease[0].text(), "5");
  EXPECT_EQ(lease[1].text(), "");
  EXPECT_EQ(lease[2].text(), "0");
  end_example(*store);
}

TEST(live_layout, that_is_not_there_is_made_only_for_who_wants_that) {
  const ScratchFolder folder;
  const std::string file = folder.path / "live.db";
  EXPECT_EQ(code_of([&] { open_store(file, {.create = false}); }), ErrorCode::not_found);
  EXPECT_FALSE(std::filesystem::exists(file));
  const std::string url = testing::PostgresServer::shared().create_database("live_nothing");
  EXPECT_EQ(code_of([&] { open_store(url, {.create = false}); }), ErrorCode::not_found);
  open_store(file);
  open_store(url);
  EXPECT_FALSE(open_store(file, {.create = false})->get("a"));
  EXPECT_FALSE(open_store(url, {.create = false})->get("a"));
}

TEST(live_layout, in_postgresql_is_made_by_a_role_that_owns_the_schema_and_by_no_other) {
  const std::string url = testing::PostgresServer::shared().create_database("live_roles");
  const auto owner = engine::Connection::open_postgres(url);
  owner->execute("CREATE ROLE live_program LOGIN");
  const std::string programs = testing::PostgresServer::shared().url("live_roles", "live_program");
  EXPECT_EQ(code_of([&] { open_store(programs); }), ErrorCode::denied);
  owner->execute("CREATE SCHEMA reeve_live AUTHORIZATION live_program");
  EXPECT_EQ(open_store(programs)->put("a", "one", minute).verdict, Verdict::done);
  EXPECT_EQ(open_store(programs + "&schema=reeve_live")->get("a")->value, "one");
  EXPECT_EQ(code_of([&] { open_store(programs + "&schema=another"); }), ErrorCode::denied);
}

TEST(live_layout, of_another_version_is_refused) {
  const ScratchFolder folder;
  const std::string file = folder.path / "live.db";
  open_store(file);
  engine::Connection::open(file, engine::OpenMode::read_write)->execute("UPDATE reeve_live SET format = 2");
  EXPECT_EQ(code_of([&] { open_store(file); }), ErrorCode::invalid_input);
}

}  // namespace
}  // namespace reeve::live
