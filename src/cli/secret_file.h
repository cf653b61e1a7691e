#pragma once
// A secret for what reads keys from files.

#include <reeve/secret.h>

#include <string>

namespace reeve::cli {

/// A file that has no name in any folder and that only this process reaches: its pages are mapped by nobody, so no core dump has them
/// (memfd_create). Gone with its owner.
class SecretFile {
 public:
  /// Throws Error unavailable.
  explicit SecretFile(const Secret& secret);
  ~SecretFile();
  SecretFile(const SecretFile&) = delete;
  SecretFile& operator=(const SecretFile&) = delete;

  std::string path() const;

 private:
  int descriptor_;
};

}  // namespace reeve::cli
