// Filters that compare, on both engines, against what a look at every row leaves.

#include "notes.h"

#include "cli/run_program.h"

#include <algorithm>

namespace reeve::testing {
namespace {

class ranges : public Notes {
 protected:
  void open(const std::string& name) {
    blueprint::Sources sources = notes_sources();
    std::string& index = sources.files["search/notes.toml"];
    index.replace(index.find("[\"kind\"]"), 8, "[\"kind\", \"parent_id\"]");
    make(workshop_.blueprint(sources), name);
  }
};

/// One that is asked, and what it says of a note.
struct Asked {
  std::vector<std::pair<std::string, std::string>> filters;
  std::function<bool(const Heap::Note&)> passes;
};

std::vector<Asked> asked(NoteMaker& maker) {
  const std::int64_t low = maker.below(100);
  const std::int64_t high = low + maker.below(40);
  const std::string least = std::to_string(low);
  const std::string most = std::to_string(high);
  return {
      {{{"parent_id <=", most}}, [=](const auto& note) { return note.parent && *note.parent <= high; }},
      {{{"parent_id>=", least}}, [=](const auto& note) { return note.parent && *note.parent >= low; }},
      {{{"parent_id? >=", least}}, [=](const auto& note) { return !note.parent || *note.parent >= low; }},
      {{{"parent_id?", least}}, [=](const auto& note) { return !note.parent || *note.parent == low; }},
      {{{"parent_id >=", least}, {"parent_id<=", most}},
       [=](const auto& note) { return note.parent && *note.parent >= low && *note.parent <= high; }},
      {{{"parent_id? >=", least}, {"parent_id?<=", most}, {"kind", "lore"}},
       [=](const auto& note) {
         return (!note.parent || (*note.parent >= low && *note.parent <= high)) && note.kind == "lore";
       }},
      {{{"parent_id <=", "-1"}}, [](const auto&) { return false; }},
      {{{"parent_id >=", "9223372036854775807"}}, [](const auto&) { return false; }},
  };
}

/// Those of an answer without the filters that pass.
std::vector<std::string> left_of(const SearchAnswer& all, const Heap& heap, const Asked& one,
                                 std::size_t limit) {
  std::vector<std::string> left;
  for (const SearchHit& hit : all.hits) {
    const auto note = std::find_if(heap.notes.begin(), heap.notes.end(),
                                   [&](const auto& known) { return Heap::key_of(known.first) == hit.key; });
    if (left.size() < limit && one.passes(note->second)) left.push_back(hit.key);
  }
  return left;
}

TEST_F(ranges, leave_what_a_look_at_every_row_leaves_by_words_by_meaning_and_by_both) {
  open("ranges");
  const Heap heap = grow(150, 21);
  sqlite_->embed("notes");
  postgres_->embed("notes");
  NoteMaker maker(22);
  int found = 0;
  for (int i = 0; i < 12; ++i) {
    const std::string words = i % 3 == 0 ? "sea or storm or king or fire" : maker.text();
    for (const Asked& one : asked(maker)) {
      const std::size_t limit = static_cast<std::size_t>(1 + maker.below(30));
      SearchOptions options{.limit = 500};
      std::vector<std::string> left[2];
      for (const SearchBy by : {SearchBy::words, SearchBy::meaning}) {
        options.by = by;
        options.filters.clear();
        options.limit = 500;
        const SearchAnswer all = ask(words, options);
        options.filters = one.filters;
        left[by == SearchBy::words ? 0 : 1] = left_of(all, heap, one, 500);
        options.limit = static_cast<std::int64_t>(limit);
        const std::vector<std::string> narrowed = keys_of(ask(words, options));
        EXPECT_EQ(narrowed, left_of(all, heap, one, limit)) << words << " " << one.filters[0].first;
        found += static_cast<int>(narrowed.size());
      }
      options.by = SearchBy::both;
      options.limit = 500;
      const SearchAnswer both = ask(words, options);
      for (const SearchHit& hit : both.hits) {
        const auto is_ranked = [&](const std::vector<std::string>& list, std::int64_t rank) {
          return rank == 0 || list.at(static_cast<std::size_t>(rank) - 1) == hit.key;
        };
        EXPECT_TRUE(is_ranked(left[0], hit.words_rank)) << hit.key;
        EXPECT_TRUE(is_ranked(left[1], hit.meaning_rank)) << hit.key;
      }
      EXPECT_GE(both.hits.size(), std::max(left[0].size(), left[1].size()));
    }
  }
  EXPECT_GT(found, 500);
}

TEST_F(ranges, of_days_and_times_are_alike_on_both_engines) {
  blueprint::Sources sources = notes_sources();
  const auto put = [&](const char* file, std::string_view before, std::string_view what) {
    std::string& text = sources.files[file];
    text.insert(text.find(before), what);
  };
  put("migrations/0001_core.up.sql", "kind text", "day date, told_at timestamptz, ");
  put("events/note.written.v1.sql", "kind,", "day, told_at, ");
  put("events/note.written.v1.sql", ":kind", ":day::date, :told_at::timestamptz, ");
  put("events/note.written.v1.json", "\"note_id\": {",
      R"("day": {"type": "string"}, "told_at": {"type": "string"}, )");
  put("search/notes.toml", "\"kind\"", "\"day\", \"told_at\", ");
  make(workshop_.blueprint(sources), "ranges_of_times");
  commit("note.written",
         R"({"note_id":1,"text":"the sea","day":"0987-03-01","told_at":"0987-03-01T00:00:00Z"})");
  commit("note.written",
         R"({"note_id":2,"text":"the sea","day":"2026-01-31","told_at":"2026-01-31T23:30:00.5Z"})");
  commit("note.written", R"({"note_id":3,"text":"the sea"})");
  sqlite_->embed("notes");
  postgres_->embed("notes");
  const auto notes_of = [&](const std::string& filter, const std::string& value) {
    std::string notes;
    for (const SearchBy by : {SearchBy::words, SearchBy::meaning}) {
      std::vector<std::string> keys = keys_of(ask("sea", {.filters = {{filter, value}}, .by = by}));
      std::sort(keys.begin(), keys.end());
      for (const std::string& key : keys) notes += key.substr(11, 1);
      notes += by == SearchBy::words ? "|" : "";
    }
    return notes;
  };
  EXPECT_EQ(notes_of("day <=", "2026-01-30"), "1|1");
  EXPECT_EQ(notes_of("day >=", "2026-01-31"), "2|2");
  EXPECT_EQ(notes_of("day? <=", "0987-03-01"), "13|13");
  EXPECT_EQ(notes_of("told_at <=", "2026-02-01T01:30:00.5+02:00"), "12|12");
  EXPECT_EQ(notes_of("told_at >=", "2026-01-31T23:30:00.500001Z"), "|");
  EXPECT_EQ(notes_of("told_at? >=", "2026-01-31T23:30:00.499999Z"), "23|23");
}

TEST_F(ranges, are_refused_of_what_has_no_order_and_follow_what_changes) {
  open("ranges_refused");
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    const auto refusal = [&](const std::string& filter, const std::string& value) {
      return error_of([&] { ledger->search("notes", "sea", {.filters = {{filter, value}}}); });
    };
    EXPECT_EQ(refusal("kind <=", "lore").code(), ErrorCode::invalid_input);
    EXPECT_NE(std::string(refusal("kind <=", "lore").what()).find("equality alone"), std::string::npos);
    EXPECT_EQ(refusal("parent_id <=", "many").code(), ErrorCode::invalid_input);
    EXPECT_EQ(refusal("parents <=", "1").remedy(), "it has: kind, parent_id");
    EXPECT_EQ(refusal("kind?", "lo\xffre").code(), ErrorCode::invalid_input);
    EXPECT_TRUE(ledger->search("notes", "sea", {.filters = {{"kind", "lo\xffre"}}}).hits.empty());
    for (const char* none :
         {"<=", "?", " parent_id", "parent_id <", "parent_id??", "parent_id = ", "note_id <="})
      EXPECT_EQ(refusal(none, "1").code(), ErrorCode::invalid_input) << none;
  }
  commit("note.written", R"({"note_id":1,"text":"the sea"})");
  commit("note.written", R"({"note_id":2,"text":"the sea","parent_id":1})");
  const SearchOptions least{.filters = {{"parent_id >=", "1"}}};
  EXPECT_EQ(keys_of(ask("sea", least)), std::vector<std::string>{R"({"note_id":2})"});
  commit("note.moved", R"({"note_id":2})");
  EXPECT_TRUE(ask("sea", least).hits.empty());
  EXPECT_EQ(ask("sea", {.filters = {{"parent_id? >=", "1"}}}).hits.size(), 2U);
  const tests::Result shown = tests::reeve(
      tests::Folder(), {"search", file_, "notes", "sea", "--filter", "parent_id?<=5", "--format", "json"});
  EXPECT_NE(shown.out.find("{\"note_id\":2}"), std::string::npos) << shown.out << shown.err;
}

}  // namespace
}  // namespace reeve::testing
