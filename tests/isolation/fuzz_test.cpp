// Queries, commands, events, keys and the journal of a dozen ledgers at once, chosen by a seed: whatever comes back to
// one of them holds nothing of another.

#include "canaries.h"
#include "raw_session.h"
#include "raw_statements.h"

#include "base/clock.h"
#include "base/json.h"
#include "cli/command_line.h"
#include "cli/output.h"
#include "cli/session.h"
#include "journal/journal.h"
#include "state/location.h"
#include "state/verify.h"

#include <reeve/search.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <random>
#include <set>
#include <thread>

namespace reeve::testing {
namespace {

/// One ledger as its users see it, with what may be known of it. For one thread.
class Player {
 public:
  Player(Tenants& tenants, std::size_t own, std::uint64_t seed)
      : tenants_(tenants),
        own_(tenants[own]),
        random_(seed),
        ledger_(Ledger::open(own_.url)),
        journal_(state::Location::of(own_.url).open(engine::OpenMode::read_only)),
        raw_(tenants.application_url()) {}

  /// Some statements; how many.
  int play() {
    switch (random_() % 16) {
      case 0:
      case 1:
      case 2: return write();
      case 3: return spoil();
      case 4: return find_keys();
      case 5: return read_journal();
      case 6:
      case 7:
      case 8:
      case 9: return speak_raw();
      case 10: return random_() % 40 == 0 ? run_verbs() : ask_as_another();
      case 11: return search();
      default: return ask();
    }
  }

  /// The first thing that was of another, with where it came from.
  const std::string& leak() const { return leak_; }
  const std::string& wrong() const { return wrong_; }

 private:
  struct Query {
    const char* name;
    const char* parameters;  ///< {} stands for a text
  };

  static const std::vector<Query>& queries() {
    static const std::vector<Query> all = {
        {"account", R"({"account_id":{}})"},
        {"accounts", "{}"},
        {"owners", "{}"},
        {"members", "{}"},
        {"day", "{}"},
        {"search", R"({"pattern":{}})"},
        {"joined", R"({"after":{}})"},
        {"with_badges", "{}"},
        {"gathered", "{}"},
        {"labelled", R"({"label":{}})"},
        {"ranked", "{}"},
        {"held", "{}"},
        {"page", R"({"after":5})"},
        {"of_actor", R"({"by_actor":{}})"},
        {"actors", "{}"},
        {"under_key", R"({"key":{}})"},
        {"names", "{}"},
        {"richest", R"({"least":1})"},
        {"noted", R"({"about":{}})"},
        {"as_number", R"({"after":{}})"},
        {"tagged", R"({"tag":{}})"},
        {"no_such_query", "{}"},
    };
    return all;
  }

  void heard(const std::string& text, const std::string& where) {
    const std::string foreign = tenants_.foreign(text, own_.number);
    if (!foreign.empty() && leak_.empty()) leak_ = fmt::format("{}: {} in {}", where, foreign, text);
  }

  template <typename Call>
  std::string said(Call call) {
    try {
      return call();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::internal || error.code() == ErrorCode::corrupt ||
          error.code() == ErrorCode::unavailable || error.code() == ErrorCode::bad_statement) {
        wrong_ = text_of(error);
      }
      return text_of(error);
    }
  }

  std::string pick(const std::vector<std::string>& from) { return from[random_() % from.size()]; }

  /// What attackers type.
  std::string hostile() {
    return pick({"'",
                 "''; SELECT * FROM owners; --",
                 "%",
                 "%%_\\",
                 "' OR true --",
                 "$1",
                 ":owner_id",
                 "\\",
                 "\"",
                 "'; SET reeve.ledger_id = ''; --",
                 "'||set_config('reeve.ledger_id','',true)||'",
                 "x'; COPY owners TO STDOUT; --",
                 "\xF0\x9F\x98\x80",
                 "\xEF\xBF\xBF",
                 std::string(3000, 'x'),
                 "",
                 "00000000-0000-0000-0000-000000000000",
                 "{\"a\":1}",
                 "NaN",
                 "1e400",
                 "shared",
                 "owner-",
                 "%n%s",
                 "\t\n\r",
                 "\x7f",
                 "$$; SELECT 1; $$",
                 "E'\\x27'",
                 "/*",
                 "*/--"});
  }
  std::string own_text() {
    return pick({"owner-", "account-", "named ", "noted ", "badge ", "key-", "actor-", ""}) + own_.canary;
  }
  std::string some_text() {
    switch (random_() % 5) {
      case 0: return hostile();
      case 1: return "shared";
      case 2: return fmt::format("account-{}-{}", own_.canary, random_() % 50);
      default: return own_text();
    }
  }
  static std::string quoted(const std::string& text) {
    std::string out;
    json::append_canonical_string(text, out);
    return out;
  }

