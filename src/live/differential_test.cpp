// The same calls at the same times, chosen by a seed, give the same on every store. A failure names the seed and the step.

#include "live/stores_test.h"

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <random>
#include <vector>

namespace reeve::live {
namespace {

/// A store with what it calls the versions: those are its own.
struct Subject {
  std::string name;
  std::unique_ptr<Store> store;
  std::map<std::string, std::int64_t> versions;  ///< of each key, as it was put last
};

class live_stores : public ::testing::Test {
 protected:
  void make(int seed) {
    subjects.clear();
    const std::string name = fmt::format("differential_{}", seed);
    for (const std::string& url : {std::string("memory:"), (folder.path / name).string(),
                                   testing::PostgresServer::shared().create_database(name),
                                   testing::RedisServer::shared().url(name)}) {
      subjects.push_back({url.substr(0, url.find(':')), open_store(url, {.clock = &clock}), {}});
    }
    clock.set(noon);
    random.seed(static_cast<unsigned>(seed));
    bucket_epoch = 0;
  }
  std::int64_t below(std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(0, most - 1)(random);
  }
  std::string key() { return fmt::format("k{}", below(6)); }

  /// What the call gives on each, told as text.
  template <typename Call>
  void expect_same(const std::string& what, Call call) {
    const std::string first = call(subjects.front());
    for (std::size_t i = 1; i < subjects.size(); ++i) {
      ASSERT_EQ(call(subjects[i]), first) << subjects[i].name << ": " << what;
    }
  }

  void step();
  void value_step();
  void lease_step();
  void go_back();

  HandClock clock;
  ScratchFolder folder;
  std::mt19937 random;
  std::vector<Subject> subjects;
  std::int64_t bucket_epoch = 0;
};

std::string told(Verdict verdict) { return std::to_string(static_cast<int>(verdict)); }

std::string told(const Lease& lease) {
  return fmt::format("{} {} {} {}", lease.owner, lease.generation, lease.ends, lease.is_held);
}

void live_stores::value_step() {
  const std::string of = key();
  const Microseconds duration = 1 + below(20) * second;
  const std::string value = std::to_string(below(1'000'000));
  const std::int64_t kind = below(4);  // of the condition: none, nothing there, the last version, a wrong one
  const std::int64_t generation = below(3) == 0 ? 1 + below(12) : 0;
  const std::int64_t what = below(3);
  expect_same(fmt::format("value {} {} {} {}", of, what, kind, generation), [&](Subject& subject) {
    Condition condition;
    const auto known = subject.versions.find(of);
    if (kind == 1) condition.version = 0;
    if (kind == 2 && known != subject.versions.end()) condition.version = known->second;
    if (kind == 3) condition.version = INT64_MAX;
    if (generation != 0) condition.fence = Fence{"k0", generation};
    if (what == 0) return told(subject.store->erase(of, condition));
    if (what == 1) return told(subject.store->refresh(of, duration, condition));
    const Put put = subject.store->put(of, value, duration, condition);
    if (put.verdict == Verdict::done) subject.versions[of] = put.version;
    return told(put.verdict);
  });
}

void live_stores::lease_step() {
  const std::string of = key();
  const std::string owner = fmt::format("owner {}", below(3));
  const std::int64_t generation = 1 + below(12);
  const Microseconds duration = 1 + below(20) * second;
  const std::int64_t what = below(5);
  expect_same(fmt::format("lease {} {} {} {}", of, owner, generation, what), [&](Subject& subject) {
    Store& store = *subject.store;
    if (what == 0) return std::to_string(store.renew(of, owner, generation, duration));
    if (what == 1) return std::to_string(store.release(of, owner, generation));
    const Acquired acquired = store.acquire(of, owner, duration, what == 2 ? generation : 0);
    return fmt::format("{} {} {}", acquired.acquired, acquired.stale, told(acquired.lease));
  });
}

/// What has ended goes first, so that it is the same on all: one that nobody has looked at yet may live again.
void live_stores::go_back() {
  for (Subject& subject : subjects) {
    while (subject.store->purge() > 0) {}
    for (int i = 0; i < 6; ++i) subject.store->find_count(fmt::format("k{}", i));
  }
  ++bucket_epoch;
  clock.add(-below(60) * second);
}

void live_stores::step() {
  clock.add(below(4) == 0 ? below(8 * second) : below(2) * second);
  const std::int64_t kind = below(20);
  if (kind == 0) return go_back();
  if (kind < 7) return value_step();
  if (kind < 10) return lease_step();
  const std::string of = key();
  if (kind < 13) {
    const Bucket bucket{.capacity = 1 + below(4), .interval = 1 + below(5) * second};
    const std::int64_t count = 1 + below(bucket.capacity);
    expect_same("take " + of, [&](Subject& subject) {
      const Taken taken = subject.store->take(fmt::format("{} {}", of, bucket_epoch), bucket, count);
      return fmt::format("{} {} {}", taken.allowed, taken.left, taken.retry_after);
    });
  } else if (kind < 15) {
    const Microseconds duration = 1 + below(20) * second;
    const std::int64_t by = 1 + below(9);
    expect_same("count " + of, [&](Subject& subject) {
      const Counted counted = subject.store->count(of, duration, by);
      return fmt::format("{} {}", counted.count, counted.ends);
    });
  } else {
    const std::size_t limit = static_cast<std::size_t>(1 + below(6));
    const std::string after = below(2) == 0 ? "" : of;
    expect_same("look at " + of, [&](Subject& subject) {
      std::string text;
      for (const Entry& entry : subject.store->list("k", limit, after)) {
        text += fmt::format("{}={} {} {}, ", entry.key, entry.value, entry.ends,
                            entry.version == subject.versions[entry.key]);
      }
      const auto entry = subject.store->get(of);
      const auto lease = subject.store->find_lease(of);
      const auto counted = subject.store->find_count(of);
      return text + (entry ? entry->value : "-") + (lease ? told(*lease) : "-") +
             (counted ? fmt::format("{} {}", counted->count, counted->ends) : "-");
    });
  }
}

TEST_F(live_stores, give_the_same_for_the_same_calls_at_the_same_times) {
  const char* given = std::getenv("REEVE_LIVE_SEEDS");
  const int seeds = given != nullptr ? std::atoi(given) : 3;
  for (int seed = 1; seed <= seeds; ++seed) {
    make(seed);
    for (int i = 0; i < 400 && !HasFatalFailure(); ++i) {
      SCOPED_TRACE(fmt::format("seed {}, step {}", seed, i));
      step();
    }
  }
}

}  // namespace
}  // namespace reeve::live
