// A kit that its owner made public is seen by other libraries as a copy, and nothing else of the library is.

#include "sp404/public_kits.h"
#include "sound_library.h"
#include "state/reference.h"
#include "state/verify.h"

#include <gmock/gmock.h>

#include <array>

namespace reeve::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* open_kit = "30000000-0000-4000-8000-000000000001";
constexpr const char* closed_kit = "30000000-0000-4000-8000-000000000002";
constexpr const char* kick = "20000000-0000-4000-8000-000000000001";
constexpr const char* own_kick = "20000000-0000-4000-8000-000000000009";

class public_kits : public SoundLibrary {
 protected:
  static void accept(Ledger& ledger, const std::string& command, const nlohmann::json& parameters) {
    const Outcome outcome = ledger.command(command, parameters.dump());
    ASSERT_TRUE(outcome) << command << ": " << outcome.rejection().reason;
  }
  static void add_sample(Ledger& ledger, const std::string& id, const std::string& title) {
    accept(ledger, "add_sample",
           {{"sample_id", id},
            {"user_id", musician},
            {"title", title},
            {"file_path", "a secret folder/" + title},
            {"content_hash", std::string(64, 'a')},
            {"file_size_bytes", 10}});
  }
  /// Jay's library: one kit that is public and one that is not, with the same kick on a pad of each.
  static void fill(Ledger& ledger) {
    add_sample(ledger, kick, "80's kick");
    for (const char* kit : {open_kit, closed_kit}) {
      accept(ledger, "create_kit",
             {{"kit_id", kit},
              {"user_id", musician},
              {"name", kit == open_kit ? "Detroit" : "Not done yet"},
              {"is_public", kit == open_kit}});
      accept(ledger, "assign_pad",
             {{"kit_id", kit}, {"pad_bank", "B"}, {"pad_number", 16}, {"sample_id", kick}, {"volume", 0.5}});
    }
  }
  static std::vector<std::string> texts_of(Ledger& ledger, const std::string& query,
                                           const nlohmann::json& parameters, std::size_t column) {
    std::vector<std::string> texts;
    for (Rows rows = ledger.query(query, parameters.dump()); rows.next();)
      texts.push_back(rows.at(column).is_null() ? "" : std::string(rows.at(column).text()));
    return texts;
  }
  static std::string read_all(const std::filesystem::path& folder) {
    std::string all;
    for (const auto& file : std::filesystem::directory_iterator(folder)) all += bytes_of(file.path());
    return all;
  }

  /// What another library sees after it pinned a version: nothing but the copy.
  void expect_copy(Ledger& other) {
    add_sample(other, own_kick, "the same kick under another name");
    EXPECT_THAT(texts_of(other, "public_kits", nlohmann::json::object(), 1), ElementsAre("Detroit"));
    EXPECT_THAT(texts_of(other, "public_kits", nlohmann::json::object(), 3), ElementsAre("jay"));
    const nlohmann::json of_kit{{"kit_id", open_kit}, {"user_id", musician}};
    EXPECT_THAT(texts_of(other, "pads_of_public_kit", of_kit, 2), ElementsAre("80's kick"));
    EXPECT_THAT(texts_of(other, "pads_of_public_kit", of_kit, 5), ElementsAre(own_kick));
    EXPECT_THAT(texts_of(other, "pads_of_kit", {{"kit_id", open_kit}}, 2), IsEmpty());
    EXPECT_THAT(texts_of(other, "newest_samples", {{"user_id", musician}, {"rows", 10}}, 0),
                ElementsAre(own_kick));
  }
};

TEST_F(public_kits, are_seen_by_other_libraries_as_a_copy_and_nothing_else_is) {
  make_library("sp404_public");
  for (Ledger* ledger : ledgers()) fill(*ledger);
  const std::filesystem::path rows = workshop_.path("rows");
  for (Ledger* ledger : ledgers()) {
    std::array<Ledger*, 2> twice{ledger, ledger};
    EXPECT_EQ(sp404::write_public_kits(twice, rows), 1U);
    EXPECT_THAT(read_all(rows), HasSubstr("80's kick"));
    for (const char* kept : {"secret folder", "Not done yet", "jay@detroit", musician, kick})
      EXPECT_THAT(read_all(rows), Not(HasSubstr(kept)));
  }

  // In files one library publishes; in a schema the ledger `shared` does.
  const std::string blueprint = project_file("blueprints/sp404mk2").string();
  const std::string other_file = workshop_.path("other.db");
  const std::string shared = database_->administrator("shared");
  const std::string other = database_->administrator("other");
  for (const std::string& url : {other_file, shared, other}) create_ledger(url, blueprint);
  EXPECT_EQ(state::publish_reference(file_, rows).event.version, 1);
  EXPECT_EQ(state::publish_reference(shared, rows).event.version, 1);
  state::pin_reference(other_file, 1, state::Location(file_));
  state::pin_reference(other, 1);
  for (const std::string& url : {other_file, database_->application("other")}) {
    Ledger ledger = Ledger::open(url);
    accept(ledger, "add_user",
           {{"user_id", musician}, {"email", "kay@detroit.example"}, {"username", "kay"}});
    expect_copy(ledger);
  }

  // What the owner does later is seen when it is published again, and by who pins that.
  for (Ledger* ledger : ledgers())
    accept(*ledger, "change_kit", {{"kit_id", open_kit}, {"is_public", false}});
  Ledger ledger = Ledger::open(other_file);
  EXPECT_EQ(texts_of(ledger, "public_kits", nlohmann::json::object(), 1).size(), 1U);
  std::array<Ledger*, 1> library{&*sqlite_};
  EXPECT_EQ(sp404::write_public_kits(library, rows), 0U);
  EXPECT_EQ(state::publish_reference(file_, rows).event.version, 2);
  state::pin_reference(other_file, 2, state::Location(file_));
  EXPECT_THAT(texts_of(ledger, "public_kits", nlohmann::json::object(), 1), IsEmpty());
  EXPECT_TRUE(state::verify(other_file).equal());
  EXPECT_TRUE(state::verify(database_->application("other")).equal());
}

}  // namespace
}  // namespace reeve::testing
