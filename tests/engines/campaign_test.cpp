// Whole campaigns of two applications on both engines: the same chain and the same state after every event.

#include "demo/campaign.h"
#include "database.h"
#include "journals.h"
#include "support/dark_tower_campaign.h"

#include "state/promote.h"

#include "base/clock.h"

namespace reeve::testing {
namespace {

/// A new ledger of a blueprint, the same for the same seed. It is made in a file; on PostgreSQL it is that file's
/// copy. From then on each event has a seal of its own, so that the state after it is known.
class Played {
 public:
  Played(const std::string& blueprint, std::uint64_t seed, const std::string& file)
      : random_(seed), location_(file) {
    create_ledger(location_.file().string(), blueprint, options());
    events_made_ = Ledger::open(location_.file().string()).head().sequence.value;
  }
  void move_to(const Database& database) {
    const auto copied = state::promote(location_, database.administrator(), {.progress = {}, .fence = false});
    EXPECT_TRUE(copied.equal());
    url_ = database.application();
    location_ = url_;
  }

  Ledger open() { return Ledger::open(url(), options()); }
  std::string url() const { return url_.empty() ? location_.file().string() : url_; }
  const state::Location& location() const { return location_; }
  demo::HandClock& clock() { return clock_; }
  std::int64_t events_made() const { return events_made_; }

 private:
  LedgerOptions options() { return {.clock = &clock_, .random = &random_, .group_events_max = 1}; }

  demo::HandClock clock_{*parse_time("2024-01-01T00:00:00Z")};
  demo::RepeatableRandom random_;
  state::Location location_;
  std::string url_;
  std::int64_t events_made_ = 0;
};

/// The campaign of `./dev demo`: what its players do follows from what the queries answer them.
demo::Tally play_the_great_work(Played& played, const std::string& engine) {
  Ledger ledger = played.open();
  const auto cast = demo::read_cast(project_file("blueprints/great_work/demo/cast.json"));
  constexpr std::int64_t years = 64;
  demo::Game game(ledger, played.clock());
  demo::Progress progress(ledger.title() + " on " + engine, years);
  demo::RepeatableRandom random(1832);
  demo::Scheduler scheduler(played.url(), game, played.clock(), random);
  demo::Campaign(game, scheduler, cast, {1831, years, played.clock().now()}).play(progress);
  progress.end("played");
  return game.tally();
}

TEST(campaigns, of_the_great_work_give_equal_hashes_after_every_event_on_both_engines) {
  const Workshop workshop;
  const std::string blueprint = project_file("blueprints/great_work").string();
  Played file(blueprint, 1831, workshop.path("file.db"));
  Played server(blueprint, 1831, workshop.path("copied.db"));
  const Database database("great_work_campaign");
  server.move_to(database);

  const demo::Tally left = play_the_great_work(file, "SQLite");
  const demo::Tally right = play_the_great_work(server, "PostgreSQL");
  EXPECT_EQ(left.accepted, right.accepted);
  EXPECT_EQ(left.rejected, right.rejected);
  EXPECT_EQ(left.reasons, right.reasons);
  const std::int64_t events = expect_equal_journals(file.location(), server.location(), file.events_made());
  EXPECT_GT(events, file.events_made() + left.events) << "jobs did nothing by themselves";
  EXPECT_GT(events, 9'000) << "that is no whole campaign";
}

TEST(campaigns, of_dark_tower_give_equal_hashes_after_every_event_on_both_engines) {
  const Workshop workshop;
  const std::string blueprint = project_file("blueprints/dark_tower").string();
  const std::uint64_t seed = test_seed("campaign of dark tower");
  Played file(blueprint, seed, workshop.path("file.db"));
  Played server(blueprint, seed, workshop.path("copied.db"));
  const Database database("dark_tower_events");
  server.move_to(database);

  constexpr int commands = 5'000;
  const auto play = [&](Played& played) {
    std::vector<std::string> reasons(commands);
    DarkTowerCampaign campaign(seed);
    Ledger ledger = played.open();  // closed first, when all verdicts are there
    for (std::string& reason : reasons) {
      const Submission next = campaign.next();
      ledger.submit_command(next.command, next.parameters,
                            {.actor = next.actor, .id = next.id, .time = next.time},
                            [&reason, next](const Ledger::Verdict& verdict) {
                              reason = verdict.outcome ? reason_of(*verdict.outcome) : "a fault";
                              EXPECT_EQ(reason.empty(), next.accepted) << next.command << ": " << reason;
                            });
    }
    return reasons;
  };
  EXPECT_EQ(play(file), play(server));
  EXPECT_GT(expect_equal_journals(file.location(), server.location(), file.events_made()), commands / 2);
}

}  // namespace
}  // namespace reeve::testing
