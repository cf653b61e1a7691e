#include "journal/journal.h"

#include "journal/directory.h"
#include "journal/own_statement.h"
#include "journal/varint.h"

#include "journal/delete_meta_sql.h"
#include "journal/insert_epoch_file_sql.h"
#include "journal/insert_epoch_sql.h"
#include "journal/insert_layout_sql.h"
#include "journal/insert_source_sql.h"
#include "journal/layouts_sql.h"
#include "journal/postgres_delete_meta_sql.h"
#include "journal/postgres_hold_closed_sql.h"
#include "journal/postgres_hold_open_sql.h"
#include "journal/postgres_insert_epoch_file_sql.h"
#include "journal/postgres_insert_epoch_sql.h"
#include "journal/postgres_insert_head_sql.h"
#include "journal/postgres_insert_layout_sql.h"
#include "journal/postgres_insert_source_sql.h"
#include "journal/postgres_lock_head_sql.h"
#include "journal/postgres_select_epochs_sql.h"
#include "journal/postgres_select_events_sql.h"
#include "journal/postgres_select_fence_sql.h"
#include "journal/postgres_select_group_sql.h"
#include "journal/postgres_select_head_sql.h"
#include "journal/postgres_select_id_sql.h"
#include "journal/postgres_select_key_sql.h"
#include "journal/postgres_select_layouts_sql.h"
#include "journal/postgres_select_meta_names_sql.h"
#include "journal/postgres_select_meta_sql.h"
#include "journal/postgres_select_sources_sql.h"
#include "journal/postgres_update_fence_sql.h"
#include "journal/postgres_upsert_meta_sql.h"
#include "journal/schema_sql.h"
#include "journal/select_epochs_sql.h"
#include "journal/select_events_sql.h"
#include "journal/select_group_sql.h"
#include "journal/select_head_sql.h"
#include "journal/select_id_sql.h"
#include "journal/select_key_sql.h"
#include "journal/select_layouts_sql.h"
#include "journal/select_meta_names_sql.h"
#include "journal/select_meta_sql.h"
#include "journal/select_sources_sql.h"
#include "journal/upsert_meta_sql.h"

#include <fmt/format.h>

#include <cstring>

namespace reeve::journal {

namespace {

constexpr OwnStatement delete_meta{embedded::delete_meta_sql, embedded::postgres_delete_meta_sql, 2};
constexpr OwnStatement insert_epoch{embedded::insert_epoch_sql, embedded::postgres_insert_epoch_sql, 5};
constexpr OwnStatement insert_epoch_file{embedded::insert_epoch_file_sql,
                                         embedded::postgres_insert_epoch_file_sql, 0};
constexpr OwnStatement insert_layout{embedded::insert_layout_sql, embedded::postgres_insert_layout_sql, 0};
constexpr OwnStatement insert_source{embedded::insert_source_sql, embedded::postgres_insert_source_sql, 0};
constexpr OwnStatement select_epochs{embedded::select_epochs_sql, embedded::postgres_select_epochs_sql, 1};
constexpr OwnStatement select_events{embedded::select_events_sql, embedded::postgres_select_events_sql, 2};
constexpr OwnStatement select_group{embedded::select_group_sql, embedded::postgres_select_group_sql, 2};
constexpr OwnStatement select_head{embedded::select_head_sql, embedded::postgres_select_head_sql, 1};
constexpr OwnStatement select_id{embedded::select_id_sql, embedded::postgres_select_id_sql, 2};
constexpr OwnStatement select_key{embedded::select_key_sql, embedded::postgres_select_key_sql, 2};
constexpr OwnStatement select_layouts{embedded::select_layouts_sql, embedded::postgres_select_layouts_sql, 0};
constexpr OwnStatement select_meta{embedded::select_meta_sql, embedded::postgres_select_meta_sql, 2};
constexpr OwnStatement select_meta_names{embedded::select_meta_names_sql,
                                         embedded::postgres_select_meta_names_sql, 1};
constexpr OwnStatement select_sources{embedded::select_sources_sql, embedded::postgres_select_sources_sql, 0};
constexpr OwnStatement upsert_meta{embedded::upsert_meta_sql, embedded::postgres_upsert_meta_sql, 3};
/// Of PostgreSQL alone: in a SQLite file the last group is the head, and the file's lock its lock.
constexpr OwnStatement insert_head{{}, embedded::postgres_insert_head_sql, 4};
constexpr OwnStatement lock_head_row{{}, embedded::postgres_lock_head_sql, 1};
constexpr OwnStatement hold_open_lock{{}, embedded::postgres_hold_open_sql, 1};
constexpr OwnStatement hold_closed_lock{{}, embedded::postgres_hold_closed_sql, 1};
constexpr OwnStatement select_fence{{}, embedded::postgres_select_fence_sql, 1};
constexpr OwnStatement update_fence{{}, embedded::postgres_update_fence_sql, 2};

/// "Reev" in SQLite's header: `file` and others can tell a ledger from any other database.
constexpr std::int64_t application_id = 0x52656576;

constexpr std::int64_t events_page = 2000;

[[noreturn]] void corrupt(std::string message) {
  throw Error(ErrorCode::corrupt, std::move(message),
              "restore from a backup, or run `reeve verify` for all that differs");
}

Digest digest_of(std::string_view hex, std::string_view what) {
  const auto digest = digest_from_hex(hex);
  if (!digest) {
    corrupt(fmt::format("{} is not a hash", what));
  }
  return *digest;
}

/// The canonical bytes of an event know integers, texts and NULL alone: another value was not written by Reeve.
Value moment_of(const engine::Statement& row, int column) {
  const ValueView view = row.column(column);
  if (view.kind() == ValueView::Kind::real || view.kind() == ValueView::Kind::bytes) {
    corrupt(fmt::format("the moment of event {} is neither an integer nor a text", row.integer(0)));
  }
  return view.to_value();
}

/// Absent is NULL: an empty text would have the same canonical bytes and pass for it.
std::string optional_text(const engine::Statement& row, int column) {
  const ValueView value = row.column(column);
  if (!value.is_null() && row.text(column).empty()) {
    corrupt(fmt::format("the {} of event {} is an empty text instead of NULL", row.column_name(column),
                        row.integer(0)));
  }
  return value.is_null() ? std::string() : std::string(row.text(column));
}

}  // namespace

void create_tables(engine::Connection& connection) {
  connection.execute(embedded::schema_sql);
  create_layouts(connection);
  connection.execute(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id, format_version));
}

