#include "blueprint/job_schedule.h"

#include "base/cron.h"
#include "base/json.h"

#include <sstream>
#include <tuple>

namespace reeve::blueprint {

namespace {

const char* const example = "schedule = \"30 3 * * mon-fri\"";

void read_expression(Work& work, TableReader& top, JobKind::Schedule& schedule) {
  for (const auto& [expression, zone, key] :
       {std::tuple(schedule.expression, std::string(), "schedule"),
        std::tuple(std::string("@daily"), schedule.zone, "time_zone")}) {
    const toml::node* node = top.find(key, false, {});
    if (node == nullptr || !node->is_string()) continue;
    try {
      const CronSchedule cron(expression, zone);
      if (!cron.next(0)) {
        work.findings.add(top.place(*node), "`" + expression + "` never comes", "name a day that there is");
      }
    } catch (const Error& error) {
      work.findings.add(error, top.place(*node));
    }
  }
}

void read_catch_up(Work& work, TableReader& top, JobKind::Schedule& schedule) {
  using CatchUp = JobKind::CatchUp;
  const std::string how = "catch_up = \"last\", \"all\" or \"none\"";
  const std::string word = top.text("catch_up", false, how);
  if (word.empty() || word == "last") return;
  if (word != "all" && word != "none") {
    work.findings.add(top.place(*top.find("catch_up", false, {})), "`" + word + "` is no way to catch up",
                      "write " + how);
  }
  schedule.catch_up = word == "all" ? CatchUp::all : CatchUp::none;
}

void read_given(Work& work, TableReader& top, JobKind::Schedule& schedule) {
  const toml::node* node = top.find("given", false, {});
  if (node == nullptr) return;
  const toml::table* table = node->as_table();
  if (table == nullptr) {
    top.wrong_type("given", *node, "a table", "[given]\nlimit = 100");
    return;
  }
  std::ostringstream text;
  text << toml::json_formatter(*table);
  try {
    schedule.given = json::canonical(text.str());
  } catch (const Error& error) {
    work.findings.add(top.place(*node), "what is given is no JSON: " + error.message(),
                      "give strings, numbers, booleans, lists and tables");
  }
  if (!schedule.slot_member.empty() && table->contains(schedule.slot_member)) {
    work.findings.add(top.place(*node), "`" + schedule.slot_member + "` is the slot's time, and given too",
                      "leave one");
    schedule.slot_member.clear();
  }
}

}  // namespace

std::optional<JobKind::Schedule> read_schedule(Work& work, TableReader& top) {
  JobKind::Schedule schedule;
  schedule.expression = top.text("schedule", false, example);
  schedule.zone = top.text("time_zone", false, "time_zone = \"Europe/Berlin\"");
  schedule.slot_member = top.text("slot", false, "slot = \"day\"");
  if (!schedule.slot_member.empty() && !is_name(schedule.slot_member)) {
    work.findings.add(top.place(*top.find("slot", false, {})),
                      "`" + schedule.slot_member + "` is no name of an argument",
                      "write it as: slot = \"day\"");
  }
  read_catch_up(work, top, schedule);
  read_given(work, top, schedule);
  if (schedule.expression.empty()) {
    for (const char* const key : {"time_zone", "slot", "catch_up", "given"}) {
      if (const toml::node* node = top.find(key, false, {})) {
        work.findings.add(top.place(*node), "`" + std::string(key) + "` belongs to a schedule",
                          std::string("write ") + example + ", or leave it out");
      }
    }
    return std::nullopt;
  }
  read_expression(work, top, schedule);
  return schedule;
}

void check_schedule(Work& work, const JobKind::Schedule& schedule, const Command& command,
                    const Place& place) {
  std::string arguments = schedule.given;
  if (!schedule.slot_member.empty()) {
    arguments.pop_back();
    arguments += (arguments.size() > 1 ? "," : "") + ("\"" + schedule.slot_member) +
                 "\":\"2026-01-02T03:04:00.000000Z\"}";
  }
  json::Reader reader;
  if (const auto violation = command.schema.check(reader.read(arguments))) {
    work.findings.add(place,
                      "what the schedule gives is not what the command " + command.name + " takes: " +
                          (violation->pointer.empty() ? "it" : violation->pointer) + " " + violation->message,
                      "give its parameters under [given], and name the one that takes the time by `slot`");
  }
}

}  // namespace reeve::blueprint
