// Proofs that the real command makes are checked by the real command and by two Python programs that share no code with
// it; what is forged is refused by all of them.

#include "both_engines.h"
#include "cli/run_program.h"

#include "journal/event.h"
#include "state/transfer.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace reeve::tests {
namespace {

using reeve::testing::Database;
using reeve::testing::vault_sources;
using reeve::testing::Workshop;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A vault that is played under a clock and dice of its own: played again it comes out the same, id and seed with it.
class Played {
 public:
  Played(const std::string& file, const std::string& blueprint) : file_(file) {
    options_.clock = &clock_;
    options_.random = &random_;
    Ledger::create(file_, blueprint, options_);
  }
  void play(int first, int last, const std::string& name_of_third = "Mä3") {
    Ledger vault = Ledger::open(file_, options_);
    for (int i = first; i <= last; ++i) {
      const std::string n = std::to_string(i);
      const std::string name = i == 3 ? name_of_third : "Mä" + n;
      accept(vault.commit("owner.joined", R"({"owner_id":"o)" + n + R"(","name":")" + name + "\"}",
                          {.actor = "clerk", .key = "join-" + n}));
      accept(vault.commit("account.opened", R"({"account_id":"a)" + n + R"(","owner_id":"o)" + n + "\"}"));
      accept(vault.command("gamble", R"({"account_id":"a)" + n + "\"}", {.actor = "player"}));
      accept(vault.commit("day.ended", "{}"));
    }
  }

 private:
  static void accept(const Outcome& outcome) { ASSERT_EQ(reeve::testing::reason_of(outcome), ""); }

  std::string file_;
  reeve::testing::StepClock clock_;
  reeve::testing::SeededRandom random_{3};
  LedgerOptions options_;
};

/// A vault with 40 events, the key that signs for it, and notes of two days.
class proof : public ::testing::Test {
 protected:
  void SetUp() override {
    vault_.emplace(file_, blueprint_);
    vault_->play(1, 5);
    public_key_ = without_newline(ok({"keygen", file_, "vault.key"}));
    write("vault.public", public_key_ + "\n");
    ok({"sign", file_, "--key", "vault.key", "-o", "monday.note"});
    std::filesystem::copy_file(file_, workshop_.path("monday.db"));
    vault_->play(6, 9);
    ok({"sign", file_, "--key", "vault.key", "--since", "monday.note", "-o", "tuesday.note"});
  }

  static std::string without_newline(std::string text) {
    if (text.ends_with('\n')) text.pop_back();
    return text;
  }
  std::string ok(const std::vector<std::string>& arguments) {
    const Result run = reeve(folder_, arguments);
    EXPECT_EQ(run.exit_code, 0) << ::testing::PrintToString(arguments) << "\n" << run.out << run.err;
    return run.out;
  }
  void write(const std::string& name, const std::string& text) { write_file(folder_.path() / name, text); }
  std::string read(const std::string& name) { return read_file(folder_.path() / name); }
  Result python(const std::string& words) {
    const char* source = std::getenv("REEVE_SOURCE_DIR");
    return shell(folder_,
                 "PYTHONDONTWRITEBYTECODE=1 python3 '" + std::string(source) + "/tests/proof/'" + words);
  }

  /// Both checkers say the same of it.
  bool is_proven(const std::string& json, const std::string& checkpoint = {}) {
    write("proof.json", json);
    std::vector<std::string> arguments{"check-proof", "proof.json", "--public-key", "vault.public"};
    if (!checkpoint.empty()) arguments.insert(arguments.end(), {"--checkpoint", checkpoint});
    const Result own = reeve(folder_, arguments);
    const Result other = python("check_proof.py proof.json '" + public_key_ + "' " + checkpoint);
    EXPECT_EQ(own.exit_code == 0, other.exit_code == 0)
        << own.out << own.err << other.out << other.err << json;
    EXPECT_TRUE(own.exit_code == 0 || own.exit_code == 10 || own.exit_code == 2) << own.err;
    EXPECT_THAT(own.exit_code == 0 ? own.out : "proven", StartsWith("proven"));
    return own.exit_code == 0 && other.exit_code == 0;
  }

