#include <reeve/ledger.h>

#include "base/clock.h"
#include "state/commit_counter.h"
#include "state/create.h"
#include "state/embed.h"
#include "state/query.h"
#include "state/shared_by_ledgers.h"
#include "state/writer.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace reeve {

using state::Submission;

namespace {

/// More than these wait: an asynchronous submitter waits with them.
constexpr std::size_t queue_max = 4096;
constexpr std::size_t batch_max = 1024;

state::SharedByLedgers shared_with_nobody(const LedgerOptions& options) {
  if (options.connections_max < 2) {
    throw Error(ErrorCode::invalid_input, "a ledger needs 2 connections, one to write and one to read");
  }
  return {std::make_shared<state::ConnectionBudget>(options.connections_max, options.busy_ms_max), nullptr};
}

LedgerOptions completed(LedgerOptions options, const state::Location& location) {
  if (options.key_store.empty() && location.is_file()) {
    options.key_store = location.file().string() + ".keys";
  }
  options.clock = options.clock != nullptr ? options.clock : &system_clock();
  options.random = options.random != nullptr ? options.random : &system_random();
  return options;
}

}  // namespace

const Receipt& Outcome::receipt() const {
  ensure(accepted(), "a rejection has no receipt");
  return std::get<Receipt>(value_);
}

const Rejection& Outcome::rejection() const {
  ensure(!accepted(), "a receipt has no rejection");
  return std::get<Rejection>(value_);
}

