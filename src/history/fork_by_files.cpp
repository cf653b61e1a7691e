#include "history/fork_by_files.h"

#include "base/clock.h"
#include "engine/file_copy.h"
#include "history/fork.h"
#include "journal/directory.h"
#include "state/promote.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::history {

namespace {

/// A promotion would find it too, but not before all is copied.
void check_name_is_free(const state::Location& target) {
  if (target.ledger().empty()) {
    throw Error(ErrorCode::invalid_input, "a fork in a schema needs a name of its own there",
                "name it in the URL: postgresql:///DATABASE?ledger=NAME");
  }
  {
    const auto schema = target.open_schema();
    const engine::Transaction snapshot(*schema, engine::Transaction::Mode::read);
    if (!journal::read_schema_format(*schema)) {
      return;
    }
  }
  const auto owner = target.open_schema({}, "reeve_owner");
  const engine::Transaction snapshot(*owner, engine::Transaction::Mode::read);
  const auto ledgers = journal::list_ledgers(*owner);
  const auto taken = std::find_if(ledgers.begin(), ledgers.end(), [&](const journal::LedgerEntry& entry) {
    return entry.name == target.ledger();
  });
  if (taken == ledgers.end()) {
    return;
  }
  const bool is_unfinished = taken->state == journal::LedgerState::arriving;
  throw Error(
      ErrorCode::conflict, fmt::format("{} is {}", target.name(), is_unfinished ? "not complete" : "taken"),
      is_unfinished ? "where no other run makes it, one that was killed left it: `reeve ledger erase` "
                      "frees its name"
                    : "choose another name: nothing is overwritten");
}

void copy(const state::Location& from, const state::Location& to, const ForkOptions& options) {
  const state::Promotion done =
      state::promote(from, to, {.progress = {options.progress, nullptr}, .fence = false});
  if (!done.equal()) {
    throw Error(ErrorCode::corrupt,
                fmt::format("the rows of {} are not those that its journal left: {}", from.name(),
                            done.differences.empty() ? "a sum differs" : done.differences.front()),
                "run `reeve verify` to see which, or `reeve rebuild`");
  }
}

}  // namespace

Fork fork_by_files(const state::Location& parent, const state::Location& target, const ForkOptions& options) {
  if (!target.is_file()) {
    check_name_is_free(target);
  }
  const Microseconds started = system_clock().now();
  const engine::PrivateFolder folder;
  state::Location from = parent;
  if (!parent.is_file()) {
    from = state::Location(folder.path() / "parent.db");
    copy(parent, from, options);
  }
  if (target.is_file()) {
    Fork made = fork_file(from, target.file(), options);
    made.copied_seconds = static_cast<double>(system_clock().now() - started) / 1e6;
    return made;
  }
  const state::Location way(folder.path() / "fork.db");
  Fork made = fork_file(from, way.file(), options);
  copy(way, target, options);
  made.shares_blocks = false;
  made.copied_seconds = static_cast<double>(system_clock().now() - started) / 1e6;
  return made;
}

}  // namespace reeve::history
