#include "state/reference.h"

#include "base/clock.h"
#include "base/uuid.h"
#include "journal/own_statement.h"
#include "search/keeper.h"
#include "state/create.h"
#include "state/drift.h"
#include "state/epochs.h"
#include "state/own_payload.h"
#include "state/recorder.h"
#include "state/rows.h"

#include "state/postgres_select_reference_events_sql.h"
#include "state/select_reference_events_sql.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace reeve::state {

namespace {

constexpr journal::OwnStatement select_references{embedded::select_reference_events_sql,
                                                  embedded::postgres_select_reference_events_sql, 1};
constexpr const char* shared_ledger = "shared";

LedgerOptions system_options() {
  LedgerOptions options;
  options.clock = &system_clock();
  options.random = &system_random();
  return options;
}

/// Members in canonical order.
std::string published_payload(const ReferenceSet& set, std::int64_t version) {
  std::string rows;
  for (const auto& [table, count] : set.counts()) {
    rows += fmt::format("{}\"{}\":{}", rows.empty() ? "" : ",", table, count);
  }
  return fmt::format(R"({{"hash":"{}","rows":{{{}}},"sources_hash":"{}","version":{}}})", to_hex(set.hash()),
                     rows, to_hex(set.files().hash()), version);
}

std::string pinned_payload(const ReferenceEvent& pin) {
  return fmt::format(
      R"({{"hash":"{}","sources_hash":"{}","state_hash_after":"{}","state_hash_before":"{}","version":{}}})",
      to_hex(pin.hash), to_hex(pin.sources_hash), to_hex(pin.state_hash_after), to_hex(pin.state_hash_before),
      pin.version);
}

/// On PostgreSQL one ledger of a schema publishes, and its name is fixed.
Location publisher_of(const Location& location) {
  if (location.is_file()) {
    return location;
  }
  if (!location.ledger().empty() && location.ledger() != shared_ledger) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("{} publishes no reference rows: the ledger `shared` does", location.name()),
                "leave ledger=NAME out, or make the ledger: reeve init 'URL?ledger=shared'");
  }
  return location.with_ledger(shared_ledger);
}

std::vector<PublishedReference> read_references(engine::Connection& connection, std::string_view type) {
  std::vector<PublishedReference> found;
  engine::Statement row = journal::prepare(connection, select_references, false);
  while (row.step()) {
    if (row.text(2) != type) {
      continue;
    }
    journal::Event event;
    event.sequence = row.integer(0);
    event.type = row.text(2);
    event.payload = row.text(3);
    found.push_back({event.sequence, std::string(row.text(1)), reference_of(event)});
  }
  return found;
}

/// The sums of the state at the head, which the rows must have.
StateSums sums_at(engine::Connection& connection, const EpochState& epoch, const journal::Head& head) {
  StateSums sums(epoch.layout);
  const auto stored = load_sums(connection, sums);
  if (stored && *stored <= head.sequence && *stored >= epoch.epoch.first_sequence) {
    catch_up(connection, sums, *stored);
  } else {
    sum_rows(connection, sums);
  }
  if (sums.state_hash() != head.state_hash) {
    throw Error(ErrorCode::corrupt,
                fmt::format("the rows of {} are not those that its journal left", connection.name()),
                "run `reeve verify` to see which; nothing is written until they are");
  }
  return sums;
}

/// An event of its own, sealed.
journal::Head journal_event(engine::Connection& connection, const EpochState& epoch,
                            const journal::Head& head, StateSums sums, std::string_view type,
                            std::string payload) {
  const LedgerOptions options = system_options();
  Recorder recorder(connection, sums.layout(), options.group_events_max);
  recorder.sums() = std::move(sums);
  recorder.reset(head);
  recorder.record(own_event(head, type, std::move(payload), options), std::string_view());
  recorder.seal();
  store_sums(connection, recorder.sums(), recorder.head().sequence);
  search::bring_up(connection, epoch.blueprint.get(), epoch.layout, recorder.head());
  return recorder.head();
}

}  // namespace

