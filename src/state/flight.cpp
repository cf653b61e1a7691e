#include "state/flight.h"

#include <utility>

namespace reeve::state {

Flight::Flight(engine::Connection& connection, Applier& applier, Capture& capture)
    : connection_(connection), applier_(applier), capture_(capture) {}

void Flight::send(Pending& pending, simdjson::dom::element payload, engine::Pipeline& pipeline) {
  const Captured captured = applier_.captured(*pending.type);
  applier_.bind(*pending.type, pending.event, payload);
  if (!open_ || stretches_.back().captured != captured) {
    open(captured, pipeline);
  }
  applier_.send(*pending.type, pipeline);
  sent_.push_back(&pending);
  stretches_.back().end = sent_.size();
  const std::set<std::string>& tables = applier_.tables(*pending.type);
  tables_.insert(tables.begin(), tables.end());
  if (captured == Captured::alone) {
    finish(pipeline);
  }
}

void Flight::open(Captured captured, engine::Pipeline& pipeline) {
  finish(pipeline);
  stretches_.push_back({sent_.size(), captured});
  open_ = true;
  if (captured == Captured::returned) {
    connection_.set_capture(false);
  }
}

void Flight::finish(engine::Pipeline& pipeline) {
  if (!std::exchange(open_, false)) {
    return;
  }
  if (stretches_.back().captured == Captured::returned) {
    connection_.set_capture(true);
  } else {
    connection_.send_drain(pipeline);
  }
}

std::optional<Rejection> Flight::land(engine::Pipeline& pipeline) {
  finish(pipeline);
  connection_.set_change_sink(this);
  std::size_t place = 0;
  for (const Stretch& stretch : stretches_) {
    counts_.clear();
    next_ = 0;
    fits_ = true;
    for (; place < stretch.end; ++place) {
      if (auto refused = receive(*sent_[place], stretch.captured, pipeline)) {
        pipeline.drop();
        clear();
        return refused;
      }
    }
    receive_drain(stretch, pipeline);
  }
  clear();
  return std::nullopt;
}

std::optional<Rejection> Flight::receive(Pending& pending, Captured captured, engine::Pipeline& pipeline) {
  written_.clear();
  auto refused = applier_.receive(*pending.type, pending.event, pipeline, written_);
  if (refused) {
    return refused;
  }
  if (captured == Captured::returned) {
    capture_.take(pending.changes);
  }
  if (captured == Captured::counted) {
    for (const Written& written : written_) {
      counts_.push_back({&pending, written.table, written.rows});
    }
    if (written_.empty()) {
      counts_.push_back({&pending, {}, 0});
    }
  }
  return std::nullopt;
}

void Flight::receive_drain(const Stretch& stretch, engine::Pipeline& pipeline) {
  if (stretch.captured == Captured::returned) {
    return;
  }
  connection_.receive_drain(pipeline);
  if (stretch.captured == Captured::alone) {
    capture_.take(sent_[stretch.end - 1]->changes);
    return;
  }
  finish_events();
  ensure(fits_ && next_ == counts_.size(), "rows are captured as the statements count them");
}

/// Takes the changes of events all of whose rows were seen.
void Flight::finish_events() noexcept {
  for (; next_ < counts_.size() && counts_[next_].rows == 0; ++next_) {
    if (next_ + 1 == counts_.size() || counts_[next_ + 1].event != counts_[next_].event) {
      capture_.take(counts_[next_].event->changes);
    }
  }
}

void Flight::on_change(const engine::RowChange& change) noexcept {
  if (!counts_.empty()) {
    finish_events();
    if (next_ == counts_.size() || counts_[next_].table != change.table) {
      fits_ = false;
      return;
    }
    --counts_[next_].rows;
  }
  capture_.on_change(change);
}

void Flight::clear() {
  connection_.set_change_sink(nullptr);
  capture_.drop();
  sent_.clear();
  stretches_.clear();
  tables_.clear();
  open_ = false;
}

}  // namespace reeve::state