  std::int64_t head() { return Ledger::open(file_).head().sequence.value; }

  Workshop workshop_;
  Folder folder_;
  std::string file_ = workshop_.path("vault.db");
  std::string blueprint_ = workshop_.blueprint(vault_sources());
  std::optional<Played> vault_;
  std::string public_key_;
};

TEST_F(proof, of_every_event_holds_for_who_has_nothing_but_the_public_key) {
  const std::int64_t last = head();
  ASSERT_GT(last, 36);
  for (std::int64_t sequence = 1; sequence <= last; sequence += sequence < 8 ? 1 : 5) {
    const std::string json = ok({"prove", file_, std::to_string(sequence), "--checkpoint", "tuesday.note"});
    EXPECT_TRUE(is_proven(json)) << "event " << sequence;
    EXPECT_LT(json.size(), 6000U);
  }
  EXPECT_TRUE(is_proven(ok({"prove", file_, "3"}), "tuesday.note"));
  EXPECT_FALSE(is_proven(ok({"prove", file_, "3"}))) << "nobody signed it";
}

TEST_F(proof, with_anything_in_it_changed_is_refused) {
  const nlohmann::json honest =
      nlohmann::json::parse(ok({"prove", file_, "7", "--checkpoint", "tuesday.note"}));
  ASSERT_TRUE(is_proven(honest.dump()));
  const auto change = [](nlohmann::json value) -> nlohmann::json {
    if (value.is_number()) return value.get<std::int64_t>() + 1;
    if (value.is_array()) {
      value.erase(0);
      return value;
    }
    std::string text = value.get<std::string>();
    if (text.empty()) return "x";
    char& letter = text[text.size() / 2];  // of a hash, of base64, of a text
    letter = letter == '1' ? '2' : '1';
    return text;
  };
  for (const auto& [name, value] : honest.items()) {
    if (value.is_object()) continue;
    nlohmann::json forged = honest;
    forged[name] = change(value);
    EXPECT_FALSE(is_proven(forged.dump())) << name;
  }
  for (const auto& [name, value] : honest["event"].items()) {
    nlohmann::json forged = honest;
    forged["event"][name] = change(value);
    EXPECT_FALSE(is_proven(forged.dump())) << "event." << name;
  }
  for (const char* added : {"command", "key", "request_hash", "moment_text"}) {
    nlohmann::json forged = honest;
    if (forged["event"].contains(added)) continue;
    if (std::string(added) == "moment_text") forged["event"].erase("moment_integer");
    forged["event"][added] = "x";
    EXPECT_FALSE(is_proven(forged.dump())) << "event." << added;
  }
  // Another event of the same journal in this one's place.
  nlohmann::json exchanged = honest;
  const auto other = nlohmann::json::parse(ok({"prove", file_, "8", "--checkpoint", "tuesday.note"}));
  exchanged["event"] = other["event"];
  exchanged["changeset"] = other["changeset"];
  exchanged["previous_chain_hash"] = other["previous_chain_hash"];
  EXPECT_FALSE(is_proven(exchanged.dump()));
  // Signed by somebody else.
  const std::string stranger = without_newline(ok({"keygen", file_, "stranger.key"}));
  nlohmann::json signed_by_other = honest;
  signed_by_other["checkpoint"] = ok({"sign", file_, "--key", "stranger.key"});
  EXPECT_FALSE(is_proven(signed_by_other.dump()));
  EXPECT_NE(stranger, public_key_);
}

