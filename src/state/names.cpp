#include <reeve/names.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "blueprint/file_name.h"
#include "journal/directory.h"
#include "journal/journal.h"
#include "journal/names.h"
#include "state/location.h"
#include "words/normal_form.h"

#include <reeve/directory.h>
#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <mutex>
#include <utility>

namespace reeve {

namespace {

constexpr int attempts_max = 5;
constexpr Microseconds used_within = 15L * 60 * 1'000'000;

void check_scope(std::string_view scope) {
  if (!blueprint::is_name(scope)) {
    throw Error(ErrorCode::invalid_input, "the scope of a name is [a-z][a-z0-9_]*, at most 63 bytes",
                "write it as: email");
  }
}

[[noreturn]] void refuse_name() {
  throw Error(
      ErrorCode::invalid_input,
      fmt::format(
          "a name is 1 to {} bytes of UTF-8, of characters that Unicode has, without control characters "
          "and without blanks at its ends",
          name_bytes_max));
}

/// What is stored of a name: docs/names.md. Whoever holds it may try names, but sees none.
std::string hash_of(std::string_view scope, std::string_view name) {
  check_scope(scope);
  if (name.empty() || name.size() > name_bytes_max || !is_valid_utf8(name)) refuse_name();
  const auto folded = words::folded_form(name);
  const auto is_control = [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f;
  };
  if (!folded || folded->empty() || folded->front() == ' ' || folded->back() == ' ' ||
      std::any_of(folded->begin(), folded->end(), is_control)) {
    refuse_name();
  }
  return to_hex(sha256(fmt::format("{}:{}", scope, *folded)));
}

NameEntry entry_of(journal::StoredName&& stored) {
  return {std::move(stored.scope), std::move(stored.hash), stored.confirmed, stored.ends,
          std::move(stored.holder)};
}

NameState state_of(std::string_view text) {
  if (text == "taken") return NameState::taken;
  return text == "held" ? NameState::held : NameState::reserved;
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return std::filesystem::weakly_canonical(file).parent_path();
}

template <typename Work>
auto in_transaction(engine::Connection& connection, Work&& work) {
  for (int attempt = 1;; ++attempt) {
    try {
      engine::Transaction tx(connection, engine::Transaction::Mode::write);
      auto result = work();
      tx.commit();
      return result;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::retryable || attempt == attempts_max) throw;
    }
  }
}

/// The names of a schema as its owner, or of a folder; nothing where no name was ever reserved.
std::unique_ptr<engine::Connection> open_as_administrator(const state::Location& location) {
  if (location.is_file()) {
    if (!std::filesystem::is_directory(location.file())) {
      throw Error(ErrorCode::not_found, fmt::format("{} is no folder", location.name()),
                  "name a folder of ledgers, or postgresql://...");
    }
    return journal::open_names_file(location.file(), false);
  }
  if (!journal::read_schema_format(*location.open_schema())) {
    throw Error(ErrorCode::not_found, fmt::format("there is no ledger of Reeve in {}", location.name()),
                "`reeve init URL --blueprint FOLDER` makes one");
  }
  auto connection = location.open_schema({}, "reeve_owner");
  journal::check_format(*connection);
  journal::complete_names(*connection);
  return connection;
}

}  // namespace

std::string_view name_of(NameState state) {
  switch (state) {
    case NameState::reserved: return "reserved";
    case NameState::held: return "held";
    case NameState::taken: break;
  }
  return "taken";
}

struct Names::Impl {
  Impl(std::string_view url, const NamesOptions& options)
      : clock(options.clock != nullptr ? *options.clock : system_clock()),
        random(options.random != nullptr ? *options.random : system_random()) {
    const state::Location location = state::Location::of(url);
    const engine::ConnectionOptions connecting{.busy_ms_max = options.busy_ms_max,
                                               .file_system = location.file_system()};
    connection = location.open(engine::OpenMode::read_write, connecting);
    std::string ledger_id;
    if (location.is_file()) {
      ledger_file = std::move(connection);
      check_has_not_moved();
      ledger_id = journal::read_meta(*ledger_file, "ledger_id").value_or("");
      connection = journal::open_names_file(folder_of(location.file()), true, connecting);
    }
    table = std::make_unique<journal::NameTable>(*connection, ledger_id);
    const engine::Transaction tx(*connection, engine::Transaction::Mode::write);
    hold_ledger();
  }

  void check_has_not_moved() {
    const engine::Transaction snapshot(*ledger_file, engine::Transaction::Mode::read);
    if (journal::read_meta(*ledger_file, journal::meta_moved_to)) {
      throw Error(ErrorCode::conflict, "the ledger has moved to another database",
                  "its names are those of the directory there");
    }
  }
  /// In each transaction: the names of a ledger that moved, or is closed, are changed no more.
  void hold_ledger() {
    if (ledger_file) {
      check_has_not_moved();
    } else {
      journal::hold_open(*connection);
    }
  }
  /// In a transaction of its own, once more where the engine says that nothing was done.
  template <typename Work>
  auto change(Work&& work) {
    return in_transaction(*connection, [&] {
      hold_ledger();
      return work();
    });
  }

  std::string new_version() {
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    return to_hex(bytes);
  }

  struct Reserved {
    NameState state = NameState::taken;
    std::string version;
  };
  Reserved reserve(std::string_view scope, const std::string& hash, Microseconds duration) {
    std::string version = new_version();
    const Microseconds now = clock.now();
    const NameState state = change([&] {
      return state_of(table->reserve(
          {.scope = scope, .hash = hash, .now = now, .ends = now + duration, .version = version}));
    });
    return {state, std::move(version)};
  }
  bool confirm(const std::string& hash) {
    const std::string version = new_version();
    return change([&] { return table->confirm(hash, version); });
  }
  bool release(const std::string& hash, std::string_view unchanged = {}) {
    return change([&] { return table->release(hash, unchanged); });
  }
  std::vector<journal::StoredName> list(std::string_view scope) {
    const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
    return table->list(scope);
  }

