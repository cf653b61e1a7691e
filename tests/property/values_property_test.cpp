// Random values of every type, through a commit, a replay and an export: the same rows, the same hashes.

#include "state/replay.h"
#include "state/transfer.h"
#include "state/vault_test.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <future>

namespace reeve::state {
namespace {

using testing::expect_equal;
using testing::reason_of;
using testing::test_seed;
using testing::Workshop;

class RandomJson {
 public:
  explicit RandomJson(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

  /// A finite double of any size that is no integer beyond 2^53.
  std::string number() {
    for (;;) {
      const auto value = below(3) == 0
                             ? std::bit_cast<double>(engine_())
                             : std::ldexp(static_cast<double>(engine_() >> 11), -static_cast<int>(below(70)));
      const bool exact = std::fabs(value) <= 9007199254740992.0 || std::fabs(value) >= 1e22;
      if (std::isfinite(value) && exact && std::fabs(value) < 1e15) {
        return fmt::format("{}{:.17g}", below(2) == 0 ? "-" : "", std::fabs(value));
      }
    }
  }
  std::string text() {
    std::string out = "\"";
    for (std::uint64_t i = below(12); i > 0; --i) {
      static constexpr const char* pieces[] = {"a",
                                               "Z",
                                               " ",
                                               "\\n",
                                               "\\\"",
                                               "\\\\",
                                               "\\u0001",
                                               "\xc3\xa9",
                                               "\xe2\x82\xac",
                                               "\xef\xbf\xbf",
                                               "\xf0\x9f\x98\x80",
                                               "\\ud83d\\ude00",
                                               "\\uffff",
                                               "\\/",
                                               "\x7f",
                                               "\\u00e9"};
      out += pieces[below(std::size(pieces))];
    }
    return out + "\"";
  }
  std::string value(int depth) {
    switch (below(depth > 0 ? 8 : 5)) {
      case 0: return "null";
      case 1: return below(2) == 0 ? "true" : "false";
      case 2: return number();
      case 3: return std::to_string(static_cast<std::int64_t>(engine_() >> 11) - (std::int64_t{1} << 52));
      case 4: return text();
      case 5: {
        std::string out = "[";
        for (std::uint64_t i = below(4); i > 0; --i) out += (out.size() > 1 ? ", " : "") + value(depth - 1);
        return out + "]";
      }
      default: return object(depth - 1);
    }
  }
  std::string object(int depth) {
    std::string out = "{";
    const std::uint64_t members = below(5);
    for (std::uint64_t i = 0; i < members; ++i) {
      // A number at the end keeps the names apart.
      std::string name = text();
      name.insert(name.size() - 1, std::to_string(i));
      out += (out.size() > 1 ? ", " : "") + name + " : " + value(depth);
    }
    return out + "}";
  }
  std::string uuid() {
    return fmt::format("{:08x}-0000-4000-8000-{:012x}", below(1ULL << 32), below(1ULL << 48));
  }
  std::string date() {
    return fmt::format("{:04}-{:02}-{:02}", 1 + below(9999), 1 + below(12), 1 + below(28));
  }
  std::string time() {
    return fmt::format("{}T{:02}:{:02}:{:02}.{:06}Z", date(), below(24), below(60), below(60),
                       below(1'000'000));
  }

 private:
  std::mt19937_64 engine_;
};

TEST(values, of_every_type_come_back_the_same_from_replay_and_import) {
  RandomJson random(test_seed("random values"));
  const Workshop workshop;
  const std::string file = workshop.path("vault.db");
  Ledger vault = Ledger::create(file, workshop.blueprint(testing::vault_sources()));
  std::vector<std::pair<std::string, std::future<Outcome>>> waiting;
  const auto submit = [&](const char* type, const std::string& payload) {
    waiting.emplace_back(payload, vault.submit(type, payload, {.time = random.time()}));
  };
  for (int i = 0; i < 600; ++i) {
    std::string owner = random.text();
    owner.insert(owner.size() - 1, std::to_string(i));
    std::string account = random.text();
    account.insert(account.size() - 1, std::to_string(i));
    submit("owner.joined", R"({"owner_id":)" + owner + R"(,"name":)" + random.text() + R"(,"born":")" +
                               random.date() + "\"}");
    submit("account.opened", R"({"account_id":)" + account + R"(,"owner_id":)" + owner + R"(,"rate":)" +
                                 random.number() + R"(,"tag":")" + random.uuid() + R"(","notes":)" +
                                 random.object(3) + "}");
    submit("account.rated", R"({"account_id":)" + account + R"(,"rate":)" + random.number() + "}");
    submit("account.noted", R"({"account_id":)" + account + R"(,"notes":)" + random.object(4) + "}");
  }
  for (auto& [payload, verdict] : waiting) ASSERT_EQ(reason_of(verdict.get()), "") << payload;
  expect_equal(file);
  const std::string head = vault.head().state_hash.to_string();
  EXPECT_EQ(to_hex(replay_scratch(file, {.by = ReplayBy::changeset, .progress = {}, .each = {}}).state_hash),
            head);
  std::vector<std::string> lines;
  export_journal(file, [&](std::string_view line) { lines.emplace_back(line); });
  std::size_t place = 0;
  const Import imported = import_journal(
      [&](std::string& line) {
        line = place < lines.size() ? lines[place] : std::string();
        return place++ < lines.size();
      },
      workshop.path("copy.db"));
  EXPECT_EQ(to_hex(imported.state_hash), head);
  expect_equal(workshop.path("copy.db"));
}

}  // namespace
}  // namespace reeve::state
