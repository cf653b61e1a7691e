// The verbs of sessions: session list, revoke.

#include "base/clock.h"
#include "cli/session.h"
#include "queue/queue.h"

#include <reeve/sessions.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <optional>

namespace reeve::cli {

namespace {

struct SessionArguments {
  std::string store;
  std::string id;
  std::optional<std::string> user;
  std::string ledger;
  std::string after;
  std::size_t limit = 100;
};

/// A store that is there: programs make them, and no verb does.
std::unique_ptr<live::Store> open_store(Session& session, const std::string& url) {
  try {
    return live::open_store(url, {.clock = &session.clock, .connections = 1, .create = false});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    throw Error(
        ErrorCode::not_found, error.message(),
        "name the store that the program keeps its sessions in: a file, postgresql://... or redis://...");
  }
}

/// The sessions of a store that is there. How long they may last is the program's to say: here they are shown as they are stored.
class OpenSessions {
 public:
  OpenSessions(Session& session, const SessionArguments& given)
      : store_(open_store(session, given.store)),
        sessions_(*store_, {.longest = live::duration_max, .clock = &session.clock}) {}
  Sessions* operator->() { return &sessions_; }

 private:
  std::unique_ptr<live::Store> store_;
  Sessions sessions_;
};

/// Programs name users as they like; people read UTF-8.
Cell name_cell(std::string_view name) {
  return Cell::optional(queue::bounded(name, Sessions::name_bytes_max * 4));
}

int run_list(Session& session, const SessionArguments& given) {
  OpenSessions sessions(session, given);
  auto found =
      given.user ? sessions->list(*given.user, given.ledger) : sessions->list_all(given.limit, given.after);
  found.resize(std::min(found.size(), given.limit));
  const auto writer =
      make_row_writer(session.format, session.out, {"id", "user", "ledger", "created", "last_seen", "ends"});
  for (const reeve::Session& one : found) {
    writer->row(std::vector<Cell>{Cell::of(one.id), name_cell(one.user), name_cell(one.ledger),
                                  Cell::of(format_time(one.created)), Cell::of(format_time(one.last_seen)),
                                  Cell::of(format_time(one.ends))});
  }
  writer->finish();
  return exit_ok;
}

int run_revoke(Session& session, const SessionArguments& given) {
  if (given.id.empty() == !given.user) {
    throw Error(ErrorCode::invalid_input, "which sessions end is said by an id or by --user, and not by both",
                "`reeve session list STORE` shows them");
  }
  OpenSessions sessions(session, given);
  std::int64_t revoked = 0;
  if (given.user) {
    revoked = sessions->revoke_all(*given.user, given.ledger);
  } else if (sessions->revoke(given.id)) {
    revoked = 1;
  } else {
    throw Error(ErrorCode::not_found, "there is no session of that id", "it may have ended");
  }
  const auto writer = make_row_writer(session.format, session.out, {"revoked"});
  writer->row(std::vector<Cell>{Cell::number(revoked)});
  writer->finish();
  return exit_ok;
}

CLI::App* add_part(CLI::App& parent, Session& session, const std::string& name,
                   const std::string& description, const std::shared_ptr<SessionArguments>& given,
                   int (*work)(Session&, const SessionArguments&)) {
  CLI::App* verb = add_verb(parent, session, name, description);
  verb->footer(std::string());
  verb->add_option("STORE", given->store, "the store of live values")->required();
  verb->add_option("--user", given->user, "of this user alone")->type_name("USER");
  verb->add_option("--ledger", given->ledger, "of the user in this ledger")
      ->type_name("LEDGER")
      ->needs("--user");
  verb->callback(
      [&session, given, work] { session.work = [&session, given, work] { return work(session, *given); }; });
  return verb;
}

}  // namespace

void add_session_verbs(CLI::App& app, Session& session) {
  const auto given = std::make_shared<SessionArguments>();
  CLI::App* verb = add_verb(app, session, "session", "Shows who is logged in, and ends that.");
  verb->require_subcommand(1);
  CLI::App* list = add_part(*verb, session, "list", "Sessions that have not ended.", given, run_list);
  list->add_option("--limit", given->limit, "rows at most (100)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, live::listed_max));
  list->add_option("--after", given->after, "behind this one")->type_name("ID");
  CLI::App* revoke =
      add_part(*verb, session, "revoke", "Ends a session, or all that a user has.", given, run_revoke);
  revoke->add_option("ID", given->id, "as `session list` shows it");
}

}  // namespace reeve::cli
