// The repository: what is known at a year with hard canon first, documents that travel, the rules that all share; and the
// demonstration.

#include "keep_ledgers.h"

#include "cli/run_program.h"
#include "data/legacy_source.h"
#include "state/reference.h"
#include "vectors/sentence_encoder.h"
#include "whispyrkeep/keep.h"

#include <reeve/jobs.h>

#include <filesystem>
#include <fstream>

namespace reeve::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using whispyrkeep::Keep;
using whispyrkeep::RetrieveOptions;

class keep : public KeepLedgers {
 protected:
  /// The texts, of both engines the same.
  std::vector<std::string> retrieve(const std::string& typed, const RetrieveOptions& options) {
    const auto texts_of = [&](Ledger& ledger) {
      std::vector<std::string> texts;
      for (const auto& chunk : Keep(ledger).retrieve(universe_id, typed, options))
        texts.push_back(chunk.text);
      return texts;
    };
    auto left = texts_of(*sqlite_);
    EXPECT_EQ(left, texts_of(*postgres_));
    return left;
  }
  void tell(int number, const std::string& text, int from_year, int to_year) {
    accept("add_lore", {{"chunk_id", id_of('6', number)},
                        {"universe_id", universe_id},
                        {"text", text},
                        {"time_range", {{"from_year", from_year}, {"to_year", to_year}}}});
  }
  void add_founding() {
    accept("add_canon_doc",
           {{"universe_id", universe_id},
            {"source_type", "upload"},
            {"title", "The Founding"},
            {"text", "Ravenhold stands on a drowned city.\n\nThe crown of its kings is of salt."}});
  }
  /// False when the encoder's weights are not there.
  bool embed() {
    if (!std::filesystem::exists(vectors::sentence_encoder_folder() / "model.json")) return false;
    compares_heads_ = false;
    for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
      const EmbedReport report = ledger->embed("lore");
      EXPECT_EQ(report.left + report.failed, 0) << report.failure;
    }
    return true;
  }
  json vectors_of(Ledger& ledger) {
    const EmbeddingStatus status = ledger.embedding_status("lore");
    return {
        {"rows", status.rows}, {"fresh", status.fresh}, {"missing", status.missing}, {"stale", status.stale}};
  }
};

TEST_F(keep, retrieves_what_holds_at_a_year_hard_canon_first_and_as_many_as_there_are) {
  open_campaign("retrieves");
  for (int number = 1; number <= 90; ++number) tell(number, "The crown crown crown was seen.", 100, 700);
  for (int number = 91; number <= 93; ++number)
    tell(number, fmt::format("In those days the {} asked for the crown.", number), 800, 820);
  add_founding();
  const auto found = retrieve("crown", {.year = 812, .limit = 8});
  ASSERT_EQ(found.size(), 4U);  // although ninety others rank before them
  EXPECT_EQ(found[0], "The crown of its kings is of salt.");
  EXPECT_THAT(found[1], HasSubstr("asked for the crown"));
  EXPECT_EQ(retrieve("crown", {.year = 812, .limit = 2}).size(), 2U);
  EXPECT_EQ(retrieve("crown", {.year = 812, .chunk_type = "soft_lore", .limit = 8}).size(), 3U);
  EXPECT_THAT(retrieve("crown", {.year = 90, .limit = 8}), ElementsAre("The crown of its kings is of salt."));
  EXPECT_EQ(retrieve("crown", {.limit = 50}).size(), 50U);
  EXPECT_THAT(retrieve("lantern", {.year = 812}), IsEmpty());
}

