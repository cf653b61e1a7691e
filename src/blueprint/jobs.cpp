// jobs/NAME.toml: kinds of jobs, checked against the events that ask for them and the commands that they run.

#include "blueprint/job_schedule.h"
#include "blueprint/toml_table.h"
#include "blueprint/work.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace reeve::blueprint {

namespace {

using json::PropertyType;

constexpr double us_of_second = 1e6;
constexpr double seconds_max = 86400;
constexpr std::size_t program_arguments_max = 64;
constexpr std::size_t file_name_bytes_max = 100;

const json::Schema::Property* find_property(const json::Schema& schema, std::string_view name) {
  for (const json::Schema::Property& property : schema.properties()) {
    if (property.name == name) return &property;
  }
  return nullptr;
}

std::vector<std::string> names_of(const json::Schema& schema) {
  std::vector<std::string> names;
  for (const json::Schema::Property& property : schema.properties()) names.push_back(property.name);
  return names;
}

/// Letters, digits, `.`, `_` and `-`, neither hidden nor like an option: it stays in the folder it is looked for in.
bool is_file_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= file_name_bytes_max && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), fits);
}

/// What a command takes for a member of an event.
bool may_be(PropertyType parameter, PropertyType member) {
  const auto is_any = [](PropertyType type) { return type == PropertyType::any; };
  const bool is_text = member == PropertyType::string || member == PropertyType::uuid ||
                       member == PropertyType::date || member == PropertyType::date_time;
  return parameter == member || is_any(parameter) || is_any(member) ||
         (parameter == PropertyType::number && member == PropertyType::integer) ||
         (parameter == PropertyType::string && is_text);
}

/// One file of jobs/.
class JobReader {
 public:
  JobReader(Work& work, const std::string& name, const TomlFile& file) : work_(work), file_(file) {
    job_.name = name;
  }

  void read() {
    const std::optional<toml::table> parsed = parse_toml(file_, work_.findings);
    if (!parsed) return;
    TableReader top(file_, *parsed, "", work_.findings);
    top.check_format("this kind of job");
    job_.schedule = read_schedule(work_, top);
    read_events(top);
    job_.unique = members(top, "unique", "unique = [\"sample_id\"]", true);
    if (parsed->get("arguments") != nullptr) {
      job_.arguments = members(top, "arguments", "arguments = [\"sample_id\"]", false);
      std::sort(job_.arguments->begin(), job_.arguments->end());
    } else {
      top.find("arguments", false, {});
      refuse_personal_payload();
    }
    read_run(top);
    job_.priority = integer(top, "priority", 0, -1000, 1000, "priority = 5");
    job_.attempts = integer(top, "attempts", job_.attempts, 1, 1000, "attempts = 3");
    job_.rate = integer(top, "rate", 0, 1, 60000, "rate = 120");
    job_.retention_days = integer(top, "retention", job_.retention_days, 0, 3650, "retention = 7");
    job_.lease_us = seconds(top, "lease", job_.lease_us, 1, "lease = 60");
    job_.timeout_us = seconds(top, "timeout", job_.timeout_us, 0.1, "timeout = 300");
    read_delay(top);
    read_moment(top);
    job_.confirm_us = seconds(top, "confirm", 0, 1, "confirm = 3600");
    if (job_.confirm_us > 0 && job_.run == JobKind::Run::command) {
      find(top.place(*top.find("confirm", false, {})), "nobody has to confirm what a command did",
           "leave `confirm` out");
    }
    read_backoff(top);
    read_tier(top);
    job_.after = top.text("after", false, "after = \"fetch\"");
    top.refuse_unknown();
    work_.blueprint.jobs.emplace(job_.name, std::move(job_));
  }

 private:
  void find(const Place& place, std::string message, std::string remedy) {
    work_.findings.add(place, std::move(message), std::move(remedy));
  }

  /// The strings of a list, each with its place.
  std::vector<std::pair<std::string, Place>> texts(TableReader& top, std::string_view key, bool required,
                                                   const std::string& example) {
    std::vector<std::pair<std::string, Place>> found;
    const toml::node* node = top.find(key, required, example);
    if (node == nullptr) return found;
    const toml::array* list = node->as_array();
    if (list == nullptr || list->empty()) {
      top.wrong_type(key, *node, "a list of names", example);
      return found;
    }
    for (const toml::node& one : *list) {
      const auto* text = one.as_string();
      if (text == nullptr) {
        top.wrong_type(key, one, "a list of names", example);
        continue;
      }
      const auto is_same = [&](const auto& other) { return other.first == text->get(); };
      if (key != "program_arguments" && std::any_of(found.begin(), found.end(), is_same)) {
        find(top.place(one), "`" + text->get() + "` is named twice", "leave one");
        continue;
      }
      found.emplace_back(text->get(), top.place(one));
    }
    return found;
  }

