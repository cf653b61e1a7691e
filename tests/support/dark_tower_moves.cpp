// Meetings, who is in them, and what carries them.

#include "support/dark_tower_model.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::testing {

void DarkTowerModel::create_meeting() {
  if (users.empty()) return create_user();
  const ModelUser& user = any_user();
  ModelMeeting made{uuid(), name("meeting"), user.id};
  made.guests = chance.percent(50);
  made.external = chance.percent(40);
  bool accepted = alive() && user.active && !user.deleted && places_taken() < meetings_max;
  commands::create_meeting command{.meeting_id = made.id,
                                   .created_by = user.id,
                                   .display_name = name("Meeting"),
                                   .meeting_code = made.code,
                                   .join_secret_hash = hash(),
                                   .allow_guests = made.guests,
                                   .allow_external = made.external};
  if (!meetings.empty() && chance.percent(5) && !meetings.back().deleted) {
    made.code = command.meeting_code = meetings.back().code;
    accepted = false;
  }
  if (chance.percent(40)) {
    const Microseconds start = now + static_cast<Microseconds>(chance.below(100)) * minute;
    const Microseconds end = start + (static_cast<Microseconds>(chance.below(60)) - 3) * minute;
    command.scheduled_start_at = time(start);
    command.scheduled_end_at = time(end);
    accepted = accepted && end > start;
  }
  make(command, accepted);
  if (accepted) meetings.push_back(std::move(made));
}

void DarkTowerModel::change_meeting() {
  if (meetings.empty()) return create_meeting();
  ModelMeeting& meeting = any_meeting();
  const bool guests = chance.percent(60);
  const bool accepted = alive() && meeting.open();
  make(
      commands::change_meeting{
          .meeting_id = meeting.id, .display_name = name("Meeting"), .allow_guests = guests},
      accepted);
  if (accepted) meeting.guests = guests;
}

void DarkTowerModel::rotate_secret() {
  if (meetings.empty()) return create_meeting();
  const ModelMeeting& meeting = any_meeting();
  make(commands::rotate_meeting_secret{.meeting_id = meeting.id, .join_secret_hash = hash()},
       alive() && meeting.open());
}

void DarkTowerModel::start_meeting() {
  if (meetings.empty()) return create_meeting();
  ModelMeeting& meeting = any_meeting();
  const ModelUser* user = chance.percent(70) ? find_user(meeting.creator) : &any_user();
  const bool may =
      user->id == meeting.creator || user->roles.contains("admin") || user->roles.contains("org_admin");
  const bool accepted = alive() && user->active && !user->deleted && meeting.status == "scheduled" && may;
  ModelParticipant host{uuid(), meeting.id, user->id, true, true};
  ModelOutbox row{uuid(), meeting.id};
  make(
      commands::start_meeting{
          .meeting_id = meeting.id, .user_id = user->id, .participant_id = host.id, .outbox_id = row.id},
      accepted);
  if (!accepted) return;
  meeting.status = "active";
  present.push_back(std::move(host));
  outbox.push_back(std::move(row));
}

void DarkTowerModel::close_meeting(const std::string& meeting) {
  std::erase_if(present, [&](const ModelParticipant& participant) { return participant.meeting == meeting; });
  std::erase_if(outbox, [&](const ModelOutbox& row) { return row.meeting == meeting; });
  for (auto& [place, lease] : leases)
    if (place.first == meeting) free_lease(lease);
}

void DarkTowerModel::free_lease(ModelLease& lease) {
  if (!lease.active) return;
  lease.active = false;
  if (ModelNode* controller = find_node(controllers, lease.controller)) --controller->load;
  if (ModelNode* handler = find_node(handlers, lease.handler)) --handler->load;
}

ModelNode* DarkTowerModel::find_node(std::vector<ModelNode>& nodes, const std::string& id) {
  const auto found =
      std::find_if(nodes.begin(), nodes.end(), [&](const ModelNode& node) { return node.id == id; });
  return found == nodes.end() ? nullptr : &*found;
}

void DarkTowerModel::end_meeting() {
  if (meetings.empty()) return create_meeting();
  ModelMeeting& meeting = any_meeting();
  const bool accepted = founded && meeting.status == "active";
  make(commands::end_meeting{.meeting_id = meeting.id}, accepted);
  if (!accepted) return;
  meeting.status = "ended";
  close_meeting(meeting.id);
}

void DarkTowerModel::cancel_meeting() {
  if (meetings.empty()) return create_meeting();
  ModelMeeting& meeting = any_meeting();
  const bool accepted = founded && meeting.status == "scheduled";
  make(commands::cancel_meeting{.meeting_id = meeting.id, .reason = "nobody has time"}, accepted);
  if (!accepted) return;
  meeting.status = "cancelled";
  close_meeting(meeting.id);
}

