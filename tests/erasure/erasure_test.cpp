// What is sealed lies readable nowhere, and is gone with its key; every hash still holds. On both engines.

#include "database.h"
#include "people.h"

#include "journal/journal.h"
#include "journal/key_store.h"
#include "state/promote.h"
#include "state/replay.h"
#include "state/transfer.h"

#include <reeve/history.h>

#include <fstream>
#include <iterator>

namespace reeve::testing {
namespace {

namespace fs = std::filesystem;

const std::string ada_mail = "countess.ada@lovelace.example";
const std::string ada_moved = "ada.king@ockham.example";
const std::string ada_name = "Augusta Ada Kïng";
const std::string ada_letter = "Dear Babbage, I am in much dismay";
const std::string grace_mail = "hopper@navy.example";

std::string content_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The files below a folder that hold the text.
std::vector<std::string> files_with(const fs::path& folder, const std::string& text) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && content_of(entry.path()).find(text) != std::string::npos) {
      found.push_back(entry.path().filename().string());
    }
  }
  return found;
}

enum class On { sqlite, postgres };

class erasure : public ::testing::TestWithParam<On> {
 protected:
  void SetUp() override {
    options_.key_store = keys_;
    const std::string blueprint = workshop_.blueprint(people_sources());
    if (GetParam() == On::postgres) {
      database_.emplace("erasure_" + std::to_string(::getpid()) + "_" +
                        std::to_string(::testing::UnitTest::GetInstance()->random_seed() + made_++));
      create_ledger(database_->administrator("people"), blueprint, options_);
      url_ = database_->application("people");
    } else {
      url_ = workshop_.path("people.db");
      create_ledger(url_, blueprint, options_);
    }
    Ledger people = open();
    accept(people.commit("user.joined",
                         R"({"user_id":"ada","email":")" + ada_mail + R"(","name":")" + ada_name + "\"}",
                         {.actor = "clerk", .key = "join-ada"}));
    accept(people.commit("user.visited", R"({"user_id":"ada"})"));
    accept(people.commit("user.moved", R"({"user_id":"ada","mail":")" + ada_moved + "\"}", {.version = 1}));
    accept(people.command("invite",
                          R"({"user_id":"grace","email":")" + grace_mail + R"(","greeting":"Moths!"})",
                          {.actor = "clerk", .key = "invite-grace"}));
    accept(people.commit("letter.written", R"({"user_id":"ada","number":7,"body":")" + ada_letter + "\"}"));
    accept(people.commit("user.joined", R"({"user_id":"nobody"})"));
  }

  Ledger open() { return Ledger::open(url_, options_); }
  static void accept(const Outcome& outcome) { ASSERT_EQ(reason_of(outcome), ""); }

  static std::string answer(Ledger& people, const std::string& query = "people") {
    std::string text;
    Rows rows = people.query(query);
    while (rows.next()) {
      for (std::size_t i = 0; i < rows.columns().size(); ++i) {
        const ValueView value = rows.at(i);
        text += value.is_null()                            ? "NULL "
                : value.kind() == ValueView::Kind::integer ? std::to_string(value.integer()) + " "
                                                           : std::string(value.text()) + " ";
      }
      text += "\n";
    }
    return text;
  }
  std::string answer() {
    Ledger people = open();
    return answer(people);
  }

  std::string exported() {
    std::string text;
    state::export_journal(state::Location::of(url_), [&](std::string_view line) {
      text += line;
      text += '\n';
    });
    return text;
  }

  void expect_nowhere(const std::string& text) {
    EXPECT_EQ(files_with(workshop_.path(""), text), std::vector<std::string>{}) << text;
    EXPECT_EQ(exported().find(text), std::string::npos);
    if (database_) {
      database_->execute("CHECKPOINT");
      EXPECT_EQ(files_with(PostgresServer::shared().folder(), text), std::vector<std::string>{}) << text;
    }
  }

  static int made_;
  Workshop workshop_;
  std::string keys_ = workshop_.path("people.keys");
  LedgerOptions options_;
  std::optional<Database> database_;
  std::string url_;
};

int erasure::made_ = 0;

TEST_P(erasure, who_holds_the_keys_is_answered_in_plain) {
  Ledger people = open();
  EXPECT_EQ(answer(people), "ada " + ada_moved + " " + ada_name + " 1 \ngrace " + grace_mail +
                                " NULL 0 \nnobody NULL NULL 0 \n");
  EXPECT_EQ(answer(people, "whole"), answer(people));
  EXPECT_EQ(answer(people, "letters"), "Moths! " + grace_mail + " \n" + ada_letter + " " + ada_moved + " \n");
}

