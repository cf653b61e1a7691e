// Power cuts at any moment of a ledger's life: nothing acknowledged is lost, and what is left opens, verifies, replays
// and goes on. REEVE_SEED repeats a run, REEVE_POWER_CUTS sets the number of cuts.

#include "faults/scenario.h"

#include "state/replay.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

namespace reeve::testing {
namespace {

std::int64_t number_from(const char* name, std::int64_t otherwise) {
  const char* given = std::getenv(name);
  return given != nullptr ? std::atoll(given) : otherwise;
}

/// How SQLite is set in a life.
struct Setting {
  const char* synchronous = nullptr;  ///< null: as Reeve sets it
  bool stays_in_log = false;          ///< no checkpoint until the ledger is closed
};

struct Tally {
  std::int64_t cuts = 0;
  std::int64_t acknowledged = 0;
  std::int64_t unsynced = 0;   ///< images that are not what was synced
  std::int64_t in_flight = 0;  ///< cuts that kept a submission that was not acknowledged
  std::int64_t verified = 0;
  std::int64_t lost = 0;    ///< acknowledged and not there
  std::int64_t broken = 0;  ///< doesn't open, verify, replay or go on
  std::int64_t lives = 0;
  std::string first_fault;

  void add(const Tally& other) {
    cuts += other.cuts;
    acknowledged += other.acknowledged;
    unsynced += other.unsynced;
    in_flight += other.in_flight;
    verified += other.verified;
    lost += other.lost;
    broken += other.broken;
    lives += other.lives;
    if (first_fault.empty()) first_fault = other.first_fault;
  }
};

/// One in so many cuts is verified and replayed in full; all are compared by chain, head and state hash.
constexpr std::int64_t verified_every = 50;
constexpr int lives_of_a_ledger = 12;

/// A power cut, with what was promised before it.
struct Cut {
  Image image;
  std::int64_t acknowledged_sequence = 0;
  std::size_t acknowledged_count = 0;
};

/// Lives of ledgers, one after another, in one thread.
class Lives {
 public:
  Lives(std::uint64_t seed, std::string name, const Setting& setting, const Image& furnished)
      : mover_(seed), name_(std::move(name)), setting_(setting), furnished_(furnished) {}

  Tally run(std::int64_t cuts) {
    Image base;
    for (int life = 0; tally_.cuts < cuts; ++life) {
      if (life % lives_of_a_ledger == 0 || base.empty()) {
        base = furnished_;
        mover_.acknowledged.clear();
      }
      base = live(base);
    }
    return tally_;
  }

 private:
  std::uint64_t draw(std::uint64_t bound) { return mover_.random() % bound; }

  std::string next_name() { return name_ + "-" + std::to_string(++disks_); }

  std::shared_ptr<Disk> mount(const Image& image) {
    const std::string name = next_name();
    const auto disk = Disk::mount(name, Disk::renamed(image, image_name_of(image), name));
    if (setting_.synchronous != nullptr) disk->pragmas["synchronous"] = setting_.synchronous;
    if (!setting_.stays_in_log) {
      // Checkpoints and caches small enough that a short life sees all of them at work.
      constexpr std::array checkpoints{"4", "12", "60", "4000"};
      disk->pragmas["wal_autocheckpoint"] = checkpoints[draw(checkpoints.size())];
      if (draw(3) == 0) disk->pragmas["cache_size"] = "-24";
    }
    return disk;
  }

  static std::string image_name_of(const Image& image) {
    const std::string& first = image.begin()->first;  // /NAME.db...
    return first.substr(1, first.find(".db") - 1);
  }

  /// From one image to the next, by a power cut.
  Image live(const Image& base) {
    ++tally_.lives;
    const auto disk = mount(base);
    std::vector<Cut> cuts;
    std::int64_t acknowledged_sequence = 0;
    disk->before_change = [&] {
      if (draw(100) < 30) take_cut(*disk, acknowledged_sequence, cuts);
    };
    Image next;
    try {
      auto ledger = pool_.open(disk->name());
      acknowledged_sequence = head_of(*ledger).sequence;
      if (ledger->name().empty()) migrate_there_or_back(disk->url());
      const std::size_t before = mover_.acknowledged.size();
      const std::int64_t moves = 2 + static_cast<std::int64_t>(draw(12));
      for (std::int64_t i = 0; i < moves; ++i) {
        const std::uint64_t kind = draw(40);
        if (kind == 0) {
          migrate_there_or_back(disk->url());
        } else if (kind <= 3) {
          ledger.reset();
          pool_.close_idle();  // the last connection brings the log into the database and removes it
          ledger = pool_.open(disk->name());
        } else {
          mover_.move(*ledger);
        }
        judge_all(*disk, cuts, next);
        acknowledged_sequence = head_of(*ledger).sequence;
      }
      tally_.acknowledged += static_cast<std::int64_t>(mover_.acknowledged.size() - before);
      ledger.reset();
      pool_.close_idle();
      judge_all(*disk, cuts, next);
    } catch (const std::exception& error) {
      note_broken(fmt::format("a life: {}", error.what()));
      pool_.close_idle();
      mover_.acknowledged.clear();
      return {};
    }
    disk->before_change = nullptr;
    mover_.acknowledged.resize(next.empty() ? 0 : next_acknowledged_);
    return next;
  }

