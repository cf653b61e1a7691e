#pragma once
// A check in progress: what the parts of the loader share.

#include "blueprint/file_name.h"
#include "blueprint/findings.h"
#include "blueprint/settings.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::blueprint {

/// One event version, by its files; empty where a file is missing.
struct EventFiles {
  std::string apply;
  std::string schema;
};

struct Upcast {
  int to = 0;
  std::string file;
};

/// What the names of the files say there is, before any is read.
struct Inventory {
  std::vector<std::pair<FileName, std::string>> migrations;  ///< up and down files with their paths
  std::map<std::string, std::map<int, EventFiles>, std::less<>> events;
  std::map<std::string, std::map<int, Upcast>, std::less<>> upcasts;
  std::map<std::string, std::string> commands;         ///< name to path
  std::map<std::string, std::string> command_schemas;  ///< name to path
  std::vector<std::string> queries;
  std::map<std::string, std::string> searches;  ///< name to path
  std::map<std::string, std::string> jobs;      ///< name to path
  std::map<std::string, std::string> limits;    ///< name to path
};

struct Work {
  explicit Work(const Sources& sources_to_check);

  const Sources& sources;
  Findings findings;
  Inventory inventory;
  Settings settings;
  Blueprint blueprint;
  bool catalogue_known = false;  ///< every migration could be translated

  /// Null when the file is not there or is no text; that finding has then been made.
  const std::string* text_of(const std::string& path) const;
  /// Cuts a file into statements and refuses directives other than those of `known`: a comment that begins
  /// with one lower-case word and a colon was meant as one. Nothing when it can't be read.
  std::optional<std::vector<sql::Statement>> split(const std::string& path,
                                                   const std::vector<std::string>& known);
  /// Nothing when it can't be translated (that is a finding) or the catalogue is not known.
  std::optional<sql::Translation> translate(const sql::Statement& statement, sql::Use use,
                                            const sql::ParameterTypes& known, bool known_only,
                                            const sql::PersonalParameters& personal = {});
  std::optional<json::Schema> compile_schema(const std::string& path);
  /// Reports parameters in a message that are not in `known`.
  void check_message(std::string_view message, const Place& place, const sql::ParameterTypes& known);

 private:
  void take_inventory();
  void check_directives(const std::string& path, const sql::Statement& statement,
                        const std::vector<std::string>& known);

  std::set<std::string> unreadable_;
};

/// What else than the members a statement may use as parameters.
enum class BuiltIns {
  apply,    ///< event_id sequence at moment actor payload
  command,  ///< at moment actor
  upcast,   ///< payload
};

/// The members of a schema with their types, and the built-ins. A member with the name of a built-in is a
/// finding at its place in `schema_file`.
sql::ParameterTypes parameter_types(Work& work, const json::Schema& schema, const std::string& schema_file,
                                    BuiltIns built_ins);
/// Members marked personal are strings and name a subject among the required members, a string that is not personal itself.
void check_personal(Work& work, const json::Schema& schema, const std::string& schema_file);
/// The members that hold sealed values, and whose.
sql::PersonalParameters personal_parameters(const json::Schema& schema);
/// The columns of an emit or an upcast against the members of the payload that they make. `target` names it
/// in messages: `influence.gained v1`.
void check_members(Work& work, const sql::Translation& sql, const json::Schema& schema,
                   const std::string& target);

/// Where a property of the top object is declared; the file's beginning when it can't be found.
Place property_place(std::string_view file, std::string_view text, std::string_view property);

/// The parts, in the order in which they run.
void load_migrations(Work& work);
void load_moment(Work& work);
void load_events(Work& work);
void load_commands(Work& work);
void load_queries(Work& work);
void load_searches(Work& work);
void load_jobs(Work& work);
void load_limits(Work& work);

/// The migrations by their files, numbers and directives; findings for what doesn't fit.
std::vector<Migration> collect_migrations(Work& work);
/// What of `before` is missing, narrower or of another type in `after`; nothing when all that read and wrote
/// `before` can go on.
std::optional<std::string> breaking_change(const sql::Catalogue& before, const sql::Catalogue& after);
/// The first difference, whatever the order of columns; nothing when they are equal.
std::optional<std::string> schema_difference(const sql::Catalogue& expected, const sql::Catalogue& actual);

}  // namespace reeve::blueprint
