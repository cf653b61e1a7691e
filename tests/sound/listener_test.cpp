// What was imported is listened to: each sample once, and a file that can't be heard holds up no other.

#include "sp404/listener.h"
#include "sound_library.h"
#include "sp404/hearing.h"
#include "sp404/sound_file.h"

#include <reeve/jobs.h>

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <thread>

namespace reeve::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::uint32_t rate = 44'100;

/// A kick on each beat.
std::vector<std::int16_t> beats(double bpm, double seconds) {
  std::vector<double> sound(static_cast<std::size_t>(seconds * rate));
  for (double at = 0; at < seconds; at += 60 / bpm) {
    const auto begin = static_cast<std::size_t>(at * rate);
    for (std::size_t i = 0; i < 4000 && begin + i < sound.size(); ++i) {
      const auto place = static_cast<double>(i);
      sound[begin + i] += 0.7 * std::exp(-place / 1500) * std::sin(place * 0.00855);
    }
  }
  std::vector<std::int16_t> samples;
  for (const double one : sound) samples.push_back(static_cast<std::int16_t>(one * 32'000));
  return samples;
}

sp404::Sound sound_of(const std::vector<std::int16_t>& samples) {
  sp404::Sound sound{.content_hash = "", .sample_rate = rate, .samples = {}};
  for (const std::int16_t sample : samples) sound.samples.push_back(static_cast<float>(sample) / 32'768);
  return sound;
}

class sound_listener : public SoundLibrary {
 protected:
  struct Heard {
    std::string sample_id;
    std::optional<double> bpm;
    bool analysed = false;
  };
  /// By title.
  static std::map<std::string, Heard> heard(Ledger& ledger) {
    std::map<std::string, Heard> all;
    Rows rows = ledger.query("newest_samples", nlohmann::json{{"user_id", musician}, {"rows", 1000}}.dump());
    while (rows.next()) {
      Heard one;
      std::string title;
      rows.read(0, one.sample_id);
      rows.read(1, title);
      rows.read(3, one.bpm);
      Rows sample = ledger.query("sample_by_id", nlohmann::json{{"sample_id", one.sample_id}}.dump());
      EXPECT_TRUE(sample.next());
      std::optional<std::string> analysed_at;
      sample.read(13, analysed_at);
      one.analysed = analysed_at.has_value();
      all[title] = one;
    }
    return all;
  }
  /// Listens with as many workers at once.
  static std::int64_t work(const std::string& url, const std::filesystem::path& folder, int workers) {
    std::atomic<std::int64_t> dead = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < workers; ++i) {
      threads.emplace_back([&] {
        Ledger ledger = Ledger::open(url);
        Worker worker(url, {.parallel = 2});
        sp404::listen(worker, ledger, folder);
        dead += worker.run_until_empty().dead;
      });
    }
    for (std::thread& thread : threads) thread.join();
    return dead;
  }
  /// The title of what sounds most like a sample, without itself.
  static std::string nearest(Ledger& ledger, const std::map<std::string, Heard>& all,
                             const std::string& title) {
    SearchOptions options{.limit = 2, .by = SearchBy::meaning};
    options.like = all.at(title).sample_id;
    for (const auto& hit : ledger.search("samples", "", options).hits)
      for (const auto& [other, sample] : all)
        if (other != title && hit.key.find(sample.sample_id) != std::string::npos) return other;
    return "";
  }
};

TEST_F(sound_listener, hears_the_tempo_of_a_beat) {
  for (const double bpm : {80.0, 100.0, 120.0, 128.0, 140.0, 160.0}) {
    const auto once = sp404::hear_tempo(sound_of(beats(bpm, 15)), false);
    ASSERT_TRUE(once) << bpm;
    EXPECT_NEAR(once->bpm, bpm, 0.03 * bpm);
    EXPECT_GT(once->confidence, 0.5);
    const auto loop = sp404::hear_tempo(sound_of(beats(bpm, 8 * 60 / bpm)), true);
    ASSERT_TRUE(loop) << bpm;
    EXPECT_NEAR(loop->bpm, bpm, 0.05);
  }
  EXPECT_FALSE(sp404::hear_tempo(sound_of(std::vector<std::int16_t>(rate * 10)), false));
  EXPECT_FALSE(sp404::hear_timbre(sound_of(std::vector<std::int16_t>(rate))));
}

// How many beats each loop holds, by ear; its length says the tempo. Two have a tempo in their names' family: 97.
const std::map<std::string, double> loops{{"loop_amen", 60 * 4 / 1.753},
                                          {"loop_amen_full", 60 * 16 / 6.857},
                                          {"loop_breakbeat", 60 * 4 / 1.905},
                                          {"loop_compus", 60 * 8 / 6.486},
                                          {"loop_electric", 97},
                                          {"loop_garzul", 120},
                                          {"loop_industrial", 60 * 2 / 0.884},
                                          {"loop_mehackit2", 97},
                                          {"loop_mika", 120},
                                          {"loop_perc1", 97},
                                          {"loop_perc2", 97},
                                          {"loop_tabla", 60 * 16 / 10.674}};

TEST_F(sound_listener, analyses_each_real_sound_once_however_many_listen) {
  make_library("sound_heard");
  const std::filesystem::path some = folder("some");
  std::filesystem::create_directory(some);
  for (const auto& file : std::filesystem::directory_iterator(sonic_pi))
    for (const char* family : {"loop_", "bd_", "drum_", "perc_bell", "ambi_glass"})
      if (file.path().filename().string().starts_with(family))
        std::filesystem::copy_file(file.path(), some / file.path().filename());
  for (std::size_t i = 0; i < urls().size(); ++i) {
    Ledger& ledger = *ledgers()[i];
    const auto report = sp404::import_folder(ledger, some, by_jay());
    const std::int64_t before = ledger.head().sequence.value;
    EXPECT_EQ(work(urls()[i], some, 2), 0);
    const auto all = heard(ledger);
    EXPECT_EQ(static_cast<std::int64_t>(all.size()), report.added);
    EXPECT_EQ(ledger.head().sequence.value, before + 2 * report.added);
    for (const auto& [title, sample] : all) {
      EXPECT_TRUE(sample.analysed) << title;
      if (sample.bpm) {
        EXPECT_TRUE(*sample.bpm > 40 && *sample.bpm < 250) << title;
      }
    }
    for (const auto& [title, bpm] : loops) {
      ASSERT_TRUE(all.at(title).bpm) << title;
      EXPECT_NEAR(*all.at(title).bpm, bpm, 0.5) << title;
    }
    for (const char* title : {"bd_808", "perc_bell", "ambi_glass_hum", "loop_3d_printer"})
      EXPECT_FALSE(all.at(title).bpm) << title;
    EXPECT_THAT(nearest(ledger, all, "bd_808"), HasSubstr("bd_"));
    EXPECT_THAT(nearest(ledger, all, "drum_cymbal_hard"), HasSubstr("drum_"));
    EXPECT_EQ(work(urls()[i], some, 1), 0);
    EXPECT_EQ(ledger.head().sequence.value, before + 2 * report.added);
  }
}

TEST_F(sound_listener, gives_up_what_it_cant_hear_and_says_why) {
  make_library("sound_dead");
  const std::filesystem::path path = folder("mixed");
  const std::string loop = bytes_of(sonic_pi / "loop_garzul.flac");
  write_bytes(path / "a half.flac", loop.substr(0, loop.size() / 2));
  write_bytes(path / "b gone.flac", bytes_of(sonic_pi / "bd_808.flac"));
  write_bytes(path / "c other.flac", bytes_of(sonic_pi / "bd_ada.flac"));
  write_bytes(path / "d loop.flac", loop);
  for (Ledger* ledger : ledgers()) EXPECT_EQ(sp404::import_folder(*ledger, path, by_jay()).added, 4);
  std::filesystem::remove(path / "b gone.flac");
  write_bytes(path / "c other.flac", bytes_of(sonic_pi / "bd_fat.flac"));
  for (std::size_t i = 0; i < urls().size(); ++i) {
    Ledger& ledger = *ledgers()[i];
    const nlohmann::json outside{{"user_id", musician},
                                 {"title", "passwd"},
                                 {"file_path", "../../etc/passwd"},
                                 {"file_size_bytes", 1}};
    ASSERT_TRUE(ledger.command("add_sample", outside.dump()));
    EXPECT_EQ(work(urls()[i], path, 1), 2 * 4);
    std::set<std::string> reasons;
    for (const JobStatus& job : Jobs(urls()[i]).list({.state = "dead"})) reasons.insert(job.text);
    ASSERT_EQ(reasons.size(), 4U);
    auto reason = reasons.begin();
    EXPECT_THAT(*reason++, HasSubstr("outside of the folder"));
    EXPECT_THAT(*reason++, HasSubstr("a half.flac: "));
    EXPECT_THAT(*reason++, HasSubstr("b gone.flac: No such file"));
    EXPECT_THAT(*reason++, HasSubstr("another file than the one that was imported"));
    const auto all = heard(ledger);
    EXPECT_NEAR(all.at("d loop").bpm.value_or(0), 120, 0.5);
    EXPECT_FALSE(all.at("a half").analysed);
  }
}

}  // namespace
}  // namespace reeve::testing
