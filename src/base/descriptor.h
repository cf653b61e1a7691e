#pragma once
// File descriptors that close themselves, and writing to one until all is written.

#include <string_view>
#include <utility>

namespace reeve {

/// Owns a descriptor; below 0 it owns none. Not for files that SQLite has open: closing one gives up the process's locks on it.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  ~Descriptor() { close(); }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close();

 private:
  int number_;
};

/// False, with errno, when not all of it was written.
bool write_all(const Descriptor& descriptor, std::string_view bytes);

}  // namespace reeve
