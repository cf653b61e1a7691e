#pragma once
// The sample library on both engines, with a musician in it, and folders of sound to fill it from.

#include "both_engines.h"
#include "sp404/import.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace reeve::testing {

/// Of Debian's package sonic-pi-samples.
inline const std::filesystem::path sonic_pi = "/usr/share/sonic-pi/samples";

inline constexpr const char* musician = "10000000-0000-4000-8000-000000000001";

inline void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// A WAV file of 16 bits and one channel.
inline std::string wav_of(const std::vector<std::int16_t>& samples, std::uint32_t rate) {
  const auto number = [](std::uint32_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFFU);
    return text;
  };
  const auto data_bytes = static_cast<std::uint32_t>(samples.size() * 2);
  std::string file = "RIFF" + number(36 + data_bytes, 4) + "WAVEfmt " + number(16, 4) + number(1, 2) +
                     number(1, 2) + number(rate, 4) + number(rate * 2, 4) + number(2, 2) + number(16, 2) +
                     "data" + number(data_bytes, 4);
  for (const std::int16_t sample : samples) file += number(static_cast<std::uint16_t>(sample), 2);
  return file;
}

/// A short sound that is like no other of another number.
inline std::string blip(int number) {
  std::vector<std::int16_t> samples(200, 100);
  samples[0] = static_cast<std::int16_t>(number);
  samples[1] = static_cast<std::int16_t>(number / 30'000);
  return wav_of(samples, 8000);
}

class SoundLibrary : public BothEngines {
 protected:
  void make_library(const std::string& database, int quota_mb = 1000) {
    make(project_file("blueprints/sp404mk2").string(), database);
    for (Ledger* ledger : ledgers()) {
      ASSERT_TRUE(ledger->command("add_user", nlohmann::json{{"user_id", musician},
                                                             {"email", "jay@detroit.example"},
                                                             {"username", "jay"},
                                                             {"quota_mb", quota_mb}}
                                                  .dump()));
    }
  }
  std::vector<Ledger*> ledgers() { return {&*sqlite_, &*postgres_}; }
  std::vector<std::string> urls() { return {file_, database_->application()}; }
  std::filesystem::path folder(const std::string& name) const { return workshop_.path(name); }

  static sp404::ImportOptions by_jay() { return {.user = "jay@detroit.example"}; }
  static std::int64_t samples_of(Ledger& ledger) {
    Rows rows = ledger.query("storage_of", nlohmann::json{{"user_id", musician}}.dump());
    EXPECT_TRUE(rows.next());
    std::optional<std::int64_t> samples;
    rows.read(4, samples);
    return samples.value_or(-1);
  }
  static bool books_are_right(Ledger& ledger) { return !ledger.query("wrong_books").next(); }
};

}  // namespace reeve::testing
