#pragma once
// An account of WhispyrKeep, as a program uses it: a repository over the types that `reeve generate` writes.

#include <reeve/ledger.h>
#include <reeve/search.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
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

/// Not thread-safe; must not outlive its ledger.
class Keep {
 public:
  explicit Keep(reeve::Ledger& ledger) : ledger_(ledger) {}

  /// Nothing if there is no such turn. Throws Error corrupt, naming the turn, when the turns don't give the state that it left.
  std::optional<CampaignState> state_at(const std::string& campaign_id, std::int64_t turn_index);
  /// What differs between the states after two turns, by path; of objects and lists what lies in them. Throws Error not_found.
  std::vector<Difference> difference(const std::string& campaign_id, std::int64_t from_turn,
                                     std::int64_t to_turn);

  /// What is known of a universe and is about what was typed: hard canon first, then by rank. As many as the limit says, if
  /// there are: the year is looked at in what was found, and more is looked for until there are enough.
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
  reeve::Ledger& ledger_;
};

/// Reads the files of the SRD ({model, pk, fields}) in a folder and writes the rows of the reference tables to another, which
/// `reeve reference publish` takes; the number of entries. Weapons and armour become details of the item that they are of.
/// Throws Error not_found, invalid_input.
std::size_t write_reference_rows(const std::filesystem::path& srd, const std::filesystem::path& out);

}  // namespace whispyrkeep
