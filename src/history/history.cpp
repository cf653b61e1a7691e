#include <reeve/history.h>

#include "base/clock.h"
#include "base/json.h"
#include "history/blame.h"
#include "history/checkpoints.h"
#include "history/difference.h"
#include "history/fork.h"
#include "history/fork_by_files.h"
#include "history/past_state.h"
#include "state/binding.h"
#include "state/host.h"
#include "state/location.h"
#include "state/sealing.h"

#include <fmt/format.h>

namespace reeve {

struct History::Impl {
  Impl(const state::Location& place, const HistoryOptions& given)
      : location(place),
        options(given),
        connection(place.open(engine::OpenMode::read_only, {.busy_ms_max = given.busy_ms_max})),
        sealer(key_store_of(place, given), given.clock != nullptr ? *given.clock : system_clock(),
               system_random()) {}

  static std::filesystem::path key_store_of(const state::Location& place, const HistoryOptions& given) {
    return given.key_store.empty() && place.is_file() ? place.file().string() + ".keys" : given.key_store;
  }

  /// Null where there are none, or none that can be read; then a note says so.
  std::unique_ptr<history::Checkpoints> open_checkpoints() {
    const std::filesystem::path file = options.checkpoints.empty()
                                           ? history::Checkpoints::beside(location)
                                           : std::filesystem::path(options.checkpoints);
    try {
      return file.empty() ? nullptr : history::Checkpoints::open(file);
    } catch (const Error& error) {
      note = fmt::format("checkpoints are not used: {}", error.message());
      return nullptr;
    }
  }

  /// Empty where the journal is copied.
  std::filesystem::path journal_file() const {
    return location.is_file() && location.file_system().empty() ? location.file() : std::filesystem::path();
  }

  /// Asks a state after an event; without checkpoints where one proves damaged.
  template <typename Answer>
  Answer with_past(std::int64_t at, const std::set<std::string>& tables, history::Timeline& timeline,
                   const std::function<Answer(history::PastState&)>& ask) {
    const auto checkpoints = open_checkpoints();
    if (checkpoints) {
      try {
        history::PastState past({timeline, checkpoints.get(), journal_file()}, at, tables);
        note = past.note();
        Answer answer = ask(past);
        if (!past.is_damaged()) {
          return answer;
        }
      } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt && error.code() != ErrorCode::unavailable) {
          throw;
        }
      }
      note = "a checkpoint is damaged and was not used: `reeve checkpoint --anew` makes them anew";
    }
    history::PastState past({timeline, nullptr, journal_file()}, at, tables);
    return ask(past);
  }

  /// Opened at the first use. Null, and a note says why, where there is none.
  history::Sidecar* take_sidecar() {
    if (sidecar) {
      return sidecar.get();
    }
    const std::filesystem::path file =
        options.sidecar.empty() ? history::Sidecar::beside(location) : std::filesystem::path(options.sidecar);
    if (file.empty()) {
      note = "no file for an index was named: the journal was read from its start";
      return nullptr;
    }
    try {
      sidecar = history::Sidecar::open(file, options.busy_ms_max);
    } catch (const Error& error) {
      // Somebody else's file is not overwritten; a folder that can't be written is no reason to give no answer.
      if (error.code() == ErrorCode::conflict) {
        throw;
      }
      note = fmt::format("{} can't be used ({}): the journal was read from its start", file.string(),
                         error.message());
    }
    return sidecar.get();
  }

  /// Asks with an index that is caught up; without, where there is none or its answer does not fit.
  template <typename Answer>
  Answer with_index(const std::function<Answer(history::Timeline&, history::BlameSource&)>& ask) {
    note.clear();
    history::Sidecar* index = take_sidecar();
    for (bool insists = false;; insists = true) {
      engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
      history::Timeline timeline(*connection, &epochs);
      try {
        if (index != nullptr && !index->catch_up(timeline, insists)) {
          continue;  // it is of a later snapshot than this one
        }
        history::BlameSource source{index};
        Answer answer = ask(timeline, source);
        if (!source.is_refuted) {
          return answer;
        }
        index->drop();
        note =
            "the index, or the row, is not what the journal says: the journal was read from its start; "
            "`reeve verify` tells";
      } catch (const Error& error) {
        if (index == nullptr || !may_be_of_index(error)) {
          throw;
        }
        note = fmt::format("{} can't be used ({}): the journal was read from its start",
                           index->file().string(), error.message());
        sidecar.reset();
      }
      history::BlameSource journal_alone;
      return ask(timeline, journal_alone);
    }
  }

  /// Faults of a file. Where it was the ledger's, asking again without an index meets it again.
  static bool may_be_of_index(const Error& error) {
    switch (error.code()) {
      case ErrorCode::corrupt:
      case ErrorCode::unavailable:
      case ErrorCode::retryable:
      case ErrorCode::limit_exceeded:
      case ErrorCode::bad_statement:
      case ErrorCode::constraint_violation:
      case ErrorCode::unique_violation: return true;
      default: return false;
    }
  }

  state::Location location;
  HistoryOptions options;
  std::unique_ptr<engine::Connection> connection;
  state::Sealer sealer;
  state::EpochCache epochs;  ///< translated once
  std::unique_ptr<history::Sidecar> sidecar;
  std::string note;
};

