#include <reeve/ledger_pool.h>

#include "base/utf8.h"
#include "state/location.h"
#include "state/shared_by_ledgers.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <vector>

namespace reeve {

namespace {

constexpr std::size_t name_bytes_max = 200;

[[noreturn]] void refuse_name(std::string_view why) {
  throw Error(ErrorCode::invalid_input, fmt::format("the name of a ledger {}", why),
              "1 to 200 bytes of UTF-8, no control characters, no slash, no dot at the beginning");
}

}  // namespace

void check_ledger_name(std::string_view name) {
  if (name.empty() || name.size() > name_bytes_max) {
    refuse_name("is empty or longer than 200 bytes");
  }
  if (!is_valid_utf8(name)) {
    refuse_name("is no UTF-8");
  }
  if (name.front() == '.') {
    refuse_name("begins with a dot");
  }
  for (std::size_t place = 0; place < name.size(); ++place) {
    const auto byte = static_cast<unsigned char>(name[place]);
    // U+0080 to U+009F are control characters too: C2 80 to C2 9F.
    const bool is_c1 = byte == 0xc2 && static_cast<unsigned char>(name[place + 1]) < 0xa0;
    if (byte < 0x20 || byte == 0x7f || is_c1) {
      refuse_name("has a control character");
    }
    if (byte == '/' || byte == '\\') {
      refuse_name("has a slash");
    }
  }
}

struct LedgerPool::State : std::enable_shared_from_this<State> {
  struct Entry {
    std::shared_ptr<Ledger> ledger;  ///< null while it is being opened
    int holders = 0;
    std::uint64_t used = 0;  ///< the smaller, the longer ago
  };
  using Closed = std::vector<std::shared_ptr<Ledger>>;

  State(const state::Location& where, const LedgerPoolOptions& given)
      : location(where),
        options(given),
        shared{std::make_shared<state::ConnectionBudget>(given.connections_max, given.wait_ms_max),
               std::make_shared<state::EpochLibrary>()} {}

  /// A handle counts as one holder until its last copy is gone.
  std::shared_ptr<Ledger> handle(const std::string& name, Entry& entry) {
    ++entry.holders;
    entry.used = ++uses;
    return {entry.ledger.get(),
            [self = shared_from_this(), name, kept = entry.ledger](Ledger*) mutable { self->let_go(name); }};
  }

  void let_go(const std::string& name) {
    {
      const std::lock_guard lock(mutex);
      // It is in the pool as long as somebody holds it.
      Entry& entry = entries.find(name)->second;
      --entry.holders;
    }
    changed.notify_all();
  }

  /// Takes out the one that was used the longest time ago of those that nobody holds.
  bool evict(Closed& closed) {
    auto longest = entries.end();
    for (auto place = entries.begin(); place != entries.end(); ++place) {
      const Entry& entry = place->second;
      if (entry.ledger && entry.holders == 0 &&
          (longest == entries.end() || entry.used < longest->second.used)) {
        longest = place;
      }
    }
    if (longest == entries.end()) {
      return false;
    }
    closed.push_back(std::move(longest->second.ledger));
    entries.erase(longest);
    return true;
  }

  /// Waits until the ledger is open, and gives a handle; or until there is room, and reserves it: then null.
  std::shared_ptr<Ledger> find_or_reserve(const std::string& name, Closed& closed) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(options.wait_ms_max);
    std::unique_lock lock(mutex);
    for (bool is_late = false;;) {
      const auto found = entries.find(name);
      if (found != entries.end() && found->second.ledger) {
        return handle(name, found->second);
      }
      if (found == entries.end() &&
          (entries.size() < static_cast<std::size_t>(options.open_max) || evict(closed))) {
        entries.try_emplace(name);
        return nullptr;
      }
      if (is_late) {
        throw Error(ErrorCode::retryable,
                    fmt::format("{} ledgers are open and in use, and none became free in {} ms",
                                options.open_max, options.wait_ms_max),
                    "let go of handles that are not needed, try again, or allow for more");
      }
      is_late = changed.wait_until(lock, until) == std::cv_status::timeout;
    }
  }

  state::Location location_of(const std::string& name) const {
    return location.is_file() ? location.with_file(location.file() / (name + ".db"))
                              : location.with_ledger(name);
  }

  const state::Location location;
  const LedgerPoolOptions options;
  const state::SharedByLedgers shared;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, Entry> entries;
  std::uint64_t uses = 0;
};

LedgerPool::LedgerPool(std::string_view folder_or_url, const LedgerPoolOptions& options) {
  const state::Location location = state::Location::of(folder_or_url);
  if (options.open_max < 1 || options.connections_max <= options.open_max || options.wait_ms_max < 0) {
    throw Error(ErrorCode::invalid_input, "a pool's connections_max has to be above its open_max",
                "each open ledger has a connection to write, and needs one more to read");
  }
  if (!location.is_file() && !location.ledger().empty()) {
    throw Error(ErrorCode::invalid_input, "the URL of a pool names one ledger", "leave ledger=NAME out");
  }
  if (location.is_file() && location.file_system().empty() &&
      !std::filesystem::is_directory(location.file())) {
    throw Error(ErrorCode::not_found, fmt::format("{} is no folder", location.name()));
  }
  state_ = std::make_shared<State>(location, options);
}

LedgerPool::~LedgerPool() = default;

std::shared_ptr<Ledger> LedgerPool::open(std::string_view name) {
  check_ledger_name(name);
  const std::string key(name);
  State::Closed closed;
  if (auto known = state_->find_or_reserve(key, closed)) {
    return known;
  }
  /// Whatever happens, nobody waits for it any longer.
  struct Reserved {
    State& state;
    const std::string& name;
    bool is_open = false;
    ~Reserved() {
      if (!is_open) {
        const std::lock_guard lock(state.mutex);
        state.entries.erase(name);
      }
      state.changed.notify_all();
    }
  } reserved{*state_, key};
  closed.clear();  // its connections are needed
  auto ledger = std::make_shared<Ledger>(
      Ledger::open(state_->location_of(key), state_->options.ledger, state_->shared));
  const std::lock_guard lock(state_->mutex);
  State::Entry& entry = state_->entries.find(key)->second;
  entry.ledger = std::move(ledger);
  reserved.is_open = true;
  return state_->handle(key, entry);
}

void LedgerPool::close_idle() {
  State::Closed closed;
  {
    const std::lock_guard lock(state_->mutex);
    while (state_->evict(closed)) {}
  }
  state_->changed.notify_all();
}

std::size_t LedgerPool::open_count() const {
  const std::lock_guard lock(state_->mutex);
  return state_->entries.size();
}

int LedgerPool::connection_count() const { return state_->shared.budget->used(); }

}  // namespace reeve
