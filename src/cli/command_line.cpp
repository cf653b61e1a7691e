#include "cli/command_line.h"

#include "cli/help_files.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace reeve::cli {

namespace {

constexpr const char* version = "reeve " REEVE_VERSION;  // of CMake's project()

/// CLI11's sentences, with the remedy that says where to read on.
Error usage_error(const CLI::ParseError& error, const CLI::App& app) {
  std::string words;
  const CLI::App* verb = &app;
  const auto was_given = [](const CLI::App* part) { return part->parsed(); };
  for (auto verbs = app.get_subcommands(was_given); !verbs.empty();
       verbs = verb->get_subcommands(was_given)) {
    verb = verbs.front();
    words += " " + verb->get_name();
  }
  std::string parts;
  for (const CLI::App* part : verb->get_subcommands([](const CLI::App*) { return true; })) {
    parts += (parts.empty() ? "" : ", ") + part->get_name();
  }
  const bool is_about_verbs = error.get_name() == "RequiredError" || error.get_name() == "ExtrasError";
  const bool lacks_verb = is_about_verbs && verb != &app && !parts.empty();
  return Error(ErrorCode::invalid_input,
               lacks_verb ? fmt::format("`reeve{}` is followed by one of {}", words, parts) : error.what(),
               fmt::format("see `reeve help{}`", words));
}

/// Before the arguments are understood: an error about them has to be written in some format too.
bool asks_for_json(int count, const char* const* arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--format=json") return true;
    if (argument == "--format" && i + 1 < count && std::string_view(arguments[i + 1]) == "json") return true;
  }
  return false;
}

int work(Session& session) {
  const int code = session.work ? session.work() : exit_ok;
  session.out.flush();
  session.err.flush();
  return code;
}

int parse_and_work(int count, const char* const* arguments, Session& session) {
  CLI::App app("Reeve keeps an application's data: every change is an event, every state can be proven.",
               "reeve");
  app.require_subcommand(0, 1);
  app.set_version_flag("--version", version);
  app.footer(
      "`reeve help VERB` shows examples of a verb, `reeve help exit-codes` what a script can rely on.");
  add_blueprint_verbs(app, session);
  add_sql_verb(app, session);
  add_ledger_verbs(app, session);
  add_directory_verbs(app, session);
  add_reference_verbs(app, session);
  add_adopt_verb(app, session);
  add_write_verbs(app, session);
  add_query_verb(app, session);
  add_search_verbs(app, session);
  add_work_verbs(app, session);
  add_session_verbs(app, session);
  add_secret_verbs(app, session);
  add_token_verbs(app, session);
  add_limit_verbs(app, session);
  add_name_verbs(app, session);
  add_tree_verb(app, session);
  add_journal_verbs(app, session);
  add_history_verbs(app, session);
  add_proof_verbs(app, session);
  add_signing_verbs(app, session);
  add_transfer_verbs(app, session);
  add_help_verb(app, session);
  try {
    app.parse(count, arguments);
  } catch (const CLI::CallForHelp&) {
    session.out.write(app.help());
    session.out.flush();
    return exit_ok;
  } catch (const CLI::CallForVersion&) {
    session.out.write(std::string(version) + "\n");
    session.out.flush();
    return exit_ok;
  } catch (const CLI::ParseError& error) {
    throw usage_error(error, app);
  }
  if (app.get_subcommands().empty()) {
    session.out.write(help_text("story"));
  }
  return work(session);
}

int report_and_code(Session& session, const Error& error) {
  if (session.stop.load() && error.code() == ErrorCode::retryable) {
    report_error(session, Error(ErrorCode::retryable, "stopped; nothing was left half done"));
    return exit_interrupted;
  }
  report_error(session, error);
  return exit_code_of(error.code());
}

}  // namespace

CLI::App* add_verb(CLI::App& parent, Session& session, std::string_view name,
                   const std::string& description) {
  CLI::App* verb = parent.add_subcommand(std::string(name), description);
  verb->add_option_function<std::string>(
          "--format",
          [&session](const std::string& format) {
            session.format = format == "json" ? Format::json : format == "csv" ? Format::csv : Format::table;
          },
          "table (default), json (one object per line) or csv")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json", "csv"}));
  verb->footer(std::string(help_text(name)));
  return verb;
}

std::string_view help_text(std::string_view topic) {
  const std::string file = std::string(topic) + ".txt";
  for (const auto& [path, content] : embedded::help_files) {
    if (path == file) return content;
  }
  return {};
}

void report_error(Session& session, const Error& error) {
  const std::string place = error.place().to_string();
  if (session.format == Format::json) {
    const std::vector<std::string> names{"code", "message", "place", "remedy"};
    const std::vector<Cell> cells{Cell::of(name_of(error.code())), Cell::of(error.message()),
                                  Cell::optional(place), Cell::optional(error.remedy())};
    session.err.write(json_object(names, cells) + "\n");
  } else {
    session.err.write("reeve: " + (place.empty() ? "" : place + ": ") + error.message() + "\n");
    if (!error.remedy().empty()) session.err.write("  " + error.remedy() + "\n");
  }
  session.err.flush();
}

int run(int count, const char* const* arguments, Session& session) {
  if (asks_for_json(count, arguments)) session.format = Format::json;
  try {
    try {
      return parse_and_work(count, arguments, session);
    } catch (const Error& error) {
      session.out.flush();  // What was written before is true and comes first.
      return report_and_code(session, error);
    } catch (const PipeClosed&) {
      return exit_pipe_closed;
    } catch (const std::exception& error) {
      session.out.flush();
      return report_and_code(session,
                             Error(ErrorCode::internal, error.what(),
                                   "this is a defect of Reeve: please report it with the command you typed"));
    }
  } catch (const std::exception&) {
    return exit_pipe_closed;  // Not even the error can be written: nobody reads any more.
  }
}

}  // namespace reeve::cli