/// Group commit without a thread of its own: whoever submits while nobody leads becomes the leader and
/// commits all that has queued meanwhile. Asynchronous submissions start a thread that leads for them.
struct Ledger::Impl {
  Impl(const state::Location& location, const LedgerOptions& given, const state::SharedByLedgers& shared)
      : options(completed(given, location)),
        sealer(options.key_store, *options.clock, *options.random),
        budget(shared.budget),
        place(budget->take()),
        writer(location.open(engine::OpenMode::read_write,
                             {.busy_ms_max = options.busy_ms_max, .gather_writes = true}),
               options, shared.epochs.get()),
        commits(state::commit_counter(writer.connection())),
        readers(location, options, writer.epoch(), budget, shared.epochs) {}

  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      closing = true;
    }
    changed.notify_all();
    if (thread.joinable()) {
      thread.join();
    }
  }

  struct Entry {
    std::unique_ptr<Submission> submission;
    bool done = false;
    std::condition_variable verdict;  ///< of a synchronous one
    bool waits = false;               ///< somebody waits for it
  };

  std::unique_ptr<Entry> new_entry() {
    const std::lock_guard lock(mutex);
    if (spare.empty()) {
      auto entry = std::make_unique<Entry>();
      entry->submission = std::make_unique<Submission>();
      entry->submission->reader = json::Reader({.bytes_max = options.payload_bytes_max});
      return entry;
    }
    auto entry = std::move(spare.back());
    spare.pop_back();
    return entry;
  }

  void give_back(std::unique_ptr<Entry> entry) {
    entry->done = false;
    entry->waits = false;
    const std::lock_guard lock(mutex);
    if (spare.size() < batch_max) {
      spare.push_back(std::move(entry));
    }
  }

  std::shared_ptr<const state::EpochState> epoch() {
    const std::lock_guard lock(epoch_mutex);
    return current ? current : (current = writer.epoch());
  }

  void fill(Submission& submission, bool is_command, std::string_view name, std::string_view payload,
            const CommitOptions& given, const std::optional<state::Reversal>& reversal = {},
            bool is_sql = false) {
    submission.is_command = is_command;
    submission.is_sql = is_sql;
    submission.plain.clear();
    submission.reversal.reset();
    submission.name = name;
    submission.actor = given.actor;
    submission.key = given.key;
    submission.request_hash.clear();
    submission.expected = given.expected ? std::optional(given.expected->value) : std::nullopt;
    submission.id = given.id;
    submission.id_given = !given.id.empty();
    submission.time = given.time;
    submission.outcome.reset();
    submission.fault = nullptr;
    submission.callback = nullptr;
    submission.sealer = &sealer;
    if (is_sql) {
      state::set_sql(submission, name, payload);
    }
    const auto known = epoch();
    const auto prepare = [&](const std::shared_ptr<const state::EpochState>& in) {
      if (reversal) {
        submission.reversal = reversal;
        state::prepare_reversal(submission, in);
      } else if (is_sql) {
        state::prepare_sql(submission, in);
      } else {
        state::prepare_submission(submission, in, payload, given.version);
      }
    };
    try {
      prepare(known);
    } catch (const Error&) {
      // What is wrong here may be right in an epoch that another process opened.
      const auto last = readers.last_epoch();
      if (last->epoch.epoch == known->epoch.epoch) {
        throw;
      }
      prepare(last);
      const std::lock_guard lock(epoch_mutex);
      current = last;
    }
  }

  /// Takes what has queued, commits it, tells those who wait. The caller leads.
  void lead(std::unique_lock<std::mutex>& lock) {
    std::vector<Entry*> batch;
    std::vector<Submission*> submissions;
    // Who takes events back has a transaction of his own, and on PostgreSQL a statement of no blueprint too.
    bool is_alone = false;
    while (!queue.empty() && batch.size() < batch_max && !is_alone) {
      const Submission& next = *queue.front()->submission;
      is_alone = next.reversal || (next.is_sql && writer.connection().engine() == engine::Engine::postgres);
      if (is_alone && !batch.empty()) {
        break;
      }
      batch.push_back(queue.front());
      submissions.push_back(queue.front()->submission.get());
      queue.pop_front();
    }
    lock.unlock();
    writer.process(submissions);
    commits->fetch_add(1);
    {
      const std::lock_guard epoch_lock(epoch_mutex);
      if (current != writer.epoch()) {
        current = writer.epoch();
        readers.set_epoch(current);
      }
    }
    for (Entry*& entry : batch) {
      if (entry->submission->callback) {
        finish_asynchronous(std::unique_ptr<Entry>(entry));
        entry = nullptr;  // another submission may have it already
      }
    }
    lock.lock();
    for (Entry* entry : batch) {
      if (entry != nullptr) {
        entry->done = true;
        entry->verdict.notify_one();
      }
    }
    leading = false;
    pass_on();
    changed.notify_all();
  }

  /// Wakes somebody who can lead what is left in the queue.
  void pass_on() {
    for (Entry* entry : queue) {
      if (entry->waits) {
        entry->verdict.notify_one();
        return;
      }
    }
  }

  void finish_asynchronous(std::unique_ptr<Entry> entry) {
    Submission& submission = *entry->submission;
    Callback callback = std::move(submission.callback);
    submission.callback = nullptr;
    callback(Verdict{std::move(submission.outcome), submission.fault});
    give_back(std::move(entry));
  }

  Outcome commit(bool is_command, std::string_view name, std::string_view payload, const CommitOptions& given,
                 const std::optional<state::Reversal>& reversal = {}, bool is_sql = false) {
    std::unique_ptr<Entry> entry = new_entry();
    fill(*entry->submission, is_command, name, payload, given, reversal, is_sql);
    if (!entry->submission->outcome) {
      std::unique_lock lock(mutex);
      entry->waits = true;
      queue.push_back(entry.get());
      while (!entry->done) {
        if (!leading) {
          leading = true;
          lead(lock);
        } else {
          entry->verdict.wait(lock);
        }
      }
    }
    const std::exception_ptr fault = entry->submission->fault;
    std::optional<Outcome> outcome = std::move(entry->submission->outcome);
    give_back(std::move(entry));
    if (fault) {
      std::rethrow_exception(fault);
    }
    return std::move(*outcome);
  }

  void submit(bool is_command, std::string_view name, std::string_view payload, const CommitOptions& given,
              Callback callback) {
    std::unique_ptr<Entry> entry = new_entry();
    try {
      fill(*entry->submission, is_command, name, payload, given);
    } catch (const Error&) {
      entry->submission->fault = std::current_exception();
    }
    if (entry->submission->outcome || entry->submission->fault) {
      entry->submission->callback = std::move(callback);
      return finish_asynchronous(std::move(entry));
    }
    entry->submission->callback = std::move(callback);
    std::unique_lock lock(mutex);
    if (!thread.joinable()) {
      thread = std::thread([this] { lead_for_others(); });
    }
    changed.wait(lock, [this] { return queue.size() < queue_max; });
    queue.push_back(entry.release());
    lock.unlock();
    changed.notify_all();
  }

  void lead_for_others() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return (!queue.empty() && !leading) || (closing && queue.empty()); });
      if (queue.empty()) {
        return;
      }
      leading = true;
      lead(lock);
    }
  }

  LedgerOptions options;
  state::Sealer sealer;
  std::shared_ptr<state::ConnectionBudget> budget;
  state::ConnectionBudget::Place place;  ///< of the writer's connection
  state::Writer writer;
  state::CommitCounter commits;
  state::ReaderPool readers;

  std::mutex mutex;  ///< of the queue
  std::condition_variable changed;
  std::deque<Entry*> queue;
  std::vector<std::unique_ptr<Entry>> spare;
  bool leading = false;
  bool closing = false;
  std::thread thread;

  std::mutex epoch_mutex;
  std::shared_ptr<const state::EpochState> current;
};

