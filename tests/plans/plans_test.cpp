// How the statements of the blueprints are answered: by an index, never by reading a large table from end to end.
// SQLite plans them without statistics, so the plan of an empty ledger is that of a large one.

#include "state/epochs.h"
#include "state/host.h"
#include "state/vault_test.h"

#include <fmt/format.h>

#include <cctype>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace reeve::testing {
namespace {

/// What may be read from end to end, and by whom.
struct Allowed {
  std::set<std::string> tables;   ///< of a few rows
  std::set<std::string> indexes;  ///< partial ones, of rows that are open and apart from all that is over
  std::set<std::string> queries;  ///< whose answer is about every row there is
  std::set<std::string> commands;
  std::set<std::string> events;
  int foreign_keys = 0;  ///< so many there are at least
};

const Allowed dark_tower{
    .tables = {"organization"},
    .indexes = {"meetings_active", "meetings_scheduled", "outbox_due", "outbox_failed"},
    .queries = {"sizes"},                                    // counts at most 10,001 rows of each table
    .commands = {"erase_organization", "take_up_machines"},  // which goes through the list of all machines
    .events = {"organization.erased"},
    .foreign_keys = 12,
};

const Allowed great_work{
    // A game has one clock, some players, five factions; escrow is what open offers hold.
    .tables = {"timeline", "players", "player_influence", "faction_aliases", "offer_escrow"},
    .indexes = {"orders_open", "orders_open_by_kind", "orders_failed", "press_waiting", "press_unpublished",
                "theories_open", "conferences_open", "mentorships_open", "offers_open",
                "symposium_topics_open", "debts_owed", "seasonal_commitments_active",
                // press_by_words: from the newest on, until it has found as many as were asked for.
                "press_archive"},
    .queries = {"admin_adjustments", "event_counts", "influence_disagreements", "leaderboard",
                "player_disagreements", "reputation_disagreements", "scholars", "year_statistics"},
    .commands = {"publish_digest"},  // looks for the five strongest feelings of all, once a year
    .events = {"feelings.decayed"},  // all of them fade, once a year
    .foreign_keys = 33,
};

const Allowed storyforge{
    .tables = {}, .indexes = {}, .queries = {}, .commands = {}, .events = {}, .foreign_keys = 9};

const Allowed sp404mk2{
    .tables = {"users", "tags"},
    .indexes = {"kits_public"},
    .queries = {"public_kits"},  // shows every kit that was published
    .commands = {},
    .events = {},
    .foreign_keys = 14,
};

const Allowed whispyrkeep{
    // An account has one user and one clock; its rules come from few places.
    .tables = {"users", "turn_clock", "reference_sources"},
    .indexes = {},
    .queries = {"catalogue"},  // shows every reference entry
    .commands = {},
    .events = {},
    .foreign_keys = 20,
};

/// A new ledger of a blueprint.
class Plans {
 public:
  Plans(const std::string& name, const Allowed& allowed) : allowed_(allowed) {
    const std::string file = workshop_.path("ledger.db");
    Ledger::create(file, project_file("blueprints/" + name).string());
    connection_ = engine::Connection::open(file, engine::OpenMode::read_only);
    host_.emplace(*connection_);
    connection_->set_host_functions(&*host_);
    epoch_ = state::load_last_epoch(*connection_);
    auto views = connection_->prepare("SELECT name, sql FROM sqlite_master WHERE type = 'view'");
    while (views.step()) views_[std::string(views.text(0))] = views.text(1);
  }

  /// What the statement reads from end to end although it may be large.
  std::string large_scans(const sql::Translation& translation) {
    std::string large;
    auto statement = connection_->prepare("EXPLAIN QUERY PLAN " + translation.sqlite);
    while (statement.step()) {
      const std::string detail(statement.text(3));
      if (detail.starts_with("SCAN ") && !is_small(detail.substr(5), translation.sqlite))
        large += detail.substr(5) + "; ";
    }
    return large;
  }

  const Allowed& allowed() const { return allowed_; }
  const blueprint::Blueprint& blueprint() const { return *epoch_->blueprint; }
  const sql::Catalogue& catalogue() const { return epoch_->catalogue; }

 private:
  bool is_small(const std::string& scan, const std::string& text) const {
    if (scan.ends_with("CONSTANT ROW") || scan.ends_with("CONSTANT ROWS")) return true;
    if (scan.find(" VIRTUAL TABLE ") != std::string::npos) return true;  // the elements of a JSON value
    const std::size_t index = scan.rfind(" INDEX ");
    if (index != std::string::npos && allowed_.indexes.contains(scan.substr(index + 7))) return true;
    const std::string name = scan.substr(0, scan.find(' '));
    for (const std::string& table : tables_of(name, with_views(text)))
      if (!allowed_.tables.contains(table)) return false;
    return true;
  }