History::History(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
History::History(History&&) noexcept = default;
History& History::operator=(History&&) noexcept = default;
History::~History() = default;

History History::open(std::string_view url, const HistoryOptions& options) {
  return History(std::make_unique<Impl>(state::Location::of(url), options));
}

Sequence History::find(std::string_view place) {
  engine::Transaction snapshot(*impl_->connection, engine::Transaction::Mode::read);
  return {history::Timeline(*impl_->connection, &impl_->epochs).find(history::Place::of(place))};
}

void History::diff(Sequence before, Sequence after, const std::function<bool(const RowChange&)>& row) {
  engine::Transaction snapshot(*impl_->connection, engine::Transaction::Mode::read);
  history::Timeline timeline(*impl_->connection, &impl_->epochs);
  history::diff(timeline, before.value, after.value, row);
}

std::vector<Blame> History::blame(std::string_view table, std::string_view key, std::string_view column,
                                  std::size_t limit) {
  return impl_->with_index<std::vector<Blame>>(
      [&](history::Timeline& timeline, history::BlameSource& source) {
        return history::blame(timeline, source, table, key, column, limit);
      });
}

std::vector<BlamedColumn> History::blame_columns(std::string_view table, std::string_view key) {
  return impl_->with_index<std::vector<BlamedColumn>>(
      [&](history::Timeline& timeline, history::BlameSource& source) {
        return history::blame_columns(timeline, source, table, key);
      });
}

namespace {

/// An earlier state has no dice, and its journal's changes come from the ledger.
class PastHost : public engine::HostFunctions {
 public:
  PastHost(engine::Connection& journal, std::int64_t until) : journal_(journal), until_(until) {}
  std::int64_t dice(std::string_view /*name*/, std::int64_t /*sides*/) override { refuse(); }
  std::string new_uuid(std::string_view /*name*/) override { refuse(); }
  std::string changes(std::int64_t sequence) override {
    return sequence <= until_ ? state::event_changes_json(journal_, sequence) : "[]";
  }

 private:
  [[noreturn]] static void refuse() { throw Error(ErrorCode::invalid_input, "the past rolls no dice"); }
  engine::Connection& journal_;
  std::int64_t until_;
};

}  // namespace

namespace {

PastAnswer ask(history::PastState& past, history::Timeline& timeline, const blueprint::Query& query,
               std::string_view parameters, state::Sealer& sealer) {
  const sql::Translation& translation = query.sql;
  PastHost host(timeline.connection(), past.sequence());
  past.connection().set_host_functions(&host);
  std::string changeset;
  const std::string time = timeline.read(past.sequence(), changeset).event.time;
  json::Reader reader;
  state::Scratch scratch;
  state::Members members;
  state::BoundStatement statement(past.connection(), translation, members);
  state::Surroundings around;
  around.at = time;
  members.find(history::read_parameters(reader, parameters, query));
  statement.bind(members, around, scratch);
  PastAnswer answer;
  for (const sql::ResultColumn& column : translation.columns) {
    answer.columns.push_back({column.name, std::string(sql::name_of(column.type))});
  }
  while (statement.statement().step()) {
    std::vector<Value>& row = answer.rows.emplace_back();
    for (std::size_t i = 0; i < translation.columns.size(); ++i) {
      const ValueView value = statement.statement().column(static_cast<int>(i));
      row.push_back(translation.columns[i].personal && !value.is_null() ? Value(sealer.open(value.text()))
                                                                        : value.to_value());
    }
  }
  past.connection().set_host_functions(nullptr);
  return answer;
}

}  // namespace

PastAnswer History::query(Sequence at, std::string_view name, std::string_view parameters) {
  impl_->note.clear();
  engine::Transaction snapshot(*impl_->connection, engine::Transaction::Mode::read);
  history::Timeline timeline(*impl_->connection, &impl_->epochs);
  const int epoch = timeline.epoch_at(timeline.check(at.value));
  const auto in_force = epoch < 0 ? nullptr : timeline.state(epoch)->blueprint;
  const blueprint::Query* query = nullptr;
  if (in_force) {
    const auto found = in_force->queries.find(name);
    query = found == in_force->queries.end() ? nullptr : &found->second;
  }
  if (query == nullptr) {
    throw Error(ErrorCode::not_found,
                fmt::format("the blueprint had no query {} at event {}", name.substr(0, 128), at.value),
                "`reeve query FILE` lists those that there are now");
  }
  return impl_->with_past<PastAnswer>(
      at.value, history::tables_of(query->sql), timeline,
      [&](history::PastState& past) { return ask(past, timeline, *query, parameters, impl_->sealer); });
}

PastHead History::head(Sequence at) {
  impl_->note.clear();
  engine::Transaction snapshot(*impl_->connection, engine::Transaction::Mode::read);
  history::Timeline timeline(*impl_->connection, &impl_->epochs);
  return impl_->with_past<PastHead>(at.value, {}, timeline, [&](history::PastState& past) {
    std::string changeset;
    const journal::Entry entry = timeline.read(at.value, changeset);
    PastHead head;
    head.head = {at, {entry.chain_hash}, {past.state_hash()}};
    head.time = entry.event.time;
    head.is_proven = past.is_sealed();
    return head;
  });
}

CheckpointRun make_checkpoints(std::string_view url, const CheckpointOptions& options) {
  const state::Location location = state::Location::of(url);
  const std::filesystem::path file = options.checkpoints.empty() ? history::Checkpoints::beside(location)
                                                                 : std::filesystem::path(options.checkpoints);
  if (file.empty()) {
    throw Error(ErrorCode::invalid_input, "no file for the checkpoints is named",
                "a ledger that is no file of its own has none beside it: --checkpoints FILE");
  }
  if (options.every < 1) {
    throw Error(ErrorCode::invalid_input, "the number of events between checkpoints is not positive");
  }
  const history::MadeStates done =
      history::store_states(location, file, {options.every, options.anew, {options.progress, options.stop}});
  CheckpointRun run;
  for (const history::StoredState& state : done.made) {
    run.made.push_back({{state.sequence},
                        {digest_from_hex(state.chain_hash).value_or(Digest{})},
                        {digest_from_hex(state.state_hash).value_or(Digest{})}});
  }
  run.kept = done.kept;
  run.bytes = done.bytes;
  run.note = done.note;
  return run;
}

Fork fork_ledger(std::string_view url, std::string_view given, const ForkOptions& options) {
  const state::Location parent = state::Location::of(url);
  const state::Location target = state::Location::of(given);
  if (!target.file_system().empty()) {
    throw Error(ErrorCode::invalid_input, "a fork is made in a file of the operating system's",
                "name a file without vfs=");
  }
  return parent.is_file() && target.is_file() ? history::fork_file(parent, target.file(), options)
                                              : history::fork_by_files(parent, target, options);
}

const std::string& History::note() const { return impl_->note; }

}  // namespace reeve
