// The verbs of secrets: secret keygen, set, get, list, rotate, erase.

#include "access/master_keys.h"
#include "access/store.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "cli/progress_line.h"
#include "cli/secret_input.h"
#include "cli/session.h"
#include "cli/stored.h"

#include <reeve/access.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <utility>

namespace reeve::cli {

namespace {

struct SecretArguments {
  std::string database;
  std::string keys;
  std::string key_file;
  SecretName name;
  RotationOptions rotation;
};

Access open_access(Session& session, const SecretArguments& given) {
  return Access::open(given.database, {.master_key_file = given.keys, .clock = &session.clock});
}

/// For what makes nothing: a mistyped place is one that is not there.
Access open_existing(Session& session, const SecretArguments& given) {
  access::check_store_exists(given.database);
  return open_access(session, given);
}

Error no_such(const SecretName& name) {
  return {ErrorCode::not_found,
          name.ledger.empty() ? fmt::format("there is no secret {} of the installation", name.name)
                              : fmt::format("there is no secret {} of the ledger {}", name.name, name.ledger),
          "`reeve secret list ACCESS` shows them; --ledger NAME names the ledger"};
}

void write_done(Session& session, const SecretName& name, std::string_view done) {
  const auto rows = make_row_writer(session.format, session.out, {"ledger", "name", "done"});
  rows->row(std::vector<Cell>{Cell::of(name.ledger), Cell::of(name.name), Cell::of(done)});
  rows->finish();
}

int run_keygen(Session& session, const SecretArguments& given) {
  const auto version = access::add_master_key(given.key_file, system_random());
  write_of_stored(session, fmt::format("master key {} is in {} all the same", version, given.key_file), [&] {
    const auto rows = make_row_writer(session.format, session.out, {"file", "master_key"});
    rows->row(std::vector<Cell>{Cell::of(given.key_file), Cell::number(version)});
    rows->finish();
  });
  return exit_ok;
}

int run_set(Session& session, const SecretArguments& given) {
  const Secret value = read_secret_input(session, "value of " + given.name.name);
  open_access(session, given).set_secret(given.name, value.text());
  write_done(session, given.name, "set");
  return exit_ok;
}

int run_get(Session& session, const SecretArguments& given) {
  const auto value = open_existing(session, given).find_secret(given.name);
  if (!value) throw no_such(given.name);
  if (session.format == Format::table) {
    session.out.write(value->text());
    if (session.out.is_terminal()) session.out.write("\n");
    return exit_ok;
  }
  if (!is_valid_utf8(value->text())) {
    throw Error(ErrorCode::invalid_input, fmt::format("the secret {} is no text", given.name.name),
                "get it without --format, as the bytes that it is");
  }
  const auto rows = make_row_writer(session.format, session.out, {"ledger", "name", "value"});
  rows->row(
      std::vector<Cell>{Cell::of(given.name.ledger), Cell::of(given.name.name), Cell::of(value->text())});
  rows->finish();
  return exit_ok;
}

int run_list(Session& session, const SecretArguments& given) {
  const auto rows =
      make_row_writer(session.format, session.out, {"ledger", "name", "key_version", "created", "changed"});
  const auto ledger =
      given.name.ledger.empty() ? std::nullopt : std::optional<std::string_view>(given.name.ledger);
  for (const SecretEntry& entry : open_existing(session, given).list_secrets(ledger)) {
    rows->row(std::vector<Cell>{Cell::of(entry.name.ledger), Cell::of(entry.name.name),
                                Cell::number(entry.key_version), Cell::of(format_time(entry.created)),
                                Cell::of(format_time(entry.changed))});
  }
  rows->finish();
  return exit_ok;
}

/// What is as it was, on lines beside the report.
void write_left(Session& session, const RotationReport& report) {
  for (const LeftKey& key : report.left_keys) {
    session.err.write(fmt::format("reeve: data key {} stays under master key {}: {}\n", key.version,
                                  key.master_version, key.reason));
  }
  for (const LeftSecret& secret : report.left_secrets) {
    const std::string ledger =
        secret.name.ledger.empty() ? "the installation" : "the ledger " + secret.name.ledger;
    session.err.write(fmt::format("reeve: the secret {} of {} stays under data key {}: {}\n",
                                  secret.name.name, ledger, secret.key_version, secret.reason));
  }
  const std::int64_t unnamed = report.left - static_cast<std::int64_t>(report.left_secrets.size());
  if (unnamed > 0) session.err.write(fmt::format("reeve: and {} secrets more\n", unnamed));
  if (!report.left_keys.empty()) {
    session.err.write("  keep the master keys that they are under\n");
  }
  if (report.left > 0) {
    session.err.write("  set them again, or give the keys that are missing, and rotate once more\n");
  }
}

int run_rotate(Session& session, const SecretArguments& given) {
  Access access = open_existing(session, given);
  RotationOptions options = given.rotation;
  options.secrets = !options.master && !options.rows;
  const RotationReport report = with_progress(session, "sealing", [&](const state::Progress& progress) {
    options.progress = [&](std::int64_t done, std::int64_t total) {
      progress.report(done, total);
      return !session.stop.load();
    };
    return access.rotate(options);
  });
  const auto rows = make_row_writer(session.format, session.out,
                                    {"key_version", "resealed", "keys_erased", "rewrapped", "row_key_version",
                                     "left", "left_keys", "resumed", "stopped"});
  const auto version = [](std::uint32_t number) { return number == 0 ? Cell::null() : Cell::number(number); };
  rows->row(std::vector<Cell>{version(report.key_version), Cell::number(report.resealed),
                              Cell::number(report.keys_erased), Cell::number(report.rewrapped),
                              version(report.row_key_version), Cell::number(report.left),
                              Cell::number(static_cast<std::int64_t>(report.left_keys.size())),
                              Cell::boolean(report.resumed), Cell::boolean(report.stopped)});
  rows->finish();
  write_left(session, report);
  if (report.stopped) return exit_interrupted;
  return report.left > 0 || !report.left_keys.empty() ? exit_different : exit_ok;
}

int run_erase(Session& session, const SecretArguments& given) {
  if (!open_existing(session, given).erase_secret(given.name)) throw no_such(given.name);
  write_done(session, given.name, "erased");
  return exit_ok;
}

using Work = int (*)(Session&, const SecretArguments&);

CLI::App* add_part(CLI::App& parent, Session& session, const std::string& name,
                   const std::string& description, const std::shared_ptr<SecretArguments>& given, Work work) {
  CLI::App* verb = add_verb(parent, session, name, description);
  verb->footer(std::string());
  verb->callback(
      [&session, given, work] { session.work = [&session, given, work] { return work(session, *given); }; });
  return verb;
}

}  // namespace

void add_secret_verbs(CLI::App& app, Session& session) {
  const auto given = std::make_shared<SecretArguments>();
  CLI::App* secret =
      add_verb(app, session, "secret", "Keeps keys of services sealed, and changes what seals them.");
  secret->require_subcommand(1);
  add_part(*secret, session, "keygen", "Adds a new master key to a file, which is made if it is not there.",
           given, run_keygen)
      ->add_option("KEY_FILE", given->key_file, "the file of master keys")
      ->required();
  CLI::App* set = add_part(*secret, session, "set", "Seals what standard input gives.", given, run_set);
  CLI::App* get = add_part(*secret, session, "get", "Writes a secret out.", given, run_get);
  CLI::App* list =
      add_part(*secret, session, "list", "Names of secrets, without what they are.", given, run_list);
  CLI::App* rotate = add_part(*secret, session, "rotate",
                              "Makes a new data key, and seals everything with it.", given, run_rotate);
  CLI::App* erase = add_part(*secret, session, "erase", "Removes a secret.", given, run_erase);
  for (CLI::App* verb : {set, get, list, rotate, erase}) {
    verb->add_option("ACCESS", given->database, "the access database: a file, or a URL of PostgreSQL")
        ->required();
  }
  for (CLI::App* verb : {set, get, erase}) {
    verb->add_option("NAME", given->name.name, "the secret")->required();
  }
  for (CLI::App* verb : {set, get, list, erase}) {
    verb->add_option("--ledger", given->name.ledger, "of this ledger; otherwise the installation's")
        ->type_name("NAME");
  }
  for (CLI::App* verb : {set, get, rotate}) {
    verb->add_option("--keys", given->keys, "the file of master keys; without it REEVE_MASTER_KEYS")
        ->type_name("KEY_FILE");
  }
  rotate->add_flag("--master", given->rotation.master,
                   "wraps the data keys with the newest master key instead");
  rotate->add_flag("--rows", given->rotation.rows, "makes a new data key for rows of applications instead");
  rotate->add_option("--batch", given->rotation.batch, "secrets in one transaction (100)")
      ->type_name("N")
      ->check(CLI::Range(1, 10000));
}

}  // namespace reeve::cli