ReferenceEvent reference_of(const journal::Event& event) {
  const nlohmann::json payload = payload_of(event);
  ReferenceEvent out;
  out.version = integer_member(event, payload, "version");
  out.hash = hash_member(event, payload, "hash");
  out.sources_hash = hash_member(event, payload, "sources_hash");
  if (event.type == journal::type_reference_pinned) {
    out.state_hash_before = hash_member(event, payload, "state_hash_before");
    out.state_hash_after = hash_member(event, payload, "state_hash_after");
    return out;
  }
  const auto rows = payload.find("rows");
  if (rows == payload.end() || !rows->is_object()) {
    corrupt(event, "does not say how many rows it has");
  }
  for (const auto& [table, count] : rows->items()) {
    out.rows.emplace(table, count.is_number_integer() ? count.get<std::int64_t>() : 0);
  }
  return out;
}

std::string reeve_version_of(const Digest& hash) { return uuid_v8(hash); }

void set_reference_sums(const ReferenceSet& set, StateSums& sums) {
  for (int number = 0; number < static_cast<int>(set.layout().tables.size()); ++number) {
    sums.set_sum(sums.layout().find(set.layout().table(number).name), set.sum(number));
  }
}

namespace {

/// In a file: what differs is taken away, then what is missing is put there.
void pin_table(engine::Connection& connection, const ReferenceSet& set, const journal::Layout& layout,
               int number) {
  const journal::TableLayout& table = set.layout().table(number);
  const int place = layout.find(table.name);
  RowStore wanted(set.rows(), set.layout());
  RowStore found(connection, layout);
  std::vector<std::vector<Value>> gone;
  std::vector<ValueView> key;
  std::vector<ValueView> other;
  const auto key_of = [&](journal::Row row) {
    key.clear();
    std::transform(table.key.begin(), table.key.end(), std::back_inserter(key),
                   [&](int column) { return row[column]; });
  };
  found.scan(place, [&](journal::Row row) {
    key_of(row);
    if (!wanted.read(number, key, other) || !journal::equal_rows(table, row, other.data())) {
      std::vector<Value>& removed = gone.emplace_back();
      for (const ValueView& value : key) {
        removed.push_back(value.to_value());
      }
    }
    return true;
  });
  journal::StoredChange change;
  change.table = place;
  change.operation = journal::StoredChange::Operation::remove;
  for (const std::vector<Value>& removed : gone) {
    change.key.clear();
    for (const Value& value : removed) {
      change.key.push_back(ValueView::of(value));
    }
    found.write(change);
  }
  wanted.scan(number, [&](journal::Row row) {
    key_of(row);
    if (!found.read(place, key, other)) {
      found.insert(place, row);
    }
    return true;
  });
}

/// In a schema, where another ledger may have brought the version already.
void pin_in_schema(engine::Connection& connection, const ReferenceSet& set) {
  const std::string version = reeve_version_of(set.hash());
  journal::write_meta(connection, journal::meta_reference, version);
  for (const std::string& name : set.parents_first()) {
    const std::string quoted = quote_name(name);
    engine::Statement known = connection.prepare(
        fmt::format("SELECT 1 FROM {} WHERE reeve_version = $1::uuid LIMIT 1", quoted), false);
    known.bind_text(1, version);
    if (set.counts().at(name) == 0 || known.step()) {
      continue;
    }
    std::string columns;
    for (const sql::Column& column : set.catalogue().tables.at(name).columns) {
      columns += ", " + quote_name(column.name);
    }
    engine::Statement insert = connection.prepare(
        fmt::format(
            "INSERT INTO {0} (reeve_version{1}) SELECT $1::uuid{1} FROM json_populate_recordset(NULL::{0}, "
            "$2::text::json) ON CONFLICT DO NOTHING",
            quoted, columns),
        false);
    insert.bind_text(1, version);
    const std::string rows = set.json_array(name);
    insert.bind_text(2, rows);
    insert.run();
  }
}

}  // namespace

