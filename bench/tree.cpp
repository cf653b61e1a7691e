// A story of a million nodes, with a branch of ten thousand levels: its named queries over the same recursive query by hand
// through SQLite's C interface, and what it costs to hang a node elsewhere.

#include "shared/support.h"

#include <reeve/ledger.h>

#include <fmt/format.h>
#include <sqlite3.h>

#include <fstream>

namespace bench {

namespace {

constexpr const char* story = "50000000-0000-4000-8000-000000000001";
constexpr std::int64_t rows_of_event = 20'000;

std::string node(std::int64_t number) { return fmt::format("{:08x}-0000-4000-8000-000000000000", number); }

/// StoryForge, with SQL as events: the load is journaled.
std::filesystem::path blueprint_with_sql(const Folder& folder) {
  std::filesystem::path made = folder.file("blueprint");
  std::filesystem::copy(source_folder() / "blueprints" / "storyforge", made,
                        std::filesystem::copy_options::recursive);
  std::ofstream(made / "blueprint.toml", std::ios::app) << "execute = true\n";
  return made;
}

void must(const reeve::Outcome& outcome) {
  reeve::ensure(outcome.accepted(), outcome.accepted() ? "" : outcome.rejection().reason.c_str());
}

/// Nodes first to last, each on that of the number that `parent` computes from `i`.
void load(reeve::Ledger& ledger, std::int64_t first, std::int64_t last, const std::string& parent) {
  const auto uuid = [](const std::string& number) {
    return "(lpad(to_hex(" + number + "), 8, '0') || '-0000-4000-8000-000000000000')::uuid";
  };
  const std::string sql =
      "INSERT INTO nodes (node_id, story_id, parent_id, node_type, content, created_at, updated_at) SELECT " +
      uuid("i") + ", '" + story + "', " + uuid(parent) +
      ", 'scene', 'What happened in scene ' || i::text, '2026-01-01T00:00:00Z'::timestamptz, "
      "'2026-01-01T00:00:00Z'::timestamptz FROM generate_series(:first::bigint, :last::bigint) AS s (i)";
  for (std::int64_t from = first; from <= last; from += rows_of_event) {
    const std::int64_t to = std::min(last, from + rows_of_event - 1);
    must(ledger.execute(sql, fmt::format(R"({{"first":{},"last":{}}})", from, to)));
  }
}

std::size_t ask(reeve::Ledger& ledger, const std::string& query, const std::string& parameters) {
  std::size_t bytes = 0;
  reeve::Rows rows = ledger.query(query, parameters);
  while (rows.next()) {
    for (std::size_t column = 0; column < rows.columns().size(); ++column) {
      const reeve::ValueView value = rows.at(column);
      bytes += value.kind() == reeve::ValueView::Kind::text ? value.text().size() : 1;
    }
  }
  return bytes;
}

class ByHand {
 public:
  ByHand(sqlite3* handle, const std::string& sql) {
    const int code = sqlite3_prepare_v2(handle, sql.c_str(), -1, &statement_, nullptr);
    reeve::ensure(code == SQLITE_OK, sqlite3_errmsg(handle));
  }
  ~ByHand() { sqlite3_finalize(statement_); }
  ByHand(const ByHand&) = delete;
  ByHand& operator=(const ByHand&) = delete;

