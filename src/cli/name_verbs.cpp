// The verbs of names that are unique across ledgers: name reserve, confirm, release, list.

#include "base/clock.h"
#include "cli/session.h"
#include "state/location.h"

#include <reeve/names.h>

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace reeve::cli {

namespace {

struct NameArguments {
  std::string ledger;
  std::string scope;
  std::string name;
  std::int64_t seconds = 900;
};

constexpr Microseconds second_us = 1'000'000;

Names open_names(Session& session, const NameArguments& given) {
  return Names::open(given.ledger, {.clock = &session.clock});
}

int say(Session& session, std::string_view state) {
  const auto rows = make_row_writer(session.format, session.out, {"state"});
  rows->row({{Cell::of(state)}});
  rows->finish();
  return exit_ok;
}

int run_reserve(Session& session, const NameArguments& given) {
  const NameState state =
      open_names(session, given).reserve(given.scope, given.name, given.seconds * second_us);
  if (state == NameState::taken) {
    throw Error(ErrorCode::unique_violation, "the " + given.scope + " is taken",
                "choose another, or wait until its reservation ends");
  }
  return say(session, name_of(state));
}

int run_confirm(Session& session, const NameArguments& given) {
  if (!open_names(session, given).confirm(given.scope, given.name)) {
    throw Error(ErrorCode::conflict, "the " + given.scope + " is not this ledger's, or not any more",
                "reserve it first");
  }
  return say(session, "confirmed");
}

/// A folder or a schema is an administrator's: there a name is taken from whoever has it.
bool is_of_all(const std::string& where) {
  const state::Location location = state::Location::of(where);
  return location.is_file() ? std::filesystem::is_directory(location.file()) : location.ledger().empty();
}

int run_release(Session& session, const NameArguments& given) {
  const bool released = is_of_all(given.ledger) ? release_name(given.ledger, given.scope, given.name)
                                                : open_names(session, given).release(given.scope, given.name);
  if (!released) {
    throw Error(ErrorCode::not_found, "the " + given.scope + " is not held here",
                "`reeve name list` shows what is");
  }
  return say(session, "free");
}

std::string_view state_of(const NameEntry& entry, Microseconds now) {
  if (entry.confirmed) return "confirmed";
  return *entry.ends > now ? "reserved" : "ended";
}

int run_list(Session& session, const NameArguments& given) {
  if (!given.name.empty() && given.scope.empty()) {
    throw Error(ErrorCode::invalid_input, "a name is of a scope", "add --scope SCOPE");
  }
  const bool of_all = is_of_all(given.ledger);
  if (!of_all && !given.name.empty()) {
    throw Error(ErrorCode::invalid_input, "a name is looked for among those of all ledgers",
                "name the folder, or the schema without ?ledger=");
  }
  const auto rows =
      make_row_writer(session.format, session.out, {"scope", "state", "ends", "ledger", "hash"});
  for (const NameEntry& entry : of_all ? list_names(given.ledger, given.scope, given.name)
                                       : open_names(session, given).list(given.scope)) {
    rows->row({{Cell::of(entry.scope), Cell::of(state_of(entry, session.clock.now())),
                entry.ends ? Cell::of(format_time(*entry.ends)) : Cell::null(), Cell::optional(entry.ledger),
                Cell::of(entry.hash)}});
  }
  rows->finish();
  return exit_ok;
}

CLI::App* add_part(CLI::App& parent, Session& session, const std::string& name,
                   const std::string& description, const std::shared_ptr<NameArguments>& given,
                   int (*work)(Session&, const NameArguments&)) {
  CLI::App* verb = add_verb(parent, session, name, description);
  verb->footer(std::string());
  verb->add_option("FILE", given->ledger, "the ledger, or a folder or schema of them")->required();
  verb->callback(
      [&session, given, work] { session.work = [&session, given, work] { return work(session, *given); }; });
  return verb;
}

}  // namespace

void add_name_verbs(CLI::App& app, Session& session) {
  const auto given = std::make_shared<NameArguments>();
  CLI::App* name = add_verb(app, session, "name", "Reserves names that are unique across ledgers.");
  name->require_subcommand(1);
  CLI::App* reserve =
      add_part(*name, session, "reserve", "Reserves a name for a ledger.", given, run_reserve);
  CLI::App* confirm =
      add_part(*name, session, "confirm", "It is the ledger's from now on.", given, run_confirm);
  CLI::App* release = add_part(*name, session, "release",
                               "It is free; of a folder or a schema: whoever has it.", given, run_release);
  for (CLI::App* verb : {reserve, confirm, release}) {
    verb->add_option("SCOPE", given->scope, "what kind of name: email")->required();
    verb->add_option("NAME", given->name, "the name, in any case")->required();
  }
  reserve->add_option("--seconds", given->seconds, "how long, unless it is confirmed (900)")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{reservation_max / second_us}));
  CLI::App* list =
      add_part(*name, session, "list", "Names that a ledger has, or all of them have.", given, run_list);
  list->add_option("--scope", given->scope, "of this scope alone")->type_name("SCOPE");
  list->add_option("--name", given->name, "who has this one")->type_name("NAME");
}

}  // namespace reeve::cli