  void take_cut(const Disk& disk, std::int64_t acknowledged_sequence, std::vector<Cut>& cuts) {
    const auto fate = static_cast<Fate>(draw(static_cast<std::uint64_t>(Fate::mixed) + 1));
    Cut cut{disk.cut(fate, mover_.random), acknowledged_sequence, mover_.acknowledged.size()};
    cuts.push_back(std::move(cut));
  }

  void judge_all(const Disk& disk, std::vector<Cut>& cuts, Image& next) {
    if (cuts.empty()) return;
    const std::vector<Seal> seals = seals_from(disk.url(), cuts.front().acknowledged_sequence);
    std::vector<Cut> taken;
    taken.swap(cuts);
    for (const Cut& cut : taken) {
      ++tally_.cuts;
      const bool sound = judge(cut, seals);
      // The last sound one, or one before it, is what the next life begins with.
      if (sound && (next.empty() || draw(3) == 0)) {
        next = cut.image;
        next_acknowledged_ = cut.acknowledged_count;
      }
    }
  }

  bool judge(const Cut& cut, const std::vector<Seal>& seals) {
    if (cut.image.empty()) {
      ++tally_.lost;
      return note_broken("the file is gone");
    }
    const auto disk = mount(cut.image);
    bool sound = false;
    try {
      sound = judge_opened(*disk, cut, seals);
    } catch (const std::exception& error) {
      note_broken(error.what());
    }
    pool_.close_idle();
    return sound;
  }

  bool judge_opened(const Disk& disk, const Cut& cut, const std::vector<Seal>& seals) {
    const auto ledger = pool_.open(disk.name());
    const Seal head = head_of(*ledger);
    if (head.sequence < cut.acknowledged_sequence) {
      ++tally_.lost;
      return note_fault(fmt::format("event {} was acknowledged, and the ledger ends at {}",
                                    cut.acknowledged_sequence, head.sequence));
    }
    if (std::find(seals.begin(), seals.end(), head) == seals.end()) {
      return note_broken(fmt::format("no commit ended at event {} with these hashes", head.sequence));
    }
    tally_.in_flight += head.sequence > cut.acknowledged_sequence ? 1 : 0;
    if (const std::string fault = fault_of(disk.url()); !fault.empty()) return note_broken(fault);
    if (!keys_are_there(*ledger, cut)) return false;
    if (tally_.cuts % verified_every == 0 && !verifies(disk)) return false;
    if (ledger->name().empty()) return true;  // cut between down and back
    Mover after(mover_.random());
    after.prefix = "after" + std::to_string(tally_.cuts) + "-";
    after.move(*ledger);
    return true;
  }

  bool keys_are_there(Ledger& ledger, const Cut& cut) {
    const std::size_t count = cut.acknowledged_count;
    for (std::size_t i = count - std::min<std::size_t>(count, 2); i < count; ++i) {
      const Acknowledged& known = mover_.acknowledged[i];
      const auto receipt = ledger.find_key(known.key);
      if (known.count > 0 &&
          (!receipt || receipt->first.value != known.first || receipt->count != known.count)) {
        ++tally_.lost;
        return note_fault(fmt::format("the receipt of {} is gone", known.key));
      }
    }
    return true;
  }

  bool verifies(const Disk& disk) {
    ++tally_.verified;
    const state::Verification verification = state::verify(disk.url());
    if (!verification.equal()) return note_broken(describe(verification));
    state::ReplayOptions by_changeset;
    by_changeset.by = state::ReplayBy::changeset;
    const state::Replay replay = state::replay_scratch(disk.url(), by_changeset);
    if (replay.state_hash != verification.state_hash_of_rows) return note_broken("the replay has other rows");
    return true;
  }

