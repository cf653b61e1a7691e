#include "sp404/listener.h"

#include "sp404/hearing.h"
#include "sp404/sound_file.h"

#include <blueprints/sp404mk2.h>
#include "base/base64.h"
#include "base/json.h"
#include "vectors/stored_vector.h"

#include <reeve/error.h>
#include <reeve/typed.h>

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sp404 {

namespace {

namespace commands = sp404mk2::commands;

struct Asked {
  std::string sample_id;
  std::string file_path;
  std::string content_hash;  ///< '' where none is known
};

Asked asked_by(const reeve::Job& job) {
  reeve::json::Reader reader;
  const simdjson::dom::element arguments = reader.read(job.arguments);
  const auto text = [&arguments](std::string_view name) {
    std::string_view value;
    return arguments[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
  };
  return {text("sample_id"), text("file_path"), text("content_hash")};
}

[[noreturn]] void fail(const Asked& asked, const std::string& reason) {
  throw reeve::Error(reeve::ErrorCode::unavailable, asked.file_path + ": " + reason);
}

Sound sound_of(const Asked& asked, const std::filesystem::path& folder) {
  const std::filesystem::path path = std::filesystem::path(asked.file_path).lexically_normal();
  // The path is a ledger's, which may have come from anywhere.
  if (path.empty() || path.is_absolute() || *path.begin() == "..")
    fail(asked, "it lies outside of the folder");
  auto decoded = decode_sound(folder / path, heard_seconds_max);
  if (const auto* none = std::get_if<NoSound>(&decoded)) fail(asked, none->reason);
  Sound& sound = std::get<Sound>(decoded);
  if (!asked.content_hash.empty() && asked.content_hash != sound.content_hash)
    fail(asked, "it is another file than the one that was imported");
  return std::move(sound);
}

/// A sample that was removed meanwhile needs no analysis.
template <typename Command>
std::string order(reeve::Ledger& ledger, const reeve::Job& job, const Command& command,
                  const std::string& result) {
  reeve::CommitOptions options;
  options.actor = "listener";
  options.key = job.key();
  const reeve::Outcome outcome = reeve::command(ledger, command, options);
  if (outcome) return result;
  if (outcome.rejection().reason.starts_with("no sample")) return "the sample is gone";
  throw reeve::Error(outcome.rejection().code, outcome.rejection().reason);
}

std::string hear_tempo_of(reeve::Ledger& ledger, const std::filesystem::path& folder, const reeve::Job& job) {
  const Asked asked = asked_by(job);
  const auto tempo = hear_tempo(sound_of(asked, folder), is_loop(asked.file_path));
  commands::record_analysis analysis{.sample_id = asked.sample_id};
  if (tempo) {
    analysis.bpm = tempo->bpm;
    analysis.bpm_confidence = tempo->confidence;
  }
  return order(ledger, job, analysis, tempo ? fmt::format("{:.2f} bpm", tempo->bpm) : "no tempo");
}

std::string hear_timbre_of(reeve::Ledger& ledger, const std::filesystem::path& folder,
                           const reeve::Job& job) {
  const Asked asked = asked_by(job);
  const auto timbre = hear_timbre(sound_of(asked, folder));
  if (!timbre) return "nothing to compare by";
  return order(ledger, job,
               commands::describe_sound{.sample_id = asked.sample_id,
                                        .embedding = reeve::to_base64(reeve::vectors::encode_vector(*timbre)),
                                        .model = std::string(timbre_model)},
               std::string(timbre_model));
}

}  // namespace

void listen(reeve::Worker& worker, reeve::Ledger& ledger, const std::filesystem::path& folder) {
  worker.handle("tempo", [&ledger, folder](const reeve::Job& job, const std::stop_token&) {
    return hear_tempo_of(ledger, folder, job);
  });
  worker.handle("timbre", [&ledger, folder](const reeve::Job& job, const std::stop_token&) {
    return hear_timbre_of(ledger, folder, job);
  });
}

}  // namespace sp404
