#pragma once
// How far long work has come, on standard error: a bar on a terminal, else a line every few seconds.

#include "cli/output.h"
#include "cli/session.h"

#include <reeve/clock.h>

#include <cstdint>
#include <string>

namespace reeve::cli {

/// Says nothing about work that ends within two seconds, unless a terminal watches. Not thread-safe.
class ProgressLine {
 public:
  ProgressLine(Output& err, Clock& clock, std::string label);
  /// `total` is 0 when it is not known. Cheap: most calls only compare times.
  void report(std::int64_t done, std::int64_t total);
  /// Takes the bar away. To be called before anything else is written.
  void finish();

 private:
  void draw(std::int64_t done, std::int64_t total, Microseconds now);

  Output& err_;
  Clock& clock_;
  std::string label_;
  Microseconds started_;
  Microseconds shown_;
  bool drawn_ = false;
};

/// Does `work` with a progress line that goes away when it ends, however it ends.
template <typename Work>
auto with_progress(Session& session, const char* label, const Work& work) {
  ProgressLine line(session.err, session.clock, label);
  const state::Progress progress{[&line](std::int64_t done, std::int64_t total) { line.report(done, total); },
                                 &session.stop};
  struct Finish {
    ProgressLine& line;
    ~Finish() { line.finish(); }
  } finish{line};
  return work(progress);
}

}  // namespace reeve::cli
