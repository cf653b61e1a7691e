// A byte is changed anywhere in a ledger's file: `verify` finds it or refuses the file, or the byte has no meaning by
// one of the rules of pages.h. REEVE_SEED repeats a run, REEVE_FLIPS sets the number of bytes.

#include "faults/pages.h"
#include "faults/scenario.h"

#include <fmt/format.h>

#include <chrono>
#include <mutex>
#include <thread>

namespace reeve::testing {
namespace {

/// Small, for each verification reads and translates it anew: a table with indexes, rows of one page and of several.
blueprint::Sources notes_sources() {
  return {{
      {"blueprint.toml", "format = 1\nname = \"notes\"\ntitle = \"Notes\"\n"},
      {"migrations/0001_notes.up.sql",
       "CREATE TABLE notes (note_id text PRIMARY KEY, author text NOT NULL, number bigint NOT NULL UNIQUE,\n"
       "  weight double precision, text text NOT NULL, hidden boolean NOT NULL DEFAULT false);\n"
       "CREATE INDEX notes_by_author ON notes (author, number);\n"},
      {"migrations/0001_notes.down.sql", "DROP TABLE notes;\n"},
      {"events/note.written.v1.sql",
       "INSERT INTO notes (note_id, author, number, weight, text)\n"
       "VALUES (:note_id, :author, :number, :weight, :text);\n"},
      {"events/note.written.v1.json",
       R"({"type": "object", "properties": {"note_id": {"type": "string"}, "author": {"type": "string"},
           "number": {"type": "integer"}, "weight": {"type": "number"}, "text": {"type": "string"}},
           "required": ["note_id", "author", "number", "text"]})"},
      {"events/note.taken.v1.sql", "DELETE FROM notes WHERE note_id = :note_id;\n"},
      {"events/note.taken.v1.json",
       R"({"type": "object", "properties": {"note_id": {"type": "string"}}, "required": ["note_id"]})"},
  }};
}

Image notes_ledger() {
  const Workshop workshop;
  const auto disk = Disk::mount("notes");
  {
    Ledger ledger = Ledger::create(disk->url(), workshop.blueprint(notes_sources()));
    const auto write = [&](int i) {
      const std::string text(static_cast<std::size_t>(i % 20 == 0 ? 5000 : 20 + i % 50),
                             static_cast<char>('a' + i % 26));
      ledger
          .commit(
              "note.written",
              fmt::format(R"({{"note_id":"n{0}","author":"w{1}","number":{2},"weight":{0}.5,"text":"{3}"}})",
                          i, i % 4, i * 1000 - 7, text),
              {.actor = fmt::format("w{}", i % 4), .key = i % 2 == 0 ? fmt::format("k{}", i) : ""})
          .receipt();
    };
    for (int i = 0; i < 40; ++i) write(i);
    for (int i = 0; i < 40; i += 3)
      ledger.commit("note.taken", fmt::format(R"({{"note_id":"n{}"}})", i)).receipt();
    for (int i = 40; i < 50; ++i) write(i);
    for (int i = 40; i < 50; i += 2)
      ledger.commit("note.taken", fmt::format(R"({{"note_id":"n{}"}})", i)).receipt();
  }
  return disk->files();
}

std::string printable(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    text += byte >= ' ' && byte < 0x7f ? byte : '.';
  }
  return text;
}

/// Whether verify or an opening to write finds it.
bool is_found(const Image& image, const std::string& name) {
  const auto disk = Disk::mount(name, Disk::renamed(image, "notes", name));
  try {
    if (!state::verify(disk->url()).equal()) return true;
    Ledger ledger = Ledger::open(disk->url());
    ledger.commit("note.taken", R"({"note_id":"n1"})").receipt();
    return !state::verify(disk->url()).equal();
  } catch (const Error&) {
    return true;
  }
}

TEST(flips, miss_no_byte_with_a_meaning) {
  const char* given = std::getenv("REEVE_FLIPS");
  const std::int64_t flips = given != nullptr ? std::atoll(given) : 10'000;
  const std::uint64_t seed = test_seed("flipped bytes");
  const Image image = notes_ledger();
  const std::string content = *image.at("/notes.db");
  ASSERT_EQ(image.size(), 1U) << "all of it is in one file";
  const std::vector<ByteUse> uses = uses_of(content);
  std::mutex mutex;
  std::map<std::string, std::int64_t> found;
  std::map<std::string, std::int64_t> passed;
  std::vector<std::string> missed;
  const auto from = std::chrono::steady_clock::now();
  constexpr std::int64_t threads = 2;
  std::vector<std::thread> running;
  for (std::int64_t t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      std::mt19937_64 random(seed + static_cast<std::uint64_t>(t));
      for (std::int64_t i = t; i < flips; i += threads) {
        // Each eighth byte is one of the first page's header, which is small and means much.
        const std::size_t place = i % 8 == t ? random() % 100 : random() % content.size();
        const auto change = static_cast<char>(random() % 2 == 0 ? 1U << random() % 8 : 1 + random() % 255);
        auto changed = std::make_shared<std::string>(content);
        (*changed)[place] = static_cast<char>((*changed)[place] ^ change);
        const bool is = is_found({{"/notes.db", changed}}, fmt::format("flip{}-{}", t, i));
        const ByteUse& use = uses[place];
        const std::lock_guard lock(mutex);
        ++(is ? found : passed)[std::string(use.name)];
        if (!is && use.has_meaning && use.alike.find((*changed)[place]) == std::string_view::npos) {
          const std::size_t shown = place - std::min<std::size_t>(place, 40);
          missed.push_back(
              fmt::format("byte {} ({} of page {}) changed by {:#04x}, behind \"{}\"", place, use.name,
                          place / 4096 + 1, static_cast<unsigned char>(change),
                          printable(std::string_view(content).substr(shown, place - shown + 1))));
        }
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - from;
  std::cout << fmt::format("{} bytes of {} changed, {:.1f} s; found / without meaning:", flips,
                           content.size(), seconds.count())
            << std::endl;
  std::map<std::string, std::int64_t> all = found;
  for (const auto& [name, count] : passed) all[name] += count;
  for (const auto& [name, count] : all) {
    std::cout << fmt::format("  {:40} {:6} / {}", name, found[name], passed[name]) << std::endl;
  }
  for (const std::string& miss : missed) std::cout << "  not found: " << miss << std::endl;
  EXPECT_TRUE(missed.empty());
}

}  // namespace
}  // namespace reeve::testing
