#include <reeve/history.h>

#include "base/clock.h"
#include "base/json.h"
#include "history/blame.h"
#include "history/difference.h"
#include "history/past_state.h"
#include "state/binding.h"
#include "state/host.h"
#include "state/location.h"

#include <fmt/format.h>

namespace reeve {

struct History::Impl {
  Impl(const state::Location& place, const HistoryOptions& given)
      : location(place),
        options(given),
        connection(place.open(engine::OpenMode::read_only, {.busy_ms_max = given.busy_ms_max})) {}

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
      history::Timeline timeline(*connection);
      if (index != nullptr && !index->catch_up(timeline, insists)) {
        continue;  // it is of a later snapshot than this one
      }
      history::BlameSource source{index};
      Answer answer = ask(timeline, source);
      if (source.is_refuted) {
        index->drop();
        note =
            "the index, or the row, is not what the journal says: the journal was read from its start; "
            "`reeve "
            "verify` tells";
        history::BlameSource journal_alone;
        answer = ask(timeline, journal_alone);
      }
      return answer;
    }
  }

  state::Location location;
  HistoryOptions options;
  std::unique_ptr<engine::Connection> connection;
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
  return {history::Timeline(*impl_->connection).find(history::Place::of(place))};
}

void History::diff(Sequence before, Sequence after, const std::function<bool(const RowChange&)>& row) {
  engine::Transaction snapshot(*impl_->connection, engine::Transaction::Mode::read);
  history::Timeline timeline(*impl_->connection);
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

PastAnswer History::query(Sequence at, std::string_view name, std::string_view parameters) {
  engine::Transaction snapshot(*impl_->connection, engine::Transaction::Mode::read);
  history::Timeline timeline(*impl_->connection);
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
  const sql::Translation& translation = query->sql;
  history::PastState past(timeline, at.value, history::tables_of(translation));
  PastHost host(*impl_->connection, at.value);
  past.connection().set_host_functions(&host);
  std::string changeset;
  const std::string time = timeline.read(at.value, changeset).event.time;
  json::Reader reader;
  state::Scratch scratch;
  state::Members members;
  state::BoundStatement statement(past.connection(), translation, members);
  state::Surroundings around;
  around.at = time;
  members.find(history::read_parameters(reader, parameters, *query));
  statement.bind(members, around, scratch);
  PastAnswer answer;
  for (const sql::ResultColumn& column : translation.columns) {
    answer.columns.push_back({column.name, std::string(sql::name_of(column.type))});
  }
  while (statement.statement().step()) {
    std::vector<Value>& row = answer.rows.emplace_back();
    for (int i = 0; i < statement.statement().column_count(); ++i) {
      row.push_back(statement.statement().column(i).to_value());
    }
  }
  return answer;
}

PastHead History::head(Sequence at) {
  engine::Transaction snapshot(*impl_->connection, engine::Transaction::Mode::read);
  history::Timeline timeline(*impl_->connection);
  history::PastState past(timeline, at.value, {});
  std::string changeset;
  const journal::Entry entry = timeline.read(at.value, changeset);
  PastHead head;
  head.head = {at, {entry.chain_hash}, {past.state_hash()}};
  head.time = entry.event.time;
  head.is_proven = past.is_sealed();
  return head;
}

const std::string& History::note() const { return impl_->note; }

}  // namespace reeve
