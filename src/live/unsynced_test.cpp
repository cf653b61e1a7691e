// What waits for the disk before it is answered, and what does not: a bucket need not outlive a power cut.

#include "live/stores_test.h"

#include "engine/connection.h"

#include <fmt/format.h>

#include <sys/syscall.h>

#include <chrono>
#include <future>
#include <string_view>
#include <thread>

namespace {

std::atomic<int> syncs = 0;

}  // namespace

// SQLite is linked into this program, so that it calls these.
extern "C" int fsync(int descriptor) {
  ++syncs;
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}
extern "C" int fdatasync(int descriptor) {
  ++syncs;
  return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

namespace reeve::live {
namespace {

constexpr Bucket plenty{.capacity = 1'000'000, .interval = minute};

std::int64_t number_in(engine::Connection& connection, std::string_view sql) {
  return std::get<std::int64_t>(connection.value(std::string(sql)).value());
}

TEST(unsynced, takes_from_a_bucket_in_a_file_and_nothing_else_is) {
  const ScratchFolder folder;
  const auto store = open_store((folder.path / "live.db").string());
  const auto syncs_of = [](auto&& call) {
    const int before = syncs;
    call();
    return syncs - before;
  };
  store->take("a", plenty, 1);
  EXPECT_EQ(syncs_of([&] {
              for (int i = 0; i < 200; ++i) EXPECT_TRUE(store->take("a", plenty, 1).allowed);
            }),
            0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_GE(syncs_of([&] { store->put("k", "v", minute); }), 1);
    EXPECT_GE(syncs_of([&] { store->count("c", 1, minute); }), 1);
    EXPECT_GE(syncs_of([&] { store->acquire("lead", "a", minute); }), 1);
    EXPECT_EQ(syncs_of([&] { store->take("a", plenty, 1); }), 0);
  }
}

/// A server that acknowledges a commit when a standby has it, and has none: what waits for that waits for ever.
TEST(unsynced, takes_from_a_bucket_on_postgresql_and_nothing_else_is) {
  testing::PostgresServer server;
  const std::string url = server.create_database("unsynced");
  const auto store = open_store(url, {.connections = 2, .wait_ms_max = 60'000});
  ASSERT_EQ(store->take("a", plenty, 1).left, plenty.capacity - 1);
  const auto admin = engine::Connection::open_postgres(url, {});
  const auto demand = [&](const char* standbys) {
    admin->execute(fmt::format("ALTER SYSTEM SET synchronous_standby_names = '{}'", standbys));
    admin->execute("SELECT pg_reload_conf()");
  };
  constexpr auto waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
  demand("nobody");
  // The server takes its new setting up a moment later: what is put until then waits for nobody.
  std::future<void> put;
  for (int tries = 0; tries < 500 && number_in(*admin, waiting) == 0; ++tries) {
    if (!put.valid() || put.wait_for(std::chrono::milliseconds(5)) == std::future_status::ready) {
      put = std::async(std::launch::async, [&] { store->put("k", "v", minute); });
    }
  }
  EXPECT_EQ(number_in(*admin, waiting), 1) << "a value is not acknowledged before it is safe";
  auto takes = std::async(std::launch::async, [&] {
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(store->take("a", plenty, 1).allowed);
  });
  while (number_in(*admin, waiting) == 1 &&
         takes.wait_for(std::chrono::milliseconds(5)) == std::future_status::timeout) {}
  EXPECT_EQ(number_in(*admin, waiting), 1) << "a take waits for nobody";
  demand("");
  takes.get();
  put.get();
  EXPECT_EQ(store->get("k")->value, "v");
  // What a take says holds for its own commit alone.
  EXPECT_EQ(store->take("a", plenty, 1).left, plenty.capacity - 52);
}

}  // namespace
}  // namespace reeve::live
