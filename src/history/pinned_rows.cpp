#include "history/pinned_rows.h"

#include "history/past_rows.h"
#include "state/reference.h"
#include "state/rows.h"

#include <vector>

namespace reeve::history {

PinnedRows::PinnedRows(Timeline& timeline, const journal::Event& pin)
    : set_(state::ReferenceSet::of(blueprint::Sources{journal::load_sources(
                                       timeline.connection(), state::reference_of(pin).sources_hash)},
                                   timeline.state(timeline.epoch_at(pin.sequence))->catalogue)) {}

void PinnedRows::scan(const journal::TableLayout& table, const std::function<bool(journal::Row)>& row) const {
  const int number = set_.layout().find(table.name);
  if (number < 0) {
    return;
  }
  const std::vector<int> places = places_in(table, set_.layout().table(number).columns);
  std::vector<ValueView> values(table.columns.size());
  state::RowStore(set_.rows(), set_.layout()).scan(number, [&](journal::Row pinned) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = places[i] < 0 ? ValueView() : pinned[places[i]];
    }
    return row(values.data());
  });
}

}  // namespace reeve::history
