// The verbs of who may: token create, list, revoke, check; lockout list, clear.

#include "access/store.h"
#include "base/clock.h"
#include "cli/secret_input.h"
#include "cli/session.h"
#include "cli/stored.h"

#include <reeve/access.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace reeve::cli {

namespace {

constexpr Microseconds day_us = 86'400'000'000;

struct TokenArguments {
  std::string database;
  std::string id;
  std::string label;
  std::vector<std::string> ledgers;
  std::vector<std::string> verbs;
  std::string expires;
  std::int64_t days = 0;
  std::string subject;
  std::string source;
};

Access open_access(Session& session, const TokenArguments& given) {
  return Access::open(given.database, {.clock = &session.clock});
}

/// For what makes nothing: a mistyped place is one that is not there.
Access open_existing(Session& session, const TokenArguments& given) {
  access::check_store_exists(given.database);
  return open_access(session, given);
}

Cell time_cell(const std::optional<Microseconds>& time) {
  return time ? Cell::of(format_time(*time)) : Cell::null();
}

Verb verb_named(const std::string& name) {
  const auto verb = verb_of(name);
  ensure(verb.has_value(), "the command line takes the names of verbs alone");
  return *verb;
}

std::optional<Microseconds> expiry(Session& session, const TokenArguments& given) {
  if (given.days > 0) return session.clock.now() + given.days * day_us;
  if (given.expires.empty()) return std::nullopt;
  const auto time = parse_time(given.expires);
  if (!time) {
    throw Error(ErrorCode::invalid_input, fmt::format("`{}` is no time", given.expires),
                "write it as RFC 3339 does: 2027-01-31T00:00:00Z");
  }
  return time;
}

int run_create(Session& session, const TokenArguments& given) {
  NewToken wanted{
      .label = given.label, .ledgers = given.ledgers, .verbs = {}, .expires = expiry(session, given)};
  for (const std::string& name : given.verbs) wanted.verbs.push_back(verb_named(name));
  const CreatedToken token = open_access(session, given).create_token(wanted);
  const std::string stored = fmt::format("the token {} is made, and its text is lost: revoke it", token.id);
  write_of_stored(session, stored, [&] {
    if (session.format == Format::table) {
      session.err.write(fmt::format("reeve: token {}; keep its text, it is not shown again\n", token.id));
      session.err.flush();
      session.out.write(token.text.text());
      session.out.write("\n");
      return;
    }
    const auto rows = make_row_writer(session.format, session.out, {"id", "token", "expires"});
    rows->row(std::vector<Cell>{Cell::of(token.id), Cell::of(token.text.text()), time_cell(wanted.expires)});
    rows->finish();
  });
  return exit_ok;
}

std::string_view state_of(const TokenEntry& token, Microseconds now) {
  if (token.revoked) return "revoked";
  return token.expires && now >= *token.expires ? "expired" : "valid";
}

int run_list(Session& session, const TokenArguments& given) {
  const auto rows = make_row_writer(
      session.format, session.out,
      {"id", "label", "state", "ledgers", "verbs", "created", "expires", "revoked", "last_used"});
  const auto joined = [](const auto& parts, auto&& text_of) {
    std::string text;
    for (const auto& part : parts) text += (text.empty() ? "" : " ") + std::string(text_of(part));
    return Cell::of(text);
  };
  for (const TokenEntry& token : open_existing(session, given).list_tokens()) {
    rows->row(std::vector<Cell>{
        Cell::of(token.id), Cell::optional(token.label), Cell::of(state_of(token, session.clock.now())),
        joined(token.ledgers, [](const std::string& ledger) { return ledger; }),
        joined(token.verbs, [](Verb verb) { return name_of(verb); }), time_cell(token.created),
        time_cell(token.expires), time_cell(token.revoked), time_cell(token.last_used)});
  }
  rows->finish();
  return exit_ok;
}

int run_revoke(Session& session, const TokenArguments& given) {
  if (!open_existing(session, given).revoke_token(given.id)) {
    throw Error(ErrorCode::not_found, "there is no token of this id that is not revoked yet",
                "`reeve token list ACCESS` shows them");
  }
  const auto rows = make_row_writer(session.format, session.out, {"id", "done"});
  rows->row(std::vector<Cell>{Cell::of(given.id), Cell::of("revoked")});
  rows->finish();
  return exit_ok;
}

int run_check(Session& session, const TokenArguments& given) {
  const Secret token = read_secret_input(session, "token");
  Access access = open_existing(session, given);
  bool allowed = true;
  const auto rows =
      make_row_writer(session.format, session.out, {"id", "ledger", "verb", "allowed", "reason"});
  for (const std::string& ledger : given.ledgers) {
    for (const std::string& verb : given.verbs) {
      const Authorization said = access.authorize(token.text(), ledger, verb_named(verb));
      rows->row(std::vector<Cell>{Cell::optional(said.token_id), Cell::of(ledger), Cell::of(verb),
                                  Cell::boolean(said.allowed()), Cell::of(name_of(said.reason))});
      allowed = allowed && said.allowed();
    }
  }
  rows->finish();
  return allowed ? exit_ok : exit_code_of(ErrorCode::denied);
}

int run_lockouts(Session& session, const TokenArguments& given) {
  const auto rows = make_row_writer(session.format, session.out,
                                    {"kind", "name", "failures", "last_failed", "locked_until"});
  for (const LockoutEntry& entry : open_existing(session, given).list_lockouts()) {
    rows->row(std::vector<Cell>{Cell::of(name_of(entry.kind)), Cell::of(entry.name),
                                Cell::number(entry.failures), time_cell(entry.last_failed),
                                time_cell(entry.locked_until)});
  }
  rows->finish();
  return exit_ok;
}

int run_clear(Session& session, const TokenArguments& given) {
  const LockoutKind kind = given.source.empty() ? LockoutKind::subject : LockoutKind::source;
  const std::string& name = given.source.empty() ? given.subject : given.source;
  if (name.empty()) {
    throw Error(ErrorCode::invalid_input, "nobody is named", "give a SUBJECT, or --source SOURCE");
  }
  if (!open_existing(session, given).clear_lockout(kind, name)) {
    throw Error(ErrorCode::not_found, fmt::format("no failure of the {} {} is counted", name_of(kind), name),
                "`reeve lockout list ACCESS` shows those that are");
  }
  const auto rows = make_row_writer(session.format, session.out, {"kind", "name", "done"});
  rows->row(std::vector<Cell>{Cell::of(name_of(kind)), Cell::of(name), Cell::of("cleared")});
  rows->finish();
  return exit_ok;
}

using Work = int (*)(Session&, const TokenArguments&);

CLI::App* add_part(CLI::App& parent, Session& session, const std::string& name,
                   const std::string& description, const std::shared_ptr<TokenArguments>& given, Work work) {
  CLI::App* verb = add_verb(parent, session, name, description);
  verb->footer(std::string());
  verb->add_option("ACCESS", given->database, "the access database: a file, or a URL of PostgreSQL")
      ->required();
  verb->callback(
      [&session, given, work] { session.work = [&session, given, work] { return work(session, *given); }; });
  return verb;
}

void add_lockout_verbs(CLI::App& app, Session& session) {
  const auto given = std::make_shared<TokenArguments>();
  CLI::App* lockout =
      add_verb(app, session, "lockout", "Shows who has failed to sign in, and lets them try again.");
  lockout->require_subcommand(1);
  add_part(*lockout, session, "list", "Subjects and sources with failures.", given, run_lockouts);
  CLI::App* clear = add_part(*lockout, session, "clear", "Forgets the failures of a subject or a source.",
                             given, run_clear);
  CLI::Option* subject = clear->add_option("SUBJECT", given->subject, "who may try again");
  clear->add_option("--source", given->source, "where everybody may try again from")
      ->type_name("SOURCE")
      ->excludes(subject);
}

}  // namespace