TEST_P(erasure, no_byte_of_a_plain_value_is_in_files_logs_or_exports) {
  for (const std::string& text :
       {ada_mail, ada_moved, ada_name, ada_letter, grace_mail, std::string("Moths!")}) {
    expect_nowhere(text);
  }
}

TEST_P(erasure, forgotten_is_erased_everywhere_and_every_hash_still_holds) {
  const Head before = open().head();
  const std::string export_before = exported();
  Clock& clock = system_clock();
  const auto key = journal::KeyStore::open(keys_, clock, system_random())->find("ada");
  ASSERT_TRUE(key);
  const std::string key_bytes(reinterpret_cast<const char*>(key->data()), key->size());
  ASSERT_FALSE(files_with(workshop_.path(""), key_bytes).empty());
  {
    Ledger people = open();
    EXPECT_TRUE(people.forget("ada"));
    EXPECT_FALSE(people.forget("ada"));
    EXPECT_EQ(answer(people),
              "ada [erased] [erased] 1 \ngrace " + grace_mail + " NULL 0 \nnobody NULL NULL 0 \n");
    EXPECT_EQ(answer(people, "letters"), "Moths! " + grace_mail + " \n[erased] [erased] \n");
    EXPECT_EQ(people.head().state_hash.to_string(), before.state_hash.to_string());
  }
  EXPECT_EQ(files_with(workshop_.path(""), key_bytes), std::vector<std::string>{}) << "the key's own bytes";
  for (const std::string& text : {ada_mail, ada_moved, ada_name, ada_letter}) expect_nowhere(text);
  const state::Verification verified = state::verify(state::Location::of(url_));
  EXPECT_TRUE(verified.equal()) << describe(verified);
  EXPECT_EQ(exported(), export_before);

  // The journal alone makes the same state again: by execution, by changeset, by import, and on the other engine.
  for (const state::ReplayBy by : {state::ReplayBy::execution, state::ReplayBy::changeset}) {
    EXPECT_EQ(to_hex(state::replay_scratch(state::Location::of(url_), {.by = by, .progress = {}, .each = {}})
                         .state_hash),
              before.state_hash.to_string());
  }
  const std::string copy = workshop_.path("imported.db");
  std::size_t place = 0;
  state::import_journal(
      [&](std::string& line) {
        const std::size_t end = export_before.find('\n', place);
        if (end == std::string::npos) return false;
        line = export_before.substr(place, end - place);
        place = end + 1;
        return true;
      },
      copy);
  Ledger imported = Ledger::open(copy, options_);
  EXPECT_EQ(imported.head().state_hash.to_string(), before.state_hash.to_string());
  EXPECT_EQ(answer(imported), answer());
}

TEST_P(erasure, the_past_is_read_with_the_keys_and_no_checkpoint_keeps_a_value) {
  const std::string stored = workshop_.path("people.checkpoints");
  make_checkpoints(url_, {.every = 1, .checkpoints = stored});
  ASSERT_TRUE(fs::exists(stored));
  const Sequence last = open().head().sequence;
  const auto answered = [&](const std::string& keys) {
    std::string text;
    History history = History::open(url_, {.checkpoints = stored, .key_store = keys});
    for (const auto& row : history.query(last, "people").rows) {
      for (const Value& value : row) {
        text += std::holds_alternative<std::string>(value) ? std::get<std::string>(value) + " " : "";
      }
    }
    EXPECT_EQ(history.note(), "");
    return text;
  };
  EXPECT_EQ(answered(keys_), "ada " + ada_moved + " " + ada_name + " grace " + grace_mail + " nobody ");
  EXPECT_EQ(answered(workshop_.path("no.keys")), "ada [sealed] [sealed] grace [sealed] nobody ");
  for (const std::string& text : {ada_mail, ada_moved, ada_name, ada_letter, grace_mail})
    expect_nowhere(text);
  ASSERT_TRUE(open().forget("ada"));
  EXPECT_EQ(answered(keys_), "ada [erased] [erased] grace " + grace_mail + " nobody ");
}

TEST_P(erasure, the_ledger_goes_on_after_it_and_a_subject_that_comes_back_has_a_new_key) {
  Ledger people = open();
  ASSERT_TRUE(people.forget("ada"));
  accept(people.commit("user.visited", R"({"user_id":"ada"})"));
  accept(people.commit("user.moved", R"({"user_id":"ada","email":"new@ada.example"})"));
  EXPECT_EQ(answer(people),
            "ada new@ada.example [erased] 2 \ngrace " + grace_mail + " NULL 0 \nnobody NULL NULL 0 \n");
  accept(people.commit("user.left", R"({"user_id":"ada"})"));
  EXPECT_TRUE(state::verify(state::Location::of(url_)).equal());
}