std::map<std::string, std::string> schema_of(engine::Connection& connection) {
  std::map<std::string, std::string> schema;
  engine::Statement rows = connection.prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL");
  while (rows.step()) {
    schema.emplace(rows.text(0), rows.text(1));
  }
  return schema;
}

std::map<std::string, std::string> own_schema() {
  const auto scratch = engine::Connection::open_scratch();
  scratch->execute(embedded::schema_sql);
  create_layouts(*scratch);
  return schema_of(*scratch);
}

void check_format(engine::Connection& connection) {
  if (connection.engine() == engine::Engine::postgres) {
    const auto format = read_schema_format(connection);
    if (!format || format->format != schema_format_version) {
      throw Error(ErrorCode::invalid_input,
                  fmt::format("{} has a format of schemas that this version does not read (it reads {})",
                              connection.name(), schema_format_version),
                  "use the version of Reeve that wrote it, or a newer one");
    }
    return;
  }
  const auto id = connection.value("PRAGMA application_id");
  const auto version = connection.value("PRAGMA user_version");
  if (!id || *id != Value(application_id)) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("{} is a database, but no ledger of Reeve", connection.name()),
                "make one with `reeve init FILE --blueprint FOLDER`");
  }
  if (!version || *version != Value(format_version)) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("{} has a journal format that this version does not read (it reads {})",
                            connection.name(), format_version),
                "use the version of Reeve that wrote it, or a newer one");
  }
}

namespace {

Head head_of(const engine::Statement& row) {
  return {row.integer(0), digest_of(row.text(1), "reeve_groups.chain_hash"),
          digest_of(row.text(2), "reeve_groups.state_hash")};
}

[[noreturn]] void refuse_erased(const engine::Connection& connection) {
  throw Error(ErrorCode::not_found,
              fmt::format("the ledger is in {} no more: it was erased", connection.name()));
}

void refuse_moved(const engine::Connection& connection, const std::optional<std::string>& fence) {
  if (fence) {
    throw Error(
        ErrorCode::conflict,
        fmt::format("the ledger moved to {}: nothing is written to {} any more", *fence, connection.name()),
        "open it there; this copy can still be read, verified and exported");
  }
}

/// What a row of PostgreSQL's heads says in the columns `fence`, where the ledger went, and `closed` behind it.
std::optional<std::string> fence_of(const engine::Connection& connection, const engine::Statement& row,
                                    int fence) {
  if (!row.column(fence + 1).is_null()) {
    refuse_closed(connection.name(), row.text(fence + 1));
  }
  return row.column(fence).is_null() ? std::nullopt : std::optional(std::string(row.text(fence)));
}

Head locked_head(engine::Connection& connection, std::optional<std::string>& fence) {
  engine::Statement row = prepare(connection, lock_head_row, false);
  if (!row.step()) {
    refuse_erased(connection);
  }
  fence = fence_of(connection, row, 3);
  return head_of(row);
}

}  // namespace

