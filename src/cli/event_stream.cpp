#include "cli/event_stream.h"

#include "cli/event_line.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace reeve::cli {

namespace {

/// Places in a line of submissions: filled by the ledger in any order, taken from the front by the reporter.
class Queue {
 public:
  struct Slot {
    std::int64_t line = 0;
    std::optional<Verdict> verdict;
  };

  /// Waits while there are too many.
  std::shared_ptr<Slot> add(std::int64_t line) {
    auto slot = std::make_shared<Slot>();
    slot->line = line;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return slots_.size() < in_flight_max; });
    slots_.push_back(slot);
    return slot;
  }

  void fill(Slot& slot, Verdict verdict) {
    {
      const std::lock_guard lock(mutex_);
      slot.verdict = std::move(verdict);
    }
    changed_.notify_all();
  }

  /// No more will be added.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

  /// The front one once it has its verdict, null at the end. `idle` is called before waiting.
  std::shared_ptr<Slot> take(const std::function<void()>& idle) {
    std::unique_lock lock(mutex_);
    if (!is_ready()) {
      lock.unlock();
      idle();
      lock.lock();
      changed_.wait(lock, [this] { return is_ready(); });
    }
    if (slots_.empty()) return nullptr;
    auto slot = std::move(slots_.front());
    slots_.pop_front();
    lock.unlock();
    changed_.notify_all();
    return slot;
  }

 private:
  bool is_ready() const { return slots_.empty() ? closed_ : slots_.front()->verdict.has_value(); }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Slot>> slots_;
  bool closed_ = false;
};

/// Counts and reports in order. The queue is emptied even when the sink fails, so that nobody waits for ever.
class Reporter {
 public:
  Reporter(Queue& queue, const VerdictSink& sink) : queue_(queue), sink_(sink), thread_([this] { run(); }) {}
  ~Reporter() { join(); }
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;

  bool wants_more() const { return !ended_.load(); }
  void join() {
    queue_.close();
    if (thread_.joinable()) thread_.join();
  }
  /// After join().
  const StreamTotals& totals() const { return totals_; }
  const std::exception_ptr& failure() const { return failure_; }

 private:
  void run() {
    const auto idle = [this] { guarded([this] { sink_.flush(); }); };
    while (const std::shared_ptr<Queue::Slot> slot = queue_.take(idle)) {
      count(*slot->verdict);
      guarded([&] { sink_.verdict(slot->line, *slot->verdict); });
    }
    idle();
  }

  void count(const Verdict& verdict) {
    ++totals_.lines;
    switch (verdict.kind) {
      case Verdict::Kind::accepted:
        ++totals_.accepted;
        totals_.events += verdict.receipt.repeated ? 0 : verdict.receipt.count;
        return;
      case Verdict::Kind::rejected: ++totals_.rejected; return;
      case Verdict::Kind::refused: ++totals_.refused; break;
    }
    if (verdict.is_fatal() && !totals_.fatal) {
      totals_.fatal = verdict;
      ended_ = true;
    }
  }

  template <typename Step>
  void guarded(const Step& step) {
    if (failure_) return;
    try {
      step();
    } catch (...) {  // The edge of a thread: handed to whoever joins it.
      failure_ = std::current_exception();
      ended_ = true;
    }
  }

  Queue& queue_;
  const VerdictSink& sink_;
  StreamTotals totals_;
  std::exception_ptr failure_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

void submit_line(EventLineParser& parser, std::string_view text, Ledger& ledger,
                 const std::shared_ptr<Queue>& queue, const std::shared_ptr<Queue::Slot>& slot) {
  try {
    const EventLine line = parser.parse(text);
    const auto callback = [queue, slot](const Ledger::Verdict& verdict) {
      queue->fill(*slot, Verdict::of(verdict));
    };
    if (line.is_command) {
      ledger.submit_command(line.name, line.payload, line.options, callback);
    } else {
      ledger.submit(line.name, line.payload, line.options, callback);
    }
  } catch (const Error& error) {
    queue->fill(*slot, Verdict::of(error));
  }
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t") == std::string_view::npos; }

}  // namespace

StreamTotals stream_events(LineReader& lines, Ledger& ledger, const VerdictSink& sink,
                           const std::atomic<bool>& stop) {
  const auto queue = std::make_shared<Queue>();
  Reporter reporter(*queue, sink);
  EventLineParser parser;
  std::string text;
  while (reporter.wants_more() && !stop.load()) {
    const LineReader::Result result = lines.next(text);
    if (result == LineReader::Result::end || result == LineReader::Result::stopped) break;
    if (result == LineReader::Result::line && is_blank(text)) continue;
    const auto slot = queue->add(lines.number());
    if (result == LineReader::Result::too_long) {
      queue->fill(*slot, Verdict::of(Error(ErrorCode::limit_exceeded, "the line is too long",
                                           "an event's payload has at most 1 MiB")));
      continue;
    }
    submit_line(parser, text, ledger, queue, slot);
  }
  reporter.join();
  if (reporter.failure()) std::rethrow_exception(reporter.failure());
  return reporter.totals();
}

}  // namespace reeve::cli
