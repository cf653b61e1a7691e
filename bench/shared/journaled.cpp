#include "shared/journaled.h"

#include "base/clock.h"
#include "state/create.h"

#include <algorithm>

namespace bench {

namespace {

constexpr std::size_t group_events = 64;

std::unique_ptr<reeve::engine::Connection> open_connection(const std::filesystem::path& file, bool durable) {
  // As Ledger opens its own.
  return reeve::engine::Connection::open(file, reeve::engine::OpenMode::read_write,
                                         {.durable = durable, .gather_writes = true});
}

}  // namespace

reeve::LedgerOptions ledger_options() {
  reeve::LedgerOptions options;
  options.clock = &reeve::system_clock();
  options.random = &reeve::system_random();
  return options;
}

void create_ledger(const std::filesystem::path& file) {
  reeve::state::create_ledger(file, reeve::blueprint::Sources::read(blueprint_folder()), ledger_options());
}

void copy_ledger(const std::filesystem::path& from, const std::filesystem::path& to) {
  reeve::ensure(!std::filesystem::exists(from.string() + "-wal"),
                "a ledger is copied while nobody has it open");
  std::filesystem::copy_file(from, to);
}

Journaled::Journaled(const std::filesystem::path& file, bool durable)
    : Journaled(open_connection(file, durable)) {}

Journaled::Journaled(std::unique_ptr<reeve::engine::Connection> connection)
    : writer_(std::move(connection), ledger_options()), epoch_(writer_.epoch()) {}

void Journaled::commit(std::span<const MixEvent> group) {
  while (submissions_.size() < group.size()) {
    submissions_.push_back(std::make_unique<reeve::state::Submission>());
  }
  batch_.clear();
  for (std::size_t i = 0; i < group.size(); ++i) {
    reeve::state::Submission& submission = *submissions_[i];
    submission.is_command = false;
    submission.name = group[i].type;
    submission.actor = group[i].actor;
    submission.key.clear();
    submission.expected.reset();
    submission.id.clear();
    submission.id_given = false;
    submission.time.clear();
    reeve::state::prepare_submission(submission, epoch_, group[i].payload, 0);
    batch_.push_back(&submission);
  }
  const double start = thread_cpu_seconds();
  writer_.process(batch_);
  writing_seconds_ += thread_cpu_seconds() - start;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const reeve::state::Submission& submission = *batch_[i];
    if (submission.fault) {
      std::rethrow_exception(submission.fault);
    }
    if (!submission.outcome->accepted()) {
      throw reeve::Error(reeve::ErrorCode::internal,
                         "an event of the mix is refused: " + submission.outcome->rejection().reason);
    }
  }
}

void fill(Journaled& ledger, Mix& mix, std::int64_t count) {
  while (count > 0) {
    const std::int64_t size = std::min<std::int64_t>(count, group_events);
    ledger.commit(mix.take(static_cast<std::size_t>(size)));
    count -= size;
  }
}

}  // namespace bench
