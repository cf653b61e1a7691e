#include "dark_tower/live_meeting.h"

#include <blueprints/dark_tower.h>
#include <reeve/error.h>
#include <reeve/typed.h>

#include <string_view>
#include <utility>

namespace dark_tower {

namespace {

using reeve::live::Condition;
using reeve::live::Entry;
using reeve::live::Fence;
using reeve::live::Verdict;

std::string keys_of(const MeetingPlace& place, std::string_view kind) {
  return "meeting/" + place.organization + "/" + place.meeting_id + "/" + std::string(kind) + "/";
}

std::string key_of(const MeetingPlace& place, std::string_view kind, const std::string& participant_id) {
  return keys_of(place, kind) + participant_id;
}

constexpr std::string_view present = "roster";
constexpr std::string_view media = "route";

std::string lease_of(const MeetingPlace& place) { return keys_of(place, "lead") + place.region; }

Condition under(const MeetingPlace& place, const Leader& leader) {
  return {.fence = Fence{lease_of(place), leader.generation}};
}

Heard heard_of(Verdict verdict) {
  return verdict == Verdict::done ? Heard::done : verdict == Verdict::stale ? Heard::stale : Heard::absent;
}

/// Fields of a value, divided by line breaks; the last may have what it likes.
std::string take_line(std::string& rest) {
  const std::size_t end = rest.find('\n');
  std::string line = rest.substr(0, end);
  rest = end == std::string::npos ? "" : rest.substr(end + 1);
  return line;
}

std::string value_of(const MeetingPlace& place, const PresentParticipant& participant) {
  return place.region + "\n" + participant.role + "\n" + participant.display_name;
}

/// Page by page: a meeting may have more participants than a list.
template <typename Each>
void for_each(reeve::live::Store& store, const std::string& prefix, Each each) {
  std::string after;
  for (;;) {
    const std::vector<Entry> entries = store.list(prefix, reeve::live::listed_max, after);
    for (const Entry& entry : entries) each(entry);
    if (entries.size() < reeve::live::listed_max) return;
    after = entries.back().key;
  }
}

}  // namespace

LiveMeetings::LiveMeetings(reeve::live::Store& store, const LiveMeetingOptions& options)
    : store_(store), options_(options) {}

Heard LiveMeetings::lead(const MeetingPlace& place, const Leader& leader) {
  const auto acquired =
      store_.acquire(lease_of(place), leader.controller_id, options_.lead, leader.generation);
  return acquired.acquired ? Heard::done : Heard::stale;
}

Heard LiveMeetings::go_on_leading(const MeetingPlace& place, const Leader& leader) {
  return store_.renew(lease_of(place), leader.controller_id, leader.generation, options_.lead)
             ? Heard::done
             : Heard::absent;
}

void LiveMeetings::stop_leading(const MeetingPlace& place, const Leader& leader) {
  store_.release(lease_of(place), leader.controller_id, leader.generation);
}

std::optional<Leader> LiveMeetings::leader(const MeetingPlace& place) {
  const auto lease = store_.find_lease(lease_of(place));
  if (!lease || lease->owner.empty() || !lease->is_held) return std::nullopt;
  return Leader{lease->owner, lease->generation};
}

Heard LiveMeetings::put(const MeetingPlace& place, const Leader& leader, const std::string& key,
                        const std::string& value) {
  return heard_of(store_.put(key, value, options_.heartbeat, under(place, leader)).verdict);
}

Heard LiveMeetings::refresh(const MeetingPlace& place, const Leader& leader, const std::string& key) {
  return heard_of(store_.refresh(key, options_.heartbeat, under(place, leader)));
}

Heard LiveMeetings::erase(const MeetingPlace& place, const Leader& leader, const std::string& key) {
  return heard_of(store_.erase(key, under(place, leader)));
}

Heard LiveMeetings::enter(const MeetingPlace& place, const Leader& leader,
                          const PresentParticipant& participant) {
  return put(place, leader, key_of(place, present, participant.participant_id), value_of(place, participant));
}

Heard LiveMeetings::heartbeat(const MeetingPlace& place, const Leader& leader,
                              const std::string& participant_id) {
  return refresh(place, leader, key_of(place, present, participant_id));
}

Heard LiveMeetings::leave(const MeetingPlace& place, const Leader& leader,
                          const std::string& participant_id) {
  const Heard route = erase(place, leader, key_of(place, media, participant_id));
  return route == Heard::stale ? route : erase(place, leader, key_of(place, present, participant_id));
}

std::vector<PresentParticipant> LiveMeetings::roster(const MeetingPlace& place) {
  const std::string prefix = keys_of(place, present);
  std::vector<PresentParticipant> all;
  for_each(store_, prefix, [&](const Entry& entry) {
    std::string rest = entry.value;
    PresentParticipant& one = all.emplace_back();
    one.participant_id = entry.key.substr(prefix.size());
    one.region = take_line(rest);
    one.role = take_line(rest);
    one.display_name = std::move(rest);
    one.ends = entry.ends;
  });
  return all;
}

Heard LiveMeetings::set_route(const MeetingPlace& place, const Leader& leader, const MediaRoute& route) {
  return put(place, leader, key_of(place, media, route.participant_id),
             place.region + "\n" + route.handler_endpoint);
}

Heard LiveMeetings::keep_route(const MeetingPlace& place, const Leader& leader,
                               const std::string& participant_id) {
  return refresh(place, leader, key_of(place, media, participant_id));
}

Heard LiveMeetings::remove_route(const MeetingPlace& place, const Leader& leader,
                                 const std::string& participant_id) {
  return erase(place, leader, key_of(place, media, participant_id));
}

std::vector<MediaRoute> LiveMeetings::routes(const MeetingPlace& place) {
  const std::string prefix = keys_of(place, media);
  std::vector<MediaRoute> all;
  for_each(store_, prefix, [&](const Entry& entry) {
    std::string rest = entry.value;
    std::string region = take_line(rest);
    all.push_back({entry.key.substr(prefix.size()), std::move(region), std::move(rest)});
  });
  return all;
}

std::optional<Leader> LiveMeetings::rebuild(const MeetingPlace& place, reeve::Ledger& ledger) {
  const auto assigned = reeve::query_one(
      ledger, queries::assignment_of_meeting{.meeting_id = place.meeting_id, .region = place.region});
  if (!assigned) return std::nullopt;
  const Leader leader{assigned->controller_id, assigned->generation};
  if (lead(place, leader) != Heard::done) return std::nullopt;
  for (const auto& participant :
       reeve::query(ledger, queries::participants_present{.meeting_id = place.meeting_id})) {
    Condition only_who_is_missing = under(place, leader);
    only_who_is_missing.version = 0;
    const std::string value =
        value_of(place, {.role = participant.role, .display_name = participant.display_name});
    if (store_
            .put(key_of(place, present, participant.participant_id), value, options_.heartbeat,
                 only_who_is_missing)
            .verdict == Verdict::stale) {
      return std::nullopt;
    }
  }
  return leader;
}

void LiveMeetings::forget(const MeetingPlace& place) {
  for (const std::string_view kind : {present, media}) {
    for_each(store_, keys_of(place, kind), [&](const Entry& entry) { store_.erase(entry.key); });
  }
  store_.forget_lease(lease_of(place));
}

}  // namespace dark_tower
