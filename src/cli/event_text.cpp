#include "cli/event_text.h"

#include "base/json.h"
#include "cli/display_width.h"
#include "cli/value_cell.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::cli {

namespace {

/// A year's end may change many rows; a changeset is no payload.
constexpr json::Limits limits{.bytes_max = std::size_t{1} << 30, .depth_max = 80};

void append_pretty(simdjson::dom::element value, const std::string& indent, std::string& out) {
  simdjson::dom::object object;
  simdjson::dom::array array;
  const std::string inner = indent + "  ";
  if (value.get(object) == simdjson::SUCCESS && object.size() > 0) {
    std::string_view separator = "{\n";
    for (const auto& [name, member] : object) {
      out.append(separator).append(inner);
      json::append_canonical_string(name, out);
      out += ": ";
      append_pretty(member, inner, out);
      separator = ",\n";
    }
    out += '\n' + indent + '}';
  } else if (value.get(array) == simdjson::SUCCESS && array.size() > 0) {
    std::string_view separator = "[\n";
    for (const simdjson::dom::element item : array) {
      out.append(separator).append(inner);
      append_pretty(item, inner, out);
      separator = ",\n";
    }
    out += '\n' + indent + ']';
  } else {
    json::append_canonical(value, out);
  }
}

std::string compact(simdjson::dom::element value) {
  std::string text;
  json::append_canonical(value, text);
  return on_one_line(text);
}

void append_line(std::string_view name, std::size_t width, const std::string& what, std::string& out) {
  out += fmt::format("    {}{}  {}\n", name, std::string(width - std::min(width, display_width(name)), ' '),
                     what);
}

/// Columns of a row that came or went, or before and after of one that changed.
void append_columns(simdjson::dom::object before, simdjson::dom::object after, std::string& out) {
  std::size_t width = 0;
  for (const auto& [name, value] : before) width = std::max(width, display_width(name));
  for (const auto& [name, value] : after) width = std::max(width, display_width(name));
  for (const auto& [name, value] : before) {
    simdjson::dom::element now;
    const bool has_both = after[name].get(now) == simdjson::SUCCESS;
    append_line(name, width, has_both ? compact(value) + " -> " + compact(now) : compact(value), out);
  }
  for (const auto& [name, value] : after) {
    simdjson::dom::element earlier;
    if (before[name].get(earlier) != simdjson::SUCCESS) append_line(name, width, compact(value), out);
  }
}

std::string past_of(std::string_view operation) {
  return operation == "insert" ? "inserted" : operation == "update" ? "updated" : "removed";
}

}  // namespace

std::string pretty_json(std::string_view text, std::string_view indent) {
  json::Reader reader(limits);
  std::string out;
  append_pretty(reader.read(text), std::string(indent), out);
  return out;
}

std::string changes_text(std::string_view changes) {
  json::Reader reader(limits);
  std::string out;
  for (const simdjson::dom::element change : simdjson::dom::array(reader.read(changes))) {
    const std::string_view table = change["table"];
    const std::string_view operation = change["operation"];
    out += fmt::format("  {} {} {}\n", table, compact(change["key"]), past_of(operation));
    json::Reader none_reader;
    simdjson::dom::object none = none_reader.read("{}");
    simdjson::dom::object before = none;
    simdjson::dom::object after = none;
    if (change["before"].get(before) != simdjson::SUCCESS) before = none;
    if (change["after"].get(after) != simdjson::SUCCESS) after = none;
    append_columns(before, after, out);
  }
  return out.empty() ? "  no row\n" : out;
}

std::string event_text(const journal::Entry& entry, std::string_view changes) {
  const journal::Event& event = entry.event;
  std::string out = fmt::format("event {}: {} v{}\n", event.sequence, event.type, event.version);
  const auto member = [&out](std::string_view name, std::string_view value) {
    if (!value.empty()) out += fmt::format("  {:<9}{}\n", name, on_one_line(value));
  };
  const Cell moment = value_cell("", ValueView::of(event.moment));
  member("id", event.id);
  member("time", event.time);
  member("moment", moment.text);
  member("actor", event.actor);
  member("command", event.command);
  member("key", event.key);
  if (event.span > 1) member("span", fmt::format("{} events of one submission", event.span));
  out += "payload\n  " + pretty_json(event.payload, "  ") + "\n";
  out += "changes\n" + changes_text(changes);
  out += "hashes\n";
  member("chain", to_hex(entry.chain_hash));
  member("state",
         entry.seals ? to_hex(entry.state_hash) : "not sealed here: `reeve replay FILE --scratch --hashes`");
  return out;
}

}  // namespace reeve::cli
