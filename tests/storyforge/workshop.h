#pragma once
// A ledger of StoryForge in a file and its copy on PostgreSQL, under one clock that the test moves.

#include "both_engines.h"
#include "storyforge/stories.h"

#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <random>
#include <span>
#include <string>

namespace reeve::testing {

class HandClock : public Clock {
 public:
  Microseconds now() override { return now_.load(); }
  void tick() { now_ += 1'000'000; }

 private:
  std::atomic<Microseconds> now_ = 1'767'225'600'000'000;  // 2026-01-01
};

/// The same ids of events for both engines.
class CountingRandom : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    std::mt19937_64 numbers(++count_);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(numbers());
  }

 private:
  std::atomic<std::uint64_t> count_ = 0;
};

/// Ids that tell what they are of.
inline std::string story_id(int number) { return fmt::format("50000000-0000-4000-8000-{:012}", number); }
inline std::string node_id(int number) { return fmt::format("20000000-0000-4000-8000-{:012}", number); }
inline std::string entry_id(int number) { return fmt::format("30000000-0000-4000-8000-{:012}", number); }
/// The number in an id of those.
inline int number_of_id(const std::string& id) { return std::stoi(id.substr(id.size() - 12)); }

class StoryEngines : public BothEngines {
 protected:
  void open(const std::string& database_name) {
    make(project_file("blueprints/storyforge").string(), database_name);
    sqlite_.reset();
    postgres_.reset();
    sqlite_.emplace(Ledger::open(file_, {.clock = &clock_, .random = &left_random_}));
    postgres_.emplace(
        Ledger::open(database_->application("storyforge"), {.clock = &clock_, .random = &right_random_}));
    left_.emplace(*sqlite_, storyforge::StoriesOptions{.actor = "mary"});
    right_.emplace(*postgres_, storyforge::StoriesOptions{.actor = "mary"});
  }

  /// Does the same on both engines, a second later, and compares the heads.
  void both(const std::function<void(storyforge::Stories&)>& act) {
    clock_.tick();
    {
      SCOPED_TRACE("on SQLite");
      act(*left_);
    }
    {
      SCOPED_TRACE("on PostgreSQL");
      act(*right_);
    }
    expect_equal_heads(clock_.now());
  }

  /// Frankenstein: 1 is the root; 2 and 3 hang on it, 4 and 5 on 2, 6 on 4, 7 on 3.
  void plant() {
    both([](storyforge::Stories& stories) {
      const auto made = stories.create({.owner = "mary",
                                        .title = "Frankenstein",
                                        .content = "I am by birth a Genevese.",
                                        .story_id = story_id(1),
                                        .root_id = node_id(1)});
      ASSERT_TRUE(made);
    });
    hang(2, 1, "I went to Ingolstadt.");
    hang(3, 1, "I stayed at home.");
    hang(4, 2, "I made the being.");
    hang(5, 2, "I gave up the work.");
    hang(6, 4, "It opened its dull yellow eye.");
    hang(7, 3, "I married Elizabeth.");
  }

  void hang(int node, int parent, const std::string& content) {
    both([&](storyforge::Stories& stories) {
      const auto added =
          stories.add({.parent_id = node_id(parent), .content = content, .node_id = node_id(node)});
      ASSERT_TRUE(added) << added.refusal().reason;
    });
  }

  HandClock clock_;
  CountingRandom left_random_;
  CountingRandom right_random_;
  std::optional<storyforge::Stories> left_;
  std::optional<storyforge::Stories> right_;
};

}  // namespace reeve::testing
