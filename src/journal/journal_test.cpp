#include "journal/journal.h"

#include "journal/appender.h"
#include "journal/changeset.h"
#include "journal/varint.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace reeve::journal {
namespace {

std::string document(std::string_view name) {
  const char* root = std::getenv("REEVE_SOURCE_DIR");
  std::ifstream in(std::filesystem::path(root != nullptr ? root : ".") / "docs" / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string hex(std::string_view bytes) {
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

/// The event of docs/journal_format.md's worked example.
Event example_event() {
  Event event;
  event.sequence = 7;
  event.id = "018f0000-0000-7000-8000-000000000007";
  event.type = "influence.gained";
  event.time = "2026-01-02T03:04:05.000006Z";
  event.moment = std::int64_t{1923};
  event.actor = "player:7";
  event.payload = R"({"amount":2,"player_id":"curie"})";
  return event;
}

Layout example_layout() {
  sql::Catalogue catalogue;
  sql::Table& players = catalogue.tables["players"];
  players.name = "players";
  players.columns = {{"player_id", sql::Type::text, false, {}, {}},
                     {"name", sql::Type::text, true, {}, {}},
                     {"reputation", sql::Type::integer, true, {}, {}}};
  players.primary_key = {"player_id"};
  return Layout::of(catalogue);
}

TEST(journal_format, has_the_worked_example_of_its_document) {
  const Layout layout = example_layout();
  const ValueView before[] = {ValueView::of(std::string_view("curie")),
                              ValueView::of(std::string_view("Marie Curie")), ValueView::of(std::int64_t{3})};
  const ValueView after[] = {before[0], before[1], ValueView::of(std::int64_t{5})};
  const Change change{0, before, after};
  std::string changeset;
  append_changeset(layout, {&change, 1}, changeset);
  EXPECT_EQ(hex(changeset),
            "01"
            "03056375726965"
            "02"
            "0106"
            "010a");

  std::string event;
  append_event_bytes(example_event(), event);
  std::string scratch;
  const std::string chain = to_hex(chain_hash(chain_start, example_event(), changeset, scratch));

  const std::string text = document("journal_format.md");
  EXPECT_NE(text.find("changeset  01 03056375726965 02 0106 010a\n"), std::string::npos);
  EXPECT_NE(text.find(fmt::format("event      {} {}...: {} bytes\n", hex(event).substr(0, 2),
                                  hex(event).substr(2, 14), event.size())),
            std::string::npos)
      << hex(event) << ", " << event.size() << " bytes";
  EXPECT_NE(text.find("chain_hash " + chain + "\n"), std::string::npos) << chain;
}

TEST(chain, covers_every_member_of_an_event) {
  std::string scratch;
  const Digest plain = chain_hash(chain_start, example_event(), "", scratch);
  std::vector<Digest> seen{plain};
  const auto differs = [&](const auto& change) {
    Event event = example_event();
    change(event);
    const Digest digest = chain_hash(chain_start, event, "", scratch);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), digest), 0);
    seen.push_back(digest);
  };
  differs([](Event& event) { event.sequence = 8; });
  differs([](Event& event) { event.id.back() = '8'; });
  differs([](Event& event) { event.type += "x"; });
  differs([](Event& event) { event.version = 2; });
  differs([](Event& event) { event.time[3] = '5'; });
  differs([](Event& event) { event.moment = std::int64_t{1924}; });
  differs([](Event& event) { event.moment = std::string("1923"); });
  differs([](Event& event) { event.moment = Null{}; });
  differs([](Event& event) { event.actor.clear(); });
  differs([](Event& event) { event.command = "a"; });
  differs([](Event& event) { event.key = "a"; });
  differs([](Event& event) { event.request_hash = "a"; });
  differs([](Event& event) { event.span = 0; });
  differs([](Event& event) { event.payload = "{}"; });
  seen.push_back(chain_hash(plain, example_event(), "", scratch));
  seen.push_back(chain_hash(chain_start, example_event(), "x", scratch));
  EXPECT_EQ(seen.size(), 17U);
  EXPECT_NE(seen[15], plain);
  EXPECT_NE(seen[16], plain);
}

/// A journal of ten events in groups of 4, 1 and 5.
class SmallJournal {
 public:
  SmallJournal() : connection(engine::Connection::open_scratch()) {
    create_tables(*connection);
    Appender appender(*connection);
    Digest chain{};
    std::string scratch;
    std::int64_t sequence = 0;
    for (const std::int64_t size : {4, 1, 5}) {
      std::string hashes;
      std::string changesets;
      const std::int64_t first = sequence + 1;
      for (std::int64_t i = 0; i < size; ++i) {
        Event event = example_event();
        event.sequence = ++sequence;
        event.id = fmt::format("018f0000-0000-7000-8000-{:012}", sequence);
        event.key = sequence % 3 == 0 ? fmt::format("key-{}", sequence) : "";
        event.request_hash = event.key.empty() ? "" : "request";
        const std::string changeset(static_cast<std::size_t>(sequence * 40), 'c');
        chain = chain_hash(chain, event, changeset, scratch);
        hashes.append(reinterpret_cast<const char*>(chain.data()), chain.size());
        append_varint(changeset.size(), changesets);
        changesets += changeset;
        appender.append(event);
      }
      appender.seal(first, sequence, chain, Digest{}, hashes, changesets);
    }
  }

