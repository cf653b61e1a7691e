#include "whispyrkeep/keep_jobs.h"

#include "base/hash.h"
#include "whispyrkeep/keep.h"

#include <blueprints/whispyrkeep.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace whispyrkeep {

namespace {

using nlohmann::json;

std::string embed(reeve::Ledger& ledger) {
  const reeve::EmbedReport report = ledger.embed("lore", {.actor = "jobs"});
  if (report.left > 0) throw reeve::Error(reeve::ErrorCode::unavailable, report.failure);
  return std::to_string(report.stored) + " vectors";
}

/// A refusal is the error of the attempt.
void command(reeve::Ledger& ledger, const std::string& name, const json& parameters, const std::string& key) {
  const reeve::Outcome outcome = ledger.command(name, parameters.dump(), {.actor = "jobs", .key = key});
  if (!outcome) throw reeve::Error(outcome.rejection().code, outcome.rejection().reason);
}

std::string write_export(reeve::Ledger& ledger, const std::filesystem::path& folder, const reeve::Job& job) {
  const std::string export_id = json::parse(job.arguments).at("export_id");
  reeve::Rows rows = ledger.query("export_by_id", json{{"export_id", export_id}}.dump());
  if (!rows.next()) return "it has expired, or is gone";
  const auto [id, user_id, universe_id, form, status] =
      rows.as<std::string, std::string, std::string, std::string, std::string>();
  if (status == "completed") return "it is there already";
  Keep keep(ledger);
  const std::string document =
      form == "json" ? keep.export_json(universe_id) : keep.export_markdown(universe_id);
  const std::filesystem::path file = folder / (id + (form == "json" ? ".json" : ".md"));
  const std::filesystem::path part = file.string() + ".part";
  std::ofstream stream(part, std::ios::binary);
  if (!(stream << document).flush())
    throw reeve::Error(reeve::ErrorCode::unavailable, part.string() + " can't be written");
  std::filesystem::rename(part, file);
  command(ledger, "complete_export",
          {{"export_id", id}, {"sha256", reeve::to_hex(reeve::sha256(document))}, {"bytes", document.size()}},
          job.key());
  return file.string();
}

/// What the older turns of a campaign told becomes one chunk, if it is several.
bool compact(reeve::Ledger& ledger, const JobOptions& options, const std::string& campaign_id,
             const std::string& universe_id, std::int64_t until_turn, const std::string& key) {
  std::vector<std::string> texts;
  json chunks = json::array();
  for (auto& row : reeve::query_all(
           ledger, queries::lore_to_compact{.campaign_id = campaign_id, .until_turn = until_turn})) {
    chunks.push_back(row.chunk_id);
    texts.push_back(std::move(row.text));
  }
  if (texts.size() < 2) return false;
  command(ledger, "compact_lore",
          {{"universe_id", universe_id}, {"text", options.summarize(texts)}, {"supersedes", chunks}}, key);
  return true;
}

std::string compact_all(reeve::Ledger& ledger, const JobOptions& options, const reeve::Job& job,
                        const std::stop_token& stop) {
  int campaigns = 0;
  const auto account = reeve::query_one(ledger, queries::account{});
  if (!account) return "there is no user";
  for (const auto& campaign :
       reeve::query_all(ledger, queries::active_campaigns{.user_id = account->user_id})) {
    if (stop.stop_requested()) break;
    if (compact(ledger, options, campaign.campaign_id, campaign.universe_id,
                campaign.turn_index - options.turns_kept, job.key() + ":" + campaign.campaign_id))
      ++campaigns;
  }
  return std::to_string(campaigns) + " campaigns";
}

}  // namespace

void handle_jobs(reeve::Worker& worker, reeve::Ledger& ledger, JobOptions options) {
  for (const char* kind : {"embed_lore", "embed_turn"})
    worker.handle(kind, [&ledger](const reeve::Job&, const std::stop_token&) { return embed(ledger); });
  worker.handle("write_export",
                [&ledger, folder = options.export_folder](const reeve::Job& job, const std::stop_token&) {
                  return write_export(ledger, folder, job);
                });
  if (!options.summarize) return;
  worker.handle("compact_lore",
                [&ledger, options = std::move(options)](const reeve::Job& job, const std::stop_token& stop) {
                  return compact_all(ledger, options, job, stop);
                });
}

}  // namespace whispyrkeep
