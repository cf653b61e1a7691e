#pragma once
// Does jobs on threads: commands, programs and handlers, each with its result or its error.

#include "blueprint/blueprint.h"
#include "queue/queue.h"
#include "work/webhook.h"

#include <reeve/jobs.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace reeve::work {

/// A job under way. What is not atomic is set before it is handed over.
struct Active {
  queue::Claimed job;
  blueprint::JobKind kind;
  std::stop_source stop = {};
  std::atomic<Microseconds> started = 0;  ///< 0: waits for a thread
  Microseconds prolong_at = 0;            ///< of who keeps the leases
  bool timed_out = false;                 ///< of who keeps the leases
  bool lost = false;                      ///< of who keeps the leases
};

struct Finished {
  std::shared_ptr<Active> active;
  queue::Ending ending;
};

/// What jobs are done with beside the ledger.
struct Means {
  std::filesystem::path programs;  ///< their folder; empty where none is started
  Endpoints endpoints;
  FindSecret find_secret;
  std::string ledger_id;
};

/// Thread-safe.
class Runner {
 public:
  using Handlers = std::map<std::string, JobHandler, std::less<>>;
  /// The ledger gets the commands; all but the number outlive it.
  Runner(Ledger& ledger, const Handlers& handlers, const Means& means, Clock& clock, int parallel);
  /// Waits for what is under way.
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  void give(std::vector<std::shared_ptr<Active>> jobs);
  /// Jobs that no thread has begun, which nobody will now.
  std::vector<std::shared_ptr<Active>> take_back();
  /// Returns when all that was given is finished, when some has been for a few milliseconds, or at the end of the time.
  void wait(std::chrono::microseconds at_most);
  /// Ends a wait() now, or the next one.
  void wake();
  std::vector<Finished> take_finished();

 private:
  void work();
  queue::Ending perform(Active& active);
  std::string run(const Active& active);
  std::string run_command(const Active& active);
  std::string run_program(const Active& active);
  std::string run_webhook(const Active& active);

  Ledger& ledger_;
  const Handlers& handlers_;
  const Means& means_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable given_;
  std::deque<std::shared_ptr<Active>> waiting_;
  std::vector<Finished> finished_;
  std::size_t running_ = 0;
  bool closing_ = false;
  bool woken_ = false;
  std::vector<std::thread> threads_;
};

Job job_of(const Active& active);

}  // namespace reeve::work
