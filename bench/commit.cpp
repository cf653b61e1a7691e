// CPU of a journaled event over that of the same statements written by hand (shared/baseline.h): rounds of
// both in turn, on files that start equal and grow alike.

#include "shared/baseline.h"
#include "shared/journaled.h"
#include "shared/support.h"

#include <fmt/format.h>

#include <array>

namespace bench {

namespace {

constexpr std::size_t group_of_many = 64;

struct Pair {
  Pair(const Folder& folder, std::string_view name, const MixOptions& options)
      : mix(options),
        baseline_file(folder.file(fmt::format("{}_baseline.db", name))),
        journaled_file(folder.file(fmt::format("{}_journaled.db", name))) {
    const std::filesystem::path fresh = folder.file("fresh.db");
    if (!std::filesystem::exists(fresh)) {
      create_ledger(fresh);
    }
    copy_ledger(fresh, baseline_file);
    copy_ledger(fresh, journaled_file);
    journaled = std::make_unique<Journaled>(journaled_file);
    baseline = std::make_unique<Baseline>(baseline_file, journaled->epoch());
    play(mix.opening(), group_of_many);
    journaled->take_writing_seconds();
  }

  void play(const std::vector<MixEvent>& events, std::size_t group) {
    play_baseline(decoded(events), group);
    play_journaled(events, group);
  }
  std::vector<DecodedEvent> decoded(const std::vector<MixEvent>& events) {
    std::vector<DecodedEvent> all;
    all.reserve(events.size());
    for (const MixEvent& event : events) {
      all.push_back(baseline->decode(event));
    }
    return all;
  }
  void play_baseline(std::span<const DecodedEvent> events, std::size_t group) {
    for (std::size_t i = 0; i < events.size(); i += group) {
      baseline->commit(events.subspan(i, std::min(group, events.size() - i)));
    }
  }
  void play_journaled(std::span<const MixEvent> events, std::size_t group) {
    for (std::size_t i = 0; i < events.size(); i += group) {
      journaled->commit(events.subspan(i, std::min(group, events.size() - i)));
    }
  }

  Mix mix;
  std::filesystem::path baseline_file;
  std::filesystem::path journaled_file;
  std::unique_ptr<Journaled> journaled;
  std::unique_ptr<Baseline> baseline;
};

/// Microseconds for each event, round by round.
struct Rounds {
  std::vector<double> baseline;
  std::vector<double> journaled;
  std::vector<double> writing;
  std::vector<double> baseline_bytes;
  std::vector<double> journaled_bytes;
  std::vector<double> ratios;
  std::vector<double> writing_ratios;

