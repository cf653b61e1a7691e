// The proof of one event of a journal of a million: its bytes, and what making and checking it takes, from a cold start as
// the command does, and again with the tree at hand.

#include "journal/prover.h"
#include "shared/journaled.h"
#include "shared/support.h"
#include "state/location.h"

#include <algorithm>
#include <string>

namespace bench {

namespace {

constexpr std::size_t group = 256;

void fill(const std::filesystem::path& file, std::int64_t events) {
  create_ledger(file);
  Journaled ledger(file, false);
  Mix mix({.year_events = 0});
  std::vector<MixEvent> next = mix.opening();
  for (std::int64_t left = events; left > 0; left -= static_cast<std::int64_t>(next.size())) {
    if (left < events) {
      next.clear();
      for (std::size_t i = 0; i < group; ++i) next.push_back(mix.update());
    }
    for (std::size_t i = 0; i < next.size(); i += group) {
      ledger.commit(std::span<const MixEvent>(next).subspan(i, std::min(group, next.size() - i)));
    }
  }
}

struct Times {
  std::vector<double> cold;   ///< seconds: opened, tree made, one proof
  std::vector<double> warm;   ///< one proof more
  std::vector<double> grown;  ///< consistency of a journal with its first half
  std::vector<double> check;
  std::vector<double> bytes;
};

void run_round(const std::filesystem::path& file, const reeve::journal::Signer& signer, std::int64_t round,
               Times& times) {
  using namespace reeve;
  std::unique_ptr<engine::Connection> connection;
  std::unique_ptr<engine::Transaction> snapshot;
  std::unique_ptr<journal::Prover> prover;
  std::string proof;
  std::int64_t sequence = 0;
  times.cold.push_back(measure([&] {
                         connection = state::Location(file).open(engine::OpenMode::read_only);
                         snapshot = std::make_unique<engine::Transaction>(*connection,
                                                                          engine::Transaction::Mode::read);
                         prover = std::make_unique<journal::Prover>(*connection);
                         sequence = prover->size() * (2 * round + 1) / 11 + 1;
                         proof = prover->inclusion(sequence, prover->size()).to_json();
                       }).wall);
  const std::int64_t other = prover->size() - sequence + 1;
  times.warm.push_back(measure([&] { proof = prover->inclusion(other, prover->size()).to_json(); }).wall);
  times.grown.push_back(
      measure([&] { prover->consistency(prover->size() / 2 + round, prover->size()).to_json(); }).wall);
  const std::string note = signer.sign(prover->checkpoint().text());
  bool holds = false;
  times.check.push_back(measure([&] {
                          holds = journal::check_proof(proof, {signer.verifier(), note}).holds();
                        }).wall);
  ensure(holds, "the proof holds");
  times.bytes.push_back(static_cast<double>(proof.size()));
}

void run_prove(const Arguments& arguments) {
  Report report("prove", arguments);
  const Folder folder;
  const auto file = folder.file("ledger.db");
  fill(file, arguments.events_or(1'000'000, 5'000));
  std::string name;
  {
    const auto connection = reeve::state::Location(file).open(reeve::engine::OpenMode::read_only);
    const reeve::engine::Transaction snapshot(*connection, reeve::engine::Transaction::Mode::read);
    reeve::journal::Prover prover(*connection);
    name = prover.origin();
    report.figure("events", static_cast<double>(prover.size()), "events", "in the journal");
  }
  const reeve::journal::Signer signer(name, reeve::Digest{7});
  Times times;
  for (std::int64_t round = 0; round < arguments.rounds_or(5, 1); ++round) {
    run_round(file, signer, round, times);
  }
  report.figure("proof", median(times.bytes), "bytes", "an event's proof, JSON, without a checkpoint");
  report.figures("cold", times.cold, "s", "file opened, tree made of all chain hashes, one event proven");
  report.figure("warm", median(times.warm) * 1e3, "ms", "another event, the tree at hand");
  report.figure("growth", median(times.grown) * 1e3, "ms",
                "consistency with the first half, the tree at hand");
  report.figure("check", median(times.check) * 1e3, "ms", "checked, signature and all");
  report.end_with_value(median(times.cold) * 1e3, "ms");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_prove); }
