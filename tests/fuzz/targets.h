#pragma once
// The targets: each takes any bytes. What is refused is refused by an Error that is no defect of Reeve's; what is taken has
// the properties that the target's file names. Anything else is a finding: an exception of another kind, a sanitizer's
// report, or a run that does not end.

#include <string>
#include <string_view>
#include <vector>

namespace reeve::fuzz {

void payload(std::string_view input);  ///< JSON, canonical JSON, JSON Schema, values of parameters
void statement(
    std::string_view input);  ///< a statement of the dialect, written for both engines and run on SQLite
void migration(std::string_view input);  ///< DDL of the dialect, run on SQLite
void changeset(std::string_view input);  ///< stored changesets, layouts, canonical rows
void import(std::string_view input);     ///< lines of an export
void proof(std::string_view input);      ///< proofs, signed notes, checkpoints, keys
void query(std::string_view input);      ///< what is typed into a search box, snippets
void script(std::string_view input);     ///< migrations of other tools
void sealed(std::string_view input);     ///< sealed values
void live(std::string_view input);       ///< URLs of Redis, tokens, stored sessions

/// Genuine inputs that only the target itself can make: its keys are not known elsewhere. They are in the corpus.
std::vector<std::string> proof_seeds();
std::vector<std::string> sealed_seeds();

}  // namespace reeve::fuzz
