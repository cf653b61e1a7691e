#include "history/sidecar.h"

#include "history/row_key.h"
#include "journal/group_reader.h"
#include "journal/varint.h"

#include "history/clear_sidecar_sql.h"
#include "history/insert_touch_sql.h"
#include "history/select_any_object_sql.h"
#include "history/select_sidecar_meta_sql.h"
#include "history/select_touches_sql.h"
#include "history/sidecar_schema_sql.h"
#include "history/upsert_sidecar_meta_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>
#include <vector>

namespace reeve::history {

namespace {

/// "Reeh" in SQLite's header.
constexpr std::int64_t application_id = 0x52656568;
constexpr std::int64_t format_version = 1;
/// So many touches are sorted and inserted at once; then they are committed.
constexpr std::size_t touches_max = 500'000;

struct Touch {
  std::int64_t row = 0;
  std::int64_t sequence = 0;
  std::int64_t columns = 0;
};

std::int64_t number_of(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The bits of a layout's columns, which are asked for again and again.
class ColumnBits {
 public:
  explicit ColumnBits(const journal::Layout& layout) {
    for (const journal::TableLayout& table : layout.tables) {
      std::vector<std::int64_t>& bits = bits_.emplace_back();
      for (const journal::ColumnLayout& column : table.columns) {
        bits.push_back(column_bit(column.name));
      }
    }
  }
  std::int64_t of(const journal::StoredChange& change) const {
    if (change.operation != journal::StoredChange::Operation::update) {
      return all_columns;
    }
    std::int64_t bits = 0;
    for (const int place : change.columns) {
      bits |= bits_[static_cast<std::size_t>(change.table)][static_cast<std::size_t>(place)];
    }
    return bits;
  }

 private:
  std::vector<std::vector<std::int64_t>> bits_;
};

void collect(const journal::Layout& layout, const ColumnBits& bits, std::string_view changeset,
             std::int64_t sequence, std::vector<Touch>& touches) {
  journal::ChangesetReader reader(layout, changeset);
  journal::StoredChange change;
  while (reader.next(change)) {
    const journal::TableLayout& table = layout.table(change.table);
    touches.push_back({row_number(table.name, key_json(table, change.key)), sequence, bits.of(change)});
  }
}

std::string ledger_id_of(Timeline& timeline) {
  return journal::read_meta(timeline.connection(), "ledger_id").value_or("");
}

/// Whether a file that is there holds anything.
bool is_empty(engine::Connection& connection) { return !connection.value(embedded::select_any_object_sql); }

}  // namespace

Sidecar::Sidecar(std::filesystem::path file, std::unique_ptr<engine::Connection> connection)
    : file_(std::move(file)), connection_(std::move(connection)) {}
Sidecar::~Sidecar() = default;

std::filesystem::path Sidecar::beside(const state::Location& location) {
  if (!location.is_file() || !location.file_system().empty()) {
    return {};
  }
  std::filesystem::path file = location.file();
  file += "-history";
  return file;
}

std::unique_ptr<Sidecar> Sidecar::open(const std::filesystem::path& file, int busy_ms_max) {
  auto connection = engine::Connection::open(file, engine::OpenMode::create,
                                             {.busy_ms_max = busy_ms_max, .foreign_keys = false});
  const engine::Connection* opened = connection.get();
  {
    engine::Transaction tx(*connection, engine::Transaction::Mode::write);
    if (is_empty(*connection)) {
      connection->execute(embedded::sidecar_schema_sql);
      connection->execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id,
                                      format_version));
      tx.commit();
    }
  }
  const auto id = connection->value("PRAGMA application_id");
  const auto version = connection->value("PRAGMA user_version");
  if (!id || *id != Value(application_id) || !version || *version != Value(format_version)) {
    throw Error(ErrorCode::conflict,
                fmt::format("{} is something else than what Reeve derives from a journal", opened->name()),
                "remove it, or name another file with --sidecar");
  }
  return std::unique_ptr<Sidecar>(new Sidecar(file, std::move(connection)));
}

