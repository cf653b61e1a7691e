#include "sp404/sound_file.h"

#include "base/sha256.h"
#include "base/utf8.h"

#include <fcntl.h>
#include <sndfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <memory>
#include <system_error>

namespace sp404 {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

struct CloseSound {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

std::string reason_of(int error) { return std::error_code(error, std::generic_category()).message(); }

/// A file that is open, hashed, and understood as far as its head.
class OpenSound {
 public:
  /// Nothing: `why_not()` says why.
  explicit OpenSound(const std::filesystem::path& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)) {
    struct stat status {};
    if (descriptor_.number() < 0 || ::fstat(descriptor_.number(), &status) != 0) {
      why_not_ = reason_of(errno);
    } else if (!S_ISREG(status.st_mode)) {
      why_not_ = "it is no file";
    } else if (hash() && bytes_ == 0) {
      why_not_ = "the file is empty";
    }
    if (why_not_.empty()) understand();
  }

  const std::string& why_not() const { return why_not_; }
  SNDFILE* file() const { return file_.get(); }
  const SF_INFO& info() const { return info_; }
  std::int64_t bytes() const { return bytes_; }
  const std::string& content_hash() const { return content_hash_; }

 private:
  bool hash() {
    std::vector<char> part(std::size_t{1} << 18U);
    reeve::Sha256 hash;
    for (;;) {
      const ssize_t size = ::read(descriptor_.number(), part.data(), part.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) why_not_ = reason_of(errno);
      if (size <= 0) break;
      hash.update(part.data(), static_cast<std::size_t>(size));
      bytes_ += size;
    }
    content_hash_ = reeve::to_hex(hash.finish());
    return why_not_.empty();
  }

  void understand() {
    ::lseek(descriptor_.number(), 0, SEEK_SET);
    file_.reset(sf_open_fd(descriptor_.number(), SFM_READ, &info_, SF_FALSE));
    if (!file_) {
      why_not_ = std::string("libsndfile says: ") + sf_strerror(nullptr);
    } else if (info_.frames <= 0 || info_.channels <= 0 || info_.samplerate <= 0) {
      why_not_ = "there is no sound in it";
    }
  }

  Descriptor descriptor_;
  std::string why_not_;
  std::int64_t bytes_ = 0;
  std::string content_hash_;
  SF_INFO info_{};
  std::unique_ptr<SNDFILE, CloseSound> file_;
};

std::optional<std::int64_t> bit_depth_of(int format) {
  switch (format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_PCM_S8:
    case SF_FORMAT_PCM_U8: return 8;
    case SF_FORMAT_PCM_16:
    case SF_FORMAT_ALAC_16: return 16;
    case SF_FORMAT_ALAC_20: return 20;
    case SF_FORMAT_PCM_24:
    case SF_FORMAT_ALAC_24: return 24;
    case SF_FORMAT_PCM_32:
    case SF_FORMAT_FLOAT:
    case SF_FORMAT_ALAC_32: return 32;
    case SF_FORMAT_DOUBLE: return 64;
    default: return std::nullopt;
  }
}

std::string format_of(int format) {
  SF_FORMAT_INFO info{};
  info.format = format & SF_FORMAT_TYPEMASK;
  if (sf_command(nullptr, SFC_GET_FORMAT_INFO, &info, sizeof info) != 0 || info.name == nullptr) return "";
  const std::string name = info.name;
  return name.substr(0, name.find(" ("));
}

/// At most as long as the library takes it.
std::optional<std::string> word_of(SNDFILE* file, int kind, std::size_t bytes_max) {
  const char* text = sf_get_string(file, kind);
  if (text == nullptr || *text == '\0') return std::nullopt;
  std::string word = text;
  if (word.size() > bytes_max || !reeve::is_valid_utf8(word)) return std::nullopt;
  return word;
}

}  // namespace

std::variant<SoundFile, NoSound> read_sound_file(const std::filesystem::path& path) {
  const OpenSound sound(path);
  if (!sound.why_not().empty()) return NoSound{sound.why_not()};
  const SF_INFO& info = sound.info();
  SoundFile file{.content_hash = sound.content_hash(),
                 .bytes = sound.bytes(),
                 .format = format_of(info.format),
                 .sample_rate = info.samplerate,
                 .bit_depth = bit_depth_of(info.format),
                 .channels = info.channels,
                 .artist = word_of(sound.file(), SF_STR_ARTIST, 300),
                 .album = word_of(sound.file(), SF_STR_ALBUM, 300),
                 .licence = word_of(sound.file(), SF_STR_LICENSE, 300),
                 .genre = word_of(sound.file(), SF_STR_GENRE, 50)};
  const double ms = static_cast<double>(info.frames) * 1000 / info.samplerate;
  if (info.frames != SF_COUNT_MAX && ms <= INT32_MAX) file.duration_ms = std::llround(ms);
  return file;
}

std::variant<Sound, NoSound> decode_sound(const std::filesystem::path& path, double seconds_max) {
  const OpenSound open(path);
  if (!open.why_not().empty()) return NoSound{open.why_not()};
  const auto channels = static_cast<std::size_t>(open.info().channels);
  const auto frames_max = static_cast<sf_count_t>(seconds_max * open.info().samplerate);
  const sf_count_t frames = std::min(open.info().frames, frames_max);
  Sound sound{.content_hash = open.content_hash(), .sample_rate = open.info().samplerate, .samples = {}};
  constexpr sf_count_t together = 4096;
  std::vector<float> part(static_cast<std::size_t>(together) * channels);
  for (sf_count_t left = frames; left > 0;) {
    const sf_count_t count = sf_readf_float(open.file(), part.data(), std::min(left, together));
    if (count <= 0) break;
    for (std::size_t frame = 0; frame < static_cast<std::size_t>(count); ++frame) {
      float sum = 0;
      for (std::size_t channel = 0; channel < channels; ++channel) sum += part[frame * channels + channel];
      sound.samples.push_back(sum / static_cast<float>(channels));
    }
    left -= count;
  }
  const auto got = static_cast<sf_count_t>(sound.samples.size());
  // Of some formats the length is a guess until all of it is decoded; whole blocks that are missing are no guess.
  if (got + together < frames && open.info().frames != SF_COUNT_MAX)
    return NoSound{"it ends after " + std::to_string(got) + " of " + std::to_string(frames) + " frames"};
  return sound;
}

}  // namespace sp404