TEST_F(proof, of_growth_holds_between_any_two_checkpoints) {
  const std::string json = ok({"prove", file_, "--since", "monday.note", "--checkpoint", "tuesday.note"});
  EXPECT_TRUE(is_proven(json));
  EXPECT_TRUE(is_proven(json, "monday.note"));
  EXPECT_FALSE(is_proven(json, "tuesday.note")) << "another checkpoint than the older one";
  EXPECT_THAT(ok({"check-proof", "proof.json", "--public-key", public_key_, "--checkpoint", "monday.note"}),
              HasSubstr("goes on from the one that was signed"));
  ok({"prove", file_, "--since", "tuesday.note", "--checkpoint", "tuesday.note"});
  EXPECT_EQ(
      reeve(folder_, {"prove", file_, "--since", "tuesday.note", "--checkpoint", "monday.note"}).exit_code,
      2);
  for (const char* member : {"path", "first_root", "root"}) {
    nlohmann::json forged = nlohmann::json::parse(json);
    std::string& hash = forged[member].is_array() ? forged[member][0].get_ref<std::string&>()
                                                  : forged[member].get_ref<std::string&>();
    hash[5] = hash[5] == '0' ? '1' : '0';
    EXPECT_FALSE(is_proven(forged.dump())) << member;
  }
}

/// What `verify` says without the checkpoint, what it says with it, and what `prove --since` and `sign --since` do.
class against : public proof {
 protected:
  void expect_found(const std::string& file, const char* words) {
    const Result alone = reeve(folder_, {"verify", file});
    EXPECT_EQ(alone.exit_code, 0) << "it is consistent in itself\n" << alone.out;
    const Result held =
        reeve(folder_, {"verify", file, "--against", "tuesday.note", "--public-key", "vault.public"});
    EXPECT_EQ(held.exit_code, 10) << held.out << held.err;
    EXPECT_THAT(held.out, HasSubstr(words));
    const Result grown = reeve(folder_, {"prove", file, "--since", "tuesday.note"});
    EXPECT_EQ(grown.exit_code, 10) << grown.out << grown.err;
    const Result again = reeve(folder_, {"sign", file, "--key", "vault.key", "--since", "tuesday.note"});
    EXPECT_EQ(again.exit_code, 10) << again.out << again.err;
    EXPECT_EQ(again.out, "");
  }
};

TEST_F(against, a_signed_checkpoint_an_older_copy_is_found) {
  expect_found(workshop_.path("monday.db"), "an older copy");
}

TEST_F(against, a_signed_checkpoint_a_cut_tail_is_found) {
  const std::string file = workshop_.path("cut.db");
  Played cut(file, blueprint_);
  cut.play(1, 8);
  expect_found(file, "its tail was cut off");
}

TEST_F(against, a_signed_checkpoint_a_tail_that_was_cut_and_grown_anew_is_found) {
  const std::string file = workshop_.path("grown.db");
  Played grown(file, blueprint_);
  grown.play(1, 8);
  grown.play(11, 14);
  expect_found(file, "it was rewritten");
}

TEST_F(against, a_signed_checkpoint_a_consistent_rewrite_is_found) {
  const std::string file = workshop_.path("rewritten.db");
  Played rewritten(file, blueprint_);
  rewritten.play(1, 9, "Eve");
  expect_found(file, "it was rewritten");
}

TEST_F(against, a_signed_checkpoint_the_untouched_journal_is_equal_and_goes_on) {
  vault_->play(10, 10);
  EXPECT_THAT(ok({"verify", file_, "--against", "monday.note", "--public-key", "vault.public"}),
              HasSubstr(", equal\n"));
  EXPECT_THAT(ok({"verify", file_, "--against", "tuesday.note", "--public-key", public_key_}),
              HasSubstr(", equal\n"));
  ok({"prove", file_, "--since", "tuesday.note"});
  const Result alone = reeve(folder_, {"verify", file_, "--against", "tuesday.note"});
  EXPECT_EQ(alone.exit_code, 2) << "a checkpoint without a key says nothing";
}
TEST_F(proof, a_key_is_for_its_owner_alone_and_for_its_ledger) {
  using std::filesystem::perms;
  const std::filesystem::path key = folder_.path() / "vault.key";
  EXPECT_EQ(std::filesystem::status(key).permissions(), perms::owner_read | perms::owner_write);
  EXPECT_EQ(public_key_.find("PRIVATE"), std::string::npos);
  EXPECT_EQ(reeve(folder_, {"keygen", file_, "vault.key"}).exit_code, 7) << "no key is overwritten";
  std::filesystem::permissions(key, perms::group_read, std::filesystem::perm_options::add);
  const Result open = reeve(folder_, {"sign", file_, "--key", "vault.key"});
  EXPECT_EQ(open.exit_code, 3) << open.err;
  std::filesystem::permissions(key, perms::group_read, std::filesystem::perm_options::remove);
  const std::string other = workshop_.path("other.db");
  create_ledger(other, blueprint_);
  EXPECT_EQ(reeve(folder_, {"sign", other, "--key", "vault.key"}).exit_code, 2);
  const std::string secret = read("vault.key");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"check-proof", "monday.note", "--public-key", "vault.key"},
        {"sign", file_, "--key", "vault.public"},
        {"verify", file_, "--against", "vault.key", "--public-key", "vault.public"}}) {
    const Result refused = reeve(folder_, arguments);
    EXPECT_TRUE(refused.exit_code == 2 || refused.exit_code == 3) << refused.err;
    EXPECT_EQ((refused.out + refused.err).find(secret.substr(secret.size() - 20, 16)), std::string::npos);
  }
}

