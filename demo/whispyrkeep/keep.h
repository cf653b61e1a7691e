#pragma once
// An account of WhispyrKeep, as a program uses it: a repository over the types that `reeve generate` writes.

#include <reeve/ledger.h>
#include <reeve/names.h>
#include <reeve/rate_limits.h>
#include <reeve/search.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace whispyrkeep {

/// The state after a turn; 0 is before the first.
struct CampaignState {
  std::int64_t turn_index = 0;
  std::string state;  ///< canonical JSON
  std::string hash;   ///< of it, which is what the turn left
};

/// A value that two states don't share.
struct Difference {
  std::string path;    ///< RFC 6901
  std::string before;  ///< JSON; '' where there was none
  std::string after;
};

struct Chunk {
  std::string chunk_id;
  std::string chunk_type;  ///< hard_canon or soft_lore
  std::string source_ref;
  std::string text;
  double score = 0;  ///< compares within an answer and a type only
  std::string snippet;
};

struct RetrieveOptions {
  std::optional<std::int64_t> year = {};  ///< of the universe; without it, of any
  std::string chunk_type = {};            ///< '' for both
  std::size_t limit = 8;                  ///< 1 to 1,000
  reeve::SearchBy by = reeve::SearchBy::words;
};

/// Whether a password may be tried: by the limit `log_ins` of the e-mail address, in any case, and by `log_ins_from` of the network
/// address. Asked before the account is opened.
reeve::LimitDecision take_log_in(reeve::RateLimits& limits, std::string_view email, std::string_view address);

/// What is asked beside the ledger; what is null is not asked.
struct KeepServices {
  reeve::RateLimits* limits = nullptr;  ///< those that the blueprint declares (reeve::read_limits)
  reeve::Names* names = nullptr;        ///< of the ledger
};

/// Not thread-safe; must not outlive its ledger, nor the services.
class Keep {
 public:
  explicit Keep(reeve::Ledger& ledger, const KeepServices& services = {})
      : ledger_(ledger), services_(services) {}

  /// The commands of these names. An e-mail address is one account's, over all accounts and in any case: another's is a
  /// Rejection of code unique_violation. Throws Error invalid_input for an address that can't be a name (docs/names.md).
  reeve::Outcome register_user(std::string_view parameters, const reeve::CommitOptions& options = {});
  reeve::Outcome change_user(std::string_view parameters, const reeve::CommitOptions& options = {});
  reeve::Outcome delete_user(std::string_view parameters, const reeve::CommitOptions& options = {});
  /// When a process begins, and after an Error of those: what they left half done.
  reeve::Settled settle_email();

  /// The commands of these names within the limits `turns` and `exports`, which each account has to itself. What a limit refuses
  /// is a Rejection of code limit_exceeded that says when to come again, or of code unavailable when nobody can say.
  reeve::Outcome reserve_turn(std::string_view parameters, const reeve::CommitOptions& options = {});
  reeve::Outcome request_export(std::string_view parameters, const reeve::CommitOptions& options = {});

  /// Nothing if there is no such turn. Throws Error corrupt, naming the turn, when the turns don't give the state that it left.
  std::optional<CampaignState> state_at(const std::string& campaign_id, std::int64_t turn_index);
  /// What differs between the states after two turns, by path; of objects and lists what lies in them. Throws Error not_found.
  std::vector<Difference> difference(const std::string& campaign_id, std::int64_t from_turn,
                                     std::int64_t to_turn);

  /// What is known of a universe and is about what was typed: hard canon first, then by rank. As many as the limit says, if
  /// there are so many that hold at the year.
  std::vector<Chunk> retrieve(const std::string& universe_id, const std::string& typed,
                              const RetrieveOptions& options = {});

  /// The universe as a document that import_universe takes, and as one that people read, from one snapshot. Both name the
  /// sources of the reference entries. Throws Error not_found.
  std::string export_json(const std::string& universe_id);
  std::string export_markdown(const std::string& universe_id);
  /// Takes such a document in, all of it or nothing. Throws Error invalid_input for what is none.
  reeve::Outcome import_json(const std::string& user_id, const std::string& document,
                             const reeve::CommitOptions& options = {});

 private:
  /// Why not, by a limit of the account.
  std::optional<reeve::Rejection> refusal_of(std::string_view limit);
  /// The account's, as its state has it.
  std::vector<std::string> emails();
  reeve::Outcome command_with_email(std::string_view name, std::string_view parameters,
                                    const reeve::CommitOptions& options);

  reeve::Ledger& ledger_;
  KeepServices services_;
};

/// Reads the files of the SRD ({model, pk, fields}) in a folder and writes the rows of the reference tables to another, which
/// `reeve reference publish` takes; the number of entries. Weapons and armour become details of the item that they are of.
/// Throws Error not_found, invalid_input.
std::size_t write_reference_rows(const std::filesystem::path& srd, const std::filesystem::path& out);

}  // namespace whispyrkeep
