#include "scheduler.h"

#include "base/clock.h"
#include "base/json.h"

#include <fmt/format.h>

#include <stdexcept>

namespace demo {

namespace {

constexpr std::string_view scheduler = "scheduler";
/// Claimed at once: in the order in which they are to be done, by one thread.
constexpr int batch = 64;

}  // namespace

Scheduler::Scheduler(const std::string& url, Game& game, reeve::Clock& clock, reeve::Random& random)
    : url_(url),
      game_(game),
      clock_(clock),
      worker_(url, {
                       .clock = &clock,
                       .random = &random,
                       .name = std::string(scheduler),
                       .batch = batch,
                       .ledger = &game.ledger(),
                   }) {
  // The steps of the plan: 1 ends years, 2 charges commitments, 3 are orders, 4 closes what has expired, 5 publishes.
  worker_.handle("year", [this](const reeve::Job&, const std::stop_token&) { return run_steps(1, 2); });
  worker_.handle("digest", [this](const reeve::Job&, const std::stop_token&) { return run_steps(4, 5); });
  worker_.handle("order", [this](const reeve::Job& job, const std::stop_token&) { return do_order(job); });
}

void Scheduler::run() {
  game_.settle();
  for (;;) {
    const reeve::WorkReport report = worker_.run_once();
    if (report.completed + report.failed == 0) return;
  }
}

void Scheduler::pause() { reeve::Jobs(url_, &clock_).pause("*"); }

void Scheduler::resume() {
  reeve::Jobs(url_, &clock_).resume("*");
  run();  // schedules begin anew from here
}

std::vector<Scheduler::Step> Scheduler::plan(const std::optional<std::string>& order_id) {
  const std::string now = reeve::format_time(game_.time());
  return game_.ask_all(queries::digest_plan{.today = now.substr(0, 10), .order_id = order_id, .now = now});
}

std::string Scheduler::run_steps(std::int64_t first, std::int64_t last) {
  std::int64_t done = 0;
  for (const Step& step : plan(std::nullopt)) {
    if (step.step < first || step.step > last) continue;
    game_.command(step.command, step.parameters.text, scheduler);
    ++done;
  }
  game_.settle();
  return fmt::format("{} steps", done);
}

/// A command that is refused is a failed attempt, in the game's journal too.
std::string Scheduler::do_order(const reeve::Job& job) {
  reeve::json::Reader reader;
  std::string_view id;
  if (reader.read(job.arguments)["order_id"].get(id) != simdjson::SUCCESS)
    throw std::runtime_error("no order");
  const std::vector<Step> steps = plan(std::string(id));
  if (steps.empty()) return "nothing is left to do";
  const Step& step = steps.front();
  const std::int64_t ticket = game_.command(step.command, step.parameters.text, scheduler);
  game_.settle();
  const std::optional<std::string> reason = game_.take_refusal(ticket);
  if (!reason) return step.command;
  game_.command(commands::fail_order{.order_id = std::string(id), .reason = *reason}, scheduler);
  game_.settle();
  throw std::runtime_error(*reason);
}

}  // namespace demo
