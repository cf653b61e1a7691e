// The verbs that carry a journal elsewhere: export, import.

#include "cli/journal_view.h"
#include "cli/line_reader.h"
#include "cli/progress_line.h"
#include "cli/session.h"
#include "engine/file_copy.h"
#include "state/promote.h"
#include "state/transfer.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace reeve::cli {

namespace {

namespace fs = std::filesystem;

/// A line of an export may hold a blueprint's sources (at most 16 MiB, more when escaped).
constexpr std::size_t import_line_bytes_max = 128 * 1024 * 1024;

/// Owns a descriptor.
class File {
 public:
  File(const std::string& path, int flags) : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
    if (descriptor_ >= 0) return;
    const bool missing = errno == ENOENT;
    throw Error(missing ? ErrorCode::not_found : ErrorCode::unavailable,
                path + (missing ? " is not there" : " can't be opened"),
                "check the path and its permissions");
  }
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

struct ExportArguments {
  std::string file;
  std::string out = "-";
  bool seed = false;
};

std::int64_t export_to(Session& session, const ExportArguments& given, Output& out) {
  ProgressLine line(session.err, session.clock, "exporting");
  state::ExportOptions options;
  options.progress = {[&line](std::int64_t done, std::int64_t total) { line.report(done, total); },
                      &session.stop};
  options.seed = given.seed;
  const std::int64_t events = state::export_journal(
      state::Location::of(given.file),
      [&out](std::string_view text) {
        out.write(text);
        out.write("\n");
      },
      options);
  out.flush();
  line.finish();
  return events;
}

/// Under another name until it is whole and on disk: a half export is never taken for one. One process alone makes it.
std::int64_t export_to_file(Session& session, const ExportArguments& given) {
  const std::string partial = given.out + ".partial";
  const engine::FileLock lock(partial + ".lock");
  if (fs::exists(given.out)) {
    throw Error(ErrorCode::conflict, given.out + " is there already",
                "name a new file, or remove the old one first");
  }
  std::int64_t events = 0;
  try {
    const File file(partial, O_WRONLY | O_CREAT | O_TRUNC);
    FileOutput out(file.descriptor());
    events = export_to(session, given, out);
    engine::publish_file(partial, given.out);
  } catch (const std::exception&) {
    std::error_code ignored;
    fs::remove(partial, ignored);
    throw;
  }
  return events;
}

int export_ledger(Session& session, const ExportArguments& given) {
  if (given.out == "-") {
    export_to(session, given, session.out);
    return exit_ok;
  }
  const std::int64_t events = export_to_file(session, given);
  if (session.format == Format::table) {
    session.out.write(fmt::format("{} holds {} events\n", given.out, events));
  } else {
    const auto rows = make_row_writer(session.format, session.out, {"file", "events"});
    rows->row({{Cell::of(given.out), Cell::number(events)}});
    rows->finish();
  }
  return exit_ok;
}

struct ImportArguments {
  std::string file;
  std::string in = "-";
  int page_bytes = 4096;
  int group = 256;
};

int import_ledger(Session& session, const ImportArguments& given) {
  const bool from_input = given.in == "-";
  const auto source = from_input ? nullptr : std::make_unique<File>(given.in, O_RDONLY);
  LineReader lines(from_input ? session.input : source->descriptor(),
                   from_input ? "standard input" : given.in, import_line_bytes_max, session.stop);
  ProgressLine line(session.err, session.clock, "importing");
  state::ImportOptions options;
  options.progress = {[&line](std::int64_t done, std::int64_t total) { line.report(done, total); },
                      &session.stop};
  options.page_bytes = given.page_bytes;
  options.group_events_max = given.group;
  const auto next = [&lines](std::string& text) {
    const LineReader::Result result = lines.next(text);
    if (result == LineReader::Result::too_long) {
      throw Error(ErrorCode::limit_exceeded, "the line is too long for an export",
                  "give a file made by `reeve export`",
                  Place{lines.name(), static_cast<int>(lines.number()), 0});
    }
    if (result == LineReader::Result::stopped) throw Error(ErrorCode::retryable, "stopped");
    return result == LineReader::Result::line;
  };
  const state::Import done = state::import_journal(next, state::Location::of(given.file), options);
  line.finish();
  if (session.format == Format::table) {
    session.out.write(fmt::format("{} events, state hash {}, equal\n", done.events, to_hex(done.state_hash)));
    return exit_ok;
  }
  const auto rows = make_row_writer(session.format, session.out, {"events", "chain_hash", "state_hash"});
  rows->row(
      {{Cell::number(done.events), Cell::of(to_hex(done.chain_hash)), Cell::of(to_hex(done.state_hash))}});
  rows->finish();
  return exit_ok;
}

struct PromoteArguments {
  std::string source;
  std::string target;
  bool copy = false;
  int batch = 8192;
};

int promote_ledger(Session& session, const PromoteArguments& given) {
  ProgressLine line(session.err, session.clock, "promoting");
  state::PromoteOptions options;
  options.progress = {[&line](std::int64_t done, std::int64_t total) { line.report(done, total); },
                      &session.stop};
  options.fence = !given.copy;
  options.batch_events = given.batch;
  const state::Promotion done =
      state::promote(state::Location::of(given.source), state::Location::of(given.target), options);
  line.finish();
  if (session.format == Format::table) {
    if (done.resumed_at > 0) {
      session.out.write(fmt::format("gone on behind event {}\n", done.resumed_at));
    }
    for (const std::string& difference : done.differences) {
      session.out.write(difference + "\n");
    }
    session.out.write(fmt::format("{} events\nsource {}\ntarget {}\n{}\n", done.events,
                                  to_hex(done.source_state_hash), to_hex(done.target_state_hash),
                                  done.equal() ? "equal" : "different"));
  } else {
    const auto rows = make_row_writer(
        session.format, session.out,
        {"events", "resumed_at", "chain_hash", "source_state_hash", "target_state_hash", "equal"});
    rows->row({{Cell::number(done.events), Cell::number(done.resumed_at), Cell::of(to_hex(done.chain_hash)),
                Cell::of(to_hex(done.source_state_hash)), Cell::of(to_hex(done.target_state_hash)),
                Cell::boolean(done.equal())}});
    rows->finish();
  }
  return done.equal() ? exit_ok : exit_different;
}

bool is_page_size(int bytes) { return bytes >= 512 && bytes <= 65536 && (bytes & (bytes - 1)) == 0; }

}  // namespace