Head read_head(engine::Connection& connection) {
  engine::Statement row = prepare(connection, select_head, false);
  return row.step() ? head_of(row) : Head{};
}

Head lock_head(engine::Connection& connection) {
  const bool is_file = connection.engine() == engine::Engine::sqlite;
  std::optional<std::string> fence;
  Head head;
  if (is_file) {
    head = read_head(connection);
    fence = read_meta(connection, meta_moved_to);
  } else {
    head = locked_head(connection, fence);
  }
  refuse_moved(connection, fence);
  return head;
}

void hold_open(engine::Connection& connection) {
  if (connection.engine() == engine::Engine::sqlite) {
    refuse_moved(connection, read_meta(connection, meta_moved_to));
    return;
  }
  prepare(connection, hold_open_lock).post();
  engine::Statement row = prepare(connection, select_fence);
  if (!row.step()) {
    refuse_erased(connection);
  }
  refuse_moved(connection, fence_of(connection, row, 0));
}

void hold_closed(engine::Connection& connection) {
  if (connection.engine() == engine::Engine::postgres) {
    prepare(connection, hold_closed_lock, false).run();
  }
}

Head lock_head_of_any(engine::Connection& connection) {
  engine::Statement row =
      prepare(connection, connection.engine() == engine::Engine::sqlite ? select_head : lock_head_row, false);
  return row.step() ? head_of(row) : Head{};
}

void set_fence(engine::Connection& connection, std::string_view moved_to) {
  engine::Transaction tx(connection, engine::Transaction::Mode::write);
  hold_closed(connection);
  if (connection.engine() == engine::Engine::sqlite) {
    write_meta(connection, meta_moved_to, moved_to);
  } else {
    engine::Statement row = prepare(connection, update_fence, false);
    row.bind_text(1, moved_to);
    row.run();
    if (connection.changes() != 1) {
      throw Error(ErrorCode::denied, fmt::format("{} is suspended, or being erased", connection.name()),
                  "`reeve ledger resume URL` before it is moved");
    }
    set_ledger_state(connection, connection.ledger(), LedgerState::moved);
  }
  tx.commit();
}

namespace {

void remove_fence(engine::Connection& connection, LedgerState then) {
  if (connection.engine() == engine::Engine::sqlite) {
    remove_meta(connection, meta_moved_to);
    return;
  }
  engine::Statement row = prepare(connection, update_fence, false);
  row.bind_null(1);
  row.run();
  set_ledger_state(connection, connection.ledger(), then);
}

}  // namespace

void lift_fence(engine::Connection& connection) {
  engine::Transaction tx(connection, engine::Transaction::Mode::write);
  remove_fence(connection, LedgerState::active);
  tx.commit();
}

void begin_return(engine::Connection& connection) {
  engine::Transaction tx(connection, engine::Transaction::Mode::write);
  remove_fence(connection, LedgerState::arriving);
  if (connection.engine() == engine::Engine::sqlite) {
    write_meta(connection, meta_arriving, "1");
  }
  tx.commit();
}

void start_head(engine::Connection& connection) {
  if (connection.engine() == engine::Engine::sqlite) {
    return;
  }
  engine::Statement row = prepare(connection, insert_head, false);
  const std::string zero = to_hex(Digest{});
  row.bind_integer(1, 0);
  row.bind_text(2, zero);
  row.bind_text(3, zero);
  row.run();
}

std::optional<std::string> read_meta(engine::Connection& connection, std::string_view name) {
  engine::Statement row = prepare(connection, select_meta, false);
  row.bind_text(1, name);
  if (!row.step()) {
    return std::nullopt;
  }
  return std::string(row.text(0));
}

void write_meta(engine::Connection& connection, std::string_view name, std::string_view value) {
  engine::Statement statement = prepare(connection, upsert_meta, false);
  statement.bind_text(1, name);
  statement.bind_text(2, value);
  statement.run();
}

void remove_meta(engine::Connection& connection, std::string_view name) {
  engine::Statement statement = prepare(connection, delete_meta, false);
  statement.bind_text(1, name);
  statement.run();
}

