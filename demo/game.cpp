#include "game.h"

#include "base/clock.h"

#include <nlohmann/json.hpp>

namespace demo {

namespace {

constexpr reeve::Microseconds command_time = 7'310'000;

/// One reason for one rule, whoever ran into it.
std::string without_values(std::string reason, const std::string& parameters) {
  const nlohmann::json members = nlohmann::json::parse(parameters);
  for (const auto& [name, value] : members.items()) {
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) continue;
    const std::string& text = value.get_ref<const std::string&>();
    for (std::size_t at = reason.find(text); at != std::string::npos;
         at = reason.find(text, at + name.size() + 1)) {
      reason.replace(at, text.size(), ":" + name);
    }
  }
  return reason;
}

}  // namespace

Game::~Game() {
  std::unique_lock lock(mutex_);
  settled_.wait(lock, [this] { return answered_ >= handed_in_; });
}

std::int64_t Game::command(std::string_view name, const std::string& parameters, std::string_view actor) {
  clock_.set(clock_.now() + command_time);
  // The time is said here and not asked for by the writing thread, which may be behind.
  reeve::CommitOptions options;
  options.actor = actor;
  options.time = reeve::format_time(clock_.now());
  const std::int64_t ticket = handed_in_ + 1;
  ledger_.submit_command(
      name, parameters, options,
      [this, ticket, name = std::string(name), parameters](const reeve::Ledger::Verdict& verdict) {
        note(ticket, name, parameters, verdict);
      });
  handed_in_ = ticket;
  return ticket;
}

void Game::note(std::int64_t ticket, const std::string& name, const std::string& parameters,
                const reeve::Ledger::Verdict& verdict) {
  const std::lock_guard lock(mutex_);
  if (!verdict.outcome) {
    if (!fault_) fault_ = verdict.fault;
  } else if (verdict.outcome->accepted()) {
    ++tally_.accepted;
    tally_.events += verdict.outcome->receipt().count;
  } else {
    ++tally_.rejected;
    refusals_[ticket] = verdict.outcome->rejection().reason;
    ++tally_.reasons[{name, without_values(verdict.outcome->rejection().reason, parameters)}];
  }
  ++answered_;
  settled_.notify_all();
}

void Game::settle() {
  std::unique_lock lock(mutex_);
  settled_.wait(lock, [this] { return answered_ >= handed_in_; });
  if (fault_) std::rethrow_exception(std::exchange(fault_, nullptr));
}

std::optional<std::string> Game::take_refusal(std::int64_t ticket) {
  const std::lock_guard lock(mutex_);
  const auto found = refusals_.find(ticket);
  if (found == refusals_.end()) return std::nullopt;
  return refusals_.extract(found).mapped();
}

}  // namespace demo
