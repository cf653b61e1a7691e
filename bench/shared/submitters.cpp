#include "shared/submitters.h"

#include "shared/support.h"

#include <fmt/format.h>

#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace bench {

namespace {

/// Events that are valid in any order: what a scholar feels, as an absolute value.
std::string payload(int submitter, std::int64_t number) {
  return fmt::format(
      R"({{"delta":0.5,"feeling":{},"reason":"a letter","scholar_id":"s.scholar{:02}","subject":"player{:02}"}})",
      static_cast<double>(number % 1000) / 4.0, submitter % 24, submitter % 6);
}

}  // namespace

double commit_seconds(reeve::Ledger& ledger, int submitters, std::int64_t each) {
  std::mutex mutex;
  std::exception_ptr fault;
  reeve::CommitOptions options;
  options.actor = "bench";
  const auto submit = [&](int submitter) {
    try {
      for (std::int64_t i = 0; i < each; ++i) {
        const reeve::Outcome outcome = ledger.commit("scholar.felt", payload(submitter, i), options);
        reeve::ensure(outcome.accepted(), "a feeling is accepted");
      }
    } catch (const std::exception&) {
      const std::lock_guard lock(mutex);
      fault = std::current_exception();
    }
  };
  const double start = wall_seconds();
  std::vector<std::thread> threads;
  for (int i = 1; i < submitters; ++i) {
    threads.emplace_back(submit, i);
  }
  submit(0);
  for (std::thread& thread : threads) {
    thread.join();
  }
  const double seconds = wall_seconds() - start;
  if (fault) {
    std::rethrow_exception(fault);
  }
  return seconds;
}

}  // namespace bench