  std::mutex mutex;
  Clock& clock;
  Random& random;
  std::unique_ptr<engine::Connection> ledger_file;  ///< of a file; the names are in another one
  std::unique_ptr<engine::Connection> connection;
  std::unique_ptr<journal::NameTable> table;
};

Names::Names(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Names::Names(Names&&) noexcept = default;
Names& Names::operator=(Names&&) noexcept = default;
Names::~Names() = default;

Names Names::open(std::string_view url, const NamesOptions& options) {
  return Names(std::make_unique<Impl>(url, options));
}

NameState Names::reserve(std::string_view scope, std::string_view name, Microseconds duration) {
  const std::string hash = hash_of(scope, name);
  if (duration < 1 || duration > reservation_max) {
    throw Error(ErrorCode::invalid_input, "a reservation lasts 1 microsecond to 30 days");
  }
  const std::lock_guard guard(impl_->mutex);
  return impl_->reserve(scope, hash, duration).state;
}

bool Names::confirm(std::string_view scope, std::string_view name) {
  const std::string hash = hash_of(scope, name);
  const std::lock_guard guard(impl_->mutex);
  return impl_->confirm(hash);
}

bool Names::release(std::string_view scope, std::string_view name) {
  const std::string hash = hash_of(scope, name);
  const std::lock_guard guard(impl_->mutex);
  return impl_->release(hash);
}

std::vector<NameEntry> Names::list(std::string_view scope) {
  if (!scope.empty()) check_scope(scope);
  const std::lock_guard guard(impl_->mutex);
  std::vector<NameEntry> entries;
  for (journal::StoredName& stored : impl_->list(scope)) entries.push_back(entry_of(std::move(stored)));
  return entries;
}

Settled Names::settle(std::string_view scope, const InUse& in_use) { return settle(scope, in_use, {}); }

Settled Names::settle(std::string_view scope, const InUse& in_use, const std::string& given_up) {
  check_scope(scope);
  // Listed before the ledger is read, so that what it does not use then, and nobody has touched since, is not used.
  std::vector<journal::StoredName> before;
  {
    const std::lock_guard guard(impl_->mutex);
    before = impl_->list(scope);
  }
  Settled settled;
  std::map<std::string, std::string> used;  // hash to name
  for (std::string& name : in_use()) used.emplace(hash_of(scope, name), std::move(name));
  const std::lock_guard guard(impl_->mutex);
  const Microseconds now = impl_->clock.now();
  for (const auto& [hash, name] : used) {
    const auto known =
        std::find_if(before.begin(), before.end(), [&](const auto& one) { return one.hash == hash; });
    if (known != before.end() && known->confirmed && !known->ends) continue;
    if (impl_->confirm(hash) ||
        (impl_->reserve(scope, hash, reservation_max).state != NameState::taken && impl_->confirm(hash))) {
      ++settled.confirmed;
    } else {
      settled.taken.push_back(name);
    }
  }
  for (const journal::StoredName& stored : before) {
    const bool is_about_to_be_used = stored.ends && *stored.ends > now && stored.version != given_up;
    if (used.contains(stored.hash) || is_about_to_be_used) continue;
    if (impl_->release(stored.hash, stored.version)) ++settled.released;
  }
  return settled;
}

Outcome Names::use(std::string_view scope, std::string_view name, const std::function<Outcome()>& commit,
                   const InUse& in_use) {
  const std::string hash = hash_of(scope, name);
  Impl::Reserved reserved;
  {
    const std::lock_guard guard(impl_->mutex);
    reserved = impl_->reserve(scope, hash, used_within);
  }
  if (reserved.state == NameState::taken) {
    settle(scope, in_use);
    return Rejection{fmt::format("the {} is taken", scope), ErrorCode::unique_violation};
  }
  Outcome outcome = commit();
  // Refused or not: what an earlier call left is put right as well.
  settle(scope, in_use, outcome ? std::string() : reserved.version);
  return outcome;
}

std::vector<NameEntry> list_names(std::string_view url_or_folder, std::string_view scope,
                                  std::string_view name) {
  if (!scope.empty()) check_scope(scope);
  const std::string hash = name.empty() ? "" : hash_of(scope, name);
  const auto connection = open_as_administrator(state::Location::of(url_or_folder));
  if (!connection) return {};
  std::map<std::string, std::string> ledgers;  // id to name
  for (DirectoryEntry& ledger : list_ledgers(url_or_folder)) ledgers.emplace(ledger.ledger_id, ledger.name);
  const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
  std::vector<NameEntry> entries;
  for (journal::StoredName& stored : journal::list_all_names(*connection, scope, hash)) {
    NameEntry entry = entry_of(std::move(stored));
    const auto ledger = ledgers.find(entry.ledger);
    entry.ledger = ledger == ledgers.end() ? "" : ledger->second;
    entries.push_back(std::move(entry));
  }
  return entries;
}

bool release_name(std::string_view url_or_folder, std::string_view scope, std::string_view name) {
  const std::string hash = hash_of(scope, name);
  const auto connection = open_as_administrator(state::Location::of(url_or_folder));
  return connection &&
         in_transaction(*connection, [&] { return journal::release_any_name(*connection, hash); });
}

}  // namespace reeve
