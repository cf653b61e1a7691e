#include "migration/rehearsal.h"

#include "base/hash.h"
#include "migration/run.h"
#include "migration/select_objects_sql.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

namespace reeve::migration {

namespace {

/// A folder of its own that goes away with its owner.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "reeve-rehearsal-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw Error(ErrorCode::unavailable, "no folder for the copy can be made",
                  "set TMPDIR to one that can be written");
    }
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string file() const { return (path_ / "copy.db").string(); }

 private:
  std::filesystem::path path_;
};

/// Schema and rows: for each object its SQL, for each table the sum of its rows' hashes, whatever their order.
using Picture = std::map<std::string, std::string>;

void add_value(Hasher& hasher, const ValueView& value) {
  hasher.number(static_cast<std::uint64_t>(value.kind()));
  switch (value.kind()) {
    case ValueView::Kind::null: return;
    case ValueView::Kind::integer: hasher.number(static_cast<std::uint64_t>(value.integer())); return;
    case ValueView::Kind::real: {
      std::uint64_t bits = 0;
      const double real = value.real();
      std::memcpy(&bits, &real, sizeof bits);
      hasher.number(bits);
      return;
    }
    case ValueView::Kind::text:
    case ValueView::Kind::bytes: hasher.text(value.text()); return;
  }
}

std::string rows_of(engine::Connection& database, const std::string& table) {
  std::array<std::uint64_t, 4> sum{};
  std::int64_t count = 0;
  std::string quoted;
  for (const char letter : table) quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
  engine::Statement statement = database.prepare(fmt::format("SELECT * FROM \"{}\"", quoted), false);
  for (; statement.step(); ++count) {
    Hasher hasher("row");
    for (int column = 0; column < statement.column_count(); ++column) {
      hasher.text(statement.column_name(column));
      add_value(hasher, statement.column(column));
    }
    const Digest digest = hasher.finish();
    for (std::size_t lane = 0; lane < sum.size(); ++lane) {
      std::uint64_t part = 0;
      std::memcpy(&part, digest.data() + lane * sizeof part, sizeof part);
      sum.at(lane) += part;
    }
  }
  return fmt::format("{} rows {:x}", count, fmt::join(sum, " "));
}

Picture picture_of(engine::Connection& database) {
  const engine::Transaction snapshot(database, engine::Transaction::Mode::read);
  Picture picture;
  std::vector<std::string> tables;
  engine::Statement statement = database.prepare(embedded::select_objects_sql, false);
  while (statement.step()) {
    const std::string name(statement.text(1));
    picture[fmt::format("{} {}", statement.text(0), name)] = statement.text(2);
    // A virtual table has no rows of its own: those of the tables behind it are compared.
    if (statement.text(0) == "table" && statement.integer(3) > 0) tables.push_back(name);
  }
  for (const std::string& table : tables) picture["rows of " + table] = rows_of(database, table);
  return picture;
}

void compare(const Picture& left, const Picture& right, std::string_view when,
             std::vector<std::string>& differences) {
  for (const auto& [name, text] : left) {
    const auto found = right.find(name);
    if (found == right.end()) {
      differences.push_back(fmt::format("{}: {} is gone", when, name));
    } else if (found->second != text) {
      differences.push_back(fmt::format("{}: {} differs", when, name));
    }
  }
  for (const auto& [name, text] : right)
    if (left.count(name) == 0) differences.push_back(fmt::format("{}: {} is left", when, name));
}

state::MigrationCheck rehearse_step(engine::Connection& copy, const Folder& folder, const Step& step,
                                    Clock& clock) {
  state::MigrationCheck check{step.name, true, {}};
  const RunOptions one{.steps = 1, .allow_missing = true, .progress = {}};
  const Picture before = picture_of(copy);
  apply(copy, folder, clock, one);
  if (!step.down) {
    check.differences.emplace_back("it has no down section");
  } else {
    const Picture after = picture_of(copy);
    if (revert(copy, folder, clock, one).names != std::vector<std::string>{step.name})
      check.differences.emplace_back("it comes late: down reverts a later one first");
    compare(before, picture_of(copy), "after down", check.differences);
    apply(copy, folder, clock, one);
    compare(after, picture_of(copy), "after the second up", check.differences);
  }
  check.equal = check.differences.empty();
  return check;
}

}  // namespace

std::vector<state::MigrationCheck> rehearse(const std::string& file, const Folder& folder, Clock& clock,
                                            const state::Progress& progress) {
  const auto live = open_database(file, false);
  if (live->engine() != engine::Engine::sqlite) {
    throw Error(ErrorCode::invalid_input, "a folder is rehearsed on SQLite alone",
                "restore a dump into another database and migrate that one up, down and up");
  }
  const std::vector<StepStatus> standing = status(*live, folder);
  const auto is_pending = [](const StepStatus& step) { return step.standing == Standing::pending; };
  const bool pending = std::any_of(standing.begin(), standing.end(), is_pending);
  const ScratchFolder scratch;
  if (pending) {
    engine::Statement copy = live->prepare("VACUUM INTO ?1", false);
    const std::string target = scratch.file();
    copy.bind_text(1, target);
    copy.run();
  }
  const auto copy = open_database(scratch.file(), true);
  std::vector<state::MigrationCheck> checks;
  for (const StepStatus& step : standing) {
    const auto of_folder = std::find_if(folder.steps.begin(), folder.steps.end(),
                                        [&](const Step& known) { return known.version == step.version; });
    if (of_folder == folder.steps.end() || (pending && !is_pending(step))) continue;
    progress.step(static_cast<std::int64_t>(checks.size()), static_cast<std::int64_t>(standing.size()));
    checks.push_back(rehearse_step(*copy, folder, *of_folder, clock));
    if (!checks.back().equal) break;  // the copy is no longer what the next one expects
  }
  return checks;
}

}  // namespace reeve::migration