void DarkTowerModel::delete_meeting() {
  if (meetings.empty()) return create_meeting();
  ModelMeeting& meeting = any_meeting();
  const bool accepted = founded && !meeting.open() && !meeting.deleted;
  make(commands::delete_meeting{.meeting_id = meeting.id}, accepted);
  if (accepted) meeting.deleted = true;
}

template <TypedCommand Command>
bool DarkTowerModel::fence(const std::string& meeting, Command& command) {
  if (!chance.percent(30)) return true;
  const std::string region = any_region();
  const auto found = leases.find({meeting, region});
  const int last = found == leases.end() ? 1 : found->second.generation;
  const int given = std::max(1, last - (chance.percent(20) ? 1 : 0));
  command.region = region;
  command.generation = given;
  return found != leases.end() && found->second.active && given == last;
}

void DarkTowerModel::join() {
  if (meetings.empty()) return create_meeting();
  const ModelMeeting* meeting = &any_meeting();
  for (int i = 0; i < 4 && meeting->status != "active"; ++i) meeting = &any_meeting();
  const ModelUser& user = any_user();
  ModelParticipant made{uuid(), meeting->id, user.id, true, meeting->creator == user.id};
  ModelOutbox row{uuid(), meeting->id};
  commands::join_meeting command{
      .meeting_id = meeting->id, .user_id = user.id, .participant_id = made.id, .outbox_id = row.id};
  const bool current = fence(meeting->id, command);
  const bool accepted = alive() && user.active && !user.deleted && meeting->status == "active" && current &&
                        !is_present(meeting->id, user.id) && seats_taken(meeting->id) < seats_max;
  make(command, accepted);
  if (!accepted) return;
  present.push_back(std::move(made));
  outbox.push_back(std::move(row));
}

void DarkTowerModel::admit() {
  if (meetings.empty()) return create_meeting();
  const ModelMeeting* meeting = &any_meeting();
  for (int i = 0; i < 4 && meeting->status != "active"; ++i) meeting = &any_meeting();
  ModelParticipant made{uuid(), meeting->id, hash(), false, false};
  if (!present.empty() && chance.percent(15)) {
    const ModelParticipant& other = present[chance.below(present.size())];
    if (!other.member) made.who = other.who;
  }
  ModelOutbox row{uuid(), meeting->id};
  const bool external = chance.percent(40);
  commands::admit_guest command{.meeting_id = meeting->id,
                                .guest_token_hash = made.who,
                                .display_name = name("Guest"),
                                .participant_type = external ? "external" : "guest",
                                .participant_id = made.id,
                                .outbox_id = row.id};
  const bool current = fence(meeting->id, command);
  const bool accepted = alive() && meeting->status == "active" && current &&
                        (external ? meeting->external : meeting->guests) &&
                        !is_present(meeting->id, made.who) && seats_taken(meeting->id) < seats_max;
  make(command, accepted);
  if (!accepted) return;
  present.push_back(std::move(made));
  outbox.push_back(std::move(row));
}

void DarkTowerModel::drop_participant(std::size_t place, const std::string& outbox_id) {
  ModelOutbox row{outbox_id, present[place].meeting};
  present.erase(present.begin() + static_cast<std::ptrdiff_t>(place));
  outbox.push_back(std::move(row));
}

void DarkTowerModel::leave() {
  if (present.empty() || chance.percent(5))
    return make(commands::leave_meeting{.participant_id = uuid()}, false);
  const std::size_t place = chance.below(present.size());
  const std::string id = uuid();
  commands::leave_meeting command{.participant_id = present[place].id, .outbox_id = id};
  if (chance.percent(30)) command.leave_reason = "disconnected";
  const bool accepted = fence(present[place].meeting, command) && founded;
  make(command, accepted);
  if (accepted) drop_participant(place, id);
}

void DarkTowerModel::remove_participant() {
  if (present.empty() || users.empty()) return join();
  const std::size_t place = chance.below(present.size());
  const std::string& meeting = present[place].meeting;
  const ModelUser& by = any_user();
  const bool hosts = std::any_of(present.begin(), present.end(), [&](const ModelParticipant& other) {
    return other.meeting == meeting && other.who == by.id && other.host;
  });
  const bool admin =
      by.active && !by.deleted && (by.roles.contains("admin") || by.roles.contains("org_admin"));
  const std::string id = uuid();
  const bool accepted = founded && (hosts || admin);
  make(
      commands::remove_participant{.participant_id = present[place].id, .removed_by = by.id, .outbox_id = id},
      accepted);
  if (accepted) drop_participant(place, id);
}

void DarkTowerModel::change_role() {
  if (present.empty()) return join();
  ModelParticipant& participant = present[chance.below(present.size())];
  const bool host = chance.percent(50);
  const bool accepted = alive() && (!host || participant.member);
  make(commands::change_participant_role{.participant_id = participant.id,
                                         .role = host ? "host" : "participant"},
       accepted);
  if (accepted) participant.host = host;
}

