#include "player.h"

#include "base/clock.h"
#include "base/json.h"
#include "state/binding.h"
#include "state/epochs.h"
#include "state/host.h"
#include "state/migrate.h"
#include "state/replay.h"
#include "state/verify.h"

#include <reeve/ledger.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <memory>
#include <span>
#include <utility>

namespace reeve::blueprint_tests {

namespace {

using Lines = std::vector<std::string>;

class StandingClock : public Clock {
 public:
  Microseconds now() override { return now_; }
  void set(Microseconds now) { now_ = now; }

 private:
  std::atomic<Microseconds> now_ = parse_time("2026-01-01T00:00:00Z").value();
};

/// The SHA-256 of a name, then that of the bytes before, and so on. For one thread.
class NamedRandom : public Random {
 public:
  explicit NamedRandom(std::string_view name) {
    crypto_hash_sha256(block_.data(), reinterpret_cast<const unsigned char*>(name.data()), name.size());
  }
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) {
      if (used_ == block_.size()) {
        const Digest before = block_;
        crypto_hash_sha256(block_.data(), before.data(), before.size());
        used_ = 0;
      }
      byte = block_[used_++];
    }
  }

 private:
  Digest block_{};
  std::size_t used_ = 0;
};

/// Thrown inside a player only: it ends the play.
struct Difference {
  int line;
  std::string message;
};

template <typename... Parts>
[[noreturn]] void differ(int line, fmt::format_string<Parts...> format, Parts&&... parts) {
  throw Difference{line, fmt::format(format, std::forward<Parts>(parts)...)};
}

char letter_of(std::string_view type) {
  if (type == "integer" || type == "bigint") return 'I';
  if (type == "double precision") return 'D';
  if (type == "boolean") return 'B';
  return type == "jsonb" ? 'J' : 'T';
}

std::string bytes_text(std::string_view bytes) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return "\\x" + to_hex(std::span(data, bytes.size()));
}

std::string value_text(std::string_view type, const ValueView& value) {
  std::string text;
  switch (value.kind()) {
    case ValueView::Kind::null: return "NULL";
    case ValueView::Kind::integer:
      return type == "boolean" ? value.integer() != 0 ? "true" : "false" : fmt::to_string(value.integer());
    case ValueView::Kind::real: json::append_canonical_number(value.real(), text); return text;
    case ValueView::Kind::bytes: return bytes_text(value.text());
    case ValueView::Kind::text: break;
  }
  for (const char letter : value.text()) {
    text += letter == '\n' ? "\\n" : std::string(1, letter);
  }
  return text.empty() ? "(empty)" : text;
}

/// Whether every member of `part` is in `whole` with an equal value.
bool is_part(const nlohmann::json& part, const nlohmann::json& whole) {
  return part.is_object() && std::all_of(part.items().begin(), part.items().end(), [&](const auto& member) {
           const auto found = whole.find(member.key());
           return found != whole.end() && *found == member.value();
         });
}

std::string shown(const Lines& lines) {
  return lines.empty() ? "  (nothing)\n" : fmt::format("  {}\n", fmt::join(lines, "\n  "));
}

class Player {
 public:
  Player(std::filesystem::path blueprint, std::string_view name, Stage stage)
      : blueprint_(std::move(blueprint)), name_(name), stage_(std::move(stage)), random_(name) {
    options_.clock = &clock_;
    options_.random = &random_;
    create_ledger(stage_.administrator, blueprint_.string(), options_);
    open();
    read_epoch();
  }

  void play(const Record& record) {
    switch (record.word) {
      case Word::at: return set_time(record);
      case Word::actor: actor_ = record.name; return;
      case Word::command: return command(record);
      case Word::event: return event(record);
      case Word::rejected: return rejected(record);
      case Word::query: return query(record);
      case Word::named: return named(record);
      case Word::restart: close(); return open();
      case Word::replay: return replay(record);
      case Word::migrate: return migrate(record);
    }
  }

 private:
  void close() { ledger_.reset(); }
  void open() { ledger_.emplace(Ledger::open(stage_.application, options_)); }

  /// What is in the database now; on PostgreSQL a ledger is seen inside a transaction only.
  struct Snapshot {
    explicit Snapshot(const Stage& stage)
        : connection(state::Location::of(stage.application).open(engine::OpenMode::read_only)),
          transaction(*connection, engine::Transaction::Mode::read) {}
    std::unique_ptr<engine::Connection> connection;
    engine::Transaction transaction;
  };
  void read_epoch() { epoch_ = state::load_last_epoch(*Snapshot(stage_).connection); }