TEST_F(keep, lets_superseded_lore_leave_words_and_vectors_with_the_event_that_supersedes_it) {
  open_campaign("compacts");
  tell(1, "A silver key lies under the gate.", 800, 900);
  tell(2, "The gate is walled up.", 800, 900);
  add_founding();
  const bool means = embed();
  ASSERT_EQ(retrieve("gate", {.year = 812}).size(), 2U);
  accept("compact_lore", {{"chunk_id", id_of('6', 9)},
                          {"universe_id", universe_id},
                          {"text", "A key lay under the gate before it was walled up."},
                          {"supersedes", {id_of('6', 1), id_of('6', 2)}}});
  EXPECT_THAT(retrieve("gate", {.year = 812}),
              ElementsAre("A key lay under the gate before it was walled up."));
  // Not in the index at all, filters or not.
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) EXPECT_EQ(ledger->search("lore", "gate").matches, 1);
  EXPECT_THAT(
      command("compact_lore",
              {{"universe_id", universe_id},
               {"text", "All of it."},
               {"supersedes",
                {id_of('6', 9), ask("lore_at_year", {{"universe_id", universe_id},
                                                     {"year", 812},
                                                     {"chunk_type", "hard_canon"}})[0]["chunk_id"]}}}),
      HasSubstr("hard canon is never compacted"));
  if (!means) GTEST_SKIP() << "left out: the vectors, for the weights of the sentence encoder are not there";
  for (Ledger* ledger : {&*sqlite_, &*postgres_})
    EXPECT_EQ(vectors_of(*ledger), json::parse(R"({"rows":3,"fresh":2,"missing":1,"stale":0})"));
  ASSERT_TRUE(embed());
  EXPECT_THAT(
      retrieve("where is the opening instrument hidden", {.year = 812, .limit = 1, .by = SearchBy::meaning}),
      ElementsAre(HasSubstr("drowned city")));  // hard canon comes first, whatever its rank
  EXPECT_THAT(retrieve("where is the opening instrument hidden",
                       {.year = 812, .chunk_type = "soft_lore", .limit = 1, .by = SearchBy::both}),
              ElementsAre(HasSubstr("A key lay under the gate")));
}

TEST_F(keep, takes_a_universe_from_account_to_account_with_every_hash) {
  open_campaign("exports");
  add_founding();
  play(1, 12);
  accept("compact_lore", {{"universe_id", universe_id},
                          {"text", "Two rooms are hollow."},
                          {"supersedes", {id_of('6', 100), id_of('6', 200)}}});
  accept("write_homebrew", {{"universe_id", universe_id}, {"entry_type", "species"}, {"name", "Saltborn"}});
  const std::string document = Keep(*sqlite_).export_json(universe_id);
  EXPECT_EQ(document, Keep(*postgres_).export_json(universe_id));
  EXPECT_THAT(Keep(*sqlite_).export_markdown(universe_id),
              AllOf(HasSubstr("# Ravenhold"), HasSubstr("## The Founding"), HasSubstr("### Turn 12"),
                    HasSubstr("> I do what I do in turn 12.")));
  const auto before = Keep(*sqlite_).state_at(campaign_id, 12);
  const json known = ask("lore_at_year", {{"universe_id", universe_id}, {"year", 812}});
  EXPECT_EQ(Keep(*sqlite_).difference(campaign_id, 12, 12).size(), 0U);
  EXPECT_EQ(Keep(*postgres_).difference(campaign_id, 10, 11).size(), 5U);
  EXPECT_THROW(Keep(*sqlite_).difference(campaign_id, 10, 13), Error);

  open("imports");
  accept("register_user", {{"user_id", id_of('1', 7)},
                           {"email", "rook@keep.example"},
                           {"password_hash", "$argon2id$x"},
                           {"display_name", "Rook"}});
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    const CommitOptions options{.id = id_of('0', 900), .time = time_of(seconds_ + 1)};
    const Outcome imported = Keep(*ledger).import_json(id_of('1', 7), document, options);
    ASSERT_TRUE(imported) << imported.rejection().reason;
    EXPECT_EQ(Keep(*ledger).state_at(campaign_id, 12)->hash, before->hash);
    EXPECT_FALSE(Keep(*ledger).import_json(id_of('1', 7), document));
    EXPECT_EQ(Keep(*ledger).export_json(universe_id), document);
    EXPECT_THROW(Keep(*ledger).import_json(id_of('1', 7), "[]"), Error);
  }
  expect_equal_heads(0);
  EXPECT_EQ(ask("lore_at_year", {{"universe_id", universe_id}, {"year", 812}}).size(), known.size());

  // One turn that says another hash, and nothing of it is taken in.
  json forged = json::parse(document);
  forged["campaigns"][0]["turns"][4]["state_patch"]["operations"][0]["value"] = 11;
  accept("delete_universe", {{"universe_id", universe_id}});
  accept("delete_sheet", {{"sheet_id", sheet_id}});
  const Outcome refused = Keep(*sqlite_).import_json(id_of('1', 7), forged.dump());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.rejection().reason, HasSubstr("the state after the turn 5 does not hash to"));
  EXPECT_TRUE(ask("universes_of_user", {{"user_id", id_of('1', 7)}}).empty());
}

