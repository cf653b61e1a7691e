#include "state/transfer.h"

#include "engine/new_database.h"
#include "search/keeper.h"
#include "state/executor.h"
#include "state/forked.h"
#include "state/host.h"
#include "state/promote.h"
#include "state/recorder.h"
#include "state/reversal.h"

#include <fmt/format.h>

#include <set>

namespace reeve::state {

namespace {

constexpr std::int64_t export_version = 1;
/// A line of sources holds a whole blueprint.
constexpr json::Limits line_limits{.bytes_max = 64 * 1024 * 1024, .depth_max = 80};
constexpr std::int64_t events_of_transaction = 4096;

class Line {
 public:
  Line& member(std::string_view name) {
    text_ += text_.back() == '{' ? "" : ",";
    json::append_canonical_string(name, text_);
    text_ += ':';
    return *this;
  }
  Line& text(std::string_view value) {
    json::append_canonical_string(value, text_);
    return *this;
  }
  Line& raw(std::string_view json) {
    text_ += json;
    return *this;
  }
  Line& number(std::int64_t value) { return raw(fmt::format("{}", value)); }
  Line& open() { return raw("{"); }
  Line& close() { return raw("}"); }
  const std::string& str() const { return text_; }

 private:
  std::string text_ = "{";
};

std::string sources_line(const Digest& hash, const std::map<std::string, std::string>& files) {
  Line line;
  line.member("sources").open().member("hash").text(to_hex(hash)).member("files").open();
  for (const auto& [path, content] : files) {
    line.member(path).text(content);
  }
  return line.close().close().close().str();
}

std::string event_line(const journal::Entry& entry) {
  const journal::Event& event = entry.event;
  Line line;
  line.member("event").open();
  line.member("sequence").number(event.sequence).member("id").text(event.id);
  line.member("type").text(event.type).member("version").number(event.version);
  line.member("time").text(event.time);
  if (const auto* integer = std::get_if<std::int64_t>(&event.moment)) {
    line.member("moment").number(*integer);
  } else if (const auto* text = std::get_if<std::string>(&event.moment)) {
    line.member("moment").text(*text);
  }
  line.member("actor").text(event.actor);
  if (!event.command.empty()) {
    line.member("command").text(event.command);
  }
  if (!event.key.empty()) {
    line.member("key").text(event.key).member("request_hash").text(event.request_hash);
  }
  line.member("span").number(event.span).member("payload").raw(event.payload).close();
  return line.member("chain_hash").text(to_hex(entry.chain_hash)).close().str();
}

}  // namespace

std::int64_t export_journal(const Location& location, const std::function<void(std::string_view line)>& line,
                            const ExportOptions& options) {
  const auto connection = location.open(engine::OpenMode::read_only, {}, Purpose::inspection);
  engine::Transaction tx(*connection, engine::Transaction::Mode::read);
  const journal::Head head = journal::read_head(*connection);
  const auto ledger_id = journal::read_meta(*connection, "ledger_id");
  const auto seed = journal::read_meta(*connection, "seed");
  Line first;
  first.member("reeve_export").number(export_version).member("format").number(journal::format_version);
  first.member("ledger_id").text(ledger_id.value_or(""));
  if (options.seed && seed) {
    first.member("seed").text(*seed);
  }
  line(first.close().str());
  std::set<std::string> written;
  journal::EntryReader entries(*connection, 0);
  journal::Entry entry;
  std::int64_t events = 0;
  while (entries.next(entry)) {
    if (entry.event.type == journal::type_schema_migrated ||
        entry.event.type == journal::type_blueprint_changed) {
      const Digest hash = epoch_of(entry.event).sources_hash;
      if (written.insert(to_hex(hash)).second) {
        line(sources_line(hash, journal::load_sources(*connection, hash)));
      }
    }
    if (is_about_reference(entry.event)) {
      const Digest hash = reference_of(entry.event).sources_hash;
      if (written.insert(to_hex(hash)).second) {
        line(sources_line(hash, journal::load_sources(*connection, hash)));
      }
    }
    line(event_line(entry));
    options.progress.step(++events, head.sequence);
  }
  Line last;
  last.member("end")
      .open()
      .member("events")
      .number(events)
      .member("chain_hash")
      .text(to_hex(head.chain_hash));
  last.member("state_hash").text(to_hex(head.state_hash)).close();
  line(last.close().str());
  return events;
}

namespace {

/// Reads an export line by line into a new file.
class Importer {
 public:
  Importer(engine::Connection& connection, const ImportOptions& options)
      : options_(options), connection_(&connection), reader_(line_limits) {
    engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
    journal::create_tables(*connection_);
    tx.commit();
    executor_ = std::make_unique<Executor>(*connection_, [this](const Digest& hash) {
      const auto found = sources_.find(to_hex(hash));
      if (found == sources_.end()) {
        fail("names sources that the export does not hold");
      }
      return found->second;
    });
    executor_->set_journal(*connection_);
    recorder_ = std::make_unique<Recorder>(*connection_, empty_, options.group_events_max);
  }

