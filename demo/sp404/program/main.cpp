// reeve_samples: a folder of sound into a sample library.

#include "sp404/import.h"
#include "sp404/listener.h"
#include "sp404/program/show.h"
#include "sp404/program/tour.h"
#include "sp404/public_kits.h"

#include "process.h"
#include "terminal.h"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <unistd.h>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace demo {

namespace {

constexpr int exit_rejected = 15;
constexpr int exit_interrupted = 130;

// A signal handler can reach nothing but a global.
std::atomic<bool> stop_requested = false;

void request_stop(int) { stop_requested = true; }

/// The first signal asks the work to stop, the second one ends the process at once.
void handle_signals() {
  struct sigaction action {};
  action.sa_handler = request_stop;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

struct ImportArguments {
  std::string ledger;
  std::string folder;
  std::string format = "text";
  sp404::ImportOptions options;
};

int exit_code_of(sp404::Ending ending) {
  switch (ending) {
    case sp404::Ending::complete: return 0;
    case sp404::Ending::refused: return exit_rejected;
    case sp404::Ending::interrupted: return exit_interrupted;
  }
  return 1;
}

int import(const ImportArguments& given) {
  const bool as_text = given.format == "text";
  reeve::Ledger ledger = reeve::Ledger::open(given.ledger);
  sp404::ImportOptions options = given.options;
  options.stop = &stop_requested;
  std::unique_ptr<Progress> progress;
  if (as_text) {
    options.progress = [&progress](std::int64_t done, std::int64_t total, std::string_view path) {
      if (!progress) progress = std::make_unique<Progress>("Import", total);
      progress->show(done, fmt::format("{} of {}  {}", done, total, shorten(path, 40)));
    };
  }
  const sp404::ImportReport report = sp404::import_folder(ledger, given.folder, options);
  if (progress) progress->end(fmt::format("{} files", report.sounds));
  fmt::print("{}", as_text ? text_of(report) : json_of(report) + "\n");
  return exit_code_of(report.ending);
}

void add_import(CLI::App& app, std::function<int()>& work) {
  CLI::App* const verb = app.add_subcommand("import", "take the sound files of a folder into a library");
  const auto given = std::make_shared<ImportArguments>();
  verb->add_option("LEDGER", given->ledger, "the library: a file or a URL")->required();
  verb->add_option("FOLDER", given->folder, "what is in it, and in its folders")->required();
  verb->add_option("--user", given->options.user, "whose the samples are: e-mail address or id")->required();
  verb->add_option("--batch", given->options.batch, "the import's name; the folder's if left out");
  verb->add_option("--genre", given->options.genre, "of files that don't say one");
  verb->add_option("--licence", given->options.licence, "of files that don't say one");
  verb->add_option("--format", given->format)->check(CLI::IsMember({"text", "json"}));
  verb->callback([given, &work] { work = [given] { return import(*given); }; });
}

struct WorkArguments {
  std::string ledger;
  std::string folder;
  int parallel = 2;
  bool until_empty = false;
};

/// Passes a signal on while a worker runs.
class StopWatch {
 public:
  explicit StopWatch(reeve::Worker& worker)
      : thread_([this, &worker] {
          while (!done_ && !stop_requested) std::this_thread::sleep_for(std::chrono::milliseconds(20));
          if (stop_requested) worker.stop();
        }) {}
  ~StopWatch() {
    done_ = true;
    thread_.join();
  }
  StopWatch(const StopWatch&) = delete;
  StopWatch& operator=(const StopWatch&) = delete;

 private:
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

int work_on(const WorkArguments& given) {
  reeve::Ledger ledger = reeve::Ledger::open(given.ledger);
  reeve::Worker worker(given.ledger, {.parallel = given.parallel});
  sp404::listen(worker, ledger, given.folder);
  reeve::WorkReport report;
  {
    const StopWatch watch(worker);
    report = given.until_empty ? worker.run_until_empty() : worker.run();
  }
  fmt::print("Listened: {} jobs done, {} attempts failed, {} jobs given up\n", report.completed,
             report.failed, report.dead);
  fmt::print("{}", dead_letters(given.ledger));
  return stop_requested ? exit_interrupted : 0;
}

void add_work(CLI::App& app, std::function<int()>& work) {
  CLI::App* const verb = app.add_subcommand("work", "listen to what was imported: tempo, and how it sounds");
  const auto given = std::make_shared<WorkArguments>();
  verb->add_option("LEDGER", given->ledger, "the library: a file or a URL")->required();
  verb->add_option("FOLDER", given->folder, "the folder that was imported")->required();
  verb->add_option("--parallel", given->parallel, "files at once")->check(CLI::Range(1, 64));
  verb->add_flag("--until-empty", given->until_empty, "end when nothing is left to listen to");
  verb->callback([given, &work] { work = [given] { return work_on(*given); }; });
}

struct PublishArguments {
  std::string out;
  std::vector<std::string> libraries;
};

int write_public_kits(const PublishArguments& given) {
  std::vector<reeve::Ledger> opened;
  for (const std::string& url : given.libraries) opened.push_back(reeve::Ledger::open(url));
  std::vector<reeve::Ledger*> libraries;
  for (reeve::Ledger& ledger : opened) libraries.push_back(&ledger);
  fmt::print("{} public kits are in {}: `reeve reference publish URL {}` makes them a version\n",
             sp404::write_public_kits(libraries, given.out), given.out, given.out);
  return 0;
}

void add_publish(CLI::App& app, std::function<int()>& work) {
  CLI::App* const verb = app.add_subcommand("publish", "write the public kits of libraries, for all to see");
  const auto given = std::make_shared<PublishArguments>();
  verb->add_option("FOLDER", given->out, "where the rows are written")->required();
  verb->add_option("LEDGER", given->libraries, "the libraries: files or URLs")->required();
  verb->callback([given, &work] { work = [given] { return write_public_kits(*given); }; });
}

void add_demo(CLI::App& app, std::function<int()>& work) {
  CLI::App* const verb = app.add_subcommand("demo", "show a library of real sound, from its import on");
  // build/reeve_samples lies beside build/reeve and one below the sources.
  const std::filesystem::path build = std::filesystem::path(own_path()).parent_path();
  const auto given = std::make_shared<TourOptions>();
  given->sounds = "/usr/share/sonic-pi/samples";
  given->ledger = build / "demo" / "samples.db";
  given->blueprint = build.parent_path() / "blueprints" / "sp404mk2";
  given->command = build / "reeve";
  verb->add_option("--sounds", given->sounds, "the folder to import; Debian's sonic-pi-samples if left out");
  verb->add_option("--ledger", given->ledger, "the file to begin anew");
  verb->callback([given, &work] { work = [given] { return show_tour(*given); }; });
}

int read_and_do(int count, char** words) {
  CLI::App app("Folders of sound in a library of blueprints/sp404mk2.", "reeve_samples");
  app.require_subcommand(1);
  std::function<int()> work;
  add_import(app, work);
  add_work(app, work);
  add_publish(app, work);
  add_demo(app, work);
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : reeve::exit_code_of(reeve::ErrorCode::invalid_input);
  }
  return work();
}

}  // namespace

}  // namespace demo

int main(int count, char** words) {
  demo::handle_signals();
  try {
    return demo::read_and_do(count, words);
  } catch (const reeve::Error& error) {
    fmt::print(stderr, "reeve_samples: {}\n", error.what());
    return reeve::exit_code_of(error.code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "reeve_samples: {}\n", error.what());
    return 1;
  }
}