TEST_F(proof, a_damaged_journal_is_neither_signed_nor_proven) {
  const auto live = engine::Connection::open(file_, engine::OpenMode::read_write, {.foreign_keys = false});
  live->execute("UPDATE reeve_events SET actor = 'Eve' WHERE sequence = 5");
  EXPECT_EQ(reeve(folder_, {"sign", file_, "--key", "vault.key"}).exit_code, 10);
  EXPECT_EQ(reeve(folder_, {"prove", file_, "5"}).exit_code, 10);
  live->execute("UPDATE reeve_groups SET chain = zeroblob(length(chain)) WHERE last_sequence >= 5");
  EXPECT_EQ(reeve(folder_, {"prove", file_, "--since", "tuesday.note"}).exit_code, 10);
}

TEST_F(proof, of_dice_is_rolled_again_by_who_is_shown_the_seed) {
  const auto opened = nlohmann::json::parse(ok({"open-seed", file_, "--format", "json"}));
  const std::string seed = opened["seed"];
  write("first.json", ok({"prove", file_, "1", "--checkpoint", "tuesday.note"}));
  int rolled = 0;
  for (std::int64_t sequence = 1; sequence <= head(); ++sequence) {
    const std::string json = ok({"prove", file_, std::to_string(sequence), "--checkpoint", "tuesday.note"});
    const auto event = nlohmann::json::parse(json)["event"];
    if (!event.contains("command") || event["span"] == 0) continue;
    const std::string account = nlohmann::json::parse(event["payload"].get<std::string>())["account_id"];
    write("proof.json", json);
    const std::string words = "check_die.py proof.json first.json '" + public_key_ + "' ";
    const std::string die = " " + std::to_string(sequence) + " gamble:" + account + " 6 amount";
    const Result fair = python(words + seed + die);
    EXPECT_EQ(fair.exit_code, 0) << fair.out << fair.err;
    std::string other = seed;
    other[0] = other[0] == '0' ? '1' : '0';
    EXPECT_THAT(python(words + other + die).err, HasSubstr("commits to another seed"));
    if (++rolled == 3) break;
  }
  EXPECT_EQ(rolled, 3);
}

TEST_F(proof, is_the_same_on_postgresql) {
  Database database("proof");
  ASSERT_TRUE(state::promote(file_, database.administrator(), {.progress = {}, .fence = false}).equal());
  const std::string url = database.application();
  for (const char* sequence : {"1", "7", "22"}) {
    EXPECT_EQ(ok({"prove", url, sequence, "--checkpoint", "monday.note"}),
              ok({"prove", file_, sequence, "--checkpoint", "monday.note"}));
  }
  EXPECT_EQ(ok({"prove", url, "--since", "monday.note"}), ok({"prove", file_, "--since", "monday.note"}));
  EXPECT_EQ(ok({"sign", url, "--key", "vault.key", "--since", "monday.note"}), read("tuesday.note"));
  EXPECT_THAT(ok({"verify", url, "--against", "tuesday.note", "--public-key", "vault.public"}),
              HasSubstr(", equal\n"));
}

}  // namespace
}  // namespace reeve::tests
