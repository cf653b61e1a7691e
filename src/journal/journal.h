#pragma once
// The journal in its database: rows are only inserted. One group row seals a stretch of events.

#include "base/hash.h"
#include "engine/connection.h"
#include "journal/event.h"
#include "journal/layout.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reeve::journal {

inline constexpr std::int64_t format_version = 1;

/// Where the journal ends.
struct Head {
  std::int64_t sequence = 0;
  Digest chain_hash = chain_start;
  Digest state_hash{};
};

/// A stretch of a journal under one schema and one set of sources.
struct Epoch {
  std::int64_t epoch = 0;
  std::int64_t first_sequence = 0;
  std::int64_t level = 0;  ///< migrations applied
  Digest sources_hash{};
};

/// Creates Reeve's tables in an empty database. Inside a write transaction.
void create_tables(engine::Connection& connection);
/// Names of Reeve's tables and indexes with their SQL, as sqlite_schema must hold them.
std::map<std::string, std::string> own_schema();
/// The objects of a file by name, each with its SQL as sqlite_schema has it.
std::map<std::string, std::string> schema_of(engine::Connection& connection);
/// Throws Error corrupt or invalid_input unless the file is a ledger of a format that this version reads.
void check_format(engine::Connection& connection);

Head read_head(engine::Connection& connection);
/// The same for who is going to write: on PostgreSQL the head's row is locked until the transaction ends, so
/// that one transaction at a time writes a ledger. In a file the write transaction itself is that lock.
/// Throws Error conflict when the ledger is fenced, denied when it is suspended or being erased, not_found when it
/// was erased.
Head lock_head(engine::Connection& connection);
/// The same whether it is fenced or closed or not: for who migrates the schema in which a ledger's copy was left behind.
Head lock_head_of_any(engine::Connection& connection);
/// For who writes what a ledger has beside its journal, such as its jobs. Throws as lock_head does, and commits go on beside it.
/// Until the write transaction ends the ledger is neither moved nor closed.
void hold_open(engine::Connection& connection);
/// For who moves or closes it: waits for all who hold it open; who comes later waits for this transaction's end.
void hold_closed(engine::Connection& connection);
/// Commits that nobody writes this ledger any more, and where it went (for people; without secrets). Whoever holds
/// the write lock, or holds it open, is waited for.
void set_fence(engine::Connection& connection, std::string_view moved_to);
/// Takes the fence away, as if it had never been.
void lift_fence(engine::Connection& connection);
/// The same of a ledger that comes back to where it left: until all of it is there it is one that arrives, which nobody opens.
void begin_return(engine::Connection& connection);
/// The row that says where a new ledger's journal ends; a file needs none.
void start_head(engine::Connection& connection);
std::optional<std::string> read_meta(engine::Connection& connection, std::string_view name);
void write_meta(engine::Connection& connection, std::string_view name, std::string_view value);
void remove_meta(engine::Connection& connection, std::string_view name);
std::vector<std::string> read_meta_names(engine::Connection& connection);

/// Names in reeve_meta beside `ledger_id` and `seed`.
inline constexpr std::string_view meta_moved_to = "moved_to";  ///< in a file: the fence
inline constexpr std::string_view meta_arriving = "arriving";  ///< in a file that is not complete yet
inline constexpr std::string_view meta_has_jobs =
    "has_jobs";  ///< jobs have come, and are where they were too
/// The reeve_version of the reference rows that the ledger has pinned: a uuid made of their hash. Follows from the
/// journal; statements on PostgreSQL read it.
inline constexpr std::string_view meta_reference = "reference";

std::vector<Epoch> read_epochs(engine::Connection& connection);
/// With the layout of its tables, which is stored once for each level of the sources (reeve_layouts).
void append_epoch(engine::Connection& connection, const Epoch& epoch, const Layout& layout);

/// False of a file that was made before there was reeve_layouts.
bool has_layouts(engine::Connection& connection);
/// Makes that table, empty. Inside a write transaction on a file.
void create_layouts(engine::Connection& connection);
/// Unless it is there.
void store_layout(engine::Connection& connection, const Epoch& epoch, const Layout& layout);

/// A row of reeve_layouts: derived from the sources, for who reads changesets without them.
struct StoredLayout {
  std::string sources_hash;
  std::int64_t level = 0;
  std::string json;  ///< as Layout::to_json
};
std::vector<StoredLayout> read_layouts(engine::Connection& connection);
/// Stored once however many epochs use them.
void store_sources(engine::Connection& connection, const Digest& hash,
                   const std::map<std::string, std::string>& files);
/// Throws Error corrupt when a file is missing or its content is not what its hash says.
std::map<std::string, std::string> load_sources(engine::Connection& connection, const Digest& hash);

/// Finds what a key was used for.
struct KeyUse {
  std::int64_t sequence = 0;
  std::int64_t span = 1;
  std::string request_hash;
};
class KeyLookup {
 public:
  explicit KeyLookup(engine::Connection& connection);
  std::optional<KeyUse> find(std::string_view key);

 private:
  engine::Statement select_;
};

/// Finds an event by its id.
class IdLookup {
 public:
  explicit IdLookup(engine::Connection& connection);
  std::optional<std::int64_t> find(std::string_view id);

 private:
  engine::Statement select_;
};

/// An event with what lies beside it in its group.
struct Entry {
  Event event;
  std::string_view changeset;  ///< valid until the next read
  Digest chain_hash{};         ///< as stored
  bool seals = false;          ///< it is the last of its group
  Digest state_hash{};         ///< when it seals
};

/// Reads entries in order. Throws Error corrupt, naming the event or group, when rows do not fit together:
/// a gap, a missing group, a blob of another length.
class EntryReader {
 public:
  /// Keep one transaction open around it, so that it sees one snapshot.
  EntryReader(engine::Connection& connection, std::int64_t after);
  bool next(Entry& entry);

 private:
  void load_group(std::int64_t sequence);
  std::string_view take_changeset(std::int64_t sequence);

  bool step();

  engine::Statement events_;
  engine::Statement groups_;
  bool paged_ = false;  ///< on PostgreSQL events come page by page
  std::int64_t left_of_page_ = 0;
  std::int64_t sequence_ = 0;
  std::int64_t group_first_ = 0;
  std::int64_t group_last_ = 0;
  std::string chain_;
  std::string changesets_;
  std::size_t offset_ = 0;
  Digest state_hash_{};
  Digest group_chain_hash_{};
};

/// Fills an event from a row of `select_events` (the order of reeve_events' columns).
void read_event(const engine::Statement& row, Event& event);

}  // namespace reeve::journal