  void set_time(const Record& record) {
    const auto time = parse_time(record.name);
    if (!time) differ(record.line, "{} is no time of RFC 3339", record.name);
    clock_.set(*time);
  }

  Outcome submit(const Record& record, bool is_event) {
    CommitOptions options;
    options.actor = actor_;
    return is_event ? ledger_->commit(record.name, record.body, options)
                    : ledger_->command(record.name, record.body, options);
  }

  void command(const Record& record) {
    const Outcome outcome = submit(record, false);
    if (!outcome) {
      differ(record.line, "the command {} is refused: {}", record.name, outcome.rejection().reason);
    }
    if (record.has_expected) {
      compare_events(record, outcome.receipt());
    }
  }

  void event(const Record& record) {
    const Outcome outcome = submit(record, true);
    if (!outcome) {
      differ(record.line, "the event {} is refused: {}", record.name, outcome.rejection().reason);
    }
  }

  void compare_events(const Record& record, const Receipt& receipt) const {
    Lines got;
    bool equal = static_cast<std::int64_t>(record.expected.size()) == receipt.count;
    const Snapshot snapshot(stage_);
    journal::EntryReader entries(*snapshot.connection, receipt.first.value - 1);
    journal::Entry entry;
    for (std::int64_t i = 0; i < receipt.count; ++i) {
      if (!entries.next(entry)) {
        differ(record.line, "the journal has no event {}", receipt.first.value + i);
      }
      got.push_back(entry.event.type + " " + entry.event.payload);
      equal = equal && is_expected(record, static_cast<std::size_t>(i), entry.event);
    }
    if (!equal) {
      differ(record.expected_line, "the command {} emits other events\nexpected:\n{}got:\n{}", record.name,
             shown(record.expected), shown(got));
    }
  }

  static bool is_expected(const Record& record, std::size_t place, const journal::Event& event) {
    const std::string& line = record.expected[place];
    const std::size_t end = std::min(line.find(' '), line.size());
    if (std::string_view(line).substr(0, end) != event.type) return false;
    if (end == line.size()) return true;
    const auto part = nlohmann::json::parse(line.substr(end), nullptr, false);
    if (!part.is_object()) {
      differ(record.expected_line + static_cast<int>(place), "what follows the type is no JSON object: {}",
             line);
    }
    return is_part(part, nlohmann::json::parse(event.payload));
  }

  void rejected(const Record& record) {
    const Head before = ledger_->head();
    const std::string reason = reason_of_refusal(record);
    const Head after = ledger_->head();
    if (before.sequence != after.sequence || before.chain_hash != after.chain_hash ||
        before.state_hash != after.state_hash) {
      differ(record.line, "{} is refused, and the ledger has changed: the reason is {}", record.name, reason);
    }
    if (record.has_expected && reason.find(record.expected[0]) == std::string::npos) {
      differ(record.expected_line, "{} is refused for another reason\nexpected:\n  {}\ngot:\n  {}",
             record.name, record.expected[0], reason);
    }
  }