  std::string answer(const Query& query, const std::string& text) {
    std::string parameters = query.parameters;
    const std::size_t place = parameters.find("{}");
    if (parameters.size() > 2 && place != std::string::npos) parameters.replace(place, 2, quoted(text));
    return said([&] {
      Rows rows = ledger_.query(query.name, parameters);
      return text_of(rows);
    });
  }

  int ask() {
    if (random_() % 12 == 0) {
      const std::string rates = said([&] {
        Rows rows = ledger_.query("rates");
        rows.next();
        return fmt::format("{} {}", rows.at(1).real(), rows.at(2).real());
      });
      if (rates != fmt::format("{0} {0}", own_.rate())) wrong_ = "rates of others are summed up: " + rates;
      return 1;
    }
    const Query& query = queries()[random_() % queries().size()];
    heard(answer(query, some_text()), query.name);
    return 1;
  }

  /// What is another's is as unknown as what is nobody's.
  int ask_as_another() {
    static const std::vector<std::string> equal = {"account", "search",    "labelled", "of_actor",
                                                   "tagged",  "under_key", "noted"};
    const std::string name = pick(equal);
    const Query& query =
        *std::find_if(queries().begin(), queries().end(), [&](const Query& one) { return one.name == name; });
    const Tenant& other = tenants_[(own_.number + 1 + random_() % (Tenants::count - 1)) % Tenants::count];
    const std::string before =
        pick({"owner-", "account-", "named ", "noted ", "badge ", "key-", "actor-", "", "%"});
    const bool is_tag = std::string_view(query.name) == "tagged";
    const std::string theirs = is_tag ? other.uuid(0) : before + other.canary;
    const std::string nobodys = is_tag ? "00000000-0000-4000-8000-000000000000" : before + "ca4a41000000";
    std::string one = answer(query, theirs);
    std::string two = answer(query, nobodys);
    for (std::size_t at; (at = one.find(other.canary)) != std::string::npos;)
      one.replace(at, 12, "ca4a41000000");
    if (one != two)
      wrong_ =
          fmt::format("{} tells what is {}'s from what is nobody's: {} {}", query.name, other.name, one, two);
    heard(one, query.name);
    return 2;
  }

  struct Try {
    std::future<Outcome> outcome;
    bool accepted = true;
    std::string what;
  };

  /// Events that are accepted or refused as this ledger alone has it. Ids, keys and labels are the same in all.
  int write() {
    std::vector<Try> tries;
    const int events = 1 + static_cast<int>(random_() % 30);
    for (int i = 0; i < events; ++i) {
      const int number = ++number_;
      CommitOptions options{.actor = pick({"actor-", "", "by "}) + own_.canary};
      std::string type;
      std::string payload;
      bool accepted = true;
      const auto shared = static_cast<int>(random_() % 200);
      switch (random_() % 6) {
        case 0:
          type = "account.opened";
          payload =
              fmt::format(R"({{"account_id":"account-{0}-{1}","owner_id":"shared","rate":{2},"tag":"{3}",)"
                          R"("notes":{{"about":"noted {0}","{0}":{{"in":["{0}"]}}}}}})",
                          own_.canary, number, own_.rate(), own_.uuid(number));
          options.key = fmt::format("key-{}-{}", own_.canary, number);
          break;
        case 1:
          type = "account.opened";
          payload = fmt::format(R"({{"account_id":"shared-{}","owner_id":"owner-{}","rate":{}}})", shared,
                                own_.canary, own_.rate());
          accepted = shared_.insert("account " + std::to_string(shared)).second;
          break;
        case 2:
          type = "badge.given";
          payload = fmt::format(R"({{"owner_id":"owner-{}","number":{},"label":"label-{}"}})", number,
                                number % 1000, shared);
          accepted = shared_.insert("label " + std::to_string(shared)).second;
          break;
        case 3:
          type = "owner.joined";
          payload = fmt::format(R"({{"owner_id":"owner-{0}-{1}","name":"named {0}"}})", own_.canary, number);
          options.id = fmt::format("018f0000-0000-7000-8000-{:012}", 1000 + shared);
          accepted = shared_.insert("id " + std::to_string(shared)).second;
          break;
        case 4:
          type = "account.credited";
          payload = fmt::format(R"({{"account_id":"account-{}","amount":{}}})", own_.canary, 1 + shared);
          break;
        default:
          type = "account.opened";
          // Owners of that name are in no ledger.
          payload = fmt::format(R"({{"account_id":"x-{}","owner_id":"nobody"}})", number);
          accepted = false;
      }
      Try next{{}, accepted, type + " " + payload};
      next.outcome = ledger_.submit(type, payload, options);
      tries.push_back(std::move(next));
    }
    for (Try& one : tries) {
      const std::string text = said([&] {
        const Outcome outcome = one.outcome.get();
        if (outcome.accepted() != one.accepted) wrong_ = one.what + " ends with " + text_of(outcome);
        return text_of(outcome);
      });
      heard(text, one.what);
    }
    return events;
  }

