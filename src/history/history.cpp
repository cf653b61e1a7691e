#include <reeve/history.h>

#include "base/clock.h"
#include "history/blame.h"
#include "history/difference.h"
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
      if (error.code() != ErrorCode::unavailable) {
        throw;
      }
      note = fmt::format("{} can't be written ({}): the journal was read from its start", file.string(),
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

const std::string& History::note() const { return impl_->note; }

}  // namespace reeve
