#include "cli/signed_file.h"

#include "base/descriptor.h"

#include <reeve/error.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

namespace reeve::cli {

namespace {

constexpr std::size_t file_bytes_max = 256UL * 1024 * 1024;

}  // namespace

std::string read_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    const bool missing = errno == ENOENT;
    throw Error(missing ? ErrorCode::not_found : ErrorCode::unavailable,
                path + (missing ? " is not there" : " can't be opened"),
                "check the path and its permissions");
  }
  std::string text;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t count = ::read(file.number(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Error(ErrorCode::unavailable, path + " can't be read", "check that it is a file");
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > file_bytes_max) {
      throw Error(ErrorCode::limit_exceeded, path + " is larger than 256 MiB",
                  "check that it is the right file");
    }
  }
}

journal::Signer read_secret_key(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    throw Error(ErrorCode::invalid_input, path + " is no file", "name the file of the secret key");
  }
  // Rights are advised to be taken away only from what is such a key.
  journal::Signer signer = journal::Signer::parse(read_file(path));
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    throw Error(ErrorCode::denied, path + " holds a secret key, and others have rights on it",
                "take their rights away: chmod 600 " + path);
  }
  return signer;
}

void write_new_file(const std::string& path, std::string_view text, FileRights rights) {
  const mode_t mode = rights == FileRights::owner ? S_IRUSR | S_IWUSR : 0666;
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file.is_open()) {
    const bool is_there = errno == EEXIST;
    throw Error(is_there ? ErrorCode::conflict : ErrorCode::unavailable,
                path + (is_there ? " is there already" : " can't be written"),
                is_there ? "name a new file" : "check the path and its permissions");
  }
  if (!write_all(file, text) || ::fsync(file.number()) != 0) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    throw Error(ErrorCode::unavailable, path + " can't be written", "check that the disk has room");
  }
}

journal::Verifier read_public_key(const std::string& text_or_path) {
  const bool is_text = text_or_path.find('+') != std::string::npos && !std::filesystem::exists(text_or_path);
  return journal::Verifier::parse(is_text ? text_or_path : read_file(text_or_path));
}

}  // namespace reeve::cli
