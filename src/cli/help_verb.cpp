// The verb that teaches: help.

#include "cli/session.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

namespace reeve::cli {

namespace {

/// The verb of that name below another one; null for none.
const CLI::App* verb_in(const CLI::App& parent, const std::string& name) {
  const auto found =
      parent.get_subcommands([&name](const CLI::App* verb) { return verb->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

int show_help(Session& session, const CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty()) {
    session.out.write(help_text("story"));
    // app.help() would be that of the verb `help` itself.
    session.out.write("\n" +
                      app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal));
    return exit_ok;
  }
  const std::string_view text = help_text(words.front());
  if (words.size() == 1 && verb_in(app, words.front()) == nullptr && !text.empty()) {
    session.out.write(text);
    return exit_ok;
  }
  const CLI::App* verb = &app;
  std::string path;  // what is typed before the verb
  for (const std::string& word : words) {
    path += (path.empty() ? "" : " ") + verb->get_name();
    const CLI::App* found = verb_in(*verb, word);
    if (found == nullptr) {
      throw Error(ErrorCode::not_found, fmt::format("there is no help on `{}`", fmt::join(words, " ")),
                  verb == &app ? "`reeve help` lists the verbs; further topics are exit-codes and formats"
                               : fmt::format("`{} --help` lists its verbs", path));
    }
    verb = found;
  }
  session.out.write(verb->help(path));
  return exit_ok;
}

}  // namespace

void add_help_verb(CLI::App& app, Session& session) {
  const auto topic = std::make_shared<std::vector<std::string>>();
  CLI::App* verb = add_verb(app, session, "help", "Explains a verb or a topic: exit-codes, formats.");
  verb->add_option("TOPIC", *topic, "a verb, as `migrate` or `migrate up`, exit-codes or formats");
  verb->callback([&session, &app, topic] {
    session.work = [&session, &app, topic] { return show_help(session, app, *topic); };
  });
}

}  // namespace reeve::cli
