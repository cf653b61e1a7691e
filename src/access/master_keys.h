#pragma once
// Master keys: they wrap the data keys and come from outside of every database (docs/secrets.md).

#include <reeve/clock.h>
#include <reeve/secret.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace reeve::access {

/// Versions count from 1 and fit in four bytes.
using KeyVersion = std::uint32_t;
using SharedKey = std::shared_ptr<const Secret>;

/// Lines `VERSION:BASE64` of 32 bytes each; empty lines and those that begin with # mean nothing, and a comma ends a line too.
/// `place` names the text in errors, which repeat nothing of it. Throws Error invalid_input.
std::map<KeyVersion, SharedKey> parse_master_keys(std::string_view text, const std::string& place);

/// A file of them, or a variable of the environment. Read when a key is first asked for, and again when a version is asked for
/// that was not there: a new version is added while programs run. Thread-safe.
class MasterKeys {
 public:
  /// The file, unless it is empty; then the variable.
  MasterKeys(std::string file, std::string variable);

  /// Throws Error not_found when the version is missing, with the number; denied when others have rights on the file;
  /// invalid_input when it holds something else.
  SharedKey find(KeyVersion version);
  /// The newest one, after reading anew.
  std::pair<KeyVersion, SharedKey> newest();
  /// Where they come from, for people.
  const std::string& place() const { return place_; }

 private:
  void read();

  const std::string file_;
  const std::string variable_;
  const std::string place_;
  std::mutex mutex_;
  std::map<KeyVersion, SharedKey> keys_;
};

/// Adds a new random key behind the last version of a file, which is made with mode 0600 if it is not there; its version. The
/// file is replaced whole. Throws Error as MasterKeys does.
KeyVersion add_master_key(const std::string& file, Random& random);

}  // namespace reeve::access