  std::size_t ask(const std::string& first, const std::string& second) {
    sqlite3_bind_text(statement_, 1, first.data(), static_cast<int>(first.size()), SQLITE_STATIC);
    if (sqlite3_bind_parameter_count(statement_) > 1) {
      sqlite3_bind_text(statement_, 2, second.data(), static_cast<int>(second.size()), SQLITE_STATIC);
    }
    std::size_t bytes = 0;
    while (sqlite3_step(statement_) == SQLITE_ROW) {
      for (int column = 0; column < sqlite3_column_count(statement_); ++column) {
        const bool text = sqlite3_column_type(statement_, column) == SQLITE_TEXT;
        if (text) {
          sqlite3_column_text(statement_, column);
        }
        bytes += text ? static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)) : 1;
      }
    }
    sqlite3_reset(statement_);
    return bytes;
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

const std::string columns =
    "n.node_id, n.story_id, n.parent_id, n.node_type, n.content, n.summary, n.summary_is_stale, "
    "n.choice_text, "
    "n.metadata, n.version, n.created_at, n.updated_at";

std::string up(const std::string& name, int parameter) {
  return fmt::format(
      "{0}(id, above, d) AS (SELECT node_id, parent_id, 0 FROM nodes WHERE node_id = ?{1} UNION ALL "
      "SELECT n.node_id, n.parent_id, u.d + 1 FROM {0} u JOIN nodes n ON n.node_id = u.above)",
      name, parameter);
}

struct Case {
  std::string name;
  std::string what;
  std::string query;
  std::string parameters;
  std::string sql;
  std::string first;
  std::string second;
  int repeats = 1;
};

void run_tree(const Arguments& arguments) {
  Report report("tree", arguments);
  const Folder folder;
  const std::int64_t wide = arguments.events_or(1'000'000, 3'000);
  const std::int64_t deep = arguments.quick ? 200 : 10'000;
  const std::int64_t rounds = arguments.rounds_or(5, 1);
  const std::string file = folder.file("ledger.db").string();
  reeve::Ledger::create(file, blueprint_with_sql(folder).string());
  reeve::Ledger ledger = reeve::Ledger::open(file);
  must(ledger.command("create_story",
                      fmt::format(R"({{"story_id":"{}","root_id":"{}","owner":"o","title":"t",)"
                                  R"("content":"c"}})",
                                  story, node(1))));
  const Spent loading = measure([&] {
    load(ledger, 2, wide, "(i + 8) / 10");
    // A chain below the root.
    load(ledger, wide + 1, wide + 1, "1");
    load(ledger, wide + 2, wide + deep, "i - 1");
  });
  report.figure("load", static_cast<double>(wide + deep) / loading.wall, "rows/s",
                "journaled, by INSERT ... SELECT");

  sqlite3* handle = nullptr;
  reeve::ensure(sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK,
                "the file opens");
  const std::string leaf = node(wide);
  const std::string end = node(wide + deep);
  // Of some ten thousand nodes: 100 to 1,000 levels up from the leaves.
  const std::string branch = node(wide >= 1'000'000 ? 12 : 2);
  const std::string ancestors = "WITH RECURSIVE " + up("up", 1) + " SELECT " + columns +
                                ", u.d FROM up u JOIN nodes n ON n.node_id = u.id ORDER BY u.d DESC";
  const std::string path = "WITH RECURSIVE " + up("a", 1) + ", " + up("b", 2) +
                           ", m(x, y) AS (SELECT a.d, b.d FROM a JOIN b ON a.id = b.id ORDER BY a.d LIMIT "
                           "1), s(id, step) AS (SELECT a.id, a.d "
                           "FROM a CROSS JOIN m WHERE a.d <= m.x UNION ALL SELECT b.id, m.x + m.y - b.d FROM "
                           "b CROSS JOIN m WHERE b.d < m.y) "
                           "SELECT n.node_id, n.node_type, n.content, s.step FROM s JOIN nodes n ON "
                           "n.node_id = s.id ORDER BY s.step";
  const auto of = [](const std::string& id) {
    return fmt::format(R"({{"node_id":"{}","depth":1000000}})", id);
  };
  const auto of_node = [](const std::string& id) { return fmt::format(R"({{"node_id":"{}"}})", id); };
  const std::vector<Case> cases = {
      {"ancestors", "of a leaf of the broad part", "ancestors", of(leaf), ancestors, leaf, "", 200},
      {"ancestors_deep", "of the deepest node", "ancestors", of(end), ancestors, end, "", 1},
      {"subtree", "of a branch", "subtree", of_node(branch),
       "WITH RECURSIVE down(id, d) AS (SELECT node_id, 0 FROM nodes WHERE node_id = ?1 UNION ALL SELECT "
       "n.node_id, d.d + 1 "
       "FROM down d JOIN nodes n ON n.parent_id = d.id WHERE n.deleted_at IS NULL) SELECT " +
           columns +
           ", d.d FROM down d JOIN nodes n ON n.node_id = d.id ORDER BY d.d, n.created_at, n.node_id",
       branch, "", 1},
      {"path", "between two leaves", "path_between",
       fmt::format(R"({{"from_id":"{}","to_id":"{}"}})", leaf, node(wide / 2 + 1)), path, leaf,
       node(wide / 2 + 1), 100},
  };
  double worst = 0;
  for (const Case& test : cases) {
    ByHand by_hand(handle, test.sql);
    std::vector<double> ratios;
    std::vector<double> named;
    std::size_t seen[2] = {0, 0};
    for (std::int64_t round = 0; round <= rounds; ++round) {
      const Spent plain = measure([&] {
        for (int i = 0; i < test.repeats; ++i) seen[0] = by_hand.ask(test.first, test.second);
      });
      const Spent ours = measure([&] {
        for (int i = 0; i < test.repeats; ++i) seen[1] = ask(ledger, test.query, test.parameters);
      });
      reeve::ensure(seen[0] > 0 && seen[0] == seen[1], "both sides read the same");
      if (round == 0) continue;  // the first reads pages from the disk
      ratios.push_back(ours.process_cpu / plain.process_cpu);
      named.push_back(ours.process_cpu * 1e6 / test.repeats);
    }
    report.figure(test.name, median(named), "us/query", test.what);
    report.figure(test.name + "_ratio", median(ratios), "ratio", "named over by hand");
    worst = std::max(worst, median(ratios));
  }
  sqlite3_close(handle);

  const std::string loose = node(wide + deep + 1);
  must(ledger.command("add_node",
                      fmt::format(R"({{"node_id":"{}","parent_id":"{}","content":"c"}})", loose, node(1))));
  const std::string below = node(wide + deep + 2);
  must(ledger.command("add_node",
                      fmt::format(R"({{"node_id":"{}","parent_id":"{}","content":"c"}})", below, loose)));
  const auto move = [&](const std::string& what, const std::string& to) {
    const std::string parameters = fmt::format(R"({{"node_id":"{}","parent_id":"{}"}})", what, to);
    const Spent spent = measure([&] { must(ledger.command("move_node", parameters)); });
    return spent.process_cpu * 1e6;
  };
  report.figure("move", move(loose, node(wide / 10)), "us", "of a node with a child, in the broad part");
  report.figure("move_deep", move(loose, end), "us", "below the deepest node: its way up is walked");
  const Spent refused = measure([&] {
    const reeve::Outcome outcome = ledger.commit(
        "node.moved", fmt::format(R"({{"node_id":"{}","parent_id":"{}"}})", node(wide + 1), below));
    reeve::ensure(!outcome.accepted(), "a cycle is refused");
  });
  report.figure("refused", refused.process_cpu * 1e6, "us", "a cycle of all the levels");
  report.end_with_ratio(worst);
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_tree); }
