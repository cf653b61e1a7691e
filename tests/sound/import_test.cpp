// A folder of sound is in the library once, whatever becomes of the import.

#include "sound_library.h"
#include "sp404/sound_file.h"

#include "cli/run_program.h"

#include <gmock/gmock.h>

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

extern char** environ;

namespace reeve::testing {
namespace {

using sp404::Ending;
using sp404::import_folder;
using sp404::ImportReport;
using ::testing::HasSubstr;

/// Also from another folder.
std::string samples_program() {
  return (std::filesystem::absolute(std::getenv("REEVE_BUILD_DIR")) / "reeve_samples").string();
}

class sound_import : public SoundLibrary {
 protected:
  /// So many short sounds, in folders of a hundred.
  std::filesystem::path blips(const std::string& name, int count) const {
    std::filesystem::path path = folder(name);
    for (int i = 0; i < count; ++i)
      write_bytes(path / std::to_string(i / 100) / fmt::format("blip {}.wav", i), blip(i));
    return path;
  }
  /// The hashes and paths that the library has, in order.
  static std::vector<std::string> holdings(Ledger& ledger) {
    std::vector<std::string> all;
    Rows rows =
        ledger.query("newest_samples", nlohmann::json{{"user_id", musician}, {"rows", 10'000}}.dump());
    while (rows.next()) {
      std::string sample_id;
      rows.read(0, sample_id);
      Rows sample = ledger.query("sample_by_id", nlohmann::json{{"sample_id", sample_id}}.dump());
      EXPECT_TRUE(sample.next());
      std::string path;
      std::string hash;
      sample.read(2, path);
      sample.read(3, hash);
      all.push_back(path + " " + hash);
    }
    std::sort(all.begin(), all.end());
    return all;
  }
};

TEST_F(sound_import, takes_real_sounds_in_full_and_the_second_time_none) {
  make_library("sound_twice");
  for (Ledger* ledger : ledgers()) {
    const ImportReport first = import_folder(*ledger, sonic_pi, by_jay());
    ASSERT_EQ(first.ending, Ending::complete) << first.why;
    EXPECT_GT(first.added, 100);
    EXPECT_EQ(first.added, first.sounds);
    EXPECT_EQ(first.failed, 0);
    EXPECT_EQ(first.others, 1);  // a README.md
    EXPECT_EQ(samples_of(*ledger), first.added);
    const std::string state = holdings(*ledger).front();
    const ImportReport second = import_folder(*ledger, sonic_pi, by_jay());
    EXPECT_EQ(second.added, 0);
    EXPECT_EQ(second.there_already, first.added);
    EXPECT_FALSE(second.continued);
    EXPECT_EQ(samples_of(*ledger), first.added);
    EXPECT_EQ(holdings(*ledger).front(), state);
    EXPECT_TRUE(books_are_right(*ledger));
    EXPECT_FALSE(ledger->search("samples", "cymbal soft").hits.empty());
  }
  EXPECT_EQ(holdings(*sqlite_), holdings(*postgres_));
}

TEST_F(sound_import, keeps_what_a_file_says_of_itself) {
  const auto read = sp404::read_sound_file(sonic_pi / "loop_amen.flac");
  ASSERT_TRUE(std::holds_alternative<sp404::SoundFile>(read));
  const auto& amen = std::get<sp404::SoundFile>(read);
  EXPECT_EQ(amen.format, "FLAC");
  EXPECT_EQ(amen.sample_rate, 44100);
  EXPECT_EQ(amen.duration_ms, 1753);
  EXPECT_EQ(amen.bit_depth, 16);
  EXPECT_EQ(amen.bytes, static_cast<std::int64_t>(std::filesystem::file_size(sonic_pi / "loop_amen.flac")));
  EXPECT_EQ(amen.content_hash, to_hex(sha256(bytes_of(sonic_pi / "loop_amen.flac"))));
}

TEST_F(sound_import, reports_what_is_no_sound_one_by_one_and_takes_the_rest) {
  make_library("sound_broken");
  const std::filesystem::path path = folder("mixed");
  const std::string kick = bytes_of(sonic_pi / "bd_808.flac");
  write_bytes(path / "drums" / "Ōtāhuhu 80's kick.flac", kick);
  write_bytes(path / "a copy.flac", kick);
  write_bytes(path / "broken.flac", kick.substr(0, 3000));
  write_bytes(path / "empty.wav", "");
  write_bytes(path / "text.wav", "not a sound at all\n");
  write_bytes(path / "notes.txt", "for people\n");
  std::filesystem::create_directory_symlink(path, path / "drums" / "again");
  std::filesystem::create_symlink("drums/Ōtāhuhu 80's kick.flac", path / "link.flac");
  for (Ledger* ledger : ledgers()) {
    const ImportReport report = import_folder(*ledger, path, by_jay());
    ASSERT_EQ(report.ending, Ending::complete) << report.why;
    EXPECT_EQ(report.added, 1);
    EXPECT_EQ(report.there_already, 1);
    EXPECT_EQ(report.failed, 3);
    EXPECT_EQ(report.links, 2);
    EXPECT_EQ(report.others, 1);
    ASSERT_EQ(report.not_taken.size(), 3U);
    EXPECT_EQ(report.not_taken[0].path, "broken.flac");
    EXPECT_EQ(report.not_taken[1].path, "empty.wav");
    EXPECT_EQ(report.not_taken[1].reason, "the file is empty");
    EXPECT_EQ(report.not_taken[2].path, "text.wav");
    EXPECT_THAT(report.not_taken[2].reason, HasSubstr("libsndfile"));
    EXPECT_TRUE(books_are_right(*ledger));
    // A file that has become another one is not taken in the place of what is known by its path.
    write_bytes(path / "a copy.flac", bytes_of(sonic_pi / "bd_ada.flac"));
    const ImportReport changed = import_folder(*ledger, path, by_jay());
    EXPECT_EQ(changed.added, 0);
    EXPECT_EQ(changed.failed, 4);
    EXPECT_THAT(changed.not_taken.back().reason, HasSubstr("another file of this path"));
    write_bytes(path / "a copy.flac", kick);
  }
}

TEST_F(sound_import, stops_where_the_quota_ends_and_the_books_are_those_of_the_files) {
  make_library("sound_quota", 2);
  for (Ledger* ledger : ledgers()) {
    const ImportReport report = import_folder(*ledger, sonic_pi, by_jay());
    EXPECT_EQ(report.ending, Ending::refused);
    EXPECT_THAT(report.why, HasSubstr("quota is used up"));
    EXPECT_GT(report.added, 0);
    EXPECT_LT(report.added, report.sounds);
    EXPECT_LE(report.used_bytes, 2 * 1048576);
    EXPECT_EQ(samples_of(*ledger), report.added);
    EXPECT_TRUE(books_are_right(*ledger));
    // More room, and it goes on.
    ASSERT_TRUE(
        ledger->command("change_user", nlohmann::json{{"user_id", musician}, {"quota_mb", 100}}.dump()));
    const ImportReport rest = import_folder(*ledger, sonic_pi, by_jay());
    EXPECT_EQ(rest.ending, Ending::complete);
    EXPECT_TRUE(rest.continued);
    EXPECT_EQ(rest.batch_id, report.batch_id);
    EXPECT_EQ(rest.added, rest.sounds);
    EXPECT_EQ(rest.there_already, 0);
    EXPECT_TRUE(books_are_right(*ledger));
  }
}

TEST_F(sound_import, that_is_told_to_stop_goes_on_later) {
  make_library("sound_stop");
  const std::filesystem::path path = blips("blips", 300);
  for (Ledger* ledger : ledgers()) {
    std::atomic<bool> stop = false;
    sp404::ImportOptions options = by_jay();
    options.stop = &stop;
    options.progress = [&stop](std::int64_t done, std::int64_t, std::string_view) { stop = done >= 20; };
    const ImportReport report = import_folder(*ledger, path, options);
    EXPECT_EQ(report.ending, Ending::interrupted);
    EXPECT_GE(report.added, 20);
    EXPECT_LT(report.added, 300);
    EXPECT_EQ(samples_of(*ledger), report.added);
    const ImportReport rest = import_folder(*ledger, path, by_jay());
    EXPECT_EQ(rest.ending, Ending::complete);
    EXPECT_TRUE(rest.continued);
    EXPECT_EQ(rest.added, 300);
    EXPECT_EQ(rest.there_already, 0);
    EXPECT_TRUE(books_are_right(*ledger));
  }
}

/// The program, killed when the ledger has so many events.
void import_and_kill(Ledger& ledger, const std::string& url, const std::filesystem::path& folder,
                     std::int64_t events) {
  const std::string program = samples_program();
  std::vector<std::string> words{program,  "import", url,        folder.string(),
                                 "--user", musician, "--format", "json"};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  ASSERT_EQ(posix_spawn(&child, program.c_str(), nullptr, nullptr, argv.data(), environ), 0);
  int status = 0;
  pid_t ended = 0;
  while (ledger.head().sequence.value < events && ended == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ended = waitpid(child, &status, WNOHANG);
  }
  if (ended != 0) return;
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
}

TEST_F(sound_import, that_is_killed_in_the_middle_is_made_whole_by_the_next) {
  make_library("sound_killed");
  const std::filesystem::path path = blips("blips", 1000);
  for (std::size_t i = 0; i < urls().size(); ++i) {
    Ledger& ledger = *ledgers()[i];
    import_and_kill(ledger, urls()[i], path, 300);
    const std::int64_t there = samples_of(ledger);
    EXPECT_GT(there, 0);
    EXPECT_TRUE(books_are_right(ledger));
    const ImportReport rest = import_folder(ledger, path, {.user = musician});
    EXPECT_EQ(rest.ending, Ending::complete);
    EXPECT_EQ(rest.continued, there < 1000);
    EXPECT_EQ(rest.continued ? rest.added : rest.there_already, 1000);
    EXPECT_EQ(samples_of(ledger), 1000);
    EXPECT_TRUE(books_are_right(ledger));
  }
}

TEST_F(sound_import, says_what_it_did_as_text_and_as_json) {
  make_library("sound_program");
  write_bytes(folder("few") / "blip.wav", blip(1));
  write_bytes(folder("few") / "no.wav", "none");
  const tests::Folder here;
  const std::string command = fmt::format("'{}' import '{}' '{}' --user {}", samples_program(), file_,
                                          folder("few").string(), musician);
  const tests::Result text = tests::shell(here, command);
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("1 added"));
  EXPECT_THAT(text.out, HasSubstr("no.wav: libsndfile says"));
  const tests::Result json = tests::shell(here, command + " --format json");
  const nlohmann::json report = nlohmann::json::parse(json.out);
  EXPECT_EQ(report["there_already"], 1);
  EXPECT_EQ(report["not_taken"][0]["path"], "no.wav");
  const tests::Result nobody = tests::shell(here, command + "x");
  EXPECT_NE(nobody.exit_code, 0);
}

TEST(samples_demo, imports_real_sounds_listens_to_them_and_uses_them) {
  const tests::Folder here;
  const std::string demo = fmt::format("'{}' demo --ledger here/samples.db 2>&1", samples_program());
  const tests::Result ran = tests::shell(here, demo);
  ASSERT_EQ(ran.exit_code, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("165 there already"));
  EXPECT_THAT(ran.out, HasSubstr("0 gave up"));
  EXPECT_THAT(ran.out, HasSubstr("loop_amen        136.88"));
  EXPECT_THAT(ran.out, HasSubstr("`80's kick`              Ōtāhuhu 80's kick"));
  EXPECT_THAT(ran.out, HasSubstr("like bd_808              bd_"));
  EXPECT_THAT(ran.out, HasSubstr("`Around 97` holds 4 samples"));
  EXPECT_THAT(ran.out, HasSubstr("A16 vinyl_hiss"));
  EXPECT_THAT(ran.out, HasSubstr("what the books say is what the files are"));
  EXPECT_THAT(ran.out, HasSubstr("equal"));
}

}  // namespace
}  // namespace reeve::testing
