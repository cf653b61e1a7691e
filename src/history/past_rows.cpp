#include "history/past_rows.h"

#include "state/capture.h"
#include "state/rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::history {

namespace {

using Operation = journal::StoredChange::Operation;

/// The rows of one table.
class TableMove {
 public:
  TableMove(state::RowStore& rows, const state::EpochState& epoch, int number, Direction direction,
            state::StateSums* sums)
      : rows_(rows),
        table_(epoch.layout.table(number)),
        number_(number),
        forward_(direction == Direction::forward),
        sums_(sums),
        memory_(epoch.layout) {}

  void take(const state::ChangeFold::Row& folded) {
    if (!folded.changed()) {
      return;
    }
    const bool is_there = forward_ ? folded.existed : folded.exists;
    const bool is_to_be = forward_ ? folded.exists : folded.existed;
    learn(*folded.table);
    if (is_there && !rows_.read(number_, folded.key, before_)) {
      throw Error(ErrorCode::corrupt,
                  fmt::format("table {}: a row that the journal changes is not there", table_.name),
                  "run `reeve verify`");
    }
    after_ = is_there ? before_ : std::vector<ValueView>(table_.columns.size());
    for (std::size_t i = 0; i < after_.size(); ++i) {
      const auto place = static_cast<std::size_t>(places_[i]);
      if (places_[i] < 0) {
        continue;
      }
      if (place < folded.table->key_size) {
        after_[i] = folded.key[place];
      } else if (place < folded.width && folded.known[place] != 0) {
        after_[i] = forward_ ? folded.after[place] : folded.before[place];
      }
    }
    if (sums_ != nullptr) {
      sums_->change(number_, is_there ? before_.data() : nullptr, is_to_be ? after_.data() : nullptr);
    }
    if (is_to_be) {
      inserts_.push_back(memory_.keep(number_, after_));
    }
    if (is_there) {
      remove(folded);
    }
  }

  /// Behind all that is taken away: no row meets another that has its unique value.
  void finish() {
    for (const journal::Row row : inserts_) {
      rows_.insert(number_, row);
    }
  }

 private:
  void learn(const state::ChangeFold::Table& table) {
    if (&table != last_) {
      places_ = places_in(table_, table.columns);
      last_ = &table;
    }
  }
  void remove(const state::ChangeFold::Row& folded) {
    change_.table = number_;
    change_.operation = Operation::remove;
    change_.key.assign(folded.key.begin(), folded.key.end());
    rows_.write(change_);
  }

  state::RowStore& rows_;
  const journal::TableLayout& table_;
  int number_;
  bool forward_;
  state::StateSums* sums_;
  state::Capture memory_;
  const state::ChangeFold::Table* last_ = nullptr;
  std::vector<int> places_;
  std::vector<ValueView> before_;
  std::vector<ValueView> after_;
  std::vector<journal::Row> inserts_;
  journal::StoredChange change_;
};

bool has_key_of(const journal::TableLayout& table, const state::ChangeFold::Table& folded) {
  return table.key.size() == folded.key_size &&
         std::equal(table.key.begin(), table.key.end(), folded.columns.begin(),
                    [&](int place, const journal::ColumnLayout& column) {
                      return table.column(place).name == column.name;
                    });
}

}  // namespace

void move_rows(engine::Connection& connection, const state::EpochState& epoch, const state::ChangeFold& fold,
               Direction direction, state::StateSums* sums) {
  state::RowStore rows(connection, epoch.layout);
  const std::vector<state::ChangeFold::Row> folded = fold.rows();
  auto next = folded.begin();
  while (next != folded.end()) {
    const std::string& name = next->table->name;
    const auto end = std::find_if(next, folded.end(),
                                  [&](const state::ChangeFold::Row& row) { return row.table->name != name; });
    const int number = epoch.layout.find(name);
    if (number >= 0 && !epoch.layout.table(number).reference) {
      TableMove move(rows, epoch, number, direction, sums);
      for (; next != end; ++next) {
        if (has_key_of(epoch.layout.table(number), *next->table)) {
          move.take(*next);
        }
      }
      move.finish();
    }
    next = end;
  }
}

}  // namespace reeve::history
