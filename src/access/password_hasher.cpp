#include "access/password_hasher.h"

#include "base/secret.h"
#include "base/utf8.h"
#include "words/normal_form.h"

#include <reeve/error.h>

#include <fmt/format.h>

namespace reeve::access {

namespace {

/// Takes memory of a gate, and gives it back.
class Taken {
 public:
  Taken(MemoryGate& gate, std::uint32_t kib) : gate_(gate), kib_(kib) { gate_.take(kib_); }
  ~Taken() { gate_.give_back(kib_); }
  Taken(const Taken&) = delete;
  Taken& operator=(const Taken&) = delete;

 private:
  MemoryGate& gate_;
  std::uint32_t kib_;
};

bool is_weaker(const HashingCost& one, const HashingCost& other) {
  return one.passes < other.passes || one.memory_kib < other.memory_kib;
}

/// What is typed in one way on one keyboard and in another on the next is one password (RFC 8265, section 4.2). Empty when it is none.
Secret normal(std::string_view password, std::size_t bytes_max) {
  if (password.empty() || password.size() > bytes_max || !is_valid_utf8(password)) {
    return {};
  }
  return words::composed_secret(password);
}

}  // namespace

void MemoryGate::take(std::uint32_t kib) {
  std::unique_lock lock(mutex_);
  if (kib > all_kib_) {
    throw Error(ErrorCode::limit_exceeded,
                fmt::format("the hash of a password asks for {} KiB of memory, there are {} for all of them",
                            kib, all_kib_),
                "raise PasswordOptions::memory_kib_max");
  }
  if (free_kib_ < kib) {
    const bool has_place = waiting_ < waiting_max_;
    ++waiting_;
    const bool is_given = has_place && returned_.wait_for(lock, wait_max_, [&] { return free_kib_ >= kib; });
    --waiting_;
    if (!is_given) {
      throw Error(ErrorCode::retryable, "too many passwords are being checked",
                  "nothing was checked: try again");
    }
  }
  free_kib_ -= kib;
}

void MemoryGate::give_back(std::uint32_t kib) {
  {
    const std::lock_guard lock(mutex_);
    free_kib_ += kib;
  }
  returned_.notify_all();  // they ask for different amounts
}

PasswordHasher::PasswordHasher(const PasswordOptions& options)
    : cost_{.passes = options.passes, .memory_kib = options.memory_kib},
      bytes_max_(options.bytes_max),
      gate_(options.memory_kib_max, options.waiting_max, std::chrono::milliseconds(options.wait_ms_max)) {
  if (options.passes < 1 || options.memory_kib < 8 || options.memory_kib > options.memory_kib_max ||
      options.bytes_max < 1 || options.bytes_max > 65536 || options.waiting_max < 0 ||
      options.wait_ms_max < 0) {
    throw Error(ErrorCode::invalid_input, "the options for passwords don't fit",
                "at least 1 pass and 8 KiB, and no more than memory_kib_max; bytes_max up to 65,536");
  }
}

std::string PasswordHasher::hash_within_bound(const Secret& password) {
  const Taken memory(gate_, cost_.memory_kib);
  return hash_password(password, cost_);
}

bool PasswordHasher::matches_within_bound(const Secret& password, const std::string& hash) {
  const auto cost = cost_of(hash);
  if (!cost) {
    throw Error(ErrorCode::corrupt, "the hash of a password is of another form", "set the password anew");
  }
  const Taken memory(gate_, cost->memory_kib);
  return is_password(password, hash);
}

/// Made by whoever checks first, for somebody or for nobody.
const std::string& PasswordHasher::nobodys() {
  const std::lock_guard lock(mutex_);
  if (nobodys_.empty()) {
    nobodys_ = hash_within_bound(Secret::copy_of("nobody"));
  }
  return nobodys_;
}

std::string PasswordHasher::hash(std::string_view password) {
  const Secret secret = normal(password, bytes_max_);
  if (secret.empty()) {
    throw Error(ErrorCode::invalid_input, fmt::format("a password has 1 to {} bytes of UTF-8", bytes_max_));
  }
  return hash_within_bound(secret);
}

PasswordCheck PasswordHasher::check(std::string_view password, std::optional<std::string_view> hash) {
  const std::string& otherwise = nobodys();
  const Secret secret = normal(password, bytes_max_);
  if (secret.empty()) {
    return {};
  }
  const std::string compared(hash ? *hash : otherwise);
  const bool is_equal = matches_within_bound(secret, compared);
  PasswordCheck said;
  said.matches = is_equal && hash.has_value();
  said.needs_rehash = said.matches && is_weaker(*cost_of(compared), cost_);
  return said;
}

}  // namespace reeve::access