  void read_events(TableReader& top) {
    const std::string example = "on = [\"sample.added\"], or schedule = \"30 3 * * *\"";
    const toml::node* on = top.find("on", !job_.schedule.has_value(), example);
    if (job_.schedule) {
      for (const char* const key : {"on", "arguments", "unique", "tier", "delay", "moment", "after"}) {
        if (const toml::node* node = top.find(key, false, {})) {
          find(top.place(*node), "`" + std::string(key) + "` is of jobs that events ask for",
               "leave it out, or write a second kind of job");
        }
      }
      return;
    }
    if (on == nullptr) return;
    for (const auto& [type, place] : texts(top, "on", true, example)) {
      const EventType* event = work_.blueprint.find_event(type);
      if (event == nullptr) {
        // One whose own files have findings is there, but not known.
        if (work_.inventory.events.find(type) == work_.inventory.events.end()) {
          std::vector<std::string> known;
          for (const auto& [name, versions] : work_.inventory.events) known.push_back(name);
          find(place, "there is no event type `" + type + "`", "there are " + quoted_list(known));
        }
        continue;
      }
      events_.push_back(event);
      job_.on.push_back(type);
    }
    std::sort(job_.on.begin(), job_.on.end());
  }

  /// Null, and a finding, unless every event has it and none as a personal one.
  const json::Schema::Property* member(const std::string& name, const Place& place, bool required) {
    const json::Schema::Property* property = nullptr;
    for (const EventType* event : events_) {
      property = find_property(event->schema, name);
      if (property == nullptr) {
        find(place, "the event " + event->type + " has no member `" + name + "`",
             "it has " + quoted_list(names_of(event->schema)));
        return nullptr;
      }
      if (property->personal) {
        find(place,
             "the member `" + name + "` of " + event->type +
                 " is personal: what is forgotten must leave no trace",
             "leave it out; who does the job may read it from the ledger");
        return nullptr;
      }
      if (required && !property->required) {
        find(place, "the member `" + name + "` may be missing in " + event->type,
             "name members that the event's schema requires");
        return nullptr;
      }
    }
    return property;
  }

  std::vector<std::string> members(TableReader& top, std::string_view key, const std::string& example,
                                   bool required) {
    std::vector<std::string> found;
    for (const auto& [name, place] : texts(top, key, false, example)) {
      if (member(name, place, required) != nullptr) found.push_back(name);
    }
    return found;
  }

  void refuse_personal_payload() {
    for (const EventType* event : events_) {
      for (const json::Schema::Property& property : event->schema.properties()) {
        if (!property.personal) continue;
        find({std::string(file_.path), 1, 1},
             "the payload of " + event->type + " has the personal member `" + property.name + "`",
             "name the members that the job needs: arguments = [...]");
        return;
      }
    }
  }

  void read_run(TableReader& top) {
    const std::string example = "run = \"command:NAME\", \"program:NAME\", \"webhook:NAME\" or \"handler\"";
    const std::string run = top.text("run", true, example);
    const toml::node* node = top.find("run", false, example);
    const auto arguments = top.find("program_arguments", false, {}) == nullptr
                               ? std::vector<std::pair<std::string, Place>>()
                               : texts(top, "program_arguments", false, "program_arguments = [\"--fast\"]");
    if (run.empty() || node == nullptr) return;
    const std::size_t colon = run.find(':');
    const std::string word = run.substr(0, colon);
    job_.target = colon == std::string::npos ? "" : run.substr(colon + 1);
    if (word == "command" && is_name(job_.target)) {
      job_.run = JobKind::Run::command;
      check_command(top.place(*node));
    } else if (word == "program" && is_file_name(job_.target)) {
      job_.run = JobKind::Run::program;
    } else if (word == "webhook" && is_name(job_.target)) {
      job_.run = JobKind::Run::webhook;
    } else if (run != "handler") {
      find(top.place(*node), "`" + run + "` is nothing that can be run", "write " + example);
      return;
    }
    if (!arguments.empty() && job_.run != JobKind::Run::program) {
      find(arguments.front().second, "`program_arguments` are given to no program",
           "leave them out, or write run = \"program:NAME\"");
    }
    for (const auto& [text, place] : arguments) {
      if (text.find('\0') != std::string::npos || arguments.size() > program_arguments_max) {
        find(place, "a program can't be given these arguments", "write at most 64, without U+0000");
        return;
      }
      job_.program_arguments.push_back(text);
    }
  }