  /// What is malformed, unknown or taken, by a command or an event.
  int spoil() {
    const bool is_command = random_() % 2 == 0;
    const std::string name = is_command ? pick({"open", "withdraw", "transfer", "claim", "gamble", "no_such"})
                                        : pick({"owner.joined", "account.debited", "badge.given",
                                                "member.joined", "account.rated", "no.such"});
    const std::string text = quoted(some_text());
    const std::string payload =
        pick({fmt::format(R"({{"account_id":{0},"owner_id":"nobody"}})", text),
              fmt::format(R"({{"account_id":{0},"amount":99999999999}})", text),
              fmt::format(R"({{"from_id":{0},"to_id":{0},"amount":1}})", text),
              fmt::format(R"({{"owner_id":{0},"number":1,"label":{0}}})", text),
              fmt::format(R"({{"owner_id":{0}}})", text),
              fmt::format(R"({{"member_id":{0},"partner_id":"nobody"}})", text),
              fmt::format(R"({{"owner_id":{0},"name":{0},"born":"{0}"}})", text), "{", "[]", "null",
              R"({"owner_id":"\u0000","name":"x"})", "{\"owner_id\":\"\xff\"}", text});
    const CommitOptions options{.actor = random_() % 8 == 0 ? hostile() : own_.canary,
                                .key = random_() % 4 == 0 ? "key-" + own_.canary : std::string()};
    heard(said([&] {
            return text_of(is_command ? ledger_.command(name, payload, options)
                                      : ledger_.commit(name, payload, options));
          }),
          name + " " + payload);
    return 1;
  }

  int find_keys() {
    const Tenant& other = tenants_[(own_.number + 1 + random_() % (Tenants::count - 1)) % Tenants::count];
    if (ledger_.find_key("key-" + other.canary)) wrong_ = "the key of another is known";
    if (!ledger_.find_key("key-" + own_.canary)) wrong_ = "the key of its own is not known";
    const auto shared = ledger_.find_key("shared");
    if (!shared || shared->first.value > 12) wrong_ = "the key that all use is another's";
    said([&] {
      ledger_.find_key(hostile());
      return std::string();
    });
    return 4;
  }

  int read_journal() {
    engine::Transaction snapshot(*journal_, engine::Transaction::Mode::read);
    const std::int64_t head = journal::read_head(*journal_).sequence;
    journal::EntryReader entries(*journal_,
                                 static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(head)));
    journal::Entry entry;
    for (int i = 0; i < 10 && entries.next(entry); ++i) {
      const journal::Event& event = entry.event;
      heard(event.id + " " + event.type + " " + event.actor + " " + event.command + " " + event.key + " " +
                event.request_hash + " " + event.payload + " " + std::string(entry.changeset),
            "the journal");
    }
    return 2;
  }

  /// By the index, for words that every ledger has, for its own and for another's.
  int search() {
    const Tenant& other = tenants_[(own_.number + 1 + random_() % (Tenants::count - 1)) % Tenants::count];
    const auto found = [&](const std::string& words) {
      return said([&] {
        const SearchAnswer answer = ledger_.search("owners", words, {.limit = 20, .snippets = true});
        std::string text = fmt::format("{} rows\n", answer.matches);
        for (const SearchHit& hit : answer.hits) text += hit.key + " " + hit.snippet + "\n";
        for (const SearchUnit& unit : answer.units) text += fmt::format("{} of {}\n", unit.rows, unit.text);
        return text;
      });
    };
    heard(found(pick({"named", "shared", "nam*", hostile()})), "search");
    const std::string own = found(own_.canary);
    heard(own, "search");
    if (own.find("owner-" + own_.canary) == std::string::npos)
      wrong_ = "search does not find its own: " + own;
    std::string theirs = found(other.canary);
    for (std::size_t at; (at = theirs.find(other.canary)) != std::string::npos;)
      theirs.replace(at, 12, "ca4a41000000");
    if (theirs != found("ca4a41000000")) wrong_ = "search tells what is another's: " + theirs;
    return 4;
  }