std::vector<std::string> read_meta_names(engine::Connection& connection) {
  std::vector<std::string> names;
  engine::Statement row = prepare(connection, select_meta_names, false);
  while (row.step()) {
    names.emplace_back(row.text(0));
  }
  return names;
}

std::vector<Epoch> read_epochs(engine::Connection& connection) {
  std::vector<Epoch> epochs;
  engine::Statement row = prepare(connection, select_epochs, false);
  while (row.step()) {
    epochs.push_back({row.integer(0), row.integer(1), row.integer(2),
                      digest_of(row.text(3), fmt::format("the sources hash of epoch {} in reeve_epochs",
                                                         row.integer(0)))});
  }
  return epochs;
}

std::vector<StoredLayout> read_layouts(engine::Connection& connection) {
  std::vector<StoredLayout> layouts;
  engine::Statement row = prepare(connection, select_layouts, false);
  while (row.step()) {
    layouts.push_back({std::string(row.text(0)), row.integer(1), std::string(row.text(2))});
  }
  return layouts;
}

bool has_layouts(engine::Connection& connection) {
  return connection.engine() == engine::Engine::postgres ||
         connection.value("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'reeve_layouts'");
}

void create_layouts(engine::Connection& connection) { connection.execute(embedded::layouts_sql); }

void store_layout(engine::Connection& connection, const Epoch& epoch, const Layout& layout) {
  engine::Statement insert = prepare(connection, insert_layout, false);
  const std::string hash = to_hex(epoch.sources_hash);
  const std::string text = layout.to_json();
  insert.bind_text(1, hash);
  insert.bind_integer(2, epoch.level);
  insert.bind_text(3, text);
  insert.run();
}

void append_epoch(engine::Connection& connection, const Epoch& epoch, const Layout& layout) {
  engine::Statement statement = prepare(connection, insert_epoch, false);
  const std::string hash = to_hex(epoch.sources_hash);
  statement.bind_integer(1, epoch.epoch);
  statement.bind_integer(2, epoch.first_sequence);
  statement.bind_integer(3, epoch.level);
  statement.bind_text(4, hash);
  statement.run();
  store_layout(connection, epoch, layout);
}

void store_sources(engine::Connection& connection, const Digest& hash,
                   const std::map<std::string, std::string>& files) {
  engine::Statement insert_file = prepare(connection, insert_epoch_file, false);
  engine::Statement insert_content = prepare(connection, insert_source, false);
  const std::string sources_hash = to_hex(hash);
  for (const auto& [path, content] : files) {
    const std::string content_hash = to_hex(Hasher("reeve.source.1").text(content).finish());
    insert_content.bind_text(1, content_hash);
    insert_content.bind_text(2, content);
    insert_content.run();
    insert_file.bind_text(1, sources_hash);
    insert_file.bind_text(2, path);
    insert_file.bind_text(3, content_hash);
    insert_file.run();
  }
}

std::map<std::string, std::string> load_sources(engine::Connection& connection, const Digest& hash) {
  std::map<std::string, std::string> files;
  engine::Statement row = prepare(connection, select_sources, false);
  const std::string sources_hash = to_hex(hash);
  row.bind_text(1, sources_hash);
  while (row.step()) {
    const std::string path(row.text(0));
    if (row.column(2).is_null()) {
      corrupt(fmt::format("the source {} of an epoch is missing", path));
    }
    const std::string content(row.text(2));
    if (to_hex(Hasher("reeve.source.1").text(content).finish()) != row.text(1)) {
      corrupt(fmt::format("the source {} of an epoch was changed", path));
    }
    files.emplace(path, content);
  }
  return files;
}

KeyLookup::KeyLookup(engine::Connection& connection) : select_(prepare(connection, select_key)) {}

std::optional<KeyUse> KeyLookup::find(std::string_view key) {
  select_.bind_text(1, key);
  std::optional<KeyUse> use;
  if (select_.step()) {
    use = KeyUse{select_.integer(0), select_.integer(1), std::string(select_.text(2))};
  }
  select_.reset();
  return use;
}

IdLookup::IdLookup(engine::Connection& connection) : select_(prepare(connection, select_id)) {}

std::optional<std::int64_t> IdLookup::find(std::string_view id) {
  select_.bind_text(1, id);
  std::optional<std::int64_t> sequence;
  if (select_.step()) {
    sequence = select_.integer(0);
  }
  select_.reset();
  return sequence;
}