void DarkTowerModel::quality() {
  static const char* const qualities[] = {"good", "fair", "poor"};
  const bool known = !present.empty() && !chance.percent(10);
  make(commands::report_quality{.participant_id = known ? present[chance.below(present.size())].id : uuid(),
                                .connection_quality = qualities[chance.below(3)]},
       founded && known);
}

void DarkTowerModel::register_node() {
  // No list was published: there is nothing to take up, and what an organization registers is its own.
  if (chance.percent(20)) return make(commands::take_up_machines{}, alive());
  const bool leads = chance.percent(50);
  auto& nodes = leads ? controllers : handlers;
  ModelNode made{uuid(), any_region(), "https://" + name("node"), 2 + static_cast<int>(chance.below(6))};
  made.heard = now;
  bool accepted = alive();
  if (!nodes.empty() && (nodes.size() > 60 || chance.percent(20))) {
    made.endpoint = nodes.back().endpoint;
    accepted = false;
  }
  if (leads) {
    make(commands::register_controller{.controller_id = made.id,
                                       .region = made.region,
                                       .endpoint = made.endpoint,
                                       .capacity = made.capacity},
         accepted);
  } else {
    make(commands::register_handler{.handler_id = made.id,
                                    .region = made.region,
                                    .endpoint = made.endpoint,
                                    .capacity = made.capacity},
         accepted);
  }
  if (accepted) nodes.push_back(std::move(made));
}

void DarkTowerModel::heartbeat() {
  const bool leads = chance.percent(60);
  auto& nodes = leads ? controllers : handlers;
  if (nodes.empty()) return register_node();
  const auto beat = [&](const std::string& id, const std::string& health, bool accepted) {
    if (leads) return make(commands::heartbeat_controller{.controller_id = id, .health = health}, accepted);
    return make(commands::heartbeat_handler{.handler_id = id, .health = health}, accepted);
  };
  if (chance.percent(4)) return beat(uuid(), "healthy", false);
  ModelNode& node = nodes[chance.below(nodes.size())];
  const std::string health = chance.percent(80) ? "healthy" : "degraded";
  beat(node.id, health, founded);
  node.health = health;
  node.heard = now;
}

void DarkTowerModel::node_health() {
  const bool leads = chance.percent(50);
  auto& nodes = leads ? controllers : handlers;
  if (nodes.empty()) return register_node();
  const bool known = chance.percent(85);
  ModelNode& node = nodes[chance.below(nodes.size())];
  const std::string id = known ? node.id : uuid();
  if (leads) {
    make(commands::set_controller_health{.controller_id = id, .health = "draining", .reason = "upgrade"},
         founded && known);
  } else {
    make(commands::set_handler_health{.handler_id = id, .health = "draining", .reason = "upgrade"},
         founded && known);
  }
  if (known) node.health = "draining";
}

/// Whether both can take the meeting; takes it if so.
bool DarkTowerModel::takes(const std::string& meeting, const std::string& region,
                           const std::string& controller, const std::string& handler, bool keeps_handler) {
  const ModelNode* leads = find_node(controllers, controller);
  if (leads == nullptr || leads->region != region || !leads->usable() || leads->load >= leads->capacity)
    return false;
  if (!handler.empty()) {
    const ModelNode* carries = find_node(handlers, handler);
    if (carries == nullptr || carries->region != region || !carries->usable()) return false;
    if (carries->load >= carries->capacity && !keeps_handler) return false;
  }
  ModelLease& lease = leases[{meeting, region}];
  free_lease(lease);
  lease = {lease.generation + 1, true, controller, handler};
  ++find_node(controllers, controller)->load;
  if (ModelNode* carries = find_node(handlers, handler)) ++carries->load;
  return true;
}

void DarkTowerModel::assign() {
  if (meetings.empty() || controllers.empty() || handlers.empty()) return register_node();
  const ModelMeeting& meeting = any_meeting();
  const ModelNode& controller = controllers[chance.below(controllers.size())];
  std::string handler;
  for (const ModelNode& node : handlers)
    if (node.region == controller.region && chance.percent(50)) handler = node.id;
  const std::string region = chance.percent(95) ? controller.region : any_region();
  const auto found = leases.find({meeting.id, region});
  const bool free = found == leases.end() || !found->second.active;
  commands::assign_meeting command{
      .assignment_id = uuid(), .meeting_id = meeting.id, .region = region, .controller_id = controller.id};
  if (!handler.empty()) command.handler_id = handler;
  make(command,
       alive() && meeting.open() && free && takes(meeting.id, region, controller.id, handler, false));
}