  /// A name that the blueprint does not have is a refusal only where a line says that it is meant, lest a
  /// slip of the pen in a name keeps a promise.
  std::string reason_of_refusal(const Record& record) {
    try {
      const Outcome outcome = submit(record, record.is_event);
      if (outcome) {
        differ(record.line, "{} is accepted\nexpected:\n  a refusal{}\ngot:\n  {} events", record.name,
               record.has_expected ? ": " + record.expected[0] : "", outcome.receipt().count);
      }
      return outcome.rejection().reason;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found || !record.has_expected) throw;
      return error.message();
    }
  }

  void query(const Record& record) {
    // Lines before the SQL make places in it those of the file.
    const std::string lines(static_cast<std::size_t>(record.line), '\n');
    const std::vector<sql::Statement> statements = sql::split(name_, lines + record.body);
    if (statements.size() != 1) differ(record.line, "a query is one statement");
    const sql::Translation translation = sql::translate(statements[0], epoch_->catalogue, sql::Use::query);
    std::string letters;
    for (const sql::ResultColumn& column : translation.columns) {
      letters += letter_of(sql::name_of(column.type));
    }
    if (letters != record.name) {
      differ(record.line, "the columns have other types\nexpected:\n  {}\ngot:\n  {}", record.name, letters);
    }
    compare_rows(record, run(record, translation));
  }

  Lines run(const Record& record, const sql::Translation& translation) {
    for (const sql::Parameter& parameter : translation.parameters) {
      if (parameter.name != "at") differ(record.line, "nothing gives the parameter {}", parameter.name);
    }
    const Snapshot snapshot(stage_);
    engine::Connection& connection = *snapshot.connection;
    state::Host host(connection);
    connection.set_host_functions(&host);
    state::Members members;
    state::BoundStatement statement(connection, translation, members);
    json::Reader reader;
    members.find(reader.read("{}"));
    const std::string now = format_time(clock_.now());
    state::Surroundings around;
    around.at = now;
    state::Scratch scratch;
    statement.bind(members, around, scratch);
    Lines rows;
    while (statement.statement().step()) {
      Lines values;
      for (std::size_t i = 0; i < translation.columns.size(); ++i) {
        values.push_back(value_text(sql::name_of(translation.columns[i].type),
                                    statement.statement().column(static_cast<int>(i))));
      }
      rows.push_back(fmt::format("{}", fmt::join(values, " | ")));
    }
    return rows;
  }

  void named(const Record& record) {
    Rows answer = ledger_->query(record.name, record.body);
    Lines rows;
    while (answer.next()) {
      Lines values;
      for (std::size_t i = 0; i < answer.columns().size(); ++i) {
        values.push_back(value_text(answer.columns()[i].type, answer.at(i)));
      }
      rows.push_back(fmt::format("{}", fmt::join(values, " | ")));
    }
    compare_rows(record, std::move(rows));
  }

  static void compare_rows(const Record& record, Lines got) {
    Lines expected = record.expected;
    if (record.is_sorted) {  // bytes of UTF-8 are in the order of code points
      std::sort(expected.begin(), expected.end());
      std::sort(got.begin(), got.end());
    }
    if (expected != got) {
      differ(record.line, "the result is another\nexpected:\n{}got:\n{}", shown(expected), shown(got));
    }
  }

  void replay(const Record& record) {
    const Head before = ledger_->head();
    close();
    const auto check = [&](std::string_view way, const state::Replay& result) {
      if (result.state_hash != before.state_hash.bytes || result.chain_hash != before.chain_hash.bytes) {
        differ(record.line, "the replay {} gives another state\nexpected:\n  {}\ngot:\n  {}", way,
               before.state_hash.to_string(), to_hex(result.state_hash));
      }
    };
    state::ReplayOptions options;
    check("by execution", state::replay_scratch(stage_.application, options));
    // A schema's tables hold other ledgers too: nothing is dropped there.
    if (state::Location::of(stage_.application).is_file()) {
      check("in place", state::replay(stage_.application, options));
    }
    options.by = state::ReplayBy::changeset;
    check("by changeset", state::replay_scratch(stage_.application, options));
    const state::Verification verification = state::verify(stage_.application);
    if (!verification.equal()) {
      const state::Difference& first = verification.differences[0];
      differ(record.line, "the ledger does not verify: event {}, {} {}: {}", first.sequence, first.table,
             first.key, first.message);
    }
    open();
  }

  void migrate(const Record& record) {
    int level = -1;
    const char* end = record.name.data() + record.name.size();
    const auto read = std::from_chars(record.name.data(), end, level);
    if (read.ec != std::errc() || read.ptr != end || level < 0) {
      differ(record.line, "{} is no number of a migration", record.name);
    }
    const auto now = static_cast<int>(epoch_->epoch.level);
    close();
    if (level < now) {
      state::migrate_down(stage_.administrator, now - level);
    } else if (level > now) {
      state::migrate_up(stage_.administrator, blueprint::Sources::read(blueprint_), level - now);
    }
    read_epoch();
    if (epoch_->epoch.level != level) {
      differ(record.line, "the schema is at level {}", epoch_->epoch.level);
    }
    open();
  }

  std::filesystem::path blueprint_;
  std::string name_;
  Stage stage_;
  StandingClock clock_;
  NamedRandom random_;
  LedgerOptions options_;
  std::string actor_;
  std::optional<Ledger> ledger_;
  std::shared_ptr<const state::EpochState> epoch_;
};

}  // namespace

std::optional<Broken> play(const std::filesystem::path& blueprint, std::string_view name,
                           const std::vector<Record>& records, const Stage& stage) {
  Player player(blueprint, name, stage);
  for (const Record& record : records) {
    try {
      player.play(record);
    } catch (const Difference& difference) {
      return Broken{difference.line, difference.message};
    } catch (const Error& error) {
      return Broken{record.line, error.what()};
    }
  }
  return std::nullopt;
}

}  // namespace reeve::blueprint_tests