Rows::Rows(std::unique_ptr<state::Reader, state::GiveBack> reader) : reader_(std::move(reader)) {}
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;
Rows::~Rows() = default;

const std::vector<Rows::Column>& Rows::columns() const { return reader_->columns(); }
Sequence Rows::sequence() const { return {reader_->sequence}; }
bool Rows::next() { return reader_->next(); }
ValueView Rows::at(std::size_t column) const { return reader_->column(column); }

namespace {

[[noreturn]] void mismatch(const Rows& rows, std::size_t column, std::string_view wanted) {
  throw Error(ErrorCode::type_mismatch,
              fmt::format("the column {} ({}) does not hold {}", rows.columns()[column].name,
                          rows.columns()[column].type, wanted));
}

}  // namespace

void Rows::read(std::size_t column, std::int64_t& value) const {
  const ValueView view = at(column);
  if (view.kind() != ValueView::Kind::integer) {
    mismatch(*this, column, "an integer");
  }
  value = view.integer();
}

void Rows::read(std::size_t column, double& value) const {
  const ValueView view = at(column);
  if (view.kind() == ValueView::Kind::real) {
    value = view.real();
  } else if (view.kind() == ValueView::Kind::integer && columns()[column].type == "double precision") {
    value = static_cast<double>(view.integer());
  } else {
    mismatch(*this, column, "a double");
  }
}

void Rows::read(std::size_t column, bool& value) const {
  const ValueView view = at(column);
  if (view.kind() != ValueView::Kind::integer || columns()[column].type != "boolean") {
    mismatch(*this, column, "a boolean");
  }
  value = view.integer() != 0;
}

void Rows::read(std::size_t column, std::string& value) const {
  std::string_view text;
  read(column, text);
  value = text;
}

void Rows::read(std::size_t column, std::string_view& value) const {
  const ValueView view = at(column);
  if (view.kind() != ValueView::Kind::text) {
    mismatch(*this, column, "text");
  }
  value = view.text();
}

void Rows::read(std::size_t column, Bytes& value) const {
  const ValueView view = at(column);
  if (view.kind() != ValueView::Kind::bytes) {
    mismatch(*this, column, "bytes");
  }
  const auto* data = reinterpret_cast<const std::byte*>(view.text().data());
  value.assign(data, data + view.text().size());
}

void Rows::read(std::size_t column, Value& value) const { value = at(column).to_value(); }

Ledger::Ledger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;
Ledger::~Ledger() = default;

Ledger Ledger::create(std::string_view url, std::string_view blueprint_folder, const LedgerOptions& options) {
  const state::Location location = state::Location::of(url);
  if (!location.is_file()) {
    throw Error(ErrorCode::invalid_input, "on PostgreSQL who makes a ledger is not who opens it",
                "create_ledger() or `reeve init URL` as an administrator, then open it as an application");
  }
  state::create_ledger(location, blueprint::Sources::read(blueprint_folder), completed(options, location));
  return open(location, options, shared_with_nobody(options));
}