  /// As a program of its own would.
  int run_verbs() {
    const std::string which = std::to_string(1 + random_() % 12);
    const std::string row = "owner-" + own_.canary;
    const char* url = own_.url.c_str();
    const std::vector<std::vector<const char*>> verbs = {
        {"reeve", "log", url, "--limit", "50"},
        {"reeve", "log", url, "--format", "json", "--after", "3", "--actor", own_.canary.c_str()},
        {"reeve", "show", url, which.c_str()},
        {"reeve", "query", url, "owners"},
        {"reeve", "query", url, "owners", "--at", which.c_str()},
        {"reeve", "show", url, "nothing"},
        {"reeve", "at", url, which.c_str()},
        {"reeve", "diff", url, "1", which.c_str(), "--format", "json"},
        {"reeve", "blame", url, "owners", row.c_str(), "--all"},
        {"reeve", "search", url, "owners", "named"},
        {"reeve", "jobs", "list", url},
        {"reeve", "name", "list", url},
        {"reeve", "reference", "list", url},
        {"reeve", "migrate", "status", url},
        {"reeve", "migrate", "drift", url},
        {"reeve", "ledger", "list", url},
    };
    for (const std::vector<const char*>& words : verbs) {
      cli::StringOutput out;
      cli::StringOutput err;
      const std::atomic<bool> stop = false;
      cli::Session session{out, err, 0, system_clock(), stop};
      cli::run(static_cast<int>(words.size()), words.data(), session);
      heard(out.text + err.text, words[1]);
    }
    return static_cast<int>(verbs.size());
  }

  int speak_raw() {
    const Tenant& other = tenants_[(own_.number + 1 + random_() % (Tenants::count - 1)) % Tenants::count];
    const bool bound = random_() % 4 != 0;
    const std::vector<std::string> statements = raw_statements(pick(readable_relations()), own_, other);
    const int script = 1 + static_cast<int>(random_() % 3);
    std::string text;
    // What binds itself to another ledger stays bound for the transaction: nothing may follow.
    for (int i = 0; i < script && text.find("', '" + other.ledger_id) == std::string::npos; ++i)
      text += pick(statements) + "; ";
    const std::string answered = raw_.run_bound(bound ? own_.ledger_id : "", text);
    const std::string foreign = tenants_.foreign_canary(answered, bound ? own_.number : Tenants::count);
    if (!foreign.empty() && leak_.empty()) leak_ = fmt::format("{}: {} in {}", text, foreign, answered);
    return script;
  }

  Tenants& tenants_;
  const Tenant& own_;
  std::mt19937_64 random_;
  Ledger ledger_;
  std::unique_ptr<engine::Connection> journal_;
  RawSession raw_;
  int number_ = 0;
  std::set<std::string> shared_;
  std::string leak_;
  std::string wrong_;
};

TEST(isolation, fifty_thousand_statements_of_twelve_ledgers_show_nothing_of_another) {
  const char* given = std::getenv("REEVE_ISOLATION_STATEMENTS");
  const int wanted = given != nullptr ? std::atoi(given) : 50'000;
  const std::uint64_t seed = test_seed("isolation");
  Tenants& tenants = Tenants::shared();
  std::atomic<int> statements = 0;
  std::atomic<bool> failed = false;
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      std::vector<std::unique_ptr<Player>> players;
      for (std::size_t own = thread; own < Tenants::count; own += 4)
        players.push_back(std::make_unique<Player>(tenants, own, seed + own));
      while (!failed && statements < wanted) {
        for (auto& player : players) {
          statements += player->play();
          if (!player->leak().empty() || !player->wrong().empty()) {
            failed = true;
            ADD_FAILURE() << player->leak() << player->wrong();
            return;
          }
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::cout << statements << " statements" << std::endl;
  EXPECT_GE(statements, wanted);
  for (std::size_t own = 0; own < Tenants::count; ++own) {
    EXPECT_TRUE(state::verify(tenants[own].url).equal()) << own;
  }
}

}  // namespace
}  // namespace reeve::testing
