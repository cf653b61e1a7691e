// Every call to the file system fails once, each in a run of its own, and the disk fills up at every point: a clear
// error, nothing acknowledged lost, nothing half applied, and the ledger goes on. REEVE_SEED has no part in it: the same
// moves are made in every run.

#include "faults/scenario.h"

#include "state/replay.h"

#include <fmt/format.h>

#include <sqlite3.h>

#include <chrono>
#include <thread>

namespace reeve::testing {
namespace {

/// One run of the scenario on a disk that fails somewhere.
class Attempt {
 public:
  Attempt(const Image& furnished, const std::string& from, LedgerPool& pool, std::string name)
      : pool_(pool), disk_(Disk::mount(name, Disk::renamed(furnished, from, name))), mover_(7) {
    disk_->pragmas["wal_autocheckpoint"] = "8";
    disk_->pragmas["cache_size"] = "-24";
  }

  Disk& disk() { return *disk_; }

  /// Opens, commits, asks, closes, opens again. What fails is tried no second time, but for the opening.
  void play() {
    std::shared_ptr<Ledger> ledger;
    open(ledger);
    for (int i = 0; i < 14; ++i) {
      if (i == 7) {
        ledger.reset();
        pool_.close_idle();
        open(ledger);
      }
      if (ledger) attempt([&] { mover_.move(*ledger); }, true);
      if (ledger && i % 3 == 0) attempt([&] { ask(*ledger); }, false);
    }
    ledger.reset();
    pool_.close_idle();
  }

  /// What is wrong after all of it, on a disk that works again: nothing, or the first thing.
  std::string judge() {
    disk_->count_anew();
    disk_->set_capacity(-1);
    if (!complaint_.empty()) return complaint_;
    std::string wrong = judge_disk(disk_->name());
    if (!wrong.empty()) return wrong;
    for (const Unknown& unknown : unknown_) {
      const std::string killed = disk_->name() + "-killed";
      const auto left = Disk::mount(killed, Disk::renamed(unknown.killed, disk_->name(), killed));
      const bool is_there = pool_.open(killed)->find_key(unknown.key).has_value();
      pool_.close_idle();
      if (is_there != unknown.is_there) {
        return fmt::format("{} was told to be {}, and after a kill it is {}", unknown.key,
                           unknown.is_there ? "there" : "absent", is_there ? "there" : "absent");
      }
    }
    // And the power goes.
    std::mt19937_64 random(1);
    const std::string name = disk_->name() + "-cut";
    const auto cut = Disk::mount(name, Disk::renamed(disk_->cut(Fate::drop, random), disk_->name(), name));
    wrong = judge_disk(name);
    return wrong.empty() ? "" : "after a power cut " + wrong;
  }

  int errors() const { return errors_; }
  std::size_t unknown() const { return unknown_.size(); }
  const std::map<std::string, int>& said() const { return said_; }

 private:
  void open(std::shared_ptr<Ledger>& ledger) {
    for (int tries = 0; tries < 2 && !ledger; ++tries) {
      attempt([&] { ledger = pool_.open(disk_->name()); }, false);
    }
  }

  template <typename Call>
  void attempt(Call call, bool commits) {
    try {
      call();
    } catch (const Error& error) {
      ++errors_;
      ++said_[std::string(name_of(error.code())) + ": " + error.message()];
      const bool is_clear = error.code() == ErrorCode::unavailable || error.code() == ErrorCode::retryable ||
                            error.code() == ErrorCode::commit_unknown || error.code() == ErrorCode::corrupt ||
                            error.code() == ErrorCode::not_found;
      if ((!is_clear || error.message().empty()) && complaint_.empty()) {
        complaint_ = fmt::format("an error that says nothing: {} {}", name_of(error.code()), error.what());
      }
      if (commits && error.code() == ErrorCode::commit_unknown) ask_what_became(mover_.last_key);
      if (commits && error.code() != ErrorCode::commit_unknown) refused_.push_back(mover_.last_key);
    }
  }

  /// What the key tells now it must tell as well when the process is killed at this moment.
  void ask_what_became(const std::string& key) {
    try {
      const auto ledger = pool_.open(disk_->name());
      unknown_.push_back({key, ledger->find_key(key).has_value(), disk_->files()});
    } catch (const Error&) {
      ++errors_;  // it can't be asked now
    }
  }

  static void ask(Ledger& ledger) {
    auto rows = ledger.query("accounts");
    while (rows.next()) {}
  }

