#pragma once
// The model behind a played organization: as much of its state as decides what the rules say.

#include "support/dark_tower_campaign.h"

#include <blueprints/dark_tower.h>
#include <reeve/typed.h>

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace reeve::testing {

namespace commands = dark_tower::commands;

constexpr Microseconds second = 1'000'000;
constexpr Microseconds minute = 60 * second;
constexpr Microseconds day = 24 * 60 * minute;

/// SplitMix64 (Steele, Lea, Flood 2014).
class CampaignChance {
 public:
  explicit CampaignChance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t value = (state_ += 0x9e3779b97f4a7c15ULL);
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
  }
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }
  bool percent(unsigned share) { return next() % 100 < share; }

 private:
  std::uint64_t state_;
};

struct ModelUser {
  std::string id;
  std::string email;
  bool active = true;
  bool deleted = false;
  std::set<std::string> roles;
};

struct ModelMeeting {
  std::string id;
  std::string code;
  std::string creator;
  std::string status = "scheduled";
  bool guests = false;
  bool external = false;
  bool deleted = false;
  bool open() const { return status == "scheduled" || status == "active"; }
};

struct ModelParticipant {
  std::string id;
  std::string meeting;
  std::string who;  ///< the user's id, or the hash of a guest's token
  bool member = true;
  bool host = false;
};

struct ModelNode {
  std::string id;
  std::string region;
  std::string endpoint;
  int capacity = 1;
  int load = 0;
  std::string health = "pending";
  Microseconds heard = 0;
  bool usable() const { return health == "healthy" || health == "degraded"; }
};

struct ModelLease {
  int generation = 0;
  bool active = false;
  std::string controller;
  std::string handler;  ///< may be empty
};

struct ModelOutbox {
  std::string id;
  std::string meeting;
  int attempts = 0;
  bool failed = false;
  Microseconds since = 0;
};

struct ModelCredential {
  std::string id;
  std::string client;
  bool revoked = false;
};

struct ModelKey {
  std::string id;
  Microseconds created = 0;
  std::string status = "active";
  int master = 1;
};

struct DarkTowerModel {
  explicit DarkTowerModel(std::uint64_t seed_given) : seed(seed_given), chance(seed_given) {}

  std::uint64_t seed;
  CampaignChance chance;
  Microseconds now = 0;
  std::uint64_t named = 0;  ///< so many names were made up

  bool founded = false;
  bool suspended = false;
  std::string plan = "free";
  int meetings_max = 6;
  int seats_max = 8;
  std::vector<ModelUser> users;
  std::vector<ModelMeeting> meetings;
  std::vector<ModelParticipant> present;
  std::vector<ModelNode> controllers;
  std::vector<ModelNode> handlers;
  std::map<std::pair<std::string, std::string>, ModelLease> leases;  ///< by meeting and region
  std::vector<ModelOutbox> outbox;                                   ///< pending and failed
  std::vector<ModelCredential> credentials;
  std::vector<ModelKey> keys;
  int failing = 0;  ///< so many attempts of the outbox fail in a row
  std::map<std::string, std::vector<Microseconds>> failures;  ///< of logins, by email

  /// What is being made.
  Submission out;

  using Move = void (DarkTowerModel::*)();
  Submission next();

  // Names and choices; dark_tower_campaign.cpp.
  std::string uuid();
  std::string name(const char* kind);
  std::string hash();
  std::string secret();
  std::string hex(int bytes);
  std::string time(Microseconds when) const;
  /// Some of those that can say so come from an address.
  template <TypedCommand Command>
  void make(Command command, bool accepted) {
    if constexpr (requires { command.user_agent; }) {
      if (chance.percent(30)) {
        command.ip = fmt::format("192.0.2.{}", chance.below(256));
        command.user_agent = "Tower/1.0";
      }
    }
    out.command = Command::command_name;
    out.parameters = command.to_json();
    out.accepted = accepted;
  }
  bool alive() const { return founded && !suspended; }
  ModelUser* find_user(const std::string& id);
  ModelMeeting* find_meeting(const std::string& id);
  ModelUser& any_user();
  ModelMeeting& any_meeting();
  std::string any_region();
  bool is_present(const std::string& meeting, const std::string& who) const;
  int seats_taken(const std::string& meeting) const;
  int places_taken() const;
  bool last_admin(const ModelUser& user) const;
  bool locked(const std::string& email) const;

  // The organization, its users, who gets in; dark_tower_campaign.cpp.
  void found();
  void change_organization();
  void suspend();
  void reactivate();
  void erase();
  void create_user();
  void change_user();
  void set_password();
  void deactivate();
  void reactivate_user();
  void delete_user();
  void grant();
  void revoke();
  void login();
  void login_failure();
  void token();
  void service_token();
  void credential();
  void rotate_key();
  void rewrap_key();
  void revoke_key();
  void access();
  void purge();

  // Meetings and what carries them; dark_tower_moves.cpp.
  void create_meeting();
  void change_meeting();
  void rotate_secret();
  void start_meeting();
  void end_meeting();
  void cancel_meeting();
  void delete_meeting();
  void join();
  void admit();
  void leave();
  void remove_participant();
  void change_role();
  void quality();
  void register_node();
  void heartbeat();
  void node_health();
  void assign();
  void move();
  void renew();
  void release();
  void clean();
  void settle();
  void fail();
  void retry();

  // Pieces of the moves.
  void close_meeting(const std::string& meeting);
  void drop_participant(std::size_t place, const std::string& outbox_id);
  void free_lease(ModelLease& lease);
  ModelNode* find_node(std::vector<ModelNode>& nodes, const std::string& id);
  /// Sometimes a region and generation of a controller; false if they are stale.
  template <TypedCommand Command>
  bool fence(const std::string& meeting, Command& command);
  bool takes(const std::string& meeting, const std::string& region, const std::string& controller,
             const std::string& handler, bool keeps_handler);
};

}  // namespace reeve::testing
