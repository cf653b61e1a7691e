// What a name goes through, on both engines.

#include "clubs.h"

#include "cli/run_program.h"

#include <reeve/directory.h>

#include <atomic>
#include <thread>

namespace reeve::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class names_of_ledgers : public Clubs {};
INSTANTIATE_TEST_SUITE_P(on, names_of_ledgers, ::testing::Values("sqlite", "postgres"), live::name_of_kind);

TEST_P(names_of_ledgers, are_reserved_confirmed_and_released_by_one_of_them) {
  Names ada = names("ada");
  Names eve = names("eve");
  EXPECT_EQ(ada.reserve("email", "wren@keep.example"), NameState::reserved);
  EXPECT_EQ(ada.reserve("email", "wren@keep.example"), NameState::reserved);  // again
  EXPECT_EQ(eve.reserve("email", "wren@keep.example"), NameState::taken);
  EXPECT_EQ(eve.reserve("handle", "wren@keep.example"), NameState::reserved);  // another scope
  EXPECT_FALSE(eve.confirm("email", "wren@keep.example"));
  EXPECT_FALSE(eve.release("email", "wren@keep.example"));
  EXPECT_EQ(holder("wren@keep.example"), "ada reserved");
  EXPECT_TRUE(ada.confirm("email", "wren@keep.example"));
  EXPECT_TRUE(ada.confirm("email", "wren@keep.example"));
  EXPECT_EQ(ada.reserve("email", "Wren@Keep.Example"), NameState::held);
  EXPECT_EQ(holder("WREN@keep.example"), "ada confirmed");
  EXPECT_EQ(eve.reserve("email", "WREN@KEEP.EXAMPLE"), NameState::taken);
  EXPECT_TRUE(ada.release("email", "wREN@keep.example"));
  EXPECT_FALSE(ada.release("email", "wren@keep.example"));
  EXPECT_EQ(eve.reserve("email", "wren@keep.example"), NameState::reserved);
}