  void check_command(const Place& place) {
    const auto command = work_.blueprint.commands.find(job_.target);
    if (command == work_.blueprint.commands.end()) {
      if (work_.inventory.commands.contains(job_.target)) return;  // it has findings of its own
      std::vector<std::string> known;
      for (const auto& [name, path] : work_.inventory.commands) known.push_back(name);
      find(place, "there is no command `" + job_.target + "`", "there are " + quoted_list(known));
      return;
    }
    if (job_.schedule) {
      check_schedule(work_, *job_.schedule, command->second, place);
    }
    for (const EventType* event : events_) {
      check_parameters(command->second, *event, place);
    }
  }

  void check_parameters(const Command& command, const EventType& event, const Place& place) {
    const std::vector<std::string> given = job_.arguments ? *job_.arguments : names_of(event.schema);
    for (const std::string& name : given) {
      const json::Schema::Property* member = find_property(event.schema, name);
      const json::Schema::Property* parameter = find_property(command.schema, name);
      if (member == nullptr) continue;
      if (parameter == nullptr) {
        find(place, "the command " + command.name + " has no parameter `" + name + "`",
             "it has " + quoted_list(names_of(command.schema)) + ": name those members in `arguments`");
      } else if (!may_be(parameter->type, member->type)) {
        find(place,
             "the parameter `" + name + "` of " + command.name + " has another type than the member of " +
                 event.type,
             "give the member and the parameter one type");
      }
    }
    for (const json::Schema::Property& parameter : command.schema.properties()) {
      const json::Schema::Property* member = find_property(event.schema, parameter.name);
      const bool is_given = std::find(given.begin(), given.end(), parameter.name) != given.end();
      if (parameter.required && !(is_given && member != nullptr && member->required)) {
        find(place,
             "the command " + command.name + " requires `" + parameter.name + "`, which " + event.type +
                 " does not always give it",
             "require the member in the event and name it in `arguments`");
      }
    }
  }

  std::int64_t integer(TableReader& top, std::string_view key, std::int64_t otherwise, std::int64_t least,
                       std::int64_t most, const std::string& example) {
    const toml::node* node = top.find(key, false, example);
    if (node == nullptr) return otherwise;
    const auto* value = node->as_integer();
    if (value == nullptr || value->get() < least || value->get() > most) {
      top.wrong_type(key, *node, "an integer from " + std::to_string(least) + " to " + std::to_string(most),
                     example);
      return otherwise;
    }
    return value->get();
  }

  /// In microseconds.
  std::int64_t seconds(TableReader& top, std::string_view key, std::int64_t otherwise, double least,
                       const std::string& example) {
    const toml::node* node = top.find(key, false, example);
    if (node == nullptr) return otherwise;
    const std::optional<double> value = node->value<double>();
    if (!node->is_number() || !value || !(*value >= least) || *value > seconds_max) {
      top.wrong_type(key, *node, "a number of seconds that is allowed here", example);
      return otherwise;
    }
    return std::llround(*value * us_of_second);
  }

  void read_delay(TableReader& top) {
    const std::string example = "delay = 30, or delay = \"MEMBER\"";
    const toml::node* node = top.find("delay", false, example);
    if (node == nullptr) return;
    const auto* name = node->as_string();
    if (name == nullptr) {
      job_.delay_us = seconds(top, "delay", 0, 0, example);
      return;
    }
    const json::Schema::Property* property = member(name->get(), top.place(*node), false);
    if (property != nullptr && property->type != PropertyType::date_time) {
      find(top.place(*node), "the member `" + name->get() + "` holds no time",
           "declare it as {\"type\": \"string\", \"format\": \"date-time\"}");
    }
    job_.delay_member = name->get();
  }