/// The place of a lease, an active one where there is one.
static auto some_lease(std::map<std::pair<std::string, std::string>, ModelLease>& leases,
                       CampaignChance& chance) {
  std::vector<std::map<std::pair<std::string, std::string>, ModelLease>::iterator> active;
  for (auto place = leases.begin(); place != leases.end(); ++place)
    if (place->second.active) active.push_back(place);
  if (!active.empty()) return active[chance.below(active.size())];
  return std::next(leases.begin(), static_cast<std::ptrdiff_t>(chance.below(leases.size())));
}

void DarkTowerModel::move() {
  if (leases.empty() || controllers.empty()) return assign();
  const auto place = some_lease(leases, chance);
  const auto [meeting, region] = place->first;
  const ModelLease lease = place->second;
  const int given = std::max(1, lease.generation - (chance.percent(20) ? 1 : 0));
  std::string controller = controllers[chance.below(controllers.size())].id;
  for (const ModelNode& node : controllers)
    if (node.region == region && chance.percent(40)) controller = node.id;
  std::string handler = chance.percent(50) ? lease.handler : std::string();
  commands::move_assignment command{.assignment_id = uuid(),
                                    .meeting_id = meeting,
                                    .region = region,
                                    .generation = given,
                                    .controller_id = controller};
  if (!handler.empty()) command.handler_id = handler;
  make(command, alive() && lease.active && given == lease.generation && controller != lease.controller &&
                    takes(meeting, region, controller, handler, true));
}

void DarkTowerModel::renew() {
  if (leases.empty()) return assign();
  const auto place = some_lease(leases, chance);
  const ModelLease& lease = place->second;
  const int given = std::max(1, lease.generation - (chance.percent(15) ? 1 : 0));
  make(
      commands::renew_assignment{
          .meeting_id = place->first.first, .region = place->first.second, .generation = given},
      founded && lease.active && given == lease.generation);
}

void DarkTowerModel::release() {
  if (leases.empty()) return assign();
  const auto place = some_lease(leases, chance);
  ModelLease& lease = place->second;
  const int given = std::max(1, lease.generation - (chance.percent(15) ? 1 : 0));
  const bool accepted = founded && lease.active && given == lease.generation;
  make(
      commands::release_assignment{
          .meeting_id = place->first.first, .region = place->first.second, .generation = given},
      accepted);
  if (accepted) free_lease(lease);
}

void DarkTowerModel::clean() {
  const std::string region = any_region();
  const bool hasty = chance.percent(15);
  const Microseconds since = hasty ? now - second : now - 5 * minute;
  make(commands::clean_region{.region = region, .silent_since = time(since)}, founded && !hasty);
  if (!founded || hasty) return;
  std::set<std::string> lost;
  for (auto* nodes : {&controllers, &handlers}) {
    for (ModelNode& node : *nodes) {
      if (node.region != region) continue;
      if (node.health == "unhealthy" || node.heard < since) lost.insert(node.id);
      if (node.heard < since) node.health = "unhealthy";
    }
  }
  for (auto& [place, lease] : leases)
    if (lease.active && lost.contains(lease.controller)) free_lease(lease);
}

void DarkTowerModel::settle() {
  std::vector<std::string> told;
  for (const ModelOutbox& row : outbox)
    if (!row.failed && told.size() < 100 && chance.percent(row.attempts == 0 ? 60 : 20))
      told.push_back(row.id);
  std::vector<std::string> ids = told;
  if (told.empty() || chance.percent(20)) ids.push_back(uuid());
  if (ids.size() > 100) ids.pop_back();
  make(commands::settle_outbox{.outbox_ids = ids}, founded && !told.empty());
  std::erase_if(outbox, [&](const ModelOutbox& row) {
    return std::find(told.begin(), told.end(), row.id) != told.end();
  });
}

void DarkTowerModel::fail() {
  const auto row =
      std::find_if(outbox.begin(), outbox.end(), [](const ModelOutbox& each) { return !each.failed; });
  if (row == outbox.end()) return make(commands::fail_outbox{.outbox_id = uuid(), .error = "timeout"}, false);
  make(commands::fail_outbox{.outbox_id = row->id, .error = "timeout"}, founded);
  if (failing == 0 && chance.percent(5)) failing = 19;
  if (++row->attempts == 20) {
    row->failed = true;
    row->since = now;
  }
}

void DarkTowerModel::retry() {
  const auto row =
      std::find_if(outbox.begin(), outbox.end(), [](const ModelOutbox& each) { return each.failed; });
  if (row == outbox.end() || now - row->since > day)
    return make(commands::retry_outbox{.outbox_id = uuid()}, false);
  make(commands::retry_outbox{.outbox_id = row->id}, founded);
  row->failed = false;
  row->attempts = 0;
}

}  // namespace reeve::testing
