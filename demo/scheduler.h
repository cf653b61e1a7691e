#pragma once
// The game's durable work, done by jobs: orders, follow-ups, releases, years and digests (blueprints/great_work/jobs).

#include "game.h"

#include <reeve/jobs.h>

#include <string>
#include <vector>

namespace demo {

/// One worker of one thread, so that a campaign comes out the same each time it is played.
class Scheduler {
 public:
  /// `url` is the ledger that the game plays. What is given must outlive it.
  Scheduler(const std::string& url, Game& game, reeve::Clock& clock, reeve::Random& random);

  /// Does what is due, and what comes of it, the highest priority first.
  void run();
  /// Nothing is begun until it is resumed, restarts included.
  void pause();
  void resume();

 private:
  using Step = great_work::queries::digest_plan::Row;
  std::string run_steps(std::int64_t first, std::int64_t last);
  std::string do_order(const reeve::Job& job);
  std::vector<Step> plan(const std::optional<std::string>& order_id);

  std::string url_;
  Game& game_;
  reeve::Clock& clock_;
  reeve::Worker worker_;
};

}  // namespace demo