  Import run(const std::function<bool(std::string& line)>& next) {
    std::string line;
    while (next(line)) {
      ++line_number_;
      if (ended_) {
        fail("comes after the end");
      }
      take(line);
    }
    if (!ended_) {
      ++line_number_;
      fail("is missing: the export ends early");
    }
    return result_;
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw Error(ErrorCode::corrupt, fmt::format("line {} {}", line_number_, what),
                "export again; nothing was imported", {"", static_cast<int>(line_number_), 0});
  }

  std::string_view string_member(simdjson::dom::element object, const char* name) const {
    std::string_view text;
    if (object[name].get(text) != simdjson::SUCCESS) {
      fail(fmt::format("has no text {}", name));
    }
    return text;
  }
  std::string optional_member(simdjson::dom::element object, const char* name) const {
    std::string_view text;
    return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
  }
  std::int64_t integer_member(simdjson::dom::element object, const char* name) const {
    std::int64_t number = 0;
    if (object[name].get(number) != simdjson::SUCCESS) {
      fail(fmt::format("has no integer {}", name));
    }
    return number;
  }

  void take(const std::string& line) {
    const simdjson::dom::element tree = reader_.read(line);
    simdjson::dom::element part;
    if (line_number_ == 1) {
      return take_first(tree);
    }
    if (tree["event"].get(part) == simdjson::SUCCESS) {
      take_event(part, string_member(tree, "chain_hash"));
    } else if (tree["sources"].get(part) == simdjson::SUCCESS) {
      take_sources(part);
    } else if (tree["end"].get(part) == simdjson::SUCCESS) {
      take_end(part);
    } else {
      fail("is neither an event nor sources nor the end");
    }
  }

  void take_first(simdjson::dom::element tree) {
    if (integer_member(tree, "reeve_export") != export_version ||
        integer_member(tree, "format") != journal::format_version) {
      fail("says a version that this one does not read");
    }
    journal::write_meta(*connection_, "ledger_id", string_member(tree, "ledger_id"));
    const std::string seed = optional_member(tree, "seed");
    if (!seed.empty()) {
      if (!digest_from_hex(seed)) {
        fail("has a seed that is none");
      }
      journal::write_meta(*connection_, "seed", seed);
      seed_ = digest_from_hex(seed);
    }
  }

  void take_sources(simdjson::dom::element part) {
    blueprint::Sources sources;
    simdjson::dom::object files;
    if (part["files"].get(files) != simdjson::SUCCESS) {
      fail("has no files");
    }
    for (const auto file : files) {
      std::string_view content;
      if (file.value.get(content) != simdjson::SUCCESS) {
        fail("has a file that is no text");
      }
      sources.files.emplace(file.key, content);
    }
    const std::string hash(string_member(part, "hash"));
    if (to_hex(sources.hash()) != hash) {
      fail("holds sources that are not those of their hash");
    }
    sources_.emplace(hash, std::move(sources));
  }

  void take_event(simdjson::dom::element part, std::string_view chain_hash) {
    journal::Event event;
    event.sequence = integer_member(part, "sequence");
    if (event.sequence != recorder_->head().sequence + 1) {
      fail(fmt::format("holds event {} where event {} was due", event.sequence,
                       recorder_->head().sequence + 1));
    }
    event.id = string_member(part, "id");
    event.type = string_member(part, "type");
    event.version = integer_member(part, "version");
    event.time = string_member(part, "time");
    simdjson::dom::element moment;
    if (part["moment"].get(moment) == simdjson::SUCCESS) {
      event.moment = moment.is_string() ? Value(std::string(string_member(part, "moment")))
                                        : Value(integer_member(part, "moment"));
    }
    event.actor = string_member(part, "actor");
    event.command = optional_member(part, "command");
    event.key = optional_member(part, "key");
    event.request_hash = optional_member(part, "request_hash");
    event.span = integer_member(part, "span");
    simdjson::dom::element payload;
    if (part["payload"].get(payload) != simdjson::SUCCESS) {
      fail("has no payload");
    }
    json::append_canonical(payload, event.payload);
    identity_.take(event);
    execute(event, chain_hash);
  }

