// Random commands against a model in memory, through power cuts, failing syncs, lost answers, clock jumps and
// reopenings: what is live is what the model says and what a replay gives. REEVE_SEED repeats a run, REEVE_COMMANDS sets
// the number of commands.

#include "simulation/model.h"

#include "state/replay.h"
#include "state/vault_test.h"
#include "support/disk.h"

#include <reeve/ledger_pool.h>

#include <fmt/format.h>

#include <sqlite3.h>

#include <array>
#include <chrono>
#include <thread>

namespace reeve::testing {
namespace {

/// Goes on, stands still, and jumps up to two years ahead or back.
class JumpingClock : public Clock {
 public:
  explicit JumpingClock(std::uint64_t seed) : random_(seed) {}
  Microseconds now() override {
    constexpr Microseconds day = 86'400'000'000;
    if (random_() % 50 == 0) {
      now_ += static_cast<Microseconds>(random_() % (1460 * static_cast<std::uint64_t>(day))) - 730 * day;
      ++jumps;
    } else {
      now_ += static_cast<Microseconds>(random_() % 3 * 500);
    }
    return now_;
  }
  std::int64_t jumps = 0;

 private:
  std::mt19937_64 random_;
  Microseconds now_ = 1'767'323'045'000'006;
};

struct Tally {
  std::int64_t commands = 0, accepted = 0, rejected = 0, cuts = 0, kept = 0, faults = 0, unknown = 0,
               retries = 0, reopened = 0, jumps = 0, ledgers = 0, events = 0;
  void add(const Tally& other) {
    commands += other.commands, accepted += other.accepted, rejected += other.rejected, cuts += other.cuts;
    kept += other.kept, faults += other.faults, unknown += other.unknown, retries += other.retries;
    reopened += other.reopened, jumps += other.jumps, ledgers += other.ledgers, events += other.events;
  }
};

/// What goes another way than the model says ends the run.
struct Differs : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void expect(bool condition, const std::string& what) {
  if (!condition) throw Differs(what);
}

std::string rows_of(Ledger& ledger, const char* query, bool with_number) {
  std::string out;
  auto rows = ledger.query(query);
  while (rows.next()) {
    out += std::string(rows.at(0).text());
    out += with_number ? fmt::format(" {}\n", rows.at(1).integer()) : "\n";
  }
  return out;
}

/// One ledger from its making to its last verification.
class Simulation {
 public:
  Simulation(std::uint64_t seed, std::string name, const Image& empty)
      : random_(seed), dice_(seed + 1), clock_(seed + 2), name_(std::move(name)), pool_(folder(), options()) {
    mount(empty, "empty");
    model_.head = ledger_->head().sequence.value;
  }

  Tally run(std::int64_t commands) {
    for (std::int64_t i = 0; i < commands; ++i) {
      step();
      if (i % 500 == 499) compare();
    }
    compare();
    ledger_.reset();
    pool_.close_idle();
    const state::Replay replay = state::replay_scratch(disk_->url());
    const state::Verification verification = state::verify(disk_->url());
    expect(verification.equal(), describe(verification));
    expect(replay.state_hash == verification.state_hash_of_rows, "the replay has other rows than the ledger");
    expect(replay.events == model_.head, "the replay has other events than the model");
    tally_.events = replay.events;
    tally_.commands = commands;
    tally_.jumps = clock_.jumps;
    tally_.ledgers = 1;
    return tally_;
  }

 private:
  static std::string folder() { return std::string("sqlite:/?vfs=") + Disk::file_system; }
  LedgerPoolOptions options() {
    LedgerPoolOptions given;
    given.ledger.clock = &clock_;
    given.ledger.random = &dice_;
    given.ledger.busy_ms_max = 50;
    return given;
  }
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  void mount(const Image& image, const std::string& from) {
    ledger_.reset();
    pool_.close_idle();
    const std::string name = fmt::format("{}-{}", name_, ++disks_);
    disk_ = Disk::mount(name, Disk::renamed(image, from, name));
    disk_->pragmas["wal_autocheckpoint"] = below(2) == 0 ? "60" : "1000";
    ledger_ = pool_.open(name);
  }