void pin_rows(engine::Connection& connection, const ReferenceSet& set, const journal::Layout& layout) {
  if (connection.engine() == engine::Engine::postgres) {
    pin_in_schema(connection, set);
  } else {
    for (int number = 0; number < static_cast<int>(set.layout().tables.size()); ++number) {
      pin_table(connection, set, layout, number);
    }
  }
  RowStore rows(connection, layout);
  for (int number = 0; number < static_cast<int>(set.layout().tables.size()); ++number) {
    const std::string& name = set.layout().table(number).name;
    StateSums sums(layout);
    const int place = layout.find(name);
    rows.scan(place, [&](journal::Row row) {
      sums.add(place, row);
      return true;
    });
    if (sums.sum(place) != set.sum(number)) {
      throw Error(ErrorCode::corrupt,
                  fmt::format("the rows of {} of this version are in {} already, but changed", name,
                              connection.name()),
                  "run `reeve verify` on a ledger that has pinned it, and restore them");
    }
  }
}

PublishedReference publish_reference(const Location& location, const std::filesystem::path& folder) {
  const Location publisher = publisher_of(location);
  const auto connection = publisher.open(engine::OpenMode::read_write, {}, Purpose::administration);
  engine::Transaction tx(*connection, engine::Transaction::Mode::write);
  const journal::Head head = journal::lock_head(*connection);
  const auto epoch = load_last_epoch(*connection);
  const ReferenceSet set = ReferenceSet::read(folder, epoch->catalogue);
  std::int64_t version = 1;
  for (PublishedReference& known : read_references(*connection, journal::type_reference_published)) {
    if (known.event.hash == set.hash()) {
      return known;
    }
    version = std::max(version, known.event.version + 1);
  }
  journal::store_sources(*connection, set.files().hash(), set.files().files);
  const journal::Head after =
      journal_event(*connection, *epoch, head, sums_at(*connection, *epoch, head),
                    journal::type_reference_published, published_payload(set, version));
  tx.commit();
  PublishedReference done{
      after.sequence, {}, {version, set.hash(), set.files().hash(), set.counts(), {}, {}}};
  done.is_new = true;
  return done;
}

namespace {

/// Of a ledger that publishes none itself, each version by its last pin, with the rows of its files.
std::vector<PublishedReference> read_pins(engine::Connection& connection) {
  std::map<std::int64_t, PublishedReference> by_version;
  for (PublishedReference& pin : read_references(connection, journal::type_reference_pinned)) {
    for (const auto& [path, text] : journal::load_sources(connection, pin.event.sources_hash)) {
      if (path.find('/') != std::string::npos) {
        pin.event.rows[path] = std::count(text.begin(), text.end(), '\n');
      }
    }
    by_version.insert_or_assign(pin.event.version, std::move(pin));
  }
  std::vector<PublishedReference> out;
  for (auto& [version, pin] : by_version) out.push_back(std::move(pin));
  return out;
}

}  // namespace

std::vector<PublishedReference> list_references(const Location& location) {
  std::optional<std::string> pinned;
  const bool is_other =
      !location.is_file() && !location.ledger().empty() && location.ledger() != shared_ledger;
  const Location publisher = location.is_file() ? location : location.with_ledger(shared_ledger);
  if (is_other) {
    const auto connection = open_to_look(location);
    engine::Transaction tx(*connection, engine::Transaction::Mode::read);
    pinned = journal::read_meta(*connection, journal::meta_reference);
  }
  const auto connection = open_to_look(publisher);
  engine::Transaction tx(*connection, engine::Transaction::Mode::read);
  if (!is_other) {
    pinned = journal::read_meta(*connection, journal::meta_reference);
  }
  std::vector<PublishedReference> out = read_references(*connection, journal::type_reference_published);
  if (out.empty() && location.is_file()) {
    out = read_pins(*connection);
  }
  for (PublishedReference& version : out) {
    version.is_pinned = pinned == reeve_version_of(version.event.hash);
  }
  return out;
}