TEST_P(erasure, without_the_keys_nothing_is_read_or_sealed) {
  LedgerOptions without;
  without.key_store = workshop_.path("not_there.keys");
  {
    Ledger people = Ledger::open(url_, without);
    EXPECT_EQ(answer(people), "ada [sealed] [sealed] 1 \ngrace [sealed] NULL 0 \nnobody NULL NULL 0 \n");
    EXPECT_FALSE(fs::exists(without.key_store)) << "reading makes no store";
    const Error unknown = error_of([&] { people.forget("ada"); });
    EXPECT_EQ(unknown.code(), ErrorCode::not_found);
    EXPECT_NE(unknown.message().find("not_there.keys"), std::string::npos) << unknown.message();
    EXPECT_FALSE(unknown.remedy().empty());
    EXPECT_FALSE(fs::exists(without.key_store)) << "forgetting makes no store";
  }
  if (GetParam() == On::postgres) {
    Ledger people = Ledger::open(url_);
    const Error error =
        error_of([&] { people.commit("user.joined", R"({"user_id":"x","email":"x@secret.example"})"); });
    EXPECT_EQ(error.code(), ErrorCode::denied);
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
    EXPECT_EQ(error_of([&] { people.forget("ada"); }).code(), ErrorCode::invalid_input);
  }
}

TEST_P(erasure, a_repeated_request_is_known_and_its_hash_can_t_be_guessed) {
  Ledger people = open();
  const std::string payload =
      R"({"email":")" + ada_mail + R"(","name":")" + ada_name + R"(","user_id":"ada"})";
  const Outcome again = people.commit("user.joined", payload, {.actor = "clerk", .key = "join-ada"});
  ASSERT_TRUE(again.accepted());
  EXPECT_TRUE(again.receipt().repeated);
  const Outcome command =
      people.command("invite", R"({"user_id":"grace","email":")" + grace_mail + R"(","greeting":"Moths!"})",
                     {.actor = "clerk", .key = "invite-grace"});
  ASSERT_TRUE(command.accepted());
  EXPECT_TRUE(command.receipt().repeated);
  EXPECT_EQ(error_of([&] {
              people.commit("user.joined", R"({"email":"other@x.example","user_id":"ada"})",
                            {.key = "join-ada"});
            }).code(),
            ErrorCode::conflict);
  // What anybody could compute who guesses the plain payload is not in the journal.
  const std::string guess =
      to_hex(Hasher("reeve.request.1").text("event").text("user.joined").text(payload).finish());
  EXPECT_EQ(exported().find(guess), std::string::npos);
  EXPECT_NE(exported().find("request_hash"), std::string::npos);
}

TEST_P(erasure, what_is_refused_shows_no_personal_value) {
  Ledger people = open();
  const Outcome wrong = people.commit("user.joined", R"({"user_id":"eve","email":"no-at-sign-secret"})");
  ASSERT_FALSE(wrong.accepted());
  EXPECT_EQ(wrong.rejection().reason.find("secret"), std::string::npos) << wrong.rejection().reason;
  const Outcome taken = people.commit("user.joined", R"({"user_id":"ada","email":"eve@secret.example"})");
  ASSERT_FALSE(taken.accepted());
  EXPECT_EQ(taken.rejection().reason.find("secret"), std::string::npos) << taken.rejection().reason;
  expect_nowhere("eve@secret.example");
  const Outcome checked =
      people.command("invite", R"({"user_id":"ada","email":"eve@secret.example","greeting":"."})");
  ASSERT_FALSE(checked.accepted());
  EXPECT_EQ(checked.rejection().reason, "ada is there already");
  // A value that comes sealed already could be another's.
  const std::string sealed = exported();
  const std::size_t from = sealed.find(R"({"ciphertext")");
  const std::string stolen = sealed.substr(from, sealed.find('}', from) + 1 - from);
  EXPECT_EQ(
      error_of([&] { people.commit("user.joined", R"({"user_id":"eve","email":)" + stolen + "}"); }).code(),
      ErrorCode::invalid_input);
}

INSTANTIATE_TEST_SUITE_P(on, erasure, ::testing::Values(On::sqlite, On::postgres), [](const auto& test) {
  return std::string(test.param == On::sqlite ? "sqlite" : "postgresql");
});

}  // namespace
}  // namespace reeve::testing
