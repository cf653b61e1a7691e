// The verb that teaches: help.

#include "cli/session.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace reeve::cli {

namespace {

int show_help(Session& session, const CLI::App& app, const std::string& topic) {
  if (topic.empty()) {
    session.out.write(help_text("story"));
    // app.help() would be that of the verb `help` itself.
    session.out.write("\n" +
                      app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal));
    return exit_ok;
  }
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (verb->get_name() != topic) continue;
    session.out.write(verb->help("reeve"));
    return exit_ok;
  }
  const std::string_view text = help_text(topic);
  if (text.empty()) {
    throw Error(ErrorCode::not_found, "there is no help on `" + topic + "`",
                "`reeve help` lists the verbs; further topics are exit-codes and formats");
  }
  session.out.write(text);
  return exit_ok;
}

}  // namespace

void add_help_verb(CLI::App& app, Session& session) {
  const auto topic = std::make_shared<std::string>();
  CLI::App* verb = add_verb(app, session, "help", "Explains a verb or a topic: exit-codes, formats.");
  verb->add_option("TOPIC", *topic, "a verb, exit-codes or formats");
  verb->callback([&session, &app, topic] {
    session.work = [&session, &app, topic] { return show_help(session, app, *topic); };
  });
}

}  // namespace reeve::cli
