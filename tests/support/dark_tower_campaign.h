#pragma once
// A played organization of the blueprint dark_tower: from a seed, an endless stream of commands that exercises all
// of them, a share of which the rules refuse. It asks no ledger anything, so the same stream can be submitted to
// any number of them, on any engine; what the rules must say to each command is said by a model of its own.

#include <reeve/ledger.h>

#include <cstdint>
#include <memory>
#include <string>

namespace reeve::testing {

struct Submission {
  std::string command;
  std::string parameters;  ///< a JSON object
  std::string actor;
  std::string time;      ///< RFC 3339; never before that of the submission before it
  std::string id;        ///< of the first event, so that the state is the same on every ledger
  bool accepted = true;  ///< what the model says
};

struct DarkTowerModel;  ///< dark_tower_model.h

class DarkTowerCampaign {
 public:
  /// Equal seeds give equal streams; ids, codes and emails of different seeds differ.
  explicit DarkTowerCampaign(std::uint64_t seed);
  ~DarkTowerCampaign();
  DarkTowerCampaign(const DarkTowerCampaign&) = delete;
  DarkTowerCampaign& operator=(const DarkTowerCampaign&) = delete;

  Submission next();

 private:
  std::unique_ptr<DarkTowerModel> model_;
};

/// Submits it as it is, under its own actor and time.
Outcome submit(Ledger& ledger, const Submission& submission);

}  // namespace reeve::testing
