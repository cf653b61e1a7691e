#pragma once
// Keys of subjects in a file of their own, outside of the database and its backups (docs/sealed_value.md).

#include "base/clock.h"
#include "engine/connection.h"
#include "journal/sealed_value.h"

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

namespace reeve::journal {

/// Thread-safe. What it returned is durable.
class KeyStore {
 public:
  /// Creates the file, readable by its owner only, if it is not there. Throws Error invalid_input for a file that is
  /// no key store, denied when others may read it.
  static std::unique_ptr<KeyStore> open(const std::filesystem::path& file, Clock& clock, Random& random);

  /// The subject's key; nothing when it has none, or none any more.
  std::optional<SubjectKey> find(std::string_view subject);
  /// The subject's key, made if it has none.
  SubjectKey find_or_make(std::string_view subject);
  /// Destroys the subject's key: its bytes are overwritten in the file, and the log beside it is emptied. False when it
  /// has none. Throws Error retryable when the log can't be emptied because somebody reads; then it is to be asked again.
  bool forget(std::string_view subject);

 private:
  KeyStore(std::unique_ptr<engine::Connection> connection, Clock& clock, Random& random);

  std::mutex mutex_;
  std::unique_ptr<engine::Connection> connection_;
  Clock& clock_;
  Random& random_;
};

}  // namespace reeve::journal