  /// Reads to the end; the message of the fault, or nothing.
  std::string read(std::int64_t after = 0) {
    try {
      EntryReader entries(*connection, after);
      Entry entry;
      std::int64_t sequence = after;
      while (entries.next(entry)) {
        ++sequence;
        EXPECT_EQ(entry.event.sequence, sequence);
        EXPECT_EQ(entry.changeset, std::string(static_cast<std::size_t>(sequence * 40), 'c'));
        EXPECT_EQ(entry.seals, sequence == 4 || sequence == 5 || sequence == 10);
      }
      EXPECT_EQ(sequence, 10);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::corrupt);
      return error.message();
    }
    return {};
  }

  std::unique_ptr<engine::Connection> connection;
};

TEST(entry_reader, reads_from_any_event_on) {
  SmallJournal journal;
  for (std::int64_t after = 0; after <= 9; ++after) {
    EXPECT_EQ(journal.read(after), "") << after;
  }
}

TEST(entry_reader, names_the_event_where_rows_do_not_fit_together) {
  const std::pair<const char*, const char*> cases[] = {
      {"DELETE FROM reeve_events WHERE sequence = 3", "event 3 is missing"},
      {"DELETE FROM reeve_events WHERE sequence = 1", "event 1 is missing"},
      {"DELETE FROM reeve_events WHERE sequence = 10", "event 10 is missing"},
      {"DELETE FROM reeve_events WHERE sequence > 5", "event 6 is missing"},
      {"DELETE FROM reeve_groups WHERE last_sequence = 10", "the group of event 6 is missing"},
      {"DELETE FROM reeve_groups WHERE last_sequence = 5", "the group that ends at event 10"},
      {"UPDATE reeve_groups SET first_sequence = 2 WHERE last_sequence = 4",
       "the group that ends at event 4"},
      {"UPDATE reeve_groups SET last_sequence = 11 WHERE last_sequence = 10",
       "the group that ends at event 11"},
      // So many events that their chain hashes' length wraps round to the right one.
      {"UPDATE reeve_groups SET last_sequence = last_sequence + 576460752303423488 WHERE last_sequence = 10",
       "has another length than its events"},
      {"UPDATE reeve_groups SET chain = substr(chain, 2) WHERE last_sequence = 4",
       "the group that ends at event 4"},
      {"UPDATE reeve_groups SET changesets = substr(changesets, 1, 40) WHERE last_sequence = 4",
       "the changeset of event 1"},
      {"UPDATE reeve_groups SET changesets = CAST(changesets || 'x' AS BLOB) WHERE last_sequence = 4",
       "the group that ends at event 4"},
      {"UPDATE reeve_groups SET chain_hash = 'x' WHERE last_sequence = 4", "the group that ends at event 4"},
      {"UPDATE reeve_groups SET state_hash = upper(replace(state_hash, '0', 'A')) WHERE last_sequence = 5",
       "the group that ends at event 5"},
  };
  for (const auto& [sql, message] : cases) {
    SmallJournal journal;
    journal.connection->execute(sql);
    EXPECT_NE(journal.read().find(message), std::string::npos) << sql << ": " << journal.read();
  }
}

TEST(entry_reader, refuses_a_value_that_no_event_has) {
  for (const char* sql : {"UPDATE reeve_events SET command = '' WHERE sequence = 2",
                          "UPDATE reeve_events SET key = '' WHERE sequence = 2",
                          "UPDATE reeve_events SET request_hash = '' WHERE sequence = 2",
                          "UPDATE reeve_events SET moment = 1923.0 WHERE sequence = 2",
                          "UPDATE reeve_events SET moment = x'01' WHERE sequence = 2"}) {
    SmallJournal journal;
    journal.connection->execute(sql);
    EXPECT_NE(journal.read().find("event 2"), std::string::npos) << sql;
  }
}

TEST(lookups, find_keys_and_ids) {
  SmallJournal journal;
  KeyLookup keys(*journal.connection);
  ASSERT_TRUE(keys.find("key-6").has_value());
  EXPECT_EQ(keys.find("key-6")->sequence, 6);
  EXPECT_EQ(keys.find("key-6")->request_hash, "request");
  EXPECT_FALSE(keys.find("key-5").has_value());
  EXPECT_FALSE(keys.find("").has_value());
  IdLookup ids(*journal.connection);
  EXPECT_EQ(ids.find("018f0000-0000-7000-8000-000000000004"), 4);
  EXPECT_FALSE(ids.find("").has_value());
}

TEST(sources, are_stored_once_and_checked_when_they_are_read) {
  const auto connection = engine::Connection::open_scratch();
  create_tables(*connection);
  const Digest one{1};
  const Digest two{2};
  store_sources(*connection, one, {{"a", "same"}, {"b", "text"}});
  store_sources(*connection, two, {{"a", "same"}, {"c", ""}});
  store_sources(*connection, two, {{"a", "same"}, {"c", ""}});
  EXPECT_EQ(connection->value("SELECT count(*) FROM reeve_sources"), Value(std::int64_t{3}));
  EXPECT_EQ(load_sources(*connection, two), (std::map<std::string, std::string>{{"a", "same"}, {"c", ""}}));
  connection->execute("UPDATE reeve_sources SET content = 'other' WHERE content = 'same'");
  EXPECT_THROW(load_sources(*connection, one), Error);
}

}  // namespace
}  // namespace reeve::journal
