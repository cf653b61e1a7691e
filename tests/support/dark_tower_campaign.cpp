#include "support/dark_tower_campaign.h"

#include "base/clock.h"
#include "support/dark_tower_model.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::testing {

DarkTowerCampaign::DarkTowerCampaign(std::uint64_t seed) : model_(std::make_unique<DarkTowerModel>(seed)) {}
DarkTowerCampaign::~DarkTowerCampaign() = default;
Submission DarkTowerCampaign::next() { return model_->next(); }

Outcome submit(Ledger& ledger, const Submission& submission) {
  CommitOptions options;
  options.actor = submission.actor;
  options.time = submission.time;
  options.id = submission.id;
  return ledger.command(submission.command, submission.parameters, options);
}

std::string DarkTowerModel::uuid() {
  const std::uint64_t high = chance.next();
  const std::uint64_t low = chance.next();
  return fmt::format("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", high >> 32, high >> 16 & 0xffff, high & 0xfff,
                     low >> 52, low & 0xffffffffffff);
}

std::string DarkTowerModel::name(const char* kind) { return fmt::format("{}-{:x}-{}", kind, seed, ++named); }
std::string DarkTowerModel::hash() { return hex(32); }
std::string DarkTowerModel::secret() { return "$argon2id$v=19$m=65536,t=3,p=4$" + hex(8) + "$" + hex(16); }

std::string DarkTowerModel::hex(int bytes) {
  std::string text;
  const std::size_t digits = 2 * static_cast<std::size_t>(bytes);
  while (text.size() < digits) text += fmt::format("{:016x}", chance.next());
  text.resize(digits);
  return text;
}

std::string DarkTowerModel::time(Microseconds when) const { return format_time(when); }

ModelUser* DarkTowerModel::find_user(const std::string& id) {
  const auto found = std::find_if(users.begin(), users.end(), [&](const ModelUser& u) { return u.id == id; });
  return found == users.end() ? nullptr : &*found;
}

ModelMeeting* DarkTowerModel::find_meeting(const std::string& id) {
  const auto found =
      std::find_if(meetings.begin(), meetings.end(), [&](const ModelMeeting& m) { return m.id == id; });
  return found == meetings.end() ? nullptr : &*found;
}

/// One of the latest 40 rather than of all, so that a long campaign does not deal with the past alone.
ModelUser& DarkTowerModel::any_user() {
  const std::size_t span = std::min<std::size_t>(users.size(), 40);
  return users[users.size() - 1 - chance.below(span)];
}

ModelMeeting& DarkTowerModel::any_meeting() {
  const std::size_t span = std::min<std::size_t>(meetings.size(), 12);
  return meetings[meetings.size() - 1 - chance.below(span)];
}

std::string DarkTowerModel::any_region() {
  static const char* const regions[] = {"eu-west", "us-east", "ap-south"};
  return regions[chance.below(3)];
}

bool DarkTowerModel::is_present(const std::string& meeting, const std::string& who) const {
  return std::any_of(present.begin(), present.end(), [&](const ModelParticipant& participant) {
    return participant.meeting == meeting && participant.who == who;
  });
}

int DarkTowerModel::seats_taken(const std::string& meeting) const {
  return static_cast<int>(std::count_if(present.begin(), present.end(),
                                        [&](const auto& other) { return other.meeting == meeting; }));
}

int DarkTowerModel::places_taken() const {
  return static_cast<int>(
      std::count_if(meetings.begin(), meetings.end(), [](const auto& meeting) { return meeting.open(); }));
}

bool DarkTowerModel::last_admin(const ModelUser& user) const {
  return user.roles.contains("org_admin") &&
         std::none_of(users.begin(), users.end(), [&](const ModelUser& other) {
           return other.id != user.id && other.active && !other.deleted && other.roles.contains("org_admin");
         });
}

bool DarkTowerModel::locked(const std::string& email) const {
  const auto found = failures.find(email);
  if (found == failures.end()) return false;
  return std::count_if(found->second.begin(), found->second.end(),
                       [&](Microseconds when) { return when > now - 15 * minute; }) >= 5;
}

