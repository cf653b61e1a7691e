#pragma once
// What a sound file says of itself.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sp404 {

/// As libsndfile reads its head. The hash is SHA-256 of all bytes, in hexadecimal.
struct SoundFile {
  std::string content_hash;
  std::int64_t bytes = 0;
  std::string format;  ///< `FLAC`, `WAV`
  std::optional<std::int64_t> duration_ms = {};
  std::int64_t sample_rate = 0;
  std::optional<std::int64_t> bit_depth = {};  ///< nothing where samples have no fixed number of bits
  std::int64_t channels = 0;
  std::optional<std::string> artist = {};
  std::optional<std::string> album = {};
  std::optional<std::string> licence = {};
  std::optional<std::string> genre = {};
};

/// Why a file is none.
struct NoSound {
  std::string reason;
};

/// The file is opened once, and only if it is one: no link, no pipe.
std::variant<SoundFile, NoSound> read_sound_file(const std::filesystem::path& file);

/// One channel, the mean of those that the file has, from -1 to 1.
struct Sound {
  std::string content_hash;
  std::int64_t sample_rate = 0;
  std::vector<float> samples;
  double seconds() const { return static_cast<double>(samples.size()) / static_cast<double>(sample_rate); }
};

/// The first `seconds_max` of a file, decoded. A file that ends before it said it would is none.
std::variant<Sound, NoSound> decode_sound(const std::filesystem::path& file, double seconds_max);

}  // namespace sp404