  void read_moment(TableReader& top) {
    job_.moment_member = top.text("moment", false, "moment = \"deadline_year\"");
    if (job_.moment_member.empty()) return;
    const Place place = top.place(*top.find("moment", false, {}));
    const json::Schema::Property* property = member(job_.moment_member, place, false);
    if (property != nullptr && property->type != PropertyType::integer) {
      find(place, "the member `" + job_.moment_member + "` holds no moment",
           "declare it as {\"type\": \"integer\"}");
    }
    if (!work_.settings.moment || work_.settings.moment->type != sql::Type::integer) {
      find(place, "the blueprint has no moment that is an integer",
           "declare one in blueprint.toml: [moment]");
    }
    if (!job_.delay_member.empty() || job_.delay_us > 0) {
      find(place, "a job waits for a time and for a moment", "leave `delay` or `moment`");
    }
  }

  void read_backoff(TableReader& top) {
    const std::string example = "[backoff]\nfirst = 1\nmax = 3600";
    const toml::node* node = top.find("backoff", false, example);
    if (node == nullptr) return;
    const toml::table* table = node->as_table();
    if (table == nullptr) {
      top.wrong_type("backoff", *node, "a table", example);
      return;
    }
    TableReader backoff(file_, *table, "backoff", work_.findings);
    job_.backoff_first_us = seconds(backoff, "first", job_.backoff_first_us, 0, "first = 1");
    job_.backoff_max_us = seconds(backoff, "max", job_.backoff_max_us, 0, "max = 3600");
    backoff.refuse_unknown();
    if (job_.backoff_max_us < job_.backoff_first_us) {
      find(top.place(*node), "the longest wait is shorter than the first", "write first <= max");
    }
  }

  void read_tier(TableReader& top) {
    job_.tier = top.text("tier", false, "tier = \"user_id\"");
    if (!job_.tier.empty()) {
      const Place place = top.place(*top.find("tier", false, {}));
      const json::Schema::Property* property = member(job_.tier, place, true);
      if (property != nullptr && property->type == PropertyType::object_or_array) {
        find(place, "the member `" + job_.tier + "` is no tier: it is an object or a list",
             "name a string, a number or a boolean");
      }
    }
    const std::string example = "[weights]\ngold = 4";
    const toml::node* node = top.find("weights", false, example);
    if (node == nullptr) return;
    const toml::table* table = node->as_table();
    if (table == nullptr || job_.tier.empty()) {
      top.wrong_type("weights", *node, "a table beside `tier`", "tier = \"plan\"\n" + example);
      return;
    }
    for (const auto& [key, value] : *table) {
      const auto* weight = value.as_integer();
      if (weight == nullptr || weight->get() < 1 || weight->get() > 100) {
        find(top.place(value),
             "the weight of `" + std::string(key.str()) + "` is not an integer from 1 to 100",
             "write it as: " + std::string(key.str()) + " = 4");
        continue;
      }
      job_.weights.emplace(key.str(), weight->get());
    }
  }

  Work& work_;
  TomlFile file_;
  JobKind job_;
  std::vector<const EventType*> events_;
};

/// Kinds that wait for others, against those.
void check_order(Work& work, const JobKind& job) {
  const Place place{work.inventory.jobs.at(job.name), 1, 1};
  const auto before = work.blueprint.jobs.find(job.after);
  if (before == work.blueprint.jobs.end()) {
    if (work.inventory.jobs.contains(job.after)) return;
    std::vector<std::string> known;
    for (const auto& [name, path] : work.inventory.jobs) known.push_back(name);
    work.findings.add(place, "there is no kind of job `" + job.after + "` to come after",
                      "there are " + quoted_list(known));
    return;
  }
  if (job.unique.empty() || job.unique.size() != before->second.unique.size()) {
    work.findings.add(
        place, "`after` compares keys, and those of `" + job.name + "` and `" + job.after + "` don't fit",
        "write `unique` in both, with as many members");
  }
  std::set<std::string> seen{job.name};
  for (const JobKind* at = &before->second; seen.insert(at->name).second;) {
    const auto next = work.blueprint.jobs.find(at->after);
    if (next == work.blueprint.jobs.end()) return;
    at = &next->second;
    if (at->name == job.name) {
      work.findings.add(place, "`" + job.name + "` comes after itself", "break the circle of `after`");
      return;
    }
  }
  if (before->second.name == job.name) {
    work.findings.add(place, "`" + job.name + "` comes after itself", "break the circle of `after`");
  }
}

}  // namespace

void load_jobs(Work& work) {
  for (const auto& [name, path] : work.inventory.jobs) {
    if (const std::string* text = work.text_of(path)) {
      JobReader(work, name, {path, *text}).read();
    }
  }
  for (const auto& [name, job] : work.blueprint.jobs) {
    if (!job.after.empty()) check_order(work, job);
  }
}

}  // namespace reeve::blueprint
