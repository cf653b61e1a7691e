#include "access/master_keys.h"

#include "base/cipher.h"
#include "base/descriptor.h"
#include "base/secret.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

namespace reeve::access {

namespace {

constexpr std::size_t file_bytes_max = 65536;
constexpr const char* how_it_looks =
    "a line of it is VERSION:BASE64, of 32 bytes; `reeve secret keygen FILE` makes one";

[[noreturn]] void refuse_file(const std::string& file, const char* why) {
  throw Error(ErrorCode::unavailable, fmt::format("the file of master keys {} {}", file, why),
              "check the path and its permissions");
}

/// Nothing when it is not there.
std::optional<Secret> read_key_file(const std::string& file) {
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.is_open()) {
    if (errno == ENOENT) return std::nullopt;
    refuse_file(file, "can't be opened");
  }
  struct stat status {};
  if (::fstat(opened.number(), &status) != 0 || !S_ISREG(status.st_mode)) {
    refuse_file(file, "is no file");
  }
  Secret text(file_bytes_max);
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(opened.number(), text.bytes().data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse_file(file, "can't be read");
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size == text.size()) {
    throw Error(ErrorCode::limit_exceeded, fmt::format("the file of master keys {} is too long", file),
                how_it_looks);
  }
  text.shorten(size);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    parse_master_keys(text.text(), file);  // only of what is such a file are rights advised to be taken away
    throw Error(ErrorCode::denied, fmt::format("others have rights on the file of master keys {}", file),
                fmt::format("take their rights away: chmod 600 {}", file));
  }
  return text;
}

std::pair<KeyVersion, SharedKey> parse_line(std::string_view line, const std::string& place) {
  KeyVersion version = 0;
  const char* const end = line.data() + line.size();
  const auto [at, error] = std::from_chars(line.data(), end, version);
  std::optional<Secret> key;
  if (error == std::errc() && at != end && *at == ':') {
    key = secret_from_base64(std::string_view(at + 1, static_cast<std::size_t>(end - at - 1)));
  }
  if (version == 0 || !key || key->size() != cipher_key_bytes) {
    throw Error(ErrorCode::invalid_input, fmt::format("{} holds something else than master keys", place),
                how_it_looks);
  }
  return {version, std::make_shared<const Secret>(std::move(*key))};
}

/// The folder's entry too: what is wrapped with a key must not outlive it.
void sync_folder(const std::filesystem::path& file) {
  const std::filesystem::path folder =
      file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open() || ::fsync(opened.number()) != 0) refuse_file(file.string(), "can't be made durable");
}

/// FILE.new, which keeps others from replacing the file until it does, or is given up. The old file or the new one is there,
/// whatever happens meanwhile.
class Replacement {
 public:
  explicit Replacement(const std::string& file)
      : file_(std::filesystem::is_symlink(file) ? std::filesystem::canonical(file).string() : file),
        beside_(file_ + ".new"),
        made_(::open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)) {
    if (!made_.is_open()) {
      refuse_file(beside_, errno == EEXIST ? "is there already: another run makes it, or was killed"
                                           : "can't be written");
    }
  }
  ~Replacement() {
    if (!is_done_) ::unlink(beside_.c_str());
  }
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  void finish(std::string_view before, std::string_view added) {
    struct stat old {};
    // Whoever reads it now reads it still: the file stays its owner's.
    const bool is_owned =
        ::stat(file_.c_str(), &old) != 0 || ::fchown(made_.number(), old.st_uid, old.st_gid) == 0;
    if (!is_owned || !write_all(made_, before) || !write_all(made_, added) || ::fsync(made_.number()) != 0) {
      refuse_file(beside_, "can't be written");
    }
    if (::rename(beside_.c_str(), file_.c_str()) != 0) refuse_file(file_, "can't be written");
    is_done_ = true;
    sync_folder(file_);
  }

 private:
  std::string file_;
  std::string beside_;
  Descriptor made_;
  bool is_done_ = false;
};

}  // namespace

std::map<KeyVersion, SharedKey> parse_master_keys(std::string_view text, const std::string& place) {
  std::map<KeyVersion, SharedKey> keys;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find_first_of("\n,"));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    auto [version, key] = parse_line(line, place);
    if (!keys.emplace(version, std::move(key)).second) {
      throw Error(ErrorCode::invalid_input, fmt::format("{} has two master keys {}", place, version),
                  "give each its own version");
    }
  }
  return keys;
}

MasterKeys::MasterKeys(std::string file, std::string variable)
    : file_(std::move(file)),
      variable_(std::move(variable)),
      place_(file_.empty() ? "the variable " + variable_ : file_) {}

void MasterKeys::read() {
  if (!file_.empty()) {
    const std::optional<Secret> text = read_key_file(file_);
    if (text) keys_ = parse_master_keys(text->text(), place_);
    return;
  }
  const char* const value = variable_.empty() ? nullptr : std::getenv(variable_.c_str());
  if (value != nullptr) keys_ = parse_master_keys(value, place_);
}

SharedKey MasterKeys::find(KeyVersion version) {
  const std::lock_guard lock(mutex_);
  if (!keys_.contains(version)) read();
  const auto found = keys_.find(version);
  if (found == keys_.end()) {
    throw Error(ErrorCode::not_found, fmt::format("master key {} is missing in {}", version, place_),
                fmt::format("add its line, {}:BASE64; without it what it wraps can't be opened", version));
  }
  return found->second;
}

std::pair<KeyVersion, SharedKey> MasterKeys::newest() {
  const std::lock_guard lock(mutex_);
  read();
  if (keys_.empty()) {
    throw Error(ErrorCode::not_found, fmt::format("there is no master key in {}", place_),
                "make one with `reeve secret keygen FILE`, and name the file");
  }
  return *keys_.rbegin();
}

KeyVersion add_master_key(const std::string& file, Random& random) {
  Replacement replacement(file);
  const std::optional<Secret> before = read_key_file(file);
  const auto keys = before ? parse_master_keys(before->text(), file) : std::map<KeyVersion, SharedKey>();
  const KeyVersion version = keys.empty() ? 1 : keys.rbegin()->first + 1;
  ensure(version != 0, "versions of master keys fit in four bytes");
  Secret key(cipher_key_bytes);
  random.fill(key.bytes());
  const Secret text = secret_to_base64(key);
  const bool is_whole = !before || before->empty() || before->text().back() == '\n';
  const std::string head = fmt::format("{}{}:", is_whole ? "" : "\n", version);
  Secret line(head.size() + text.size() + 1);
  std::memcpy(line.bytes().data(), head.data(), head.size());
  std::memcpy(line.bytes().data() + head.size(), text.bytes().data(), text.size());
  line.bytes().back() = '\n';
  replacement.finish(before ? before->text() : std::string_view(), line.text());
  return version;
}

}  // namespace reeve::access