namespace {

struct FoundVersion {
  ReferenceEvent event;
  blueprint::Sources files;
};

FoundVersion find_version(const Location& publisher, std::int64_t version) {
  const auto connection = open_to_look(publisher);
  engine::Transaction tx(*connection, engine::Transaction::Mode::read);
  std::vector<PublishedReference> known = read_references(*connection, journal::type_reference_published);
  if (known.empty() && publisher.is_file()) {
    known = read_references(*connection, journal::type_reference_pinned);
  }
  std::int64_t last = 0;
  for (const PublishedReference& candidate : known) {
    if (candidate.event.version == version) {
      return {candidate.event, {journal::load_sources(*connection, candidate.event.sources_hash)}};
    }
    last = std::max(last, candidate.event.version);
  }
  throw Error(ErrorCode::not_found,
              fmt::format("{} has no version {} of its reference rows", publisher.name(), version),
              last == 0 ? "publish one: reeve reference publish URL FOLDER"
                        : fmt::format("the last one is {}: `reeve reference list` shows them", last));
}

Location source_of(const Location& location, const std::optional<Location>& from) {
  if (from) {
    return *from;
  }
  return location.is_file() ? location : location.with_ledger(shared_ledger);
}

ReferenceSet checked_set(const FoundVersion& found, const sql::Catalogue& catalogue) {
  ReferenceSet set = ReferenceSet::of(found.files, catalogue);
  if (set.hash() != found.event.hash) {
    throw Error(
        ErrorCode::corrupt,
        fmt::format("the kept rows of version {} are not those that were published", found.event.version),
        "restore from a backup");
  }
  return set;
}

}  // namespace

PinnedReference pin_reference(const Location& location, std::int64_t version,
                              const std::optional<Location>& from) {
  const FoundVersion found = find_version(source_of(location, from), version);
  const auto connection =
      location.open(engine::OpenMode::read_write, {.foreign_keys = false}, Purpose::administration);
  engine::Transaction tx(*connection, engine::Transaction::Mode::write);
  const journal::Head head = journal::lock_head(*connection);
  const auto epoch = load_last_epoch(*connection);
  const ReferenceSet set = checked_set(found, epoch->catalogue);
  const std::vector<PublishedReference> pins = read_references(*connection, journal::type_reference_pinned);
  if (!pins.empty() && pins.back().event.version == version && pins.back().event.hash == set.hash()) {
    return {version, pins.back().sequence, set.hash(), head.state_hash, false};
  }
  StateSums sums = sums_at(*connection, *epoch, head);
  pin_rows(*connection, set, epoch->layout);
  check_references(*connection, epoch->catalogue);
  set_reference_sums(set, sums);
  ReferenceEvent pin = found.event;
  pin.state_hash_before = head.state_hash;
  pin.state_hash_after = sums.state_hash();
  keep_pin(*connection, pin, found.files);
  const journal::Head after = journal_event(*connection, *epoch, head, std::move(sums),
                                            journal::type_reference_pinned, pinned_payload(pin));
  tx.commit();
  return {version, after.sequence, set.hash(), after.state_hash, true};
}

void keep_pin(engine::Connection& connection, const ReferenceEvent& pin, const blueprint::Sources& files) {
  journal::store_sources(connection, pin.sources_hash, files.files);
  journal::write_meta(connection, journal::meta_reference, reeve_version_of(pin.hash));
}

bool is_about_reference(const journal::Event& event) {
  return event.type == journal::type_reference_pinned || event.type == journal::type_reference_published;
}

void keep_reference(engine::Connection& connection, const journal::Event& event,
                    const std::function<blueprint::Sources(const Digest&)>& sources_of) {
  const ReferenceEvent said = reference_of(event);
  if (event.type == journal::type_reference_pinned) {
    return keep_pin(connection, said, sources_of(said.sources_hash));
  }
  journal::store_sources(connection, said.sources_hash, sources_of(said.sources_hash).files);
}

void show_reference(const Location& location, std::int64_t version, const std::string& table,
                    const std::function<void(const std::string& table, std::string_view row)>& row) {
  const FoundVersion found = find_version(source_of(location, {}), version);
  if (!table.empty() && !found.event.rows.empty() && !found.event.rows.contains(table)) {
    throw Error(ErrorCode::not_found, fmt::format("{} is no reference table of the version", table));
  }
  for (const auto& [path, text] : found.files.files) {
    const std::size_t slash = path.find('/');
    if (slash == std::string::npos) {
      continue;
    }
    const std::string name = path.substr(slash + 1, path.rfind('.') - slash - 1);
    if (!table.empty() && name != table) {
      continue;
    }
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      row(name, rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
}

}  // namespace reeve::state
