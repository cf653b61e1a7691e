#include "state/verify.h"

#include "engine/file_system.h"
#include "journal/merkle.h"
#include "queue/statements.h"
#include "state/drift.h"
#include "state/executor.h"
#include "state/forked.h"
#include "state/host.h"
#include "state/recorder.h"
#include "state/row_difference.h"
#include "state/schema_copy.h"

#include "state/select_misfiled_sql.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <array>
#include <cstring>
#include <set>
#include <utility>

namespace reeve::state {

namespace {

/// One verification of one snapshot.
class Verifier {
 public:
  /// `drift` is what was found of a PostgreSQL schema, which is compared apart.
  Verifier(engine::Connection& live, const VerifyOptions& options, std::vector<DriftFinding> drift)
      : live_(live),
        options_(options),
        drift_(std::move(drift)),
        scratch_(engine::Connection::open_scratch()) {}

  Verification run();

 private:
  void add(Difference difference) {
    if (result_.differences.size() < options_.differences_max) {
      result_.differences.push_back(std::move(difference));
    }
  }
  void add(std::int64_t sequence, std::string message) { add({sequence, {}, {}, std::move(message)}); }

  /// False when it can't go on.
  bool replay(Executor& executor);
  bool replay_entry(Executor& executor, const journal::Entry& entry);
  void compare_first_event(const journal::Event& event);
  void take_identity(const journal::Event& event, const Digest& chain_hash_before);
  void compare_identity();
  void compare_signed(Executor& executor);
  void compare_length();
  void compare_epochs();
  void compare_layouts();
  void compare_own_schema();
  void compare_schema();
  void compare_catalogue();
  void compare_header();
  void compare_rows(Executor& executor);
  void compare_table(const journal::Layout& layout, int table);
  void compare_indexes();
  void load_stored_sums();
  void compare_stored_sums(Executor& executor);