  /// The first line is under no hash: the first event says whether it is true, or the last that forked the ledger.
  void compare_first_line() const {
    if (identity_.ledger_id != journal::read_meta(*connection_, "ledger_id")) {
      fail("ends a journal of another ledger than the first line says");
    }
    if (seed_ && identity_.seed_commitment != to_hex(Seed(*seed_).commitment())) {
      fail("ends a journal that commits to another seed than the first line holds");
    }
  }

  void execute(const journal::Event& event, std::string_view chain_hash) {
    if (takes_back(event) && recorder_->has_open_group()) {
      recorder_->seal(executor_->state_hash());  // what it takes back is read from the journal
    }
    const std::string changeset(executor_->execute(event));
    if (event.type == journal::type_schema_migrated || event.type == journal::type_blueprint_changed) {
      const journal::Epoch epoch = epoch_of(event);
      journal::store_sources(*connection_, epoch.sources_hash, sources_.at(to_hex(epoch.sources_hash)).files);
      journal::append_epoch(*connection_, epoch, executor_->layout());
    }
    if (is_about_reference(event)) {
      keep_reference(*connection_, event, [this](const Digest& hash) { return sources_.at(to_hex(hash)); });
    }
    recorder_->record(event, changeset);
    if (to_hex(recorder_->head().chain_hash) != chain_hash) {
      fail(fmt::format("holds event {} with a chain hash that its execution does not give", event.sequence));
    }
    if (recorder_->is_full() || options_.each) {
      recorder_->seal(executor_->state_hash());
    }
    if (options_.each) {
      options_.each(event.sequence, recorder_->head().chain_hash, recorder_->head().state_hash);
    }
    if (event.sequence % events_of_transaction == 0) {
      executor_->commit_and_begin();
    }
    options_.progress.step(event.sequence, 0);
  }

  void take_end(simdjson::dom::element part) {
    const Digest state_hash = executor_->state_hash();
    if (recorder_->has_open_group()) {
      recorder_->seal(state_hash);
    }
    result_ = {recorder_->head().sequence, recorder_->head().chain_hash, state_hash};
    if (integer_member(part, "events") != result_.events) {
      fail(fmt::format("says {} events; there are {}", integer_member(part, "events"), result_.events));
    }
    compare_first_line();
    if (string_member(part, "state_hash") != to_hex(state_hash)) {
      fail("says another state hash than the imported state has");
    }
    store_sums(*connection_, executor_->sums(), result_.events);
    const auto epoch = executor_->epoch();
    search::bring_up(*connection_, epoch->blueprint.get(), epoch->layout, recorder_->head());
    executor_->finish();
    ended_ = true;
  }

  ImportOptions options_;
  engine::Connection* connection_;
  journal::Layout empty_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Recorder> recorder_;
  std::map<std::string, blueprint::Sources> sources_;
  std::optional<Digest> seed_;
  Identity identity_;
  json::Reader reader_;
  std::int64_t line_number_ = 0;
  bool ended_ = false;
  Import result_;
};

}  // namespace

Import import_journal(const std::function<bool(std::string& line)>& next, const Location& location,
                      const ImportOptions& options) {
  if (!location.is_file()) {
    // Executed and proven beside the schema that other ledgers share, then in it.
    const auto scratch = engine::Connection::open_scratch();
    const Import done = Importer(*scratch, options).run(next);
    promote(*scratch, location, {});
    return done;
  }
  engine::NewDatabase made(location.file(), location.file_system());
  Import done;
  {
    const auto connection =
        engine::Connection::open(made.place(), engine::OpenMode::create,
                                 {.page_bytes = options.page_bytes, .file_system = location.file_system()});
    done = Importer(*connection, options).run(next);
  }
  made.publish();
  return done;
}

}  // namespace reeve::state