  /// And the definitions of the views that it reads.
  std::string with_views(std::string text) const {
    std::set<std::string> added;
    for (std::size_t before = 0; before != text.size();) {
      before = text.size();
      for (const auto& [name, definition] : views_)
        if (text.find(name) != std::string::npos && added.insert(name).second) text += "\n" + definition;
    }
    return text;
  }

  /// The tables of the ledger that have this name in the text; a subquery has none.
  std::set<std::string> tables_of(const std::string& name, const std::string& text) const {
    std::set<std::string> found;
    std::set<std::string> tables = {"reeve_events"};
    for (const auto& [table, definition] : catalogue().tables) tables.insert(table);
    if (tables.contains(name)) found.insert(name);
    // Words without quotes and AS: a table stands right before its alias.
    std::string before;
    std::string word;
    for (const char letter : text + " ") {
      if (letter == '"') continue;
      if (letter == '_' || std::isalnum(static_cast<unsigned char>(letter)) != 0) {
        word += letter;
      } else if (!word.empty() && word != "AS") {
        if (word == name && tables.contains(before)) found.insert(before);
        before = letter == ' ' ? word : "";
        word.clear();
      } else {
        if (word.empty() && letter != ' ') before.clear();
        word.clear();
      }
    }
    return found;
  }

  Workshop workshop_;
  const Allowed& allowed_;
  std::map<std::string, std::string> views_;  ///< their definitions
  std::unique_ptr<engine::Connection> connection_;
  std::optional<state::Host> host_;
  std::shared_ptr<const state::EpochState> epoch_;
};

class plans : public ::testing::Test {
 protected:
  Plans tower{"dark_tower", dark_tower};
  Plans work{"great_work", great_work};
  Plans stories{"storyforge", storyforge};
  Plans samples{"sp404mk2", sp404mk2};
  Plans keep{"whispyrkeep", whispyrkeep};
};

TEST_F(plans, of_queries_scan_no_large_table) {
  for (Plans* of : {&tower, &work, &stories, &samples, &keep})
    for (const auto& [name, query] : of->blueprint().queries) {
      // What is allowed must still be needed.
      EXPECT_EQ(of->large_scans(query.sql).empty(), !of->allowed().queries.contains(name))
          << name << ": " << of->large_scans(query.sql);
    }
}

TEST_F(plans, of_commands_scan_no_large_table) {
  for (Plans* of : {&tower, &work, &stories, &samples, &keep})
    for (const auto& [name, command] : of->blueprint().commands) {
      if (of->allowed().commands.contains(name)) continue;
      for (const auto& check : command.checks)
        EXPECT_EQ(of->large_scans(check.sql), "") << name << ": " << check.message;
      for (const auto& emit : command.emits)
        EXPECT_EQ(of->large_scans(emit.sql), "") << name << ": " << emit.type;
    }
}

TEST_F(plans, of_events_scan_no_large_table) {
  for (Plans* of : {&tower, &work, &stories, &samples, &keep})
    for (const auto& [name, versions] : of->blueprint().events) {
      if (of->allowed().events.contains(name)) continue;
      for (const auto& [version, event] : versions)
        for (const auto& apply : event.apply) EXPECT_EQ(of->large_scans(apply.sql), "") << name;
    }
}

TEST_F(plans, every_foreign_key_has_an_index_that_leads_with_it) {
  for (const Plans* of : {&tower, &work, &stories, &samples, &keep}) {
    const sql::Catalogue& catalogue = of->catalogue();
    int keys = 0;
    for (const auto& [name, table] : catalogue.tables) {
      for (const sql::ForeignKey& key : table.foreign_keys) {
        const auto leads = [&](const std::vector<std::string>& columns) {
          return columns.size() >= key.columns.size() &&
                 std::equal(key.columns.begin(), key.columns.end(), columns.begin());
        };
        bool found = leads(table.primary_key);
        for (const sql::UniqueKey& unique : table.unique_keys) found = found || leads(unique.columns);
        for (const auto& [index_name, index] : catalogue.indexes)
          found = found || (index.table == name && !index.where && leads(index.columns));
        EXPECT_TRUE(found) << name << " " << key.name;
        ++keys;
      }
    }
    EXPECT_GE(keys, of->allowed().foreign_keys);
  }
}

TEST_F(plans, every_table_of_dark_tower_says_when_a_row_was_made_and_changed) {
  for (const auto& [name, table] : tower.catalogue().tables) {
    for (const char* column : {"created_at", "updated_at"}) {
      const sql::Column* found = table.find_column(column);
      ASSERT_NE(found, nullptr) << name << " " << column;
      EXPECT_FALSE(found->nullable) << name << " " << column;
    }
    EXPECT_EQ(table.find_column("org_id"), nullptr) << name;
    EXPECT_EQ(table.find_column("ledger_id"), nullptr) << name;
  }
}

}  // namespace
}  // namespace reeve::testing