void add_token_verbs(CLI::App& app, Session& session) {
  const auto given = std::make_shared<TokenArguments>();
  CLI::App* token =
      add_verb(app, session, "token", "Makes API tokens for ledgers and verbs, and takes them back.");
  token->require_subcommand(1);
  CLI::App* create =
      add_part(*token, session, "create", "Makes a token, whose text is shown this once.", given, run_create);
  add_part(*token, session, "list", "Tokens, without their texts.", given, run_list);
  add_part(*token, session, "revoke", "Takes a token back, from now on.", given, run_revoke)
      ->add_option("ID", given->id, "the token, as the list has it")
      ->required();
  CLI::App* check =
      add_part(*token, session, "check",
               "Says whether the token on standard input allows something, and why not.", given, run_check);
  for (CLI::App* verb : {create, check}) {
    verb->add_option("--ledger", given->ledgers, "ledgers; of a new token names in which * is anything")
        ->type_name("NAME,...")
        ->delimiter(',')
        ->required();
    verb->add_option("--verb", given->verbs, "read, write, work or admin")
        ->type_name("VERB,...")
        ->delimiter(',')
        ->required()
        ->check(CLI::IsMember({"read", "write", "work", "admin"}));
  }
  create->add_option("--label", given->label, "whose it is, what it is for")->type_name("TEXT");
  CLI::Option* expires =
      create->add_option("--expires", given->expires, "when it ends (RFC 3339)")->type_name("TIME");
  create->add_option("--days", given->days, "or in how many days")
      ->type_name("N")
      ->check(CLI::Range(1, 36500))
      ->excludes(expires);
  add_lockout_verbs(app, session);
}

}  // namespace reeve::cli
