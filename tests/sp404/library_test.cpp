// The sample library on both engines.

#include "both_engines.h"

#include "base/base64.h"
#include "base/json.h"
#include "data/legacy_source.h"
#include "state/search.h"
#include "state/verify.h"
#include "vectors/stored_vector.h"

#include <nlohmann/json.hpp>

#include <atomic>
#include <cmath>
#include <fstream>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace reeve::testing {
namespace {

constexpr const char* user = "10000000-0000-4000-8000-000000000001";
constexpr const char* batch = "50000000-0000-4000-8000-000000000001";

class sample_library : public BothEngines {
 protected:
  void make_library(const std::string& database, int quota_mb) {
    make(project_file("blueprints/sp404mk2").string(), database);
    for (Ledger* ledger : ledgers()) {
      ASSERT_TRUE(ledger->command("add_user", nlohmann::json{{"user_id", user},
                                                             {"email", "jay@detroit.example"},
                                                             {"username", "jay"},
                                                             {"quota_mb", quota_mb}}
                                                  .dump()));
    }
  }
  std::vector<Ledger*> ledgers() { return {&*sqlite_, &*postgres_}; }
  static std::int64_t number(Ledger& ledger, const std::string& query, const std::string& parameters,
                             std::size_t column) {
    Rows rows = ledger.query(query, parameters);
    EXPECT_TRUE(rows.next());
    std::int64_t value = 0;
    rows.read(column, value);
    return value;
  }
  /// Why it was refused, or ''.
  static std::future<std::string> submit(Ledger& ledger, const std::string& command,
                                         const std::string& parameters) {
    const auto promise = std::make_shared<std::promise<std::string>>();
    ledger.submit_command(command, parameters, {}, [promise](Ledger::Verdict verdict) {
      promise->set_value(verdict.fault                 ? "a fault"
                         : verdict.outcome->accepted() ? ""
                                                       : verdict.outcome->rejection().reason);
    });
    return promise->get_future();
  }
  static std::int64_t rows_of(Ledger& ledger, const std::string& query,
                              const std::string& parameters = "{}") {
    Rows rows = ledger.query(query, parameters);
    std::int64_t count = 0;
    while (rows.next()) ++count;
    return count;
  }
  static std::string of_user() { return std::string("{\"user_id\":\"") + user + "\"}"; }
};

TEST_F(sample_library, imports_a_real_one_in_full_and_the_second_time_nothing) {
  const auto legacy = legacy::find_file(project_file(""));
  if (!legacy) GTEST_SKIP() << "left out: REEVE_SHARED_DATA names no folder with sp404/files.json";
  make_library("sp404_import", 100'000);
  std::ifstream stream(legacy->parent_path() / "sp404" / "files.json");
  const nlohmann::json files = nlohmann::json::parse(stream);
  ASSERT_EQ(files.size(), 4120U);
  for (Ledger* ledger : ledgers()) {
    for (const int round : {1, 2}) {
      const std::string id = std::string(batch).substr(0, 35) + std::to_string(round);
      ASSERT_TRUE(ledger->command(
          "start_batch",
          nlohmann::json{{"batch_id", id}, {"user_id", user}, {"name", "round " + std::to_string(round)}}
              .dump()));
      std::vector<std::future<std::string>> reasons;
      for (const nlohmann::json& one : files) {
        const std::string name = one.at("filename");
        const nlohmann::json sample{{"batch_id", id},
                                    {"user_id", user},
                                    {"title", name.substr(0, name.rfind('.'))},
                                    {"file_path", one.at("rel_path")},
                                    {"file_size_bytes", name.size()},
                                    {"original_name", name}};
        reasons.push_back(submit(*ledger, "import_sample", sample.dump()));
      }
      for (auto& reason : reasons) ASSERT_EQ(reason.get(), "");
      ASSERT_TRUE(ledger->command("end_batch", nlohmann::json{{"batch_id", id}}.dump()));
      const std::string of_batch = nlohmann::json{{"batch_id", id}}.dump();
      EXPECT_EQ(number(*ledger, "batch_by_id", of_batch, 2), round == 1 ? 4120 : 0);
      EXPECT_EQ(number(*ledger, "batch_by_id", of_batch, 3), round == 1 ? 0 : 4120);
    }
    EXPECT_EQ(number(*ledger, "storage_of", of_user(), 4), 4120);
    EXPECT_EQ(rows_of(*ledger, "wrong_books"), 0);
    EXPECT_FALSE(ledger->search("samples", "80's").hits.empty());
    EXPECT_FALSE(ledger->search("samples", "AirBrush Open Hihat").hits.empty());
  }
}

TEST_F(sample_library, takes_what_the_quota_leaves_and_no_byte_more_from_sixteen_who_upload_at_once) {
  make_library("sp404_quota", 1);
  constexpr int clients = 16;
  constexpr int files = 8;
  constexpr std::int64_t bytes = 30'000;  // 34 of the 128 fit into 1 MiB
  for (Ledger* ledger : ledgers()) {
    std::atomic<int> taken{0};
    std::atomic<int> refused{0};
    std::vector<std::thread> threads;
    for (int client = 0; client < clients; ++client) {
      threads.emplace_back([&, client] {
        for (int file = 0; file < files; ++file) {
          const nlohmann::json sample{{"user_id", user},
                                      {"title", "take " + std::to_string(file)},
                                      {"file_path", fmt::format("{}/{}.wav", client, file)},
                                      {"file_size_bytes", bytes}};
          const Outcome outcome = ledger->command("add_sample", sample.dump());
          ++(outcome ? taken : refused);
          EXPECT_TRUE(outcome || outcome.rejection().reason.find("quota is used up") != std::string::npos);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(taken, 1'048'576 / bytes);
    EXPECT_EQ(taken + refused, clients * files);
    EXPECT_EQ(number(*ledger, "storage_of", of_user(), 2), taken * bytes);
    EXPECT_EQ(rows_of(*ledger, "wrong_books"), 0);
  }
}

TEST_F(sample_library, moves_to_the_server_and_back_and_the_next_sample_goes_in) {
  make_library("sp404_unused", 10);
  const auto add = [](Ledger& ledger, int number) {
    const nlohmann::json sample{{"user_id", user},
                                {"title", fmt::format("80's Ōtāhuhu \"{}\"", number)},
                                {"file_path", fmt::format("it's/{}.wav", number)},
                                {"file_size_bytes", 1'000 + number},
                                {"bpm", 90.25}};
    const Outcome outcome = ledger.command("add_sample", sample.dump());
    ASSERT_TRUE(outcome) << outcome.rejection().reason;
  };
  const auto expect_whole = [](Ledger& ledger, std::int64_t samples) {
    EXPECT_EQ(number(ledger, "storage_of", of_user(), 4), samples);
    EXPECT_EQ(rows_of(ledger, "wrong_books"), 0);
    EXPECT_EQ(ledger.search("samples", "80's ōtāhuhu", {.limit = 1}).matches, samples);
  };
  for (int number = 0; number < 300; ++number) add(*sqlite_, number);
  sqlite_.reset();
  const Database server("sp404_moved");
  EXPECT_TRUE(state::promote(file_, server.administrator(), {}).equal());  // every hash of every event
  {
    Ledger there = Ledger::open(server.application());
    expect_whole(there, 300);
    add(there, 300);
  }
  const std::string back = workshop_.path("back.db");
  EXPECT_TRUE(state::promote(server.administrator(), back, {}).equal());
  Ledger ledger = Ledger::open(back);
  add(ledger, 301);
  expect_whole(ledger, 302);
  EXPECT_TRUE(state::verify(back).equal());
}

TEST_F(sample_library, finds_what_sounds_alike_among_what_filters_leave) {
  make_library("sp404_alike", 10);
  const auto sample_id = [](int number) { return fmt::format("20000000-0000-4000-8000-{:012}", number); };
  const auto sound_of = [](int number) {
    std::vector<float> vector(32);
    for (std::size_t i = 0; i < vector.size(); ++i) {
      vector[i] = static_cast<float>(std::sin(0.1 * number + static_cast<double>(i)));
    }
    return vector;
  };
  for (Ledger* ledger : ledgers()) {
    for (int number = 0; number < 60; ++number) {
      const nlohmann::json sample{{"sample_id", sample_id(number)},
                                  {"user_id", user},
                                  {"title", "take"},
                                  {"file_path", std::to_string(number)},
                                  {"file_size_bytes", 1},
                                  {"genre", number % 2 == 0 ? "lo-fi" : "jazz"},
                                  {"bpm", 90.25 + number % 3}};
      ASSERT_TRUE(ledger->command("add_sample", sample.dump()));
      ASSERT_TRUE(ledger->command(
          "describe_sound", nlohmann::json{{"sample_id", sample_id(number)},
                                           {"embedding", to_base64(vectors::encode_vector(sound_of(number)))}}
                                .dump()));
    }
    SearchOptions options{.limit = 4, .by = SearchBy::meaning};
    options.like = sample_id(30);
    const SearchAnswer alike = ledger->search("samples", "", options);
    ASSERT_EQ(alike.hits.size(), 4U);
    EXPECT_EQ(alike.hits[0].key.find(sample_id(29)) == std::string::npos,
              alike.hits[1].key.find(sample_id(29)) != std::string::npos);
    options.filters = {{"genre", "lo-fi"}, {"bpm_rounded", "90"}, {"user_id", user}};
    const SearchAnswer narrowed = ledger->search("samples", "", options);
    ASSERT_EQ(narrowed.hits.size(), 4U);
    EXPECT_NE(narrowed.hits[0].key.find(sample_id(24)) != std::string::npos,
              narrowed.hits[0].key.find(sample_id(36)) != std::string::npos);
  }
}

}  // namespace
}  // namespace reeve::testing
