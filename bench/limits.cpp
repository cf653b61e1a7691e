// Takes of a rate limit and uses of a session per second: in memory, in a SQLite file, on PostgreSQL, on Redis; by one thread, and
// by four.

#include "shared/postgres.h"
#include "shared/support.h"
#include "support/redis_server.h"

#include <reeve/live.h>
#include <reeve/rate_limits.h>
#include <reeve/sessions.h>

#include <fmt/format.h>

#include <string>
#include <thread>
#include <vector>

namespace bench {

namespace {

using reeve::RateLimits;
using reeve::Sessions;

constexpr int threads_together = 4;
constexpr std::int64_t subjects = 1'000;

/// Calls per second of `calls` that `threads` share.
template <typename Call>
double rate_of(std::int64_t calls, int threads_count, Call call) {
  const Spent spent = measure([&] {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < threads_count; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::int64_t i = thread; i < calls; i += threads_count) call(i);
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  return static_cast<double>(calls) / spent.wall;
}

struct Rates {
  double alone = 0;
  double together = 0;
};

template <typename Call>
Rates measure_calls(Report& report, const std::string& key, std::string_view unit, std::int64_t calls,
                    std::int64_t rounds, Call call) {
  Rates median_rates;
  for (const int threads : {1, threads_together}) {
    std::vector<double> rates;
    for (std::int64_t round = 0; round < rounds; ++round) rates.push_back(rate_of(calls, threads, call));
    const std::string of = fmt::format("{}_{}", key, threads);
    report.figures(of + "_rates", rates, unit, fmt::format("threads: {}, round by round", threads));
    report.figure(of, median(rates), unit, fmt::format("threads: {}", threads));
    (threads == 1 ? median_rates.alone : median_rates.together) = median(rates);
  }
  return median_rates;
}

Rates measure_store(Report& report, const std::string& name, const std::string& url, std::int64_t calls,
                    std::int64_t rounds) {
  const auto store = reeve::live::open_store(url, {.connections = threads_together});
  // None is refused: what is refused writes nothing.
  RateLimits limits(*store, {{.name = "calls", .capacity = 1'000'000, .per_seconds = 1}});
  const Rates takes = measure_calls(report, name + "_takes", "takes/s", calls, rounds, [&](std::int64_t i) {
    reeve::ensure(limits.take("calls", fmt::format("192.0.2.{}", i % subjects)).allowed, "a take is allowed");
  });
  Sessions sessions(*store);
  measure_calls(report, name + "_sessions_begun", "sessions/s", calls / 4 + 1, rounds,
                [&](std::int64_t i) { sessions.create(fmt::format("user {}", i % subjects), "acme"); });
  std::vector<std::string> tokens;
  for (std::int64_t i = 0; i < subjects / 10; ++i) tokens.push_back(sessions.create("ada").token);
  measure_calls(report, name + "_sessions_found", "sessions/s", calls, rounds, [&](std::int64_t i) {
    reeve::ensure(sessions.find(tokens[static_cast<std::size_t>(i) % tokens.size()]).has_value(),
                  "a session is found");
  });
  return takes;
}

void run_limits(const Arguments& arguments) {
  Report report("limits", arguments);
  const Folder folder;
  const std::int64_t calls = arguments.events_or(20'000, 100);
  const std::int64_t rounds = arguments.rounds_or(3, 1);
  measure_store(report, "memory", "memory:", calls * 10, rounds);
  measure_store(report, "sqlite", folder.file("live.db").string(), calls / 5, rounds);
  Server server(arguments);
  measure_store(report, "postgres", server.create_database("live"), calls / 5, rounds);
  const reeve::testing::RedisServer redis;
  const Rates takes = measure_store(report, "redis", redis.url(), calls, rounds);
  const reeve::testing::RedisServer durable({"--appendonly", "yes"});
  measure_store(report, "redis_appendonly", durable.url(), calls / 5, rounds);
  report.end_with_value(takes.together, "takes/s");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_limits); }
