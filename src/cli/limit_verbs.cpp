// The verb of rate limits: limit list.

#include "cli/session.h"

#include <reeve/rate_limits.h>

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

namespace reeve::cli {

namespace {

int run_list(Session& session, const std::string& url_or_folder) {
  const auto rows =
      make_row_writer(session.format, session.out, {"limit", "capacity", "per_seconds", "on_failure"});
  for (const RateLimit& limit : read_limits(url_or_folder)) {
    rows->row({{Cell::of(limit.name), Cell::number(limit.capacity), Cell::number(limit.per_seconds),
                Cell::of(limit.on_failure == OnFailure::open ? "open" : "closed")}});
  }
  rows->finish();
  return exit_ok;
}

}  // namespace

void add_limit_verbs(CLI::App& app, Session& session) {
  CLI::App* limit = add_verb(app, session, "limit", "Shows the rate limits that a blueprint declares.");
  limit->require_subcommand(1);
  CLI::App* list = add_verb(*limit, session, "list", "Limits, with what they say when they can't be asked.");
  list->footer(std::string());
  const auto given = std::make_shared<std::string>();
  list->add_option("FILE", *given, "a ledger, or the folder of a blueprint")->required();
  list->callback(
      [&session, given] { session.work = [&session, given] { return run_list(session, *given); }; });
}

}  // namespace reeve::cli