  Outcome submit(const Intent& intent, const std::string& key) {
    const CommitOptions options{.actor = "simulation", .key = key};
    return intent.is_command ? ledger_->command(intent.name, intent.payload, options)
                             : ledger_->commit(intent.name, intent.payload, options);
  }

  void step() {
    const Intent intent = VaultModel::draw(random_);
    const std::string key = fmt::format("k{}", ++keys_);
    const std::uint64_t trouble = below(600);
    if (trouble < 2) return with_power_cut(intent, key);
    if (trouble < 6) return with_fault(intent, key);
    const std::int64_t before = model_.head;
    const std::int64_t count = model_.apply(intent);
    judge(intent, submit(intent, key), before, count);
    if (trouble < 26) answer_lost(intent, key, before, count);
    if (trouble >= 26 && trouble < 29) {
      mount(disk_->files(), disk_->name());  // killed: what was written is there
      ++tally_.reopened;
    }
    if (trouble >= 29 && trouble < 33) refused_by_head(intent);
    expect(ledger_->head().sequence.value == model_.head, "the ledger has another head than the model");
  }

  void judge(const Intent& intent, const Outcome& outcome, std::int64_t before, std::int64_t count) {
    const std::string what = fmt::format("{} {} at event {}", intent.name, intent.payload, before);
    if (count < 0) {
      ++tally_.rejected;
      return expect(!outcome.accepted(), what + " was accepted, and the model rejects it");
    }
    ++tally_.accepted;
    expect(outcome.accepted(), what + " was rejected: " + reason_of(outcome));
    expect(outcome.receipt().count == count, what + " made another number of events");
    if (count > 0) expect(outcome.receipt().first.value == before + 1, what + " has another place");
  }

  /// The submitter never heard it, and asks again with the same key.
  void answer_lost(const Intent& intent, const std::string& key, std::int64_t before, std::int64_t count) {
    if (count <= 0) return;  // nothing was stored, and the same again would be judged anew
    const Outcome again = submit(intent, key);
    expect(again.accepted() && again.receipt().repeated, "the same key was another submission");
    expect(again.receipt().first.value == before + 1 && again.receipt().count == count, "another receipt");
    const Intent other{true, "pay_all", R"({"amount":999})", "", "", 999};
    expect(error_of([&] { submit(other, key); }).code() == ErrorCode::conflict,
           "a key was used for something else");
    ++tally_.retries;
  }

  void refused_by_head(const Intent& intent) {
    CommitOptions options{.expected = Sequence{model_.head + 1}};
    const Error error = error_of([&] {
      intent.is_command ? ledger_->command(intent.name, intent.payload, options)
                        : ledger_->commit(intent.name, intent.payload, options);
    });
    expect(error.code() == ErrorCode::conflict, "another head was expected, and it was taken");
  }

  /// The power goes at one of the calls that change something, while the submission is on its way.
  void with_power_cut(const Intent& intent, const std::string& key) {
    const std::uint64_t when = below(3);
    std::uint64_t calls = 0;
    const auto fate = static_cast<Fate>(below(static_cast<std::uint64_t>(Fate::mixed) + 1));
    Image image;
    disk_->before_change = [&] {
      if (calls++ == when) image = disk_->cut(fate, random_);
    };
    const Outcome outcome = submit(intent, key);
    disk_->before_change = nullptr;
    const bool answered = image.empty();  // the cut came after the answer
    if (answered) image = disk_->cut(fate, random_);
    mount(image, disk_->name());
    ++tally_.cuts;
    const std::int64_t before = model_.head;
    const bool is_there = ledger_->find_key(key).has_value();
    const std::int64_t count = model_.apply(intent);
    tally_.kept += is_there ? 1 : 0;
    expect(!answered || is_there == (count > 0), "an answer was given, and what it said is lost");
    expect(ledger_->head().sequence.value == (is_there ? model_.head : before), "a cut left another head");
    judge(intent, submit(intent, key), before, count);
  }