void read_event(const engine::Statement& row, Event& event) {
  event.sequence = row.integer(0);
  event.id = row.text(1);
  event.type = row.text(2);
  event.version = row.integer(3);
  event.time = row.text(4);
  event.moment = moment_of(row, 5);
  event.actor = row.text(6);
  event.command = optional_text(row, 7);
  event.key = optional_text(row, 8);
  event.request_hash = optional_text(row, 9);
  event.span = row.integer(10);
  event.payload = row.text(11);
}

EntryReader::EntryReader(engine::Connection& connection, std::int64_t after)
    : events_(prepare(connection, select_events)),
      groups_(prepare(connection, select_group)),
      sequence_(after) {
  events_.bind_integer(1, after);
  if (connection.engine() == engine::Engine::postgres) {
    paged_ = true;
    left_of_page_ = events_page;
    events_.bind_integer(3, events_page);
  }
}

/// On PostgreSQL the next page is asked for when one is used up: a statement run meanwhile would have the rest of
/// a longer answer read into memory.
bool EntryReader::step() {
  if (events_.step()) {
    --left_of_page_;
    return true;
  }
  if (!paged_ || left_of_page_ != 0) {
    return false;
  }
  left_of_page_ = events_page;
  events_.reset();
  events_.bind_integer(1, sequence_);
  return events_.step() && left_of_page_-- > 0;
}

bool EntryReader::next(Entry& entry) {
  if (!step()) {
    if (sequence_ < group_last_) {
      corrupt(fmt::format("event {} is missing: its group ends at event {}", sequence_ + 1, group_last_));
    }
    groups_.bind_integer(1, sequence_ + 1);
    const bool left_over = groups_.step();
    groups_.reset();
    if (left_over) {
      corrupt(fmt::format("event {} is missing: a group after it is there", sequence_ + 1));
    }
    return false;
  }
  read_event(events_, entry.event);
  if (entry.event.sequence != sequence_ + 1) {
    corrupt(fmt::format("event {} is missing", sequence_ + 1));
  }
  sequence_ = entry.event.sequence;
  if (sequence_ > group_last_) {
    load_group(sequence_);
  }
  const auto place = static_cast<std::size_t>(sequence_ - group_first_);
  std::memcpy(entry.chain_hash.data(), chain_.data() + place * entry.chain_hash.size(),
              entry.chain_hash.size());
  entry.changeset = take_changeset(sequence_);
  entry.seals = sequence_ == group_last_;
  if (entry.seals) {
    if (offset_ != changesets_.size()) {
      corrupt(
          fmt::format("the changesets of the group that ends at event {} have bytes left over", sequence_));
    }
    if (entry.chain_hash != group_chain_hash_) {
      corrupt(
          fmt::format("the chain hash of the group that ends at event {} is not that event's", sequence_));
    }
    entry.state_hash = state_hash_;
  }
  return true;
}

void EntryReader::load_group(std::int64_t sequence) {
  groups_.bind_integer(1, sequence);
  if (!groups_.step()) {
    groups_.reset();
    corrupt(fmt::format("the group of event {} is missing", sequence));
  }
  group_last_ = groups_.integer(0);
  group_first_ = groups_.integer(1);
  group_chain_hash_ = digest_of(
      groups_.text(2), fmt::format("the chain hash of the group that ends at event {}", group_last_));
  state_hash_ = digest_of(groups_.text(3),
                          fmt::format("the state hash of the group that ends at event {}", group_last_));
  chain_ = groups_.bytes(4);
  changesets_ = groups_.bytes(5);
  groups_.reset();
  offset_ = 0;
  // Divided and never multiplied: a count near 2^59 would wrap round to any length.
  if (group_first_ < 1 || group_first_ > sequence || chain_.size() % sizeof(Digest) != 0 ||
      static_cast<std::uint64_t>(group_last_ - group_first_ + 1) != chain_.size() / sizeof(Digest)) {
    corrupt(fmt::format("the group that ends at event {} has another length than its events", group_last_));
  }
  // Reading may start in the middle of a group: step over the changesets before it.
  for (std::int64_t skipped = group_first_; skipped < sequence; ++skipped) {
    take_changeset(skipped);
  }
}

std::string_view EntryReader::take_changeset(std::int64_t sequence) {
  std::string_view rest = std::string_view(changesets_).substr(offset_);
  const auto changeset = take_sized(rest);
  if (!changeset) {
    corrupt(fmt::format("the changeset of event {} is damaged", sequence));
  }
  offset_ = changesets_.size() - rest.size();
  return *changeset;
}

}  // namespace reeve::journal
