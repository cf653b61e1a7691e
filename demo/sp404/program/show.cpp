#include "sp404/program/show.h"

#include <reeve/jobs.h>
#include <reeve/typed.h>

#include <fmt/format.h>

#include <vector>

namespace demo {

namespace {

std::string_view name_of(sp404::Ending ending) {
  switch (ending) {
    case sp404::Ending::complete: return "complete";
    case sp404::Ending::refused: return "refused";
    case sp404::Ending::interrupted: return "interrupted";
  }
  return "";
}

/// What is said of the end, and how it goes on.
std::string ending_of(const sp404::ImportReport& report) {
  const std::string again = "  The same command goes on where it stopped.\n";
  switch (report.ending) {
    case sp404::Ending::complete: return "";
    case sp404::Ending::refused: return fmt::format("  Stopped: {}.\n{}", report.why, again);
    case sp404::Ending::interrupted: return "  Stopped, as it was told to.\n" + again;
  }
  return "";
}

}  // namespace

std::string size_of(std::int64_t bytes) {
  if (bytes < 1'000'000) return fmt::format("{} kB", (bytes + 500) / 1000);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

std::string text_of(const sp404::ImportReport& report) {
  std::string text = fmt::format("Import `{}` of {}{}\n", report.batch, report.username,
                                 report.continued ? ", continued" : "");
  text += fmt::format("  {:>7} added\n  {:>7} there already\n  {:>7} not taken\n", report.added,
                      report.there_already, report.failed);
  for (const sp404::Unreadable& one : report.not_taken)
    text += fmt::format("          {}: {}\n", one.path, one.reason);
  if (report.others > 0) text += fmt::format("  {:>7} no sound by name\n", report.others);
  if (report.links > 0) text += fmt::format("  {:>7} links, not followed\n", report.links);
  text += fmt::format("  {} used, {} left\n", size_of(report.used_bytes), size_of(report.available_bytes));
  return text + ending_of(report);
}

std::string dead_letters(const std::string& ledger) {
  reeve::Jobs jobs(ledger);
  std::string text;
  for (const reeve::JobStatus& job : jobs.list({.state = "dead"}))
    text += fmt::format("  {}:{} gave up: {}\n", job.kind, job.sequence.value, job.text);
  return text;
}

std::string json_of(const sp404::ImportReport& report) {
  std::vector<reeve::Json> not_taken;
  for (const sp404::Unreadable& one : report.not_taken)
    not_taken.push_back(reeve::JsonMembers().add("path", one.path).add("reason", one.reason).json());
  return reeve::JsonMembers()
      .add("ending", name_of(report.ending))
      .add("why", report.why)
      .add("user_id", report.user_id)
      .add("batch_id", report.batch_id)
      .add("batch", report.batch)
      .add("continued", report.continued)
      .add("sounds", report.sounds)
      .add("added", report.added)
      .add("there_already", report.there_already)
      .add("failed", report.failed)
      .add("not_taken", not_taken)
      .add("links", report.links)
      .add("others", report.others)
      .add("used_bytes", report.used_bytes)
      .add("available_bytes", report.available_bytes)
      .object();
}

}  // namespace demo
