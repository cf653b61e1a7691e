// The work that an account asks for is done: exports when they are asked for, compaction and the purge at night.

#include "keep_ledgers.h"

#include "base/hash.h"
#include "vectors/sentence_encoder.h"
#include "whispyrkeep/keep_jobs.h"

#include <reeve/jobs.h>

#include <atomic>
#include <filesystem>
#include <optional>

namespace reeve::testing {
namespace {

class NightClock : public Clock {
 public:
  Microseconds now() override { return now_; }
  void next_morning() { pass_days(1); }
  void pass_days(Microseconds days) { now_ += days * 86'400'000'000; }

 private:
  std::atomic<Microseconds> now_ = 1'767'268'800'000'000;  // 2026-01-01T12:00:00Z
};

class keep_jobs : public KeepLedgers {};

TEST_F(keep_jobs, write_exports_and_compact_and_purge_at_night) {
  open_campaign("jobs");
  play(1, 14);
  accept("request_export", {{"export_id", id_of('8', 1)}, {"universe_id", universe_id}});
  accept("request_export",
         {{"export_id", id_of('8', 2)}, {"universe_id", universe_id}, {"form", "markdown"}});
  accept("save_draft", {{"user_id", user_id},
                        {"title", "A drowned city"},
                        {"content", json::object()},
                        {"expires_at", "2026-01-02T00:00:00Z"}});
  const bool means = std::filesystem::exists(vectors::sentence_encoder_folder() / "model.json");
  for (const std::string& url : {file_, accounts().application(account_)}) {
    NightClock clock;
    Ledger ledger = Ledger::open(url, {.clock = &clock});
    std::vector<std::string> kinds = {"write_export", "compact_lore", "purge_expired"};
    if (means) kinds.insert(kinds.end(), {"embed_lore", "embed_turn"});
    Worker worker(url, {.clock = &clock, .kinds = kinds});
    std::size_t summed_up = 0;
    whispyrkeep::handle_jobs(worker, ledger,
                             {.export_folder = workshop_.path(url == file_ ? "left" : "right"),
                              .summarize = [&](const std::vector<std::string>& texts) {
                                summed_up = texts.size();
                                return std::string("Four rooms are hollow.");
                              }});
    const std::filesystem::path folder = workshop_.path(url == file_ ? "left" : "right");
    std::filesystem::create_directories(folder);
    worker.run_once();
    worker.run_until_empty();
    for (const auto& [id, tail] : {std::pair(id_of('8', 1), ".json"), std::pair(id_of('8', 2), ".md")}) {
      const json row = rows_of(ledger, "export_by_id", {{"export_id", id}})[0];
      EXPECT_EQ(row["status"], "completed");
      const std::string document = read_text(folder / (id + tail));
      EXPECT_EQ(row["sha256"], json(to_hex(sha256(document))));
    }
    EXPECT_EQ(summed_up, 0U);
    EXPECT_EQ(rows_of(ledger, "drafts", {{"user_id", user_id}}).size(), 1U);

    clock.next_morning();
    worker.run_once();
    worker.run_until_empty();
    EXPECT_EQ(summed_up, 4U);  // of turns 1 to 4
    EXPECT_EQ(ledger.search("lore", "hollow").matches, 11);
    EXPECT_TRUE(rows_of(ledger, "drafts", {{"user_id", user_id}}).empty());
    if (means) {
      EXPECT_EQ(ledger.embedding_status("lore").missing, 0);
    }

    // The next night there is nothing to sum up, and nothing is done twice.
    const std::int64_t head = ledger.head().sequence.value;
    clock.next_morning();
    worker.run_once();
    worker.run_until_empty();
    EXPECT_EQ(ledger.head().sequence.value, head);
  }
}

TEST_F(keep_jobs, put_away_a_campaign_that_is_over_for_long_and_no_other) {
  open_campaign("archived");
  play(1, 3);
  accept("change_campaign_status", {{"campaign_id", campaign_id}, {"status", "ended"}});
  for (const std::string& url : {file_, accounts().application(account_)}) {
    NightClock clock;
    Ledger ledger = Ledger::open(url, {.clock = &clock});
    const auto turns = [&] { return rows_of(ledger, "turns", {{"campaign_id", campaign_id}}).size(); };
    Worker worker(url, {.clock = &clock, .kinds = {"archive_ended"}, .ledger = &ledger});
    for (const auto& [days, left] : {std::pair(0, 3U), std::pair(170, 3U), std::pair(20, 0U)}) {
      clock.pass_days(days);
      worker.run_once();
      worker.run_until_empty();
      EXPECT_EQ(turns(), left) << "after " << days << " more days";
    }
    EXPECT_EQ(rows_of(ledger, "campaign_by_id", {{"campaign_id", campaign_id}})[0]["archived_turns"], 3);
  }
}

}  // namespace
}  // namespace reeve::testing