TEST_F(keep, shares_the_rules_and_names_where_they_come_from) {
  const auto legacy = legacy::find_file(project_file(""));
  if (!legacy) GTEST_SKIP() << "left out: REEVE_SHARED_DATA names no folder with srd/";
  open_campaign("rules");
  const std::filesystem::path rows = workshop_.path("rows");
  EXPECT_EQ(whispyrkeep::write_reference_rows(legacy->parent_path() / "srd", rows), 140U);
  const std::string shared = workshop_.path("shared.db");
  for (const std::string& publisher : {shared, accounts().administrator("shared")}) {
    create_ledger(publisher, project_file("blueprints/whispyrkeep").string());
    EXPECT_EQ(state::publish_reference(publisher, rows).event.version, 1);
  }
  state::pin_reference(file_, 1, state::Location(shared));
  state::pin_reference(accounts().administrator(account_), 1);
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    for (json own : {json{{"name", "Light"}, {"description", "In Ravenhold light costs salt."}},
                     json{{"name", "Saltfire"}, {"description", "It burns under water."}}}) {
      own["universe_id"] = universe_id;
      own["entry_type"] = "spell";
      EXPECT_TRUE(ledger->command("write_homebrew", own.dump(), {.time = time_of(seconds_ + 1)}));
    }
    const json spells =
        rows_of(*ledger, "catalogue", {{"universe_id", universe_id}, {"entry_type", "spell"}});
    EXPECT_EQ(spells.size(), 13U);  // twelve, of which one has another text, and one more
    const json all = rows_of(*ledger, "catalogue", {{"universe_id", universe_id}});
    EXPECT_EQ(all.size(), 141U);
    const auto entry = [&](const char* type, const char* name) {
      return rows_of(*ledger, "catalogue_entry",
                     {{"universe_id", universe_id}, {"entry_type", type}, {"name", name}})[0];
    };
    EXPECT_EQ(entry("spell", "Light")["description"], "In Ravenhold light costs salt.");
    EXPECT_EQ(entry("spell", "Light")["origin"], "homebrew");
    EXPECT_EQ(entry("spell", "Fire Bolt")["origin"], "srd_5_2");
    EXPECT_EQ(entry("item", "Dagger")["details"]["weapon"]["damage_dice"], "1d4");
    EXPECT_THAT(Keep(*ledger).export_json(universe_id), HasSubstr("System Reference Document 5.2"));
    EXPECT_THAT(Keep(*ledger).export_markdown(universe_id), HasSubstr("System Reference Document 5.2"));
  }
  EXPECT_EQ(sqlite_->head().state_hash.to_string(), postgres_->head().state_hash.to_string());
}

TEST(keep_demo, plays_thirty_turns_goes_back_and_forth_and_says_what_it_cost) {
  const char* build = std::getenv("REEVE_BUILD_DIR");
  const std::string folder_of_build = build != nullptr ? build : std::filesystem::absolute("build").string();
  const tests::Folder folder;
  const std::string command =
      "'" + std::filesystem::absolute(folder_of_build).string() + "/reeve_keep' --folder . 2>&1";
  const tests::Result ran = tests::shell(folder, command);
  ASSERT_EQ(ran.exit_code, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("30, with 61 requests"));
  EXPECT_THAT(ran.out, HasSubstr("refused patches      1"));
  EXPECT_THAT(ran.out, HasSubstr("in the lore of 30 turns"));
  EXPECT_THAT(ran.out, HasSubstr("0 turns do not give the state that they left"));
  EXPECT_THAT(ran.out, HasSubstr("2026-02"));
  EXPECT_THAT(ran.out, Not(HasSubstr("DIFFERENT")));
  EXPECT_THAT(ran.out, HasSubstr("5 of 6 may be tried for one address; then log_ins refuses, for 60 s"));
  EXPECT_THAT(ran.out, HasSubstr("document 5: too many exports; try again in 900 s"));
  EXPECT_THAT(ran.out, HasSubstr("4 documents, in keep_exports"));
  EXPECT_THAT(ran.out, HasSubstr("Wren@KEEP.example    the email is taken"));
  EXPECT_TRUE(
      std::filesystem::exists(folder.path() / "keep_exports" / "80000000-0000-4000-8000-000000000002.md"));
  // Again in the same folder, whose names are of ledgers that are gone.
  EXPECT_EQ(tests::shell(folder, command).exit_code, 0);
}

}  // namespace
}  // namespace reeve::testing