  void add(const Spent& by_hand, const Spent& by_reeve, double by_writer, std::size_t events) {
    const double scale = 1e6 / static_cast<double>(events);
    baseline.push_back(by_hand.process_cpu * scale);
    journaled.push_back(by_reeve.process_cpu * scale);
    writing.push_back(by_writer * scale);
    baseline_bytes.push_back(by_hand.bytes_written * scale * 1e-6);
    journaled_bytes.push_back(by_reeve.bytes_written * scale * 1e-6);
    ratios.push_back(by_reeve.process_cpu / by_hand.process_cpu);
    writing_ratios.push_back(by_writer / by_hand.process_cpu);
  }
};

/// Who goes first changes from round to round.
void measure_round(Pair& pair, const std::vector<MixEvent>& events, std::size_t group, Rounds& rounds) {
  const std::vector<DecodedEvent> decoded = pair.decoded(events);
  Spent by_hand;
  Spent by_reeve;
  const auto hand = [&] { by_hand = measure([&] { pair.play_baseline(decoded, group); }); };
  const auto reeve = [&] { by_reeve = measure([&] { pair.play_journaled(events, group); }); };
  if (rounds.ratios.size() % 2 == 0) {
    hand();
    reeve();
  } else {
    reeve();
    hand();
  }
  rounds.add(by_hand, by_reeve, pair.journaled->take_writing_seconds(), events.size());
}

void report(Report& report, const std::string& key, const Rounds& rounds, const std::string& what) {
  report.figures(key + "_ratios", rounds.ratios, "ratio", what + ", round by round");
  report.figure(key + "_baseline", median(rounds.baseline), "us/event", "by hand");
  report.figure(key + "_journaled", median(rounds.journaled), "us/event", "journaled, all threads");
  report.figure(key + "_writing", median(rounds.writing), "us/event", "journaled, the writing thread alone");
  report.figure(key + "_baseline_bytes", median(rounds.baseline_bytes), "B/event",
                "by hand, given to write calls");
  report.figure(key + "_journaled_bytes", median(rounds.journaled_bytes), "B/event",
                "journaled, given to write calls");
  report.figure(key + "_ratio", median(rounds.ratios), "ratio", what);
  report.figure(key + "_writing_ratio", median(rounds.writing_ratios), "ratio",
                what + ", the writing thread alone");
}

Rounds measure_mix(const Folder& folder, std::string_view name, const MixOptions& options, std::size_t group,
                   std::int64_t count, std::size_t events) {
  Pair pair(folder, name, options);
  pair.play(pair.mix.take(events), group_of_many);
  pair.journaled->take_writing_seconds();
  Rounds rounds;
  for (std::int64_t round = 0; round < count; ++round) {
    measure_round(pair, pair.mix.take(events), group, rounds);
  }
  return rounds;
}

/// feelings.decayed alone, each in a transaction of its own, on some hundreds of rows.
Rounds measure_year_end(const Folder& folder, std::int64_t count) {
  Pair pair(folder, "year", {.scholars = 60, .year_events = 0});
  Rounds rounds;
  for (std::int64_t round = 0; round < count; ++round) {
    const std::vector<MixEvent> events = pair.mix.year_end();
    pair.play({events[0]}, 1);
    pair.journaled->take_writing_seconds();
    measure_round(pair, {events[1]}, 1, rounds);
  }
  return rounds;
}

/// What each part of the path adds, on files of its own, in turn.
void report_steps(Report& report, const Folder& folder, std::int64_t count, std::size_t events) {
  struct Part {
    Step step;
    const char* key;
    const char* what;
  };
  constexpr std::array parts{Part{Step::statements, "step_statements", "statements and events by hand"},
                             Part{Step::gathered, "step_gathered", "and the log written at once"},
                             Part{Step::capture, "step_capture", "and rows captured"},
                             Part{Step::changeset, "step_changeset", "and changesets encoded"},
                             Part{Step::state_hash, "step_state_hash", "and the state hash kept"},
                             Part{Step::chain, "step_chain", "and events chained"}};
  Pair pair(folder, "steps", {});
  std::vector<std::unique_ptr<Baseline>> sides;
  std::vector<std::vector<double>> taken(parts.size() + 1);
  Mix mix;
  std::vector<MixEvent> opening = mix.opening();
  for (const Part& part : parts) {
    const std::filesystem::path file = folder.file(fmt::format("{}.db", part.key));
    copy_ledger(folder.file("fresh.db"), file);
    sides.push_back(std::make_unique<Baseline>(file, pair.journaled->epoch(), part.step));
    std::vector<DecodedEvent> decoded;
    for (const MixEvent& event : opening) {
      decoded.push_back(sides.back()->decode(event));
    }
    sides.back()->commit(decoded);
  }
  const auto microseconds = [&](const std::function<void()>& work) {
    return measure(work).process_cpu * 1e6 / static_cast<double>(events);
  };
  for (std::int64_t round = 0; round < count; ++round) {
    const std::vector<MixEvent> next = pair.mix.take(events);
    for (std::size_t i = 0; i < sides.size(); ++i) {
      std::vector<DecodedEvent> decoded;
      for (const MixEvent& event : next) {
        decoded.push_back(sides[i]->decode(event));
      }
      taken[i].push_back(microseconds([&] {
        for (std::size_t first = 0; first < decoded.size(); first += group_of_many) {
          sides[i]->commit(std::span<const DecodedEvent>(decoded).subspan(
              first, std::min(group_of_many, decoded.size() - first)));
        }
      }));
    }
    taken[sides.size()].push_back(microseconds([&] { pair.play_journaled(next, group_of_many); }));
  }
  for (std::size_t i = 0; i < sides.size(); ++i) {
    report.figure(parts[i].key, median(taken[i]), "us/event", parts[i].what);
  }
  report.figure("step_all", median(taken.back()), "us/event",
                "and all else: payloads parsed and validated, values bound from them, groups");
}

void run_commit(const Arguments& arguments) {
  Report out("commit", arguments);
  const Folder folder;
  const auto events = static_cast<std::size_t>(arguments.events_or(2048, 256));
  const std::int64_t rounds = arguments.rounds_or(11, 2);
  const Rounds mix = measure_mix(folder, "mix", {}, group_of_many, rounds, events);
  report(out, "mix", mix, "the mix in groups of 64");
  const Rounds plain = measure_mix(folder, "plain", {.year_events = 0}, group_of_many, rounds, events);
  report(out, "without_year_ends", plain, "the mix without years' ends, in groups of 64");
  report(out, "year_end", measure_year_end(folder, 2 * rounds), "a year's end alone");
  report(out, "single", measure_mix(folder, "single", {}, 1, std::min<std::int64_t>(rounds, 7), events / 8),
         "the mix in groups of 1");
  report_steps(out, folder, std::min<std::int64_t>(rounds, 5), events);
  out.end_with_ratio(median(mix.ratios));
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_commit); }