TEST_P(names_of_ledgers, are_free_again_when_their_reservation_ends_and_not_before) {
  Names ada = names("ada");
  Names eve = names("eve");
  EXPECT_EQ(ada.reserve("email", "a@x", 60 * second), NameState::reserved);
  clock_.add(60 * second - 1);
  EXPECT_EQ(eve.reserve("email", "a@x"), NameState::taken);
  EXPECT_EQ(ada.reserve("email", "a@x", 10 * second), NameState::reserved);  // it ends ten seconds from now
  clock_.add(10 * second - 1);
  EXPECT_EQ(eve.reserve("email", "a@x"), NameState::taken);
  clock_.add(1);
  EXPECT_TRUE(ada.confirm("email", "a@x"));  // nobody asked meanwhile
  clock_.add(100L * 86'400 * second);
  EXPECT_EQ(eve.reserve("email", "a@x"), NameState::taken);
  EXPECT_EQ(ada.reserve("email", "b@x", second), NameState::reserved);
  clock_.add(second);
  EXPECT_EQ(eve.reserve("email", "b@x"), NameState::reserved);
  EXPECT_FALSE(ada.confirm("email", "b@x"));
  EXPECT_EQ(holder("b@x"), "eve reserved");
  // What has ended goes with the next reservation of its ledger.
  clock_.add(86'400 * second);
  EXPECT_EQ(eve.reserve("email", "c@x"), NameState::reserved);
  EXPECT_EQ(eve.list().size(), 1U);
  // A confirmed one that is reserved anew stays confirmed when that ends.
  EXPECT_EQ(ada.reserve("email", "a@x", second), NameState::held);
  clock_.add(2 * second);
  EXPECT_EQ(eve.reserve("email", "a@x"), NameState::taken);
}

TEST_P(names_of_ledgers, are_compared_as_people_read_them_and_refused_when_they_are_none) {
  Names ada = names("ada");
  Names eve = names("eve");
  const std::vector<std::pair<std::string, std::string>> same = {
      {"Stra\u00dfe@x", "STRASSE@X"},            // sharp s
      {"caf\u00e9@x", "CAFE\u0301@x"},           // a letter and its mark
      {"\uff57\uff52\uff45\uff4e@x", "wren@x"},  // full width
      {"\ufb01n@x", "FIN@x"},                    // ligature
      {"a\u00adb@x", "ab@x"},                    // soft hyphen
      {"\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2@x",
       "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3@X"}};  // sigmas
  for (const auto& [left, right] : same) {
    EXPECT_EQ(ada.reserve("email", left), NameState::reserved) << left;
    EXPECT_EQ(eve.reserve("email", right), NameState::taken) << right;
  }
  const std::string longest(1024, 'a');
  EXPECT_EQ(ada.reserve("email", longest), NameState::reserved);
  for (const std::string& wrong :
       {std::string(), longest + "a", std::string(" a@x"), std::string("a@x\u00a0"), std::string("a\nb"),
        std::string("a\0b", 3), std::string("\xff"), std::string("\u00ad"),
        std::string("\U000f0000\u0378")}) {
    EXPECT_EQ(code_of([&] { ada.reserve("email", wrong); }), ErrorCode::invalid_input);
  }
  for (const char* scope : {"", "E-Mail", "1", "a b"})
    EXPECT_EQ(code_of([&] { ada.reserve(scope, "a@x"); }), ErrorCode::invalid_input);
  for (const Microseconds duration : {Microseconds{0}, Microseconds{-1}, reservation_max + 1})
    EXPECT_EQ(code_of([&] { ada.reserve("email", "a@x", duration); }), ErrorCode::invalid_input);
}

TEST_P(names_of_ledgers, are_given_to_one_of_many_threads_that_ask_at_once) {
  constexpr int count = 25;
  std::atomic<int> reserved = 0;
  std::atomic<int> lost = 0;
  std::vector<std::thread> threads;
  for (const char* const ledger : {"ada", "eve", "bob"}) {
    threads.emplace_back([&, ledger] {
      Names mine = names(ledger);
      for (int i = 0; i < count; ++i) {
        const std::string name = fmt::format("{}@x", i);
        if (mine.reserve("email", name) == NameState::taken) continue;
        ++reserved;
        if (!mine.confirm("email", name)) ++lost;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(reserved, count);
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(list_names(directory()).size(), static_cast<std::size_t>(count));
}

TEST_P(names_of_ledgers, are_given_to_one_of_several_processes_that_ask_at_once) {
  const tests::Folder folder;
  for (int round = 0; round < 3; ++round) {
    std::string line;
    for (const char* const ledger : {"ada", "eve", "bob"})
      line += fmt::format("($reeve name reserve '{}' email race{}@x >/dev/null 2>&1; echo said:$?) & ",
                          url(ledger), round);
    const tests::Result ran = tests::shell(folder, line + "wait");
    std::size_t reserved = 0;
    std::size_t taken = 0;
    for (std::size_t at = ran.out.find("said:"); at != std::string::npos;
         at = ran.out.find("said:", at + 1)) {
      reserved += ran.out.compare(at, 7, "said:0\n") == 0 ? 1 : 0;
      taken += ran.out.compare(at, 5, "said:") == 0 && ran.out.compare(at, 7, "said:0\n") != 0 ? 1 : 0;
    }
    EXPECT_EQ(reserved, 1U) << ran.out;
    EXPECT_EQ(taken, 2U) << ran.out;
  }
}

TEST_P(names_of_ledgers, are_used_and_changed_and_the_old_one_is_free) {
  Ledger ada = Ledger::open(url("ada"));
  Ledger eve = Ledger::open(url("eve"));
  Names of_ada = names("ada");
  Names of_eve = names("eve");
  EXPECT_EQ(reason_of(use(of_ada, ada, "member.joined", "wren@x")), "");
  EXPECT_EQ(holder("wren@x"), "ada confirmed");
  const Outcome refused = use(of_eve, eve, "member.joined", "WREN@x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.rejection().code, ErrorCode::unique_violation);
  EXPECT_EQ(refused.rejection().reason, "the email is taken");
  EXPECT_EQ(in_use(eve)().size(), 0U);
  EXPECT_EQ(reason_of(use(of_ada, ada, "email.changed", "crow@x")), "");
  EXPECT_EQ(holder("wren@x"), "");
  EXPECT_EQ(holder("crow@x"), "ada confirmed");
  EXPECT_EQ(reason_of(use(of_eve, eve, "member.joined", "wren@x")), "");
  // Refused by the ledger's own rules: the new name is free at once, and the one in use stays.
  EXPECT_NE(reason_of(use(of_ada, ada, "member.joined", "raven@x")), "");
  EXPECT_EQ(holder("raven@x"), "");
  EXPECT_EQ(holder("crow@x"), "ada confirmed");
  EXPECT_NE(reason_of(use(of_ada, ada, "member.joined", "Crow@x")), "");
  EXPECT_EQ(reason_of(use(of_ada, ada, "email.changed", "CROW@x")), "");  // only the case
  EXPECT_EQ(of_ada.list("email").size(), 1U);
  EXPECT_FALSE(of_ada.list("email")[0].ends);
  // Who leaves gives the name back.
  ASSERT_TRUE(ada.commit("member.left", "{}"));
  EXPECT_EQ(of_ada.settle("email", in_use(ada)).released, 1);
  EXPECT_EQ(holder("crow@x"), "");
}

TEST_P(names_of_ledgers, are_put_right_after_a_crash_between_any_two_steps) {
  Ledger ada = Ledger::open(url("ada"));
  Ledger eve = Ledger::open(url("eve"));
  Names of_eve = names("eve");
  ASSERT_TRUE(use(of_eve, eve, "member.joined", "eve@x"));
  // Each step is a transaction of its own; a process that dies behind it leaves just this.
  const auto die_after = [&](int steps, const std::string& type, const std::string& email) {
    Names dying = names("ada");
    EXPECT_EQ(dying.reserve("email", email), NameState::reserved);
    EXPECT_TRUE(steps < 2 || commit(ada, type, email));
    EXPECT_TRUE(steps < 3 || dying.confirm("email", email));
  };
  const auto settle = [&] { return names("ada").settle("email", in_use(ada)); };

  // Of the first name. Reserved and not used: it is ada's for a while, then free.
  die_after(1, "member.joined", "a@x");
  EXPECT_EQ(settle().released, 0);
  EXPECT_EQ(of_eve.reserve("email", "a@x"), NameState::taken);
  clock_.add(3600 * second);
  EXPECT_EQ(settle().released, 1);
  EXPECT_EQ(holder("a@x"), "");
  // Used and not confirmed, in time and much later.
  die_after(2, "member.joined", "a@x");
  EXPECT_EQ(settle().confirmed, 1);
  EXPECT_EQ(holder("a@x"), "ada confirmed");
  EXPECT_EQ(settle().confirmed, 0);

  // Of a change.
  die_after(1, "email.changed", "b@x");
  clock_.add(3600 * second);
  EXPECT_EQ(settle().released, 1);
  EXPECT_EQ(holder("a@x"), "ada confirmed");
  die_after(2, "email.changed", "b@x");
  clock_.add(3600 * second);
  const Settled settled = settle();
  EXPECT_EQ(settled.confirmed, 1);
  EXPECT_EQ(settled.released, 1);
  EXPECT_EQ(holder("b@x"), "ada confirmed");
  EXPECT_EQ(holder("a@x"), "");
  die_after(3, "email.changed", "c@x");
  EXPECT_EQ(settle().released, 1);
  EXPECT_EQ(holder("c@x"), "ada confirmed");
  EXPECT_EQ(holder("b@x"), "");

  // The next use does it too, also one that is refused.
  die_after(3, "email.changed", "d@x");
  Names of_ada = names("ada");
  EXPECT_NE(reason_of(use(of_ada, ada, "email.changed", "eve@x")), "");
  EXPECT_EQ(holder("c@x"), "");
  EXPECT_EQ(holder("d@x"), "ada confirmed");
  // One that was used and not confirmed, and is asked for again, is never free in between.
  die_after(2, "email.changed", "e@x");
  EXPECT_NE(reason_of(use(of_ada, ada, "member.joined", "e@x")), "");
  EXPECT_EQ(holder("e@x"), "ada confirmed");
  EXPECT_EQ(list_names(directory()).size(), 2U);

  // An answer that was lost: used or not, the next settle sees.
  EXPECT_EQ(code_of([&] {
              of_ada.use(
                  "email", "f@x",
                  [&]() -> Outcome {
                    EXPECT_TRUE(commit(ada, "email.changed", "f@x"));
                    throw Error(ErrorCode::commit_unknown, "the answer was lost");
                  },
                  in_use(ada));
            }),
            ErrorCode::commit_unknown);
  EXPECT_EQ(holder("f@x"), "ada reserved");
  EXPECT_EQ(settle().confirmed, 1);
  EXPECT_EQ(holder("f@x"), "ada confirmed");
}

TEST_P(names_of_ledgers, that_were_lost_are_named_and_nobody_elses_is_touched) {
  Ledger ada = Ledger::open(url("ada"));
  Names of_ada = names("ada");
  Names of_eve = names("eve");
  EXPECT_EQ(of_ada.reserve("email", "a@x", second), NameState::reserved);
  ASSERT_TRUE(commit(ada, "member.joined", "a@x"));
  clock_.add(second);
  EXPECT_EQ(of_eve.reserve("email", "A@x"), NameState::reserved);
  EXPECT_THAT(of_ada.settle("email", in_use(ada)).taken, ElementsAre("a@x"));
  EXPECT_EQ(holder("a@x"), "eve reserved");
  // Another scope is none of its business.
  EXPECT_EQ(of_ada.reserve("handle", "ada"), NameState::reserved);
  EXPECT_TRUE(of_ada.confirm("handle", "ada"));
  of_ada.settle("email", in_use(ada));
  EXPECT_EQ(of_ada.list("handle").size(), 1U);
  EXPECT_THAT(of_ada.list("email"), IsEmpty());
}

TEST_P(names_of_ledgers, that_another_process_is_about_to_use_are_not_released) {
  Ledger ada = Ledger::open(url("ada"));
  Names first = names("ada");
  Names second_one = names("ada");
  ASSERT_TRUE(use(first, ada, "member.joined", "old@x"));
  ASSERT_TRUE(use(first, ada, "email.changed", "new@x"));
  EXPECT_EQ(first.reserve("email", "old@x"), NameState::reserved);
  EXPECT_TRUE(first.confirm("email", "old@x"));  // as one left it that died before it released
  // While one settles, and has read the state, the other goes back to the old name.
  const Settled settled = first.settle("email", [&] {
    std::vector<std::string> read = in_use(ada)();
    EXPECT_EQ(reason_of(use(second_one, ada, "email.changed", "old@x")), "");
    return read;
  });
  EXPECT_EQ(settled.released, 0);
  EXPECT_EQ(holder("old@x"), "ada confirmed");
  first.settle("email", in_use(ada));
  EXPECT_EQ(holder("old@x"), "ada confirmed");
  EXPECT_EQ(holder("new@x"), "");
}

TEST_P(names_of_ledgers, are_reached_by_the_command_line) {
  const tests::Folder folder;
  const auto reeve = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "name");
    return tests::reeve(folder, words);
  };
  EXPECT_EQ(reeve({"reserve", url("ada"), "email", "wren@x", "--format", "json"}).out,
            "{\"state\":\"reserved\"}\n");
  EXPECT_EQ(reeve({"confirm", url("ada"), "email", "Wren@x"}).exit_code, 0);
  EXPECT_EQ(reeve({"reserve", url("ada"), "email", "wren@x", "--format", "json"}).out,
            "{\"state\":\"held\"}\n");
  const tests::Result taken = reeve({"reserve", url("eve"), "email", "WREN@X"});
  EXPECT_EQ(taken.exit_code, exit_code_of(ErrorCode::unique_violation));
  EXPECT_THAT(taken.err, HasSubstr("the email is taken"));
  EXPECT_EQ(reeve({"confirm", url("eve"), "email", "wren@x"}).exit_code, exit_code_of(ErrorCode::conflict));
  EXPECT_EQ(reeve({"release", url("eve"), "email", "wren@x"}).exit_code, exit_code_of(ErrorCode::not_found));
  const tests::Result all =
      reeve({"list", directory(), "--scope", "email", "--name", "wren@X", "--format", "json"});
  EXPECT_THAT(all.out, HasSubstr(R"("state":"confirmed")")) << all.err;
  EXPECT_THAT(all.out, HasSubstr(R"("ledger":"ada")"));
  EXPECT_THAT(all.out, Not(HasSubstr("wren")));
  EXPECT_THAT(reeve({"list", url("eve"), "--format", "json"}).out, IsEmpty());
  EXPECT_EQ(reeve({"release", directory(), "email", "wren@x"}).exit_code, 0);
  EXPECT_EQ(holder("wren@x"), "");
  EXPECT_EQ(reeve({"reserve", url("ada"), "E-Mail", "x"}).exit_code, exit_code_of(ErrorCode::invalid_input));
}

}  // namespace
}  // namespace reeve::testing