namespace {

struct WeightedMove {
  int weight;
  DarkTowerModel::Move move;
};

constexpr WeightedMove moves[] = {
    {6, &DarkTowerModel::change_organization},
    {2, &DarkTowerModel::suspend},
    {1, &DarkTowerModel::erase},
    {6, &DarkTowerModel::create_user},
    {3, &DarkTowerModel::change_user},
    {2, &DarkTowerModel::set_password},
    {2, &DarkTowerModel::deactivate},
    {3, &DarkTowerModel::reactivate_user},
    {2, &DarkTowerModel::delete_user},
    {3, &DarkTowerModel::grant},
    {2, &DarkTowerModel::revoke},
    {5, &DarkTowerModel::login},
    {8, &DarkTowerModel::login_failure},
    {3, &DarkTowerModel::token},
    {3, &DarkTowerModel::service_token},
    {3, &DarkTowerModel::credential},
    {2, &DarkTowerModel::rotate_key},
    {1, &DarkTowerModel::rewrap_key},
    {1, &DarkTowerModel::revoke_key},
    {2, &DarkTowerModel::access},
    {2, &DarkTowerModel::purge},
    {12, &DarkTowerModel::create_meeting},
    {3, &DarkTowerModel::change_meeting},
    {2, &DarkTowerModel::rotate_secret},
    {12, &DarkTowerModel::start_meeting},
    {6, &DarkTowerModel::end_meeting},
    {2, &DarkTowerModel::cancel_meeting},
    {4, &DarkTowerModel::delete_meeting},
    {22, &DarkTowerModel::join},
    {10, &DarkTowerModel::admit},
    {14, &DarkTowerModel::leave},
    {3, &DarkTowerModel::remove_participant},
    {3, &DarkTowerModel::change_role},
    {4, &DarkTowerModel::quality},
    {3, &DarkTowerModel::register_node},
    {14, &DarkTowerModel::heartbeat},
    {2, &DarkTowerModel::node_health},
    {12, &DarkTowerModel::assign},
    {5, &DarkTowerModel::move},
    {6, &DarkTowerModel::renew},
    {4, &DarkTowerModel::release},
    {2, &DarkTowerModel::clean},
    {8, &DarkTowerModel::settle},
    {8, &DarkTowerModel::fail},
    {3, &DarkTowerModel::retry},
};

}  // namespace

Submission DarkTowerModel::next() {
  static const int total = [] {
    int sum = 0;
    for (const auto& [weight, move] : moves) sum += weight;
    return sum;
  }();
  if (now == 0) now = parse_time("2026-03-01T09:00:00Z").value();
  now += static_cast<Microseconds>(chance.below(2'000'000));
  if (chance.percent(2)) now += static_cast<Microseconds>(chance.below(6)) * 10 * minute;
  if (chance.percent(1)) now += static_cast<Microseconds>(chance.below(4)) * day;
  out = {};
  out.time = time(now);
  out.id = uuid();
  out.actor = users.empty() ? "directory" : any_user().id;
  if (!founded && named >= 120) {
    found();
  } else if (!founded) {
    // Nothing can be done yet, whatever it is.
    const WeightedMove& each = moves[named / 2 % std::size(moves)];
    (this->*(named % 2 == 0 ? each.move : &DarkTowerModel::change_organization))();
  } else if (suspended && chance.percent(12)) {
    reactivate();
  } else if (failing > 0) {
    --failing;
    fail();
  } else if (users.size() < 3) {
    create_user();
  } else {
    auto ticket = static_cast<int>(chance.below(static_cast<std::size_t>(total)));
    const auto* move = std::begin(moves);
    while ((ticket -= move->weight) >= 0) ++move;
    (this->*move->move)();
  }
  if (!founded) ++named;
  return out;
}

void DarkTowerModel::found() {
  const bool again = founded;
  if (!again && chance.percent(30))
    return make(commands::found_organization{.subdomain = "-no", .display_name = "No"}, false);
  founded = true;
  make(commands::found_organization{.organization_id = uuid(),
                                    .subdomain = fmt::format("org-{:x}", seed),
                                    .display_name = name("Organization"),
                                    .max_concurrent_meetings = meetings_max,
                                    .max_participants_per_meeting = seats_max,
                                    .retention_days = 3},
       !again);
}

void DarkTowerModel::change_organization() {
  switch (chance.below(5)) {
    case 0: return make(commands::rename_organization{.display_name = name("Organization")}, alive());
    case 1: {
      static const char* const plans[] = {"free", "pro", "enterprise"};
      const std::string wanted = plans[chance.below(3)];
      const bool accepted = alive() && wanted != plan;
      if (accepted) plan = wanted;
      return make(commands::change_plan{.plan = wanted}, accepted);
    }
    case 2: return founded ? found() : reactivate();
    case 3: return reactivate();
    default: {
      const int meetings_wanted = 4 + static_cast<int>(chance.below(5));
      const int seats_wanted = 4 + static_cast<int>(chance.below(6));
      if (alive()) {
        meetings_max = meetings_wanted;
        seats_max = seats_wanted;
      }
      return make(commands::set_limits{.max_concurrent_meetings = meetings_wanted,
                                       .max_participants_per_meeting = seats_wanted},
                  alive());
    }
  }
}