  std::string judge_disk(const std::string& name) {
    const std::string url = "sqlite:/" + name + ".db?vfs=" + Disk::file_system;
    try {
      const auto ledger = pool_.open(name);
      for (const Acknowledged& known : mover_.acknowledged) {
        const auto receipt = ledger->find_key(known.key);
        if (known.count > 0 && (!receipt || receipt->first.value != known.first)) {
          return fmt::format("the acknowledged {} is lost", known.key);
        }
      }
      for (const std::string& key : refused_) {
        if (ledger->find_key(key)) return fmt::format("{} failed, and is there", key);
      }
      if (std::string fault = fault_of(url); !fault.empty()) return fault;
      Mover after(3);
      after.prefix = "after-";
      for (int i = 0; i < 3; ++i) after.move(*ledger);
      if (std::string fault = fault_of(url); !fault.empty()) return fault;
    } catch (const Error& error) {
      pool_.close_idle();
      return fmt::format("the ledger doesn't go on: {}", error.what());
    }
    pool_.close_idle();
    return "";
  }

  LedgerPool& pool_;
  std::shared_ptr<Disk> disk_;
  Mover mover_;
  std::string complaint_;
  struct Unknown {
    std::string key;
    bool is_there = false;
    Image killed;
  };
  std::vector<Unknown> unknown_;
  std::vector<std::string> refused_;
  std::map<std::string, int> said_;
  int errors_ = 0;
};

struct Kind {
  Fault fault;
  const char* name;
};

std::vector<Kind> kinds() {
  const auto fault = [](Call call, int code, bool partly = false, bool from_then_on = false,
                        bool loses_pages = true) {
    Fault made;
    made.call = call;
    made.code = code;
    made.partly = partly;
    made.from_then_on = from_then_on;
    made.loses_pages = loses_pages;
    return made;
  };
  return {
      {fault(Call::open, SQLITE_CANTOPEN), "open"},
      {fault(Call::read, SQLITE_IOERR_READ), "read"},
      {fault(Call::read, SQLITE_IOERR_SHORT_READ, true), "short read"},
      {fault(Call::write, SQLITE_IOERR_WRITE), "write"},
      {fault(Call::write, SQLITE_IOERR_WRITE, true), "short write"},
      {fault(Call::write, SQLITE_IOERR_WRITE, true, true), "short writes from then on"},
      {fault(Call::write, SQLITE_FULL, true), "write that finds no room"},
      {fault(Call::sync, SQLITE_IOERR_FSYNC), "sync that loses pages"},
      {fault(Call::sync, SQLITE_IOERR_FSYNC, false, false, false), "sync"},
      {fault(Call::sync, SQLITE_IOERR_FSYNC, false, true), "syncs from then on"},
      {fault(Call::truncate, SQLITE_IOERR_TRUNCATE), "truncate"},
      {fault(Call::size, SQLITE_IOERR_FSTAT), "size"},
      {fault(Call::remove, SQLITE_IOERR_DELETE), "delete"},
      {fault(Call::access, SQLITE_IOERR_ACCESS), "access"},
      {fault(Call::lock, SQLITE_IOERR_LOCK), "lock"},
      {fault(Call::lock, SQLITE_BUSY), "busy lock"},
      {fault(Call::shm_map, SQLITE_IOERR_SHMMAP), "map of the index"},
      {fault(Call::shm_lock, SQLITE_IOERR_SHMLOCK), "lock in the index"},
      {fault(Call::shm_lock, SQLITE_BUSY), "busy lock in the index"},
  };
}

LedgerPoolOptions impatient() {
  LedgerPoolOptions options;
  options.ledger.busy_ms_max = 50;
  return options;
}

TEST(calls, that_fail_give_a_clear_error_lose_nothing_and_leave_a_ledger_that_goes_on) {
  const Image furnished = furnished_ledger("calls");
  const char* only = std::getenv("REEVE_CALL");
  for (const Kind& kind : kinds()) {
    if (only != nullptr && kind.name != std::string_view(only)) continue;
    LedgerPool pool(std::string("sqlite:/?vfs=") + Disk::file_system, impatient());
    const auto from = std::chrono::steady_clock::now();
    std::int64_t n = 1;
    int errors = 0;
    int wrong = 0;
    std::size_t unknown = 0;
    std::map<std::string, int> said;
    for (;; ++n) {
      Attempt run(furnished, "calls", pool, fmt::format("calls-{}", n));
      Fault fault = kind.fault;
      fault.nth = n;
      run.disk().fail(fault);
      run.play();
      const bool failed = run.disk().has_failed();
      const std::string judgement = run.judge();
      if (!judgement.empty() && ++wrong <= 3) ADD_FAILURE() << kind.name << " " << n << ": " << judgement;
      errors += run.errors();
      unknown += run.unknown();
      for (const auto& [text, count] : run.said()) said[text] += count;
      if (!failed) break;
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - from;
    std::cout << fmt::format("{}: {} runs, {} errors ({} of unknown outcome), {} wrong, {:.1f} s", kind.name,
                             n, errors, unknown, wrong, seconds.count())
              << std::endl;
    if (only != nullptr) {
      for (const auto& [text, count] : said) std::cout << "  " << count << " " << text << std::endl;
    }
    EXPECT_GT(n, 1) << kind.name << " is never called";
  }
}

/// Runs something for each call of a kind (or one in `step`), which fails; gives the number of runs.
std::int64_t sweep(const Kind& kind, std::int64_t step,
                   const std::function<std::string(Fault, std::int64_t, bool& failed)>& run) {
  int wrong = 0;
  std::int64_t runs = 0;
  bool failed = true;
  for (std::int64_t n = 1; failed; n += step, ++runs) {
    Fault fault = kind.fault;
    fault.nth = n;
    const std::string judgement = run(fault, n, failed);
    if (!judgement.empty() && ++wrong <= 3) ADD_FAILURE() << kind.name << " " << n << ": " << judgement;
    if (runs > 3000) {
      ADD_FAILURE() << kind.name << " never ends";
      return runs;
    }
  }
  std::cout << kind.name << ": " << runs << " runs" << std::endl;
  return runs;
}

TEST(calls, that_fail_in_a_creation_leave_nothing_and_it_can_be_made_again) {
  const std::string blueprint = project_file("src/cli/template").string();
  std::int64_t runs = 0;
  for (const Kind& kind : kinds()) {
    runs += sweep(kind, 1, [&](Fault fault, std::int64_t n, bool& failed) -> std::string {
      const auto disk = Disk::mount(fmt::format("creation-{}", n));
      disk->fail(fault);
      try {
        create_ledger(disk->url(), blueprint);
        failed = disk->has_failed();
        disk->count_anew();
      } catch (const Error& error) {
        failed = true;
        disk->count_anew();
        if (error.code() != ErrorCode::unavailable && error.code() != ErrorCode::retryable &&
            error.code() != ErrorCode::corrupt) {
          return error.what();
        }
        if (disk->files().contains(disk->file())) return "half a ledger is left";
        create_ledger(disk->url(), blueprint);
      }
      return fault_of(disk->url());
    });
  }
  std::cout << runs << " creations" << std::endl;
}

TEST(calls, that_fail_in_migrations_and_replays_change_nothing_or_all_of_it) {
  const Image furnished = furnished_ledger("moved");
  std::int64_t runs = 0;
  const char* only = std::getenv("REEVE_CALL");
  for (const Kind& kind : kinds()) {
    if (only != nullptr && kind.name != std::string_view(only)) continue;
    LedgerPool pool(std::string("sqlite:/?vfs=") + Disk::file_system, impatient());
    runs += sweep(kind, 9, [&](Fault fault, std::int64_t n, bool& failed) -> std::string {
      const std::string name = fmt::format("moved-{}", n);
      const auto disk = Disk::mount(name, Disk::renamed(furnished, "moved", name));
      disk->fail(fault);
      const std::array<std::function<void()>, 3> steps{[&] { migrate_there_or_back(disk->url()); },
                                                       [&] {
                                                         state::ReplayOptions by_changeset;
                                                         by_changeset.by = state::ReplayBy::changeset;
                                                         state::replay(disk->url(), by_changeset);
                                                       },
                                                       [&] { migrate_there_or_back(disk->url()); }};
      for (const auto& step : steps) {
        try {
          step();
        } catch (const Error& error) {
          if (error.code() != ErrorCode::unavailable && error.code() != ErrorCode::retryable)
            return error.what();
        }
      }
      failed = disk->has_failed();
      disk->count_anew();
      if (std::string wrong = fault_of(disk->url()); !wrong.empty()) return wrong;
      if (pool.open(name)->name().empty()) migrate_there_or_back(disk->url());
      Mover(static_cast<std::uint64_t>(n)).move(*pool.open(name));
      pool.close_idle();
      return fault_of(disk->url());
    });
  }
  std::cout << runs << " runs of migrations and replays" << std::endl;
}

TEST(disks, that_fill_up_at_any_point_give_a_clear_error_and_a_ledger_that_goes_on) {
  constexpr int points = 300;
  const Image furnished = furnished_ledger("full");
  LedgerPool pool(std::string("sqlite:/?vfs=") + Disk::file_system, impatient());
  std::int64_t least = 0;
  std::int64_t most = 0;
  {
    Attempt run(furnished, "full", pool, "full-0");
    least = run.disk().bytes_used();
    run.disk().before_change = [&] { most = std::max(most, run.disk().bytes_used()); };
    run.play();
    run.disk().before_change = nullptr;
    ASSERT_EQ(run.judge(), "");
  }
  int full = 0;
  int wrong = 0;
  for (int point = 0; point < points; ++point) {
    Attempt run(furnished, "full", pool, fmt::format("full-{}", point + 1));
    run.disk().set_capacity(least + (most - least) * point / points);
    run.play();
    full += run.errors() > 0 ? 1 : 0;
    const std::string judgement = run.judge();
    if (!judgement.empty() && ++wrong <= 3) ADD_FAILURE() << "point " << point << ": " << judgement;
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(full, points / 3);
  std::cout << fmt::format("full disks: {} points, {} with errors, {} wrong", points, full, wrong)
            << std::endl;
}

}  // namespace
}  // namespace reeve::testing