void create_ledger(std::string_view url, std::string_view blueprint_folder, const LedgerOptions& options) {
  const state::Location location = state::Location::of(url);
  state::create_ledger(location, blueprint::Sources::read(blueprint_folder), completed(options, location));
}

Ledger Ledger::open(std::string_view url, const LedgerOptions& options) {
  return open(state::Location::of(url), options, shared_with_nobody(options));
}

Ledger Ledger::open(const state::Location& location, const LedgerOptions& options,
                    const state::SharedByLedgers& shared) {
  return Ledger(std::make_unique<Impl>(location, options, shared));
}

Outcome Ledger::commit(std::string_view type, std::string_view payload, const CommitOptions& options) {
  return impl_->commit(false, type, payload, options);
}

Outcome Ledger::command(std::string_view name, std::string_view parameters, const CommitOptions& options) {
  return impl_->commit(true, name, parameters, options);
}

Outcome Ledger::execute(std::string_view sql, std::string_view parameters, const CommitOptions& options) {
  return impl_->commit(false, sql, parameters, options, {}, true);
}

Outcome Ledger::undo(Sequence event, const CommitOptions& options) { return undo(event, event, options); }

Outcome Ledger::undo(Sequence first, Sequence last, const CommitOptions& options) {
  return impl_->commit(false, {}, {}, options, state::Reversal::undo(first.value, last.value));
}

Outcome Ledger::rewind(Sequence event, const CommitOptions& options) {
  return impl_->commit(false, {}, {}, options, state::Reversal::rewind(event.value));
}

void Ledger::submit(std::string_view type, std::string_view payload, const CommitOptions& options,
                    Callback callback) {
  impl_->submit(false, type, payload, options, std::move(callback));
}

void Ledger::submit_command(std::string_view name, std::string_view parameters, const CommitOptions& options,
                            Callback callback) {
  impl_->submit(true, name, parameters, options, std::move(callback));
}

std::future<Outcome> Ledger::submit(std::string_view type, std::string_view payload,
                                    const CommitOptions& options) {
  auto promise = std::make_shared<std::promise<Outcome>>();
  impl_->submit(false, type, payload, options, [promise](Verdict verdict) {
    if (verdict.outcome) {
      promise->set_value(std::move(*verdict.outcome));
    } else {
      promise->set_exception(verdict.fault);
    }
  });
  return promise->get_future();
}

std::optional<Receipt> Ledger::find_key(std::string_view key) { return impl_->readers.find_key(key); }

Rows Ledger::query(std::string_view name, std::string_view parameters) {
  return Rows(impl_->readers.query(name, parameters));
}

SearchAnswer Ledger::search(std::string_view index, std::string_view words, const SearchOptions& options) {
  return impl_->readers.search(index, words, options);
}

std::vector<SearchIndexStatus> Ledger::search_indexes() { return impl_->readers.search_indexes(); }

EmbedReport Ledger::embed(std::string_view index, const EmbedOptions& options) {
  return state::embed(*this, impl_->readers, index, impl_->options.embedding, options);
}

EmbeddingStatus Ledger::embedding_status(std::string_view index, std::size_t keys) {
  return state::embedding_status(impl_->readers, index, keys);
}

bool Ledger::forget(std::string_view subject) { return impl_->sealer.forget(subject); }

Head Ledger::head() {
  const journal::Head head = impl_->readers.head();
  return Head{{head.sequence}, {head.chain_hash}, {head.state_hash}};
}

std::string Ledger::name() const {
  const auto epoch = impl_->readers.epoch();
  return epoch->blueprint ? epoch->blueprint->name : std::string();
}

std::string Ledger::title() const {
  const auto epoch = impl_->readers.epoch();
  return epoch->blueprint ? epoch->blueprint->title : std::string();
}

}  // namespace reeve
