// limits/NAME.toml: how often somebody may, as include/reeve/rate_limits.h asks a store of live values.

#include "blueprint/toml_table.h"
#include "blueprint/work.h"

namespace reeve::blueprint {

namespace {

constexpr std::int64_t count_in_second_max = 1'000'000;

/// One file of limits/.
class LimitReader {
 public:
  LimitReader(Work& work, const std::string& name, const TomlFile& file) : work_(work), file_(file) {
    limit_.name = name;
  }

  void read() {
    const std::optional<toml::table> parsed = parse_toml(file_, work_.findings);
    if (!parsed) return;
    TableReader top(file_, *parsed, "", work_.findings);
    top.check_format("this rate limit");
    const std::optional<std::int64_t> capacity = integer(top, "capacity", live::capacity_max, "capacity = 5");
    const std::optional<std::int64_t> seconds =
        integer(top, "per_seconds", limit_seconds_max, "per_seconds = 60");
    if (capacity && seconds) {
      limit_.capacity = *capacity;
      limit_.per_seconds = *seconds;
      check_interval(top);
    }
    read_on_failure(top);
    top.refuse_unknown();
    work_.blueprint.limits.emplace(limit_.name, std::move(limit_));
  }

 private:
  /// From 1; nothing, and a finding, for anything else.
  std::optional<std::int64_t> integer(TableReader& top, std::string_view key, std::int64_t most,
                                      const std::string& example) {
    const toml::node* node = top.find(key, true, example);
    if (node == nullptr) return std::nullopt;
    const auto* value = node->as_integer();
    if (value == nullptr || value->get() < 1 || value->get() > most) {
      top.wrong_type(key, *node, "an integer from 1 to " + std::to_string(most), example);
      return std::nullopt;
    }
    return value->get();
  }

  /// A store counts in microseconds.
  void check_interval(TableReader& top) {
    if (limit_.capacity <= limit_.per_seconds * count_in_second_max) return;
    work_.findings.add(top.place(*top.find("capacity", true, {})),
                       "`capacity` is more than one in a microsecond",
                       "write at most 1000000 for each second of `per_seconds`");
  }

  void read_on_failure(TableReader& top) {
    const std::string example = "on_failure = \"closed\", or \"open\"";
    const std::string text = top.text("on_failure", true, example);
    if (text == "open") {
      limit_.on_failure = OnFailure::open;
    } else if (const toml::node* node = top.find("on_failure", false, example);
               !text.empty() && text != "closed") {
      top.wrong_type("on_failure", *node, "what a limit says when its store can't be asked", example);
    }
  }

  Work& work_;
  TomlFile file_;
  RateLimit limit_;
};

}  // namespace

void load_limits(Work& work) {
  for (const auto& [name, path] : work.inventory.limits) {
    if (const std::string* text = work.text_of(path)) {
      LimitReader(work, name, {path, *text}).read();
    }
  }
}

}  // namespace reeve::blueprint
