#include "cli/journal_view.h"

#include "base/uuid.h"
#include "state/host.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <system_error>
#include <vector>

namespace reeve::cli {

namespace {

/// Events read at a time when the last ones are looked for from the end.
constexpr std::int64_t stretch = 4096;

}  // namespace

bool LogFilter::fits(const journal::Event& event) const {
  if (!actor.empty() && event.actor != actor) return false;
  if (type.ends_with(".*")) return event.type.starts_with(std::string_view(type).substr(0, type.size() - 1));
  return type.empty() || event.type == type;
}

JournalView::JournalView(const state::Location& location)
    : connection_(location.open(engine::OpenMode::read_only)),
      snapshot_(*connection_, engine::Transaction::Mode::read) {}

std::int64_t JournalView::head() { return journal::read_head(*connection_).sequence; }

void JournalView::each(const LogFilter& filter, const std::function<void(const journal::Entry&)>& show) {
  if (!filter.after) {
    each_last(filter, show);
    return;
  }
  if (*filter.after >= head()) return;  // which may be the last number that there is
  journal::EntryReader entries(*connection_, std::max<std::int64_t>(*filter.after, 0));
  journal::Entry entry;
  std::int64_t shown = 0;
  while (shown < filter.limit && entries.next(entry)) {
    if (!filter.fits(entry.event)) continue;
    show(entry);
    ++shown;
  }
}

void JournalView::each_last(const LogFilter& filter, const std::function<void(const journal::Entry&)>& show) {
  std::deque<journal::Entry> found;
  const auto wanted = static_cast<std::size_t>(filter.limit);
  for (std::int64_t until = head(); until > 0 && found.size() < wanted;
       until = std::max<std::int64_t>(until - stretch, 0)) {
    const std::int64_t after = std::max<std::int64_t>(until - stretch, 0);
    journal::EntryReader entries(*connection_, after);
    journal::Entry entry;
    std::vector<journal::Entry> fitting;
    while (entry.event.sequence < until && entries.next(entry)) {
      if (filter.fits(entry.event)) fitting.push_back(entry);
    }
    found.insert(found.begin(), fitting.begin(), fitting.end());
  }
  while (found.size() > wanted) found.pop_front();
  for (const journal::Entry& entry : found) show(entry);
}

std::int64_t JournalView::find(std::string_view which) {
  std::int64_t sequence = 0;
  const auto [end, error] = std::from_chars(which.data(), which.data() + which.size(), sequence);
  if (error == std::errc() && end == which.data() + which.size()) {
    const std::int64_t last = head();
    if (sequence >= 1 && sequence <= last) return sequence;
    throw Error(ErrorCode::not_found, fmt::format("there is no event {}", sequence),
                fmt::format("the journal holds events 1 to {}", last));
  }
  if (!is_uuid(which)) {
    throw Error(ErrorCode::invalid_input, fmt::format("`{}` is neither a sequence nor an id", which),
                "give a number from 1, or a uuid in lower case, as `reeve log` shows them");
  }
  const std::optional<std::int64_t> found = journal::IdLookup(*connection_).find(which);
  if (found) return *found;
  throw Error(ErrorCode::not_found, fmt::format("there is no event with the id {}", which),
              "list events with `reeve log`");
}

journal::Entry JournalView::read(std::int64_t sequence) {
  journal::EntryReader entries(*connection_, sequence - 1);
  journal::Entry entry;
  if (!entries.next(entry)) throw Error(ErrorCode::not_found, fmt::format("there is no event {}", sequence));
  entry.changeset = {};
  return entry;
}

std::string JournalView::changes(std::int64_t sequence) {
  return state::event_changes_json(*connection_, sequence);
}

}  // namespace reeve::cli
