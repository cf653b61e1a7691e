#pragma once
// What is true of a meeting right now: who is there, who leads it in a region, and where its media flow. Kept in a store of live
// values; what a ledger of Dark Tower says is the truth behind it, from which all of it can be made again.

#include <reeve/ledger.h>
#include <reeve/live.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dark_tower {

/// A meeting of an organization, as one region sees it. Generations are those of its assignments there.
struct MeetingPlace {
  std::string organization;  ///< its ledger, by a name or id without a slash
  std::string meeting_id;
  std::string region;
};

/// A controller, by the generation that `assignment.made` has handed out to it. It is heard while no newer one was seen.
struct Leader {
  std::string controller_id;
  std::int64_t generation = 0;
};

struct PresentParticipant {
  std::string participant_id = {};
  std::string region = {};  ///< said by roster(): whose leader has put it there
  std::string role = {};
  std::string display_name = {};
  reeve::Microseconds ends = 0;  ///< unless it is heard of before
};

struct MediaRoute {
  std::string participant_id = {};
  std::string region = {};  ///< said by routes()
  std::string handler_endpoint = {};
};

struct LiveMeetingOptions {
  reeve::Microseconds heartbeat =
      30'000'000;  ///< a participant or a route that was not heard of for so long is gone
  reeve::Microseconds lead = 15'000'000;  ///< and so is a controller
};

/// What came of a change.
enum class Heard : std::uint8_t {
  done,
  absent,  ///< it is not there, or was not heard of for too long: it enters anew
  stale,   ///< another one leads by now: the assignment is to be read again
};

/// Thread-safe. Throws reeve::Error as the store does: nobody is heard while it is away.
class LiveMeetings {
 public:
  /// The store must outlive it.
  explicit LiveMeetings(reeve::live::Store& store, const LiveMeetingOptions& options = {});

  /// Takes the lead, from whoever has it by an older generation.
  Heard lead(const MeetingPlace& place, const Leader& leader);
  /// `absent` when it was too late or somebody else leads.
  Heard go_on_leading(const MeetingPlace& place, const Leader& leader);
  void stop_leading(const MeetingPlace& place, const Leader& leader);
  /// Who leads now.
  std::optional<Leader> leader(const MeetingPlace& place);

  Heard enter(const MeetingPlace& place, const Leader& leader, const PresentParticipant& participant);
  Heard heartbeat(const MeetingPlace& place, const Leader& leader, const std::string& participant_id);
  Heard leave(const MeetingPlace& place, const Leader& leader, const std::string& participant_id);
  /// Of all regions.
  std::vector<PresentParticipant> roster(const MeetingPlace& place);

  Heard set_route(const MeetingPlace& place, const Leader& leader, const MediaRoute& route);
  Heard keep_route(const MeetingPlace& place, const Leader& leader, const std::string& participant_id);
  Heard remove_route(const MeetingPlace& place, const Leader& leader, const std::string& participant_id);
  std::vector<MediaRoute> routes(const MeetingPlace& place);

  /// After the store has lost it, or for a new leader: the lead as the ledger has assigned it, and everybody whom it says to be
  /// present and who is missing. Who isn't heard of drops out by himself. Nothing where the ledger assigns the meeting to nobody in
  /// the region, or a newer one leads already.
  std::optional<Leader> rebuild(const MeetingPlace& place, reeve::Ledger& ledger);
  /// Of a meeting that is over, once nobody leads it any more: roster, routes and the generations that were seen.
  void forget(const MeetingPlace& place);

 private:
  Heard put(const MeetingPlace& place, const Leader& leader, const std::string& key,
            const std::string& value);
  Heard refresh(const MeetingPlace& place, const Leader& leader, const std::string& key);
  Heard erase(const MeetingPlace& place, const Leader& leader, const std::string& key);

  reeve::live::Store& store_;
  LiveMeetingOptions options_;
};

}  // namespace dark_tower