std::string Sidecar::meta(std::string_view name) {
  engine::Statement row = connection_->prepare(embedded::select_sidecar_meta_sql, false);
  row.bind_text(1, name);
  return row.step() ? std::string(row.text(0)) : std::string();
}

void Sidecar::set_meta(std::string_view name, std::string_view value) {
  engine::Statement statement = connection_->prepare(embedded::upsert_sidecar_meta_sql, false);
  statement.bind_text(1, name);
  statement.bind_text(2, value);
  statement.run();
}

void Sidecar::clear() { connection_->execute(embedded::clear_sidecar_sql); }

void Sidecar::drop() {
  engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
  clear();
  tx.commit();
}

std::int64_t Sidecar::position(Timeline& timeline) {
  const std::string ledger_id = ledger_id_of(timeline);
  const std::int64_t sequence = number_of(meta("sequence"));
  bool fits = sequence > 0 && sequence <= timeline.head().sequence && meta("ledger_id") == ledger_id;
  if (fits) {
    journal::GroupReader reader(timeline.connection(), sequence - 1);
    std::int64_t read = 0;
    std::string_view changeset;
    fits = reader.next(read, changeset) && to_hex(reader.chain_hash()) == meta("chain_hash");
  }
  if (!fits) {
    clear();
    set_meta("ledger_id", ledger_id);
    return 0;
  }
  return sequence;
}

bool Sidecar::is_ahead(Timeline& timeline) {
  return meta("ledger_id") == ledger_id_of(timeline) &&
         number_of(meta("sequence")) > timeline.head().sequence;
}

bool Sidecar::catch_up(Timeline& timeline, bool insists, const state::Progress& progress) {
  if (meta("sequence") == fmt::format("{}", timeline.head().sequence) &&
      meta("chain_hash") == to_hex(timeline.head().chain_hash) &&
      meta("ledger_id") == ledger_id_of(timeline)) {
    return true;
  }
  for (bool more = true; more;) {
    engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
    if (!insists && is_ahead(timeline)) {
      return false;
    }
    more = step(timeline, progress);
    tx.commit();
  }
  return true;
}

bool Sidecar::step(Timeline& timeline, const state::Progress& progress) {
  std::int64_t sequence = position(timeline);
  std::vector<Touch> touches;
  journal::GroupReader reader(timeline.connection(), sequence);
  std::string_view changeset;
  int epoch = -2;
  std::unique_ptr<ColumnBits> bits;
  bool more = true;
  while (touches.size() < touches_max && (more = reader.next(sequence, changeset))) {
    if (const int now = timeline.epoch_at(sequence); now != epoch) {
      epoch = now;
      bits = std::make_unique<ColumnBits>(timeline.layout(epoch));
    }
    if (timeline.is_migration(sequence, changeset)) {
      const auto removals = journal::take_sized(changeset);
      const journal::Layout& before = timeline.layout(epoch - 1);
      collect(before, ColumnBits(before), removals.value_or(""), sequence, touches);
    }
    collect(timeline.layout(epoch), *bits, changeset, sequence, touches);
    progress.step(sequence, timeline.head().sequence);
  }
  if (epoch == -2) {
    return false;
  }
  std::sort(touches.begin(), touches.end(), [](const Touch& left, const Touch& right) {
    return std::tie(left.row, left.sequence) < std::tie(right.row, right.sequence);
  });
  engine::Statement insert = connection_->prepare(embedded::insert_touch_sql, false);
  for (const Touch& touch : touches) {
    insert.bind_integer(1, touch.row);
    insert.bind_integer(2, touch.sequence);
    insert.bind_integer(3, touch.columns);
    insert.run();
  }
  set_meta("sequence", fmt::format("{}", sequence));
  set_meta("chain_hash", to_hex(reader.chain_hash()));
  return more;
}

void Sidecar::touches(std::int64_t row, std::int64_t columns, std::int64_t until,
                      const std::function<bool(std::int64_t sequence)>& touch) {
  engine::Statement select = connection_->prepare(embedded::select_touches_sql, false);
  select.bind_integer(1, row);
  select.bind_integer(2, until);
  select.bind_integer(3, columns);
  while (select.step() && touch(select.integer(0))) {}
}

}  // namespace reeve::history