void DarkTowerModel::suspend() {
  make(commands::suspend_organization{.reason = "unpaid"}, alive());
  suspended = suspended || founded;
}

void DarkTowerModel::reactivate() {
  make(commands::reactivate_organization{}, suspended);
  suspended = false;
}

/// Never of a suspended organization: the campaign goes on.
void DarkTowerModel::erase() {
  if (suspended) return reactivate();
  make(commands::erase_organization{.reason = "by mistake"}, false);
}

void DarkTowerModel::create_user() {
  ModelUser user{uuid(), name("user") + "@tower.example", true, false, {"user"}};
  commands::create_user command{
      .user_id = user.id, .email = user.email, .password_hash = secret(), .display_name = name("User")};
  if (users.size() < 2 || chance.percent(5)) {
    user.roles = {"org_admin"};
    command.role = "org_admin";
  }
  bool accepted = alive();
  if (!users.empty() && chance.percent(10)) {
    const ModelUser& other = any_user();
    if (!other.deleted) {
      const bool email = chance.percent(50);
      (email ? command.email : *command.user_id) = email ? other.email : other.id;
      accepted = false;
    }
  }
  make(command, accepted);
  if (accepted) users.push_back(std::move(user));
}

void DarkTowerModel::change_user() {
  if (users.empty()) return create_user();
  ModelUser& user = any_user();
  const ModelUser& other = any_user();
  commands::change_user command{.user_id = user.id, .display_name = name("User")};
  bool accepted = alive() && !user.deleted;
  if (chance.percent(40)) {
    const bool taken = chance.percent(30);
    const std::string email = taken ? other.email : name("user") + "@tower.example";
    command.email = email;
    accepted = accepted && (!taken || other.deleted || other.id == user.id) &&
               std::none_of(users.begin(), users.end(), [&](const ModelUser& each) {
                 return each.id != user.id && !each.deleted && each.email == email;
               });
    if (accepted) user.email = email;
  }
  make(command, accepted);
}

void DarkTowerModel::set_password() {
  if (users.empty()) return create_user();
  const ModelUser& user = any_user();
  make(commands::set_password{.user_id = user.id, .password_hash = secret()},
       alive() && user.active && !user.deleted);
}

void DarkTowerModel::deactivate() {
  if (users.empty()) return create_user();
  ModelUser& user = any_user();
  const bool accepted = alive() && user.active && !user.deleted && !last_admin(user);
  make(commands::deactivate_user{.user_id = user.id, .reason = "on leave"}, accepted);
  if (accepted) user.active = false;
}

void DarkTowerModel::reactivate_user() {
  if (users.empty()) return create_user();
  ModelUser* user = &any_user();
  for (ModelUser& other : users)
    if (!other.active && !other.deleted && chance.percent(70)) user = &other;
  const bool accepted = alive() && !user->active && !user->deleted;
  make(commands::reactivate_user{.user_id = user->id}, accepted);
  if (accepted) user->active = true;
}

void DarkTowerModel::delete_user() {
  if (users.empty()) return create_user();
  ModelUser& user = any_user();
  const bool busy =
      std::any_of(
          meetings.begin(), meetings.end(),
          [&](const ModelMeeting& meeting) { return meeting.open() && meeting.creator == user.id; }) ||
      std::any_of(present.begin(), present.end(),
                  [&](const ModelParticipant& participant) { return participant.who == user.id; });
  const bool accepted = alive() && !user.deleted && !busy && !last_admin(user);
  make(commands::delete_user{.user_id = user.id}, accepted);
  if (accepted) {
    user.active = false;
    user.deleted = true;
  }
}

void DarkTowerModel::grant() {
  if (users.empty()) return create_user();
  ModelUser& user = any_user();
  const std::string role = chance.percent(70) ? "admin" : "org_admin";
  const bool accepted = alive() && user.active && !user.deleted && !user.roles.contains(role);
  make(commands::grant_role{.user_id = user.id, .role = role}, accepted);
  if (accepted) user.roles.insert(role);
}

void DarkTowerModel::revoke() {
  if (users.empty()) return create_user();
  ModelUser& user = any_user();
  if (user.deleted) return grant();
  const std::string role = chance.percent(50) ? "admin" : "org_admin";
  const bool accepted = alive() && user.roles.contains(role) && !(role == "org_admin" && last_admin(user));
  make(commands::revoke_role{.user_id = user.id, .role = role}, accepted);
  if (accepted) user.roles.erase(role);
}