  /// A sync or a write fails. Whatever came of it, the key tells, and the same again makes it good.
  void with_fault(const Intent& intent, const std::string& key) {
    Fault fault;
    fault.call = below(2) == 0 ? Call::sync : Call::write;
    fault.code = fault.call == Call::sync ? SQLITE_IOERR_FSYNC
                 : below(2) == 0          ? SQLITE_FULL
                                          : SQLITE_IOERR_WRITE;
    fault.nth = 1 + static_cast<std::int64_t>(below(3));
    fault.partly = below(2) == 0;
    fault.loses_pages = below(2) == 0;
    disk_->fail(fault);
    const std::int64_t before = model_.head;
    const std::int64_t count = model_.apply(intent);
    try {
      judge(intent, submit(intent, key), before, count);
      disk_->count_anew();
      return;
    } catch (const Error& error) {
      disk_->count_anew();
      expect(error.code() == ErrorCode::commit_unknown || error.code() == ErrorCode::unavailable,
             error.what());
      tally_.unknown += error.code() == ErrorCode::commit_unknown ? 1 : 0;
    }
    ++tally_.faults;
    expect(!ledger_->find_key(key), "it failed, and its key is there");
    if (below(2) == 0) mount(disk_->files(), disk_->name());
    expect(!ledger_->find_key(key), "it failed, its key was not there, and after a kill it is");
    judge(intent, submit(intent, key), before, count);
  }

  void compare() {
    expect(rows_of(*ledger_, "accounts", true) == model_.accounts(), "other accounts than the model's");
    expect(rows_of(*ledger_, "owners", false) == model_.owners(), "other owners than the model's");
    auto day = ledger_->query("day");
    expect(day.next() && day.at(0).integer() == model_.day(), "another day than the model's");
  }

  std::mt19937_64 random_;
  SeededRandom dice_;
  JumpingClock clock_;
  std::string name_;
  LedgerPool pool_;
  std::shared_ptr<Disk> disk_;
  std::shared_ptr<Ledger> ledger_;
  VaultModel model_;
  Tally tally_;
  std::int64_t keys_ = 0;
  std::int64_t disks_ = 0;
};

TEST(simulation, live_is_replay_is_model_through_crashes_jumps_of_the_clock_and_lost_answers) {
  const char* given = std::getenv("REEVE_COMMANDS");
  const std::int64_t commands = given != nullptr ? std::atoll(given) : 200'000;
  constexpr std::int64_t commands_of_a_ledger = 5'000;
  const std::uint64_t seed = test_seed("simulation");
  const Workshop workshop;
  Image empty;
  {
    const auto disk = Disk::mount("empty");
    { const Ledger ledger = Ledger::create(disk->url(), workshop.blueprint(vault_sources())); }
    empty = disk->files();
  }
  const auto from = std::chrono::steady_clock::now();
  constexpr std::int64_t threads = 2;
  std::array<Tally, threads> tallies;
  std::array<std::string, threads> complaints;
  std::vector<std::thread> running;
  for (std::int64_t t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      const auto own = static_cast<std::size_t>(t);
      for (std::int64_t done = 0, number = t; done < commands / threads;
           done += commands_of_a_ledger, number += threads) {
        try {
          Simulation simulation(seed + static_cast<std::uint64_t>(number) * 1000,
                                fmt::format("sim{}", number), empty);
          tallies[own].add(simulation.run(std::min(commands_of_a_ledger, commands / threads - done)));
        } catch (const std::exception& error) {
          complaints[own] = fmt::format("ledger {}: {}", number, error.what());
          return;
        }
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  Tally all;
  for (const Tally& tally : tallies) all.add(tally);
  for (const std::string& complaint : complaints) EXPECT_EQ(complaint, "");
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - from;
  std::cout << fmt::format(
                   "simulation: {} commands in {} ledgers, {} accepted ({} events), {} rejected; {} power "
                   "cuts ({} kept "
                   "what was in flight), {} faults ({} of unknown outcome), {} lost answers, {} kills, {} "
                   "jumps of the "
                   "clock; {:.1f} s",
                   all.commands, all.ledgers, all.accepted, all.events, all.rejected, all.cuts, all.kept,
                   all.faults, all.unknown, all.retries, all.reopened, all.jumps, seconds.count())
            << std::endl;
  EXPECT_GT(all.accepted, all.commands / 3);
  EXPECT_GT(all.rejected, all.commands / 20);
  if (commands >= 10'000) {
    EXPECT_GT(all.kept, 0);
    EXPECT_GT(all.unknown, 0);
    EXPECT_GT(all.jumps, 0);
  }
}

}  // namespace
}  // namespace reeve::testing
