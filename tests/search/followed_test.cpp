// The index goes where the rows go, on both engines, whatever happens to them.

#include "library.h"

namespace reeve::testing {
namespace {

class index : public BothEngines {
 protected:
  void expect_no_difference(const std::string& when) {
    EXPECT_EQ(differences(file_), "") << when;
    EXPECT_EQ(differences(database_->application()), "") << when;
  }
  /// Both answer alike.
  std::string ask(const std::string& words, const SearchOptions& options = {.snippets = true}) {
    const std::string left = shown(sqlite_->search("samples", words, options));
    EXPECT_EQ(left, shown(postgres_->search("samples", words, options))) << words;
    return left;
  }
};

TEST_F(index, follows_the_rows_through_random_changes_refusals_undo_and_rewind) {
  make(workshop_.blueprint(library_sources()), "search_followed");
  LibraryMaker maker(test_seed("search followed"));
  const int steps = number_of("REEVE_SEARCH_STEPS", 400);
  int accepted = 0;
  int refused = 0;
  for (int step = 0; step < steps; ++step) {
    const CommitOptions options{.id = fmt::format("11111111-0000-4000-8000-{:012}", step + 1),
                                .time = "2026-01-01T00:00:00Z"};
    const std::int64_t head = sqlite_->head().sequence.value;
    const auto both = [&](const std::function<Outcome(Ledger&)>& work) {
      const Outcome left = work(*sqlite_);
      const Outcome right = work(*postgres_);
      ASSERT_EQ(reason_of(left).empty(), reason_of(right).empty()) << reason_of(left) << reason_of(right);
      ++(left.accepted() ? accepted : refused);
    };
    const std::int64_t one = 4 + maker.below(std::max<std::int64_t>(1, head - 3));
    const std::int64_t kind = maker.below(20);
    if (kind == 0 && head > 10) {
      both([&](Ledger& ledger) { return ledger.undo({std::min(one, head)}, options); });
    } else if (kind == 1 && head > 10) {
      const std::int64_t to = std::max<std::int64_t>(3, head - maker.below(30) - 1);
      both([&](Ledger& ledger) { return ledger.rewind({to}, options); });
    } else if (kind == 2) {
      const std::string sql = "UPDATE samples SET title = title || ' tape', path = 'x' WHERE bpm = 81";
      both([&](Ledger& ledger) { return ledger.execute(sql, "{}", options); });
    } else {
      const auto [type, payload] = maker.event();
      both([&, type = type, payload = payload](Ledger& ledger) {
        return ledger.commit(type, payload, options);
      });
    }
    if (step % 20 == 0) ask(maker.query());
    if (step % 200 == 199) expect_no_difference(fmt::format("after step {}", step));
  }
  EXPECT_GT(accepted, steps / 4);
  EXPECT_GT(refused, steps / 20);
  expect_equal_heads(steps);
  expect_no_difference("at the end");
  // A rebuild from the rows answers as what was kept did.
  std::vector<std::string> asked;
  std::vector<std::string> before;
  for (int i = 0; i < 40; ++i) {
    asked.push_back(maker.query());
    before.push_back(ask(asked.back()));
  }
  state::rebuild_search(file_);
  state::rebuild_search(database_->administrator());
  for (std::size_t i = 0; i < asked.size(); ++i) EXPECT_EQ(ask(asked[i]), before[i]);
  // The session that was open goes on.
  commit("sample.added", R"({"sample_id":77777,"title":"behind the rebuild","path":"p"})");
  EXPECT_NE(ask("behind").find("77777"), std::string::npos);
  expect_no_difference("after a rebuild and a commit");
}

TEST_F(index, follows_a_batch_in_which_some_are_refused) {
  make(workshop_.blueprint(library_sources()), "search_batches");
  LibraryMaker maker(test_seed("search batches"));
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    for (int round = 0; round < 6; ++round) {
      std::vector<std::future<Outcome>> verdicts;
      for (int i = 0; i < 120; ++i) {
        const auto [type, payload] = maker.event();
        verdicts.push_back(ledger->submit(type, payload));
      }
      for (std::future<Outcome>& verdict : verdicts) verdict.get();
    }
  }
  expect_no_difference("after batches");
}

TEST_F(index, is_verified_by_reading_all_of_both) {
  make(workshop_.blueprint(library_sources()), "search_controls");
  for (int i = 1; i <= 5; ++i) {
    commit("sample.added", fmt::format(R"({{"sample_id":{},"title":"dusty kick {}","path":"p"}})", i, i));
  }
  expect_no_difference("before");
  const auto meddle = [&](const std::string& sql) {
    engine::Connection::open(file_, engine::OpenMode::read_write)->execute(sql);
  };
  const auto check = [](const state::Location& location) {
    return state::verify_search(location, "samples").at(0);
  };
  // An entry is removed, one is added, one says something else.
  meddle("DELETE FROM reeve_search_documents WHERE number = 2 AND key = '[1]'");
  EXPECT_EQ(check(file_).missing, 1);
  EXPECT_EQ(check(file_).extra, 1);  // its terms are still there
  meddle("INSERT INTO reeve_search_documents (number, key, entry) VALUES (2, '[99]', 99)");
  EXPECT_EQ(check(file_).extra, 2);
  meddle(
      "UPDATE reeve_search_terms_2 SET c3 = 'other' WHERE rowid = (SELECT entry FROM reeve_search_documents"
      " WHERE number = 2 AND key = '[3]')");
  EXPECT_EQ(check(file_).stale, 1);
  EXPECT_FALSE(check(file_).is_equal());
  database_->execute("DELETE FROM reeve.reeve_search_documents WHERE number = 2 AND key = '[1]'");
  EXPECT_EQ(check(database_->application()).missing, 1);
  database_->execute(
      "INSERT INTO reeve.reeve_search_documents SELECT ledger_id, 2, '[99]', 99, '{}' FROM "
      "reeve.reeve_search LIMIT 1");
  EXPECT_EQ(check(database_->application()).extra, 2);
  database_->execute("DELETE FROM reeve.reeve_search_postings WHERE number = 2 AND term = '3'");
  EXPECT_EQ(check(database_->application()).stale, 1);
  // A row that was changed behind Reeve's back is another one than its entry says.
  meddle("UPDATE samples SET title = 'changed' WHERE sample_id = 4");
  EXPECT_EQ(check(file_).stale, 2);
  meddle("UPDATE samples SET title = 'dusty kick 4' WHERE sample_id = 4");
  state::rebuild_search(file_);
  state::rebuild_search(database_->administrator());
  expect_no_difference("after a rebuild");
}

TEST_F(index, that_is_not_of_the_head_or_of_another_definition_gives_no_answer_and_is_mended) {
  make(workshop_.blueprint(library_sources()), "search_places");
  commit("sample.added", R"({"sample_id":1,"title":"dusty kick","path":"p"})");
  const auto refuse = [](Ledger& ledger) {
    try {
      ledger.search("samples", "kick");
      return std::string("no error");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::corrupt);
      EXPECT_NE(error.remedy().find("reeve search rebuild"), std::string::npos);
      return error.message();
    }
  };
  for (const char* change : {"definition = 'x'", "sequence = sequence - 1", "chain_hash = 'x'"}) {
    engine::Connection::open(file_, engine::OpenMode::read_write)
        ->execute(std::string("UPDATE reeve_search SET ") + change);
    database_->execute(std::string("UPDATE reeve.reeve_search SET ") + change);
    EXPECT_NE(refuse(*sqlite_).find("the search index samples"), std::string::npos);
    EXPECT_NE(refuse(*postgres_).find("the search index samples"), std::string::npos);
    // The next one that opens the ledger and commits mends it.
    sqlite_.emplace(Ledger::open(file_));
    postgres_.emplace(Ledger::open(database_->application()));
    commit("sample.played", R"({"sample_id":1})");
    EXPECT_NE(ask("kick").find("1 at"), std::string::npos);
    expect_no_difference(change);
  }
}

}  // namespace
}  // namespace reeve::testing