  engine::Connection& live_;
  const VerifyOptions& options_;
  std::vector<DriftFinding> drift_;
  std::unique_ptr<engine::Connection> scratch_;
  Verification result_;
  std::vector<journal::Epoch> opened_;  ///< as the events say
  std::map<std::pair<std::string, std::int64_t>, std::string>
      layouts_;  ///< of the epochs, as the sources say
  std::int64_t total_ = 0;
  Identity identity_;
  std::string text_;
  journal::GrowingRoot root_;  ///< of the chain hashes as recomputed
  struct StoredSum {
    std::string table;
    std::string sum;
  };
  std::map<std::int64_t, std::vector<StoredSum>> stored_sums_;
};

void Verifier::compare_first_event(const journal::Event& event) {
  if (event.type != journal::type_ledger_created) {
    return add(event.sequence, "the first event is not reeve.ledger_created");
  }
  const nlohmann::json payload = nlohmann::json::parse(event.payload, nullptr, false);
  if (!payload.is_object()) {
    return add(event.sequence, "its payload is no JSON object");
  }
  if (payload.value("format", 0) != journal::format_version ||
      payload.value("hash_profile", "") != hash_profile) {
    add(event.sequence, "it names a format or hash profile that this version does not know");
  }
  for (const std::string& name : journal::read_meta_names(live_)) {
    if (name != "ledger_id" && name != "seed" && name != journal::meta_moved_to &&
        name != journal::meta_reference && name != journal::meta_has_jobs) {
      add(event.sequence, fmt::format("reeve_meta holds {}, which Reeve never writes", name));
    }
  }
}

/// A fork has its parent's first event, and an event of its own that says whose the journal is since.
void Verifier::take_identity(const journal::Event& event, const Digest& chain_hash_before) {
  if (event.type == type_ledger_forked) {
    const Forked forked = forked_of(event);
    if (forked.parent_id != identity_.ledger_id || forked.chain_hash != chain_hash_before) {
      add(event.sequence, "it says that the ledger was forked from another journal");
    }
  }
  identity_.take(event);
}

void Verifier::compare_identity() {
  const char* event = identity_.sequence == 1 ? "the first event" : "the event that forked it";
  const auto id = journal::read_meta(live_, "ledger_id");
  if (!id || *id != identity_.ledger_id) {
    add(identity_.sequence, fmt::format("reeve_meta has another ledger_id than {}", event));
  }
  const auto hex = journal::read_meta(live_, "seed");
  const auto seed = hex ? digest_from_hex(*hex) : std::nullopt;
  if (hex && (!seed || to_hex(Seed(*seed).commitment()) != identity_.seed_commitment)) {
    add(identity_.sequence, fmt::format("the seed in reeve_meta is not the one that {} commits to", event));
  }
}

/// At the event that was the last one when the checkpoint was signed.
void Verifier::compare_signed(Executor& executor) {
  const journal::SignedCheckpoint& expected = *options_.against;
  if (expected.origin != journal::origin_of(journal::read_meta(live_, "ledger_id").value_or(""))) {
    add(0, fmt::format("the checkpoint was signed of another ledger, {}", expected.origin));
  } else if (expected.chain_hash != result_.chain_hash || expected.root != root_.root()) {
    add(expected.size, "the journal up to here is not the one that was signed: it was rewritten");
  } else if (expected.state_hash != executor.state_hash()) {
    add(expected.size, "the state after it is not the one that was signed");
  }
}

void Verifier::compare_length() {
  if (options_.against && result_.events < options_.against->size) {
    add(0, fmt::format(
               "the journal ends at event {}, but was signed at event {}: its tail was cut off, or this is "
               "an older copy",
               result_.events, options_.against->size));
  }
}

bool Verifier::replay_entry(Executor& executor, const journal::Entry& entry) {
  const journal::Event& event = entry.event;
  const Digest chain_hash_before = result_.chain_hash;
  result_.chain_hash = journal::chain_hash(result_.chain_hash, event, entry.changeset, text_);
  if (result_.chain_hash != entry.chain_hash) {
    add(event.sequence, "the event, its changeset or its chain hash was changed");
    return false;
  }
  if (event.sequence == 1) {
    compare_first_event(event);
  }
  take_identity(event, chain_hash_before);
  if (options_.against && event.sequence <= options_.against->size) {
    root_.append(journal::leaf_hash(
        {reinterpret_cast<const char*>(result_.chain_hash.data()), result_.chain_hash.size()}));
  }
  const bool opens = opens_epoch(event);
  if (opens) {
    opened_.push_back(epoch_of(event));
  }
  const std::string_view executed = executor.execute(event);
  if (opens) {
    layouts_[{to_hex(opened_.back().sources_hash), opened_.back().level}] = executor.layout().to_json();
  }
  if (executed != entry.changeset) {
    add(event.sequence, "executed again it changes other rows than its changeset says");
    return false;
  }
  if (entry.seals && executor.state_hash() != entry.state_hash) {
    add(event.sequence, "the state hash of its seal is not that of the replayed state");
    return false;
  }
  result_.events = event.sequence;
  if (event.type == type_adopted) {
    for (Disagreement& one : compare_claims(*scratch_, executor.layout(), claims_of(event))) {
      result_.disagreements.push_back(std::move(one));
    }
  }
  if (options_.against && event.sequence == options_.against->size) {
    compare_signed(executor);
  }
  const auto sums = stored_sums_.find(event.sequence);
  if (sums != stored_sums_.end()) {
    compare_stored_sums(executor);
  }
  return true;
}

bool Verifier::replay(Executor& executor) {
  try {
    journal::EntryReader entries(live_, 0);
    journal::Entry entry;
    while (entries.next(entry)) {
      if (!replay_entry(executor, entry)) {
        return false;
      }
      options_.progress.step(entry.event.sequence, total_);
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::retryable || error.code() == ErrorCode::internal) {
      throw;
    }
    add(result_.events + 1, error.message());
    return false;
  } catch (const nlohmann::json::exception&) {
    add(result_.events + 1, "its payload is not what an event of its type carries");
    return false;
  }
  if (result_.events == 0) {
    add(1, "the journal is empty");
    return false;
  }
  return true;
}

void Verifier::compare_epochs() {
  std::vector<journal::Epoch> stored;
  try {
    stored = journal::read_epochs(live_);
  } catch (const Error& error) {
    return add(0, error.message());
  }
  for (std::size_t i = 0; i < std::max(stored.size(), opened_.size()); ++i) {
    const bool equal = i < stored.size() && i < opened_.size() && stored[i].epoch == opened_[i].epoch &&
                       stored[i].first_sequence == opened_[i].first_sequence &&
                       stored[i].level == opened_[i].level &&
                       stored[i].sources_hash == opened_[i].sources_hash;
    if (!equal) {
      add(i < opened_.size() ? opened_[i].first_sequence : 0,
          fmt::format("reeve_epochs does not say of epoch {} what the journal says", i + 1));
    }
  }
}

void Verifier::compare_layouts() {
  if (!journal::has_layouts(live_)) {
    return;  // of before there were any: who opens the file for writing adds them
  }
  std::set<std::pair<std::string, std::int64_t>> found;
  for (const journal::StoredLayout& stored : journal::read_layouts(live_)) {
    const auto expected = layouts_.find({stored.sources_hash, stored.level});
    // A schema on PostgreSQL holds those of other ledgers too.
    if (expected == layouts_.end() && live_.engine() == engine::Engine::sqlite) {
      add(0, fmt::format("reeve_layouts holds a layout of level {} that no epoch has", stored.level));
    } else if (expected != layouts_.end() && expected->second != stored.json) {
      add(0, fmt::format("the layout of level {} in reeve_layouts is not that of its sources", stored.level));
    }
    found.emplace(stored.sources_hash, stored.level);
  }
  for (const auto& [epoch, layout] : layouts_) {
    if (!found.contains(epoch)) {
      add(0, fmt::format("the layout of level {} is missing from reeve_layouts", epoch.second));
    }
  }
}

namespace {

/// What docs/search.md names; FTS5 keeps tables of its own behind those of the words. `reeve search verify` compares them.
bool is_of_search(std::string_view type, std::string_view name) {
  if (type == "index") return name == "reeve_search_documents_by_entry";
  if (type != "table") return false;
  if (name == "reeve_search" || name == "reeve_search_documents") return true;
  for (const std::string_view kind : {"reeve_search_terms_", "reeve_search_places_"}) {
    if (!name.starts_with(kind)) continue;
    const std::string_view rest = name.substr(kind.size());
    const std::string_view after = rest.substr(std::min(rest.find_first_not_of("0123456789"), rest.size()));
    const bool is_shadow = after == "_data" || after == "_idx" || after == "_content" ||
                           after == "_docsize" || after == "_config";
    return after.size() < rest.size() && (after.empty() || is_shadow);
  }
  return false;
}

}  // namespace

void Verifier::compare_own_schema() {
  std::map<std::string, std::string> expected = journal::own_schema();
  const std::map<std::string, SchemaObject> found = read_schema(live_, true);
  std::map<std::string, std::string> earlier;
  if (found.contains("reeve_jobs")) {
    expected.merge(queue::own_schema());
    earlier = queue::earlier_schema();
  }
  for (const auto& [name, sql] : expected) {
    const auto object = found.find(name);
    if (object == found.end() && name == "reeve_layouts") {
      continue;  // a file of before there were any
    }
    const auto before = earlier.find(name);
    const bool is_as_before =
        object != found.end() && before != earlier.end() && object->second.sql == before->second;
    if (object == found.end() || (object->second.sql != sql && !is_as_before)) {
      add(0, fmt::format("Reeve's {} is missing or was changed", name));
    }
  }
  for (const auto& [name, object] : found) {
    if (!expected.contains(name) && !is_of_search(object.type, name)) {
      add(0, fmt::format("the {} {} has a name of Reeve's, but is none of Reeve's", object.type, name));
    }
  }
}

void Verifier::compare_schema() {
  const std::map<std::string, SchemaObject> expected = read_schema(*scratch_);
  const std::map<std::string, SchemaObject> found = read_schema(live_);
  for (const auto& [name, object] : expected) {
    const auto live = found.find(name);
    if (live == found.end()) {
      add({0,
           object.type == "table" ? name : "",
           {},
           fmt::format("the {} {} is missing", object.type, name)});
    } else if (live->second != object) {
      add({0,
           object.type == "table" ? name : "",
           {},
           fmt::format("the {} {} was changed behind the migrations", object.type, name)});
    }
  }
  for (const auto& [name, object] : found) {
    if (!expected.contains(name)) {
      add(0, fmt::format("no migration made the {} {}", object.type, name));
    }
  }
}

/// What sqlite_schema says beside names and statements: SQLite itself does not look at all of it.
void Verifier::compare_catalogue() {
  engine::Statement row = live_.prepare(embedded::select_misfiled_sql, false);
  while (row.step()) {
    add(0, fmt::format("sqlite_schema names another type or table of {}", row.text(0)));
  }
}

/// Fields of the file's header (SQLite's file format, 1.3) that are the same in every ledger, and that SQLite reads in
/// part or not at all. Not among them: counters, and which SQLite wrote last.
void Verifier::compare_header() {
  struct Field {
    std::size_t place;
    std::size_t size;
    unsigned char last;  ///< of its bytes; those before it are 0
    const char* name;
  };
  constexpr std::array fields{Field{44, 4, 4, "schema format"}, Field{48, 4, 0, "suggested cache size"},
                              Field{56, 4, 1, "text encoding"}, Field{64, 4, 0, "incremental vacuum"},
                              Field{72, 20, 0, "reserved expansion"}};
  const std::string header = engine::read_file_header(live_);
  constexpr std::size_t user_version = 60;
  if (header.compare(user_version, 4, std::string(4, '\0')) == 0) {
    return;  // the first page still lies in the log; of a ledger's it says 1, as was checked
  }
  // With a log or, as a copy may be, without: the same for who writes and for who reads.
  constexpr std::size_t write_version = 18;
  const char version = header[write_version];
  if (version != header[write_version + 1] || (version != 1 && version != 2)) {
    add(0, "the file's header has another file format version than a ledger's");
  }
  constexpr std::size_t page_count = 28;
  if (header.compare(page_count, 4, std::string(4, '\0')) == 0) {
    add(0, "the file's header has no count of pages");  // SQLite counts them itself then
  }
  for (const Field& field : fields) {
    std::string expected(field.size, '\0');
    expected.back() = static_cast<char>(field.last);
    if (header.compare(field.place, field.size, expected) != 0) {
      add(0, fmt::format("the file's header has another {} than a ledger's", field.name));
    }
  }
}

void Verifier::compare_rows(Executor& executor) {
  const journal::Layout& layout = executor.layout();
  StateSums rows(layout);
  try {
    sum_rows(live_, rows);
  } catch (const Error& error) {
    return add(0, "the state's tables can't be read: " + error.message());
  }
  result_.state_hash_of_rows = rows.state_hash();
  for (int table = 0; table < static_cast<int>(layout.tables.size()); ++table) {
    if (rows.sum(table) != executor.sums().sum(table)) {
      compare_table(layout, table);
    }
  }
}

void Verifier::compare_table(const journal::Layout& layout, int number) {
  const journal::TableLayout& table = layout.table(number);
  RowStore expected(*scratch_, layout);
  RowStore found(live_, layout);
  const std::size_t before = result_.differences.size();
  state::compare_rows(expected, found, layout, number, [&](const RowDifference& one) {
    add({0, table.name, one.key, one.message});
    return result_.differences.size() < options_.differences_max;
  });
  if (result_.differences.size() == before && before < options_.differences_max) {
    add({0, table.name, {}, "its rows are not those of the replay, though each is found by its key"});
  }
}

void Verifier::compare_indexes() {
  engine::Statement row = live_.prepare("PRAGMA integrity_check(20)", false);
  while (row.step()) {
    if (row.text(0) != "ok") {
      add(0, "SQLite's integrity check: " + std::string(row.text(0)));
    }
  }
}

void Verifier::load_stored_sums() {
  for (auto& [table, sequence, sum] : read_stored_sums(live_)) {
    stored_sums_[sequence].push_back({table, sum});
  }
}

void Verifier::compare_stored_sums(Executor& executor) {
  if (stored_sums_.at(result_.events).size() != executor.layout().tables.size()) {
    add(0, fmt::format("reeve_sums does not hold a sum of each table at event {}", result_.events));
  }
  for (const StoredSum& stored : stored_sums_.at(result_.events)) {
    const int table = executor.layout().find(stored.table);
    const TableSum* sum = table >= 0 ? &executor.sums().sum(table) : nullptr;
    if (sum == nullptr || stored.sum.size() != sizeof *sum ||
        std::memcmp(sum->data(), stored.sum.data(), sizeof *sum) != 0) {
      add({0,
           stored.table,
           {},
           fmt::format("its sum in reeve_sums is not that of event {}", result_.events)});
    }
  }
  stored_sums_.erase(result_.events);
}

Verification Verifier::run() {
  try {
    total_ = journal::read_head(live_).sequence;
  } catch (const Error&) {
    total_ = 0;  // the last seal is damaged: the replay comes to it and says so
  }
  load_stored_sums();
  Executor executor(*scratch_, [&](const Digest& hash) {
    blueprint::Sources loaded{journal::load_sources(live_, hash)};
    if (loaded.hash() != hash) {
      throw Error(ErrorCode::corrupt, "the sources of its epoch are not those that were stored");
    }
    return loaded;
  });
  executor.set_journal(live_);
  const bool is_file = live_.engine() == engine::Engine::sqlite;
  if (is_file) {
    compare_header();
    compare_own_schema();
    compare_catalogue();
  }
  const bool complete = replay(executor);
  result_.state_hash = executor.state_hash();
  executor.finish();
  if (complete) {
    compare_identity();
    compare_length();
    for (const auto& [sequence, sums] : stored_sums_) {
      add(0, fmt::format("reeve_sums names event {}, which is not there", sequence));
    }
    compare_epochs();
    compare_layouts();
    if (is_file) {
      compare_schema();
    }
    for (const DriftFinding& finding : drift_) {
      if (finding.kind == DriftFinding::Kind::difference) {
        add({0, finding.table, {}, finding.message});
      }
    }
    const Executor::Pin* pin = executor.pin();
    if (journal::read_meta(live_, journal::meta_reference) !=
        (pin != nullptr ? std::optional(reeve_version_of(pin->event.hash)) : std::nullopt)) {
      add(0, "reeve_meta names another version of the reference rows than the journal pinned");
    }
    compare_rows(executor);
  }
  if (is_file) {
    compare_indexes();
  }
  return std::move(result_);
}

}  // namespace

Verification verify(const Location& location, const VerifyOptions& options) {
  const auto live = location.open(engine::OpenMode::read_only, {}, Purpose::inspection);
  std::vector<DriftFinding> drift;
  if (!location.is_file()) {
    try {
      drift = migrate_drift(location);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::corrupt) {
        throw;
      }  // what is damaged the replay comes to, and names
    }
  }
  engine::Transaction tx(*live, engine::Transaction::Mode::read);
  return Verifier(*live, options, std::move(drift)).run();
}

}  // namespace reeve::state