void add_transfer_verbs(CLI::App& app, Session& session) {
  const auto out = std::make_shared<ExportArguments>();
  CLI::App* make =
      add_verb(app, session, "export", "Writes the journal as text (NDJSON) that can be replayed elsewhere.");
  make->add_option("FILE", out->file, "the ledger")->required();
  make->add_option("-o,--out", out->out, "where to; standard output if left out")->type_name("OUT");
  make->add_flag("--seed", out->seed, "with the seed: whoever has it can foresee the dice");
  make->callback(
      [&session, out] { session.work = [&session, out] { return export_ledger(session, *out); }; });

  const auto in = std::make_shared<ImportArguments>();
  CLI::App* take =
      add_verb(app, session, "import", "Makes a new ledger of an export by executing every event again.");
  take->add_option("FILE", in->file, "the ledger to make")->required();
  take->add_option("IN", in->in, "the export; - or nothing is standard input");
  take->add_option("--page-bytes", in->page_bytes, "page size of the new file (4096)")
      ->type_name("N")
      ->check([](const std::string& text) {
        int bytes = 0;
        return CLI::detail::lexical_cast(text, bytes) && is_page_size(bytes)
                   ? std::string()
                   : std::string("a page has a power of two of bytes from 512 to 65536");
      });
  take->add_option("--group", in->group, "events under one seal (256)")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000));
  take->callback([&session, in] { session.work = [&session, in] { return import_ledger(session, *in); }; });

  const auto move = std::make_shared<PromoteArguments>();
  CLI::App* promote =
      add_verb(app, session, "promote", "Moves a ledger to another database, or engine, with proof.");
  promote->add_option("SOURCE", move->source, "the ledger: a file, or postgresql://...?ledger=NAME")
      ->required();
  promote->add_option("TARGET", move->target, "where to: a new file, or postgresql://...?ledger=NAME")
      ->required();
  promote->add_flag("--copy", move->copy, "the source may still be written: two ledgers with one past");
  promote->add_option("--batch", move->batch, "events of one transaction on the target (8192)")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000));
  promote->callback(
      [&session, move] { session.work = [&session, move] { return promote_ledger(session, *move); }; });
}

}  // namespace reeve::cli