  bool note_broken(const std::string& text) {
    ++tally_.broken;
    return note_fault(text);
  }
  bool note_fault(const std::string& text) {
    if (tally_.first_fault.empty()) {
      tally_.first_fault = fmt::format("cut {} of {}: {}", tally_.cuts, name_, text);
    }
    return false;
  }

  Mover mover_;
  std::string name_;
  Setting setting_;
  const Image& furnished_;
  LedgerPool pool_{std::string("sqlite:/?vfs=") + Disk::file_system};
  Tally tally_;
  std::int64_t disks_ = 0;
  std::size_t next_acknowledged_ = 0;
};

Tally cut_power(const Setting& setting, std::int64_t cuts, const std::string& name) {
  const std::uint64_t seed = test_seed("power cuts, " + name);
  const Image furnished = furnished_ledger(name);
  constexpr std::int64_t threads = 2;
  std::array<Tally, threads> tallies;
  std::vector<std::thread> running;
  const auto from = std::chrono::steady_clock::now();
  for (std::int64_t t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      Lives lives(seed + static_cast<std::uint64_t>(t), name + std::to_string(t), setting, furnished);
      tallies[static_cast<std::size_t>(t)] = lives.run(cuts / threads);
    });
  }
  for (std::thread& thread : running) thread.join();
  Tally all;
  for (const Tally& tally : tallies) all.add(tally);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - from;
  std::cout << fmt::format(
                   "power cuts, {}: {} in {} lives with {} acknowledged submissions, {} verified and "
                   "replayed in full, "
                   "{} kept what was not acknowledged; {} lost, {} broken; {:.1f} s",
                   name, all.cuts, all.lives, all.acknowledged, all.verified, all.in_flight, all.lost,
                   all.broken, seconds.count())
            << std::endl;
  return all;
}

TEST(power, cuts_lose_nothing_that_was_acknowledged_and_break_nothing) {
  const Tally tally = cut_power({}, number_from("REEVE_POWER_CUTS", 20'000), "full");
  EXPECT_EQ(tally.lost, 0) << tally.first_fault;
  EXPECT_EQ(tally.broken, 0) << tally.first_fault;
  EXPECT_GT(tally.in_flight, tally.cuts / 50) << "the cuts came when nothing was at stake";
  EXPECT_GT(tally.acknowledged, tally.cuts / 10);
}

TEST(power, cuts_are_seen_to_lose_acknowledged_commits_when_the_log_is_synced_at_checkpoints_only) {
  const Tally tally = cut_power({.synchronous = "1"}, 400, "normal");
  EXPECT_GT(tally.lost, 0) << "the test sees nothing";
  EXPECT_EQ(tally.broken, 0) << tally.first_fault;
}

TEST(power, cuts_are_seen_to_lose_and_break_when_nothing_is_synced) {
  const Tally tally = cut_power({.synchronous = "OFF"}, 400, "off");
  EXPECT_GT(tally.lost, 0) << "the test sees nothing";
  EXPECT_GT(tally.broken, 0) << "the test sees nothing";
}

TEST(power, a_cut_while_a_ledger_is_made_leaves_a_whole_one_or_none_that_opens) {
  std::mt19937_64 random(test_seed("power cuts of a creation"));
  const Workshop workshop;
  const std::string blueprint = workshop.blueprint(moves_sources());
  const auto disk = Disk::mount("made");
  std::vector<Image> images;
  disk->before_change = [&] {
    images.push_back(
        disk->cut(static_cast<Fate>(random() % (static_cast<unsigned>(Fate::mixed) + 1)), random));
  };
  { const Ledger ledger = Ledger::create(disk->url(), blueprint); }
  disk->before_change = nullptr;
  int whole = 0;
  std::map<std::string, int> refusals;
  for (const Image& image : images) {
    const auto left = Disk::mount("left", Disk::renamed(image, "made", "left"));
    try {
      Ledger ledger = Ledger::open(left->url());
      ASSERT_EQ(reason_of(ledger.commit("day.ended", "{}")), "");
      EXPECT_TRUE(state::verify(left->url()).equal());
      ++whole;
    } catch (const Error& error) {
      // Nobody was told that there is a ledger. What stands there is refused with what to do about it.
      EXPECT_FALSE(error.remedy().empty()) << error.what();
      ++refusals[error.message()];
    }
  }
  EXPECT_GT(whole, 0);
  EXPECT_GE(refusals.size(), 3U);
}

}  // namespace
}  // namespace reeve::testing
