#pragma once
// A ledger: one strictly ordered journal with the state it governs.

#include <reeve/clock.h>
#include <reeve/error.h>
#include <reeve/search.h>
#include <reeve/types.h>
#include <reeve/value.h>

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace reeve {

namespace state {
class Location;
struct Reader;
struct SharedByLedgers;
/// Rows that are destroyed give their reader back to its pool.
struct GiveBack {
  void operator()(Reader* reader) const noexcept;
};
}  // namespace state

/// What is said of a submission beside its payload. Every member has an initializer, so that naming a few of
/// them (`{.actor = "player:7"}`) is no warning.
struct CommitOptions {
  std::string actor = {};                 ///< who causes it; '' for nobody in particular
  std::optional<Sequence> expected = {};  ///< the head it was decided on: another one is a `conflict`
  std::string key = {};                   ///< idempotency key: the same again gives the same receipt
  std::string id = {};                    ///< uuid of the first event; '' makes one
  std::string time = {};                  ///< RFC 3339; '' asks the clock
  int version = 0;                        ///< of the event's type that the payload has; 0 is the newest
};

/// What was committed, durably.
struct Receipt {
  Sequence first;          ///< of its events
  std::int64_t count = 0;  ///< 0: the command decided on nothing
  bool repeated = false;   ///< the key was known: this is the receipt of the first time
};

/// The rules said no; nothing was stored.
struct Rejection {
  std::string reason;  ///< of the check, the `expect`, the constraint or the schema
  ErrorCode code = ErrorCode::constraint_violation;
};

/// One or the other: an outcome, not a fault.
class Outcome {
 public:
  Outcome(Receipt receipt) : value_(receipt) {}
  Outcome(Rejection rejection) : value_(std::move(rejection)) {}

  bool accepted() const { return std::holds_alternative<Receipt>(value_); }
  explicit operator bool() const { return accepted(); }
  /// Throws Error internal if it is the other.
  const Receipt& receipt() const;
  const Rejection& rejection() const;

 private:
  std::variant<Receipt, Rejection> value_;
};

/// A named query's answer, row by row, from one snapshot. Not thread-safe; must not outlive its ledger.
/// Until it is destroyed it keeps a reader of the pool.
class Rows {
 public:
  struct Column {
    std::string name;
    std::string type;  ///< PostgreSQL's name of it
  };
  const std::vector<Column>& columns() const;
  /// The head of the snapshot.
  Sequence sequence() const;
  /// False at the end.
  bool next();
  /// Of the current row, by place from 0; valid until the next call of next().
  ValueView at(std::size_t column) const;
  /// Strict: another type than the value's is a type_mismatch that names the column.
  void read(std::size_t column, std::int64_t& value) const;
  void read(std::size_t column, double& value) const;
  void read(std::size_t column, bool& value) const;
  void read(std::size_t column, std::string& value) const;
  void read(std::size_t column, std::string_view& value) const;
  void read(std::size_t column, Bytes& value) const;
  void read(std::size_t column, Value& value) const;
  template <typename T>
  void read(std::size_t column, std::optional<T>& value) const {
    value.reset();
    if (!at(column).is_null()) read(column, value.emplace());
  }
  /// The whole row: each of T is one of those types.
  template <typename... T>
  std::tuple<T...> as() const {
    return as_tuple<T...>(std::index_sequence_for<T...>{});
  }

  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;
  ~Rows();

 private:
  friend class Ledger;
  explicit Rows(std::unique_ptr<state::Reader, state::GiveBack> reader);

  template <typename... T, std::size_t... I>
  std::tuple<T...> as_tuple(std::index_sequence<I...>) const {
    return std::tuple<T...>(get<T>(I)...);
  }
  template <typename T>
  T get(std::size_t column) const {
    T value{};
    read(column, value);
    return value;
  }

  std::unique_ptr<state::Reader, state::GiveBack> reader_;
};

struct LedgerOptions {
  Clock* clock = nullptr;      ///< null: the system's
  Random* random = nullptr;    ///< null: the system's
  int busy_ms_max = 5000;      ///< how long to wait for another process's write
  int group_events_max = 256;  ///< events under one seal
  std::size_t payload_bytes_max = 1024 * 1024;
  int page_bytes = 4096;  ///< of a file that is created
  /// Connections open at once, the writer's with them: a query that needs one more waits busy_ms_max for it, then
  /// it is `retryable`. At least 2.
  int connections_max = 32;
  /// The file with the keys of personal values; '' is FILE.keys beside a ledger in a file, and none on PostgreSQL. Kept
  /// apart from the ledger's backups. Without it queries answer `[sealed]`, and personal values can't be committed.
  std::string key_store = {};
  EmbeddingEndpoint embedding = {};
  /// Where graphs of vectors are kept; '' is beside a ledger in a file, and nowhere on PostgreSQL.
  std::string graph_folder = {};
};

/// Thread-safe: any thread may submit and query. Concurrent submitters share one commit (group commit); each
/// gets its own verdict.
class Ledger {
 public:
  /// Creates a ledger in a new file from a blueprint's folder: all migrations applied, journaled from the
  /// first event on. `url` is `sqlite:PATH` or a path. Fails if the file exists. On PostgreSQL create_ledger()
  /// makes it, as an administrator, and open() opens it, as an application.
  static Ledger create(std::string_view url, std::string_view blueprint_folder,
                       const LedgerOptions& options = {});
  /// Opens one. It works by the sources stored in it; no folder is needed. `url` may also be
  /// `postgresql://...?ledger=NAME&schema=NAME`, as a role that is a member of reeve_writer and can't pass by the
  /// separation of ledgers: superusers and owners are refused (denied).
  static Ledger open(std::string_view url, const LedgerOptions& options = {});

  /// Commits one event and waits until it is durable. Throws Error: conflict (expected sequence, key used
  /// for something else), invalid_input (malformed payload or options), not_found (type), unavailable,
  /// retryable, commit_unknown. A payload that its schema refuses is a Rejection of code invalid_input.
  Outcome commit(std::string_view type, std::string_view payload, const CommitOptions& options = {});
  /// Decides and commits a command.
  Outcome command(std::string_view name, std::string_view parameters, const CommitOptions& options = {});

  /// Executes one INSERT, UPDATE or DELETE of the dialect as an event `sql.executed`, which holds it with its parameters, a
  /// JSON object, and the rows that it changed (docs/adoption.md). Only where the blueprint says `execute = true`: denied
  /// elsewhere. What can't be executed again with the same outcome is a bad_statement, with place and remedy. Throws Error
  /// as commit.
  Outcome execute(std::string_view sql, std::string_view parameters = "{}",
                  const CommitOptions& options = {});

  /// Takes events back by one of its own, `reeve.undone`: their rows become what they were before them. What they did
  /// stays in the journal, and undoing that event brings it back. A Rejection names the later event when a row is not
  /// what they left any more, what refers to a row that would go, or the change of schema that lies between. Throws
  /// Error as commit; not_found when there are no such events.
  Outcome undo(Sequence event, const CommitOptions& options = {});
  Outcome undo(Sequence first, Sequence last, const CommitOptions& options = {});
  /// Takes back all that came after an event, by one `reeve.rewound`: the state hash is that after the event again.
  Outcome rewind(Sequence event, const CommitOptions& options = {});

  /// The same without waiting: the callback runs on the writing thread when the verdict is durable. It must not
  /// throw and must not wait for another verdict of this ledger: nothing is written while it runs.
  struct Verdict {
    std::optional<Outcome> outcome;
    std::exception_ptr fault;  ///< when there is no outcome
  };
  using Callback = std::function<void(Verdict)>;
  void submit(std::string_view type, std::string_view payload, const CommitOptions& options,
              Callback callback);
  void submit_command(std::string_view name, std::string_view parameters, const CommitOptions& options,
                      Callback callback);
  std::future<Outcome> submit(std::string_view type, std::string_view payload,
                              const CommitOptions& options = {});

  /// What became of a submission with this key; nothing if it was never committed. Right after a commit_unknown
  /// on PostgreSQL the server may still be at it: the same submission again, with its key, waits for that.
  std::optional<Receipt> find_key(std::string_view key);

  /// Runs a named query of the blueprint. Parameters are a JSON object; those left out are NULL.
  Rows query(std::string_view name, std::string_view parameters = "{}");

  /// Search in an index of the blueprint (docs/search.md), from one snapshot: whatever was typed, the rows that match, by
  /// words, by meaning or by both. Throws Error not_found (index, row), invalid_input (limit, filter, an index without what
  /// is asked for), corrupt when the index is not that of the state, unavailable when the words can't be embedded.
  SearchAnswer search(std::string_view index, std::string_view words, const SearchOptions& options = {});
  /// The indexes of the blueprint, by name.
  std::vector<SearchIndexStatus> search_indexes();

  /// Makes vectors of the rows that have none of their text, by the index's model, and stores each by an event of the
  /// blueprint. No transaction is open while a model is asked; an outage loses nothing and is no Error. Throws Error
  /// not_found (index), invalid_input (no model), unavailable (no endpoint, no weights).
  EmbedReport embed(std::string_view index, const EmbedOptions& options = {});
  /// From one snapshot, with the first `keys` of each kind. Reads the texts of all rows.
  EmbeddingStatus embedding_status(std::string_view index, std::size_t keys = 0);

  /// Destroys the key of a subject: its personal values can't be read again, by anybody, anywhere, and a query answers
  /// `[erased]`; every hash still holds. False when it has none. Throws Error retryable (docs/sealed_value.md).
  bool forget(std::string_view subject);

  Head head();
  /// The blueprint's name and title.
  std::string name() const;
  std::string title() const;

  Ledger(Ledger&&) noexcept;
  Ledger& operator=(Ledger&&) noexcept;
  ~Ledger();

 private:
  friend class LedgerPool;
  struct Impl;
  explicit Ledger(std::unique_ptr<Impl> impl);
  /// One of several that share a bound on their connections.
  static Ledger open(const state::Location& location, const LedgerOptions& options,
                     const state::SharedByLedgers& shared);
  std::unique_ptr<Impl> impl_;
};

/// Makes a ledger without opening it. On PostgreSQL the url is an administrator's: the schema, Reeve's tables
/// and roles are made with the first ledger of a blueprint; the name is the blueprint's unless the url says one.
/// Throws Error conflict when the file, or a ledger of that name, is there.
void create_ledger(std::string_view url, std::string_view blueprint_folder,
                   const LedgerOptions& options = {});

}  // namespace reeve