void DarkTowerModel::login() {
  if (users.empty()) return create_user();
  const ModelUser& user = any_user();
  const bool somebody = std::any_of(users.begin(), users.end(), [&](const ModelUser& other) {
    return other.email == user.email && other.active && !other.deleted;
  });
  make(commands::record_login{.email = user.email}, alive() && somebody && !locked(user.email));
}

void DarkTowerModel::login_failure() {
  if (users.empty()) return create_user();
  const std::string email =
      users[users.size() - 1 - chance.below(std::min<std::size_t>(users.size(), 3))].email;
  make(commands::record_login_failure{.email = email}, founded);
  if (!locked(email)) failures[email].push_back(now);
}

void DarkTowerModel::token() {
  if (users.empty()) return create_user();
  const ModelUser& user = any_user();
  commands::record_token_refresh command{.user_id = user.id};
  const bool refused = chance.percent(40);
  if (refused) command.failure_reason = "expired";
  make(command, alive() && !user.deleted && (refused || user.active));
}

void DarkTowerModel::service_token() {
  if (credentials.empty()) return credential();
  const ModelCredential& known = credentials[chance.below(credentials.size())];
  commands::record_service_token command{.client_id = known.client};
  const bool refused = chance.percent(30);
  if (refused) command.failure_reason = "wrong_secret";
  make(command, alive() && (refused || !known.revoked));
}

void DarkTowerModel::credential() {
  const std::size_t choice = credentials.empty() ? 0 : chance.below(4);
  if (choice <= 1) {
    ModelCredential made{uuid(), name("client")};
    const bool taken = choice == 1 && chance.percent(30);
    if (taken) made.client = credentials.back().client;
    make(commands::create_credential{.credential_id = made.id,
                                     .client_id = made.client,
                                     .service_type = "meeting_controller",
                                     .region = any_region(),
                                     .secret_hash = secret(),
                                     .scopes = {{"assignments.renew", "meetings.lead"}}},
         alive() && !taken);
    if (alive() && !taken) credentials.push_back(std::move(made));
    return;
  }
  ModelCredential& known = credentials[chance.below(credentials.size())];
  if (choice == 2)
    return make(commands::rotate_credential_secret{.credential_id = known.id, .secret_hash = secret()},
                alive() && !known.revoked);
  make(commands::revoke_credential{.credential_id = known.id, .reason = "retired"},
       founded && !known.revoked);
  known.revoked = known.revoked || founded;
}

void DarkTowerModel::rotate_key() {
  ModelKey made{uuid(), now, "active", 1};
  const bool young = std::any_of(keys.begin(), keys.end(), [&](const ModelKey& key) {
    return key.status == "active" && key.created > now - 6 * day;
  });
  const bool accepted = alive() && !young;
  make(commands::rotate_signing_key{.signing_key_id = made.id,
                                    .public_key = hex(32),
                                    .private_key_sealed = hex(72),
                                    .master_key_version = made.master},
       accepted);
  if (!accepted) return;
  for (ModelKey& key : keys)
    if (key.status == "active") key.status = "retired";
  keys.push_back(std::move(made));
}

void DarkTowerModel::rewrap_key() {
  if (keys.empty()) return rotate_key();
  ModelKey& key = keys[chance.below(keys.size())];
  const int master = key.master + (chance.percent(70) ? 1 : 0);
  const bool accepted = alive() && master > key.master;
  make(
      commands::rewrap_signing_key{
          .signing_key_id = key.id, .private_key_sealed = hex(72), .master_key_version = master},
      accepted);
  if (accepted) key.master = master;
}

void DarkTowerModel::revoke_key() {
  if (keys.empty()) return rotate_key();
  ModelKey& key = keys[chance.below(keys.size())];
  make(commands::revoke_signing_key{.signing_key_id = key.id, .reason = "leaked"},
       founded && key.status != "revoked");
  if (founded) key.status = "revoked";
}

void DarkTowerModel::access() {
  commands::record_access command{
      .action = "meeting.exported", .resource_type = "meeting", .outcome = "read"};
  if (!meetings.empty()) command.resource_id = any_meeting().id;
  const bool refused = chance.percent(40);
  const bool said = chance.percent(70);
  if (refused) command.outcome = "refused";
  if (refused && said) command.reason = "not the host";
  make(command, founded && (!refused || said));
}

void DarkTowerModel::purge() {
  make(commands::purge_expired{.rows = 1 + static_cast<std::int64_t>(chance.below(40))}, founded);
}

}  // namespace reeve::testing
