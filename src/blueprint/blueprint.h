#pragma once
// A blueprint, loaded and checked: what docs/blueprint.md describes, as a value.

#include "base/hash.h"
#include "base/json_schema.h"
#include "sql/translation.h"

#include <reeve/rate_limits.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reeve::blueprint {

/// The files of a blueprint by path (`events/x.v1.sql`), the unit that is stored with an epoch.
struct Sources {
  std::map<std::string, std::string> files;

  /// Reads a folder: the files that docs/blueprint.md names, all others left out. not_found if there is no
  /// blueprint.toml, invalid_input for a file that is not UTF-8 or whose name fits no rule of its folder,
  /// limit_exceeded for a file above 256 KiB, above 10,000 files, or above 16 MiB in all.
  static Sources read(const std::filesystem::path& folder);
  /// Of the paths and contents, in order of paths.
  Digest hash() const;
};

struct Migration {
  int number = 0;            ///< 1, 2, 3, ...
  std::string name;          ///< `0001_core`
  std::string up_file;       ///< path in the sources
  std::string down_file;     ///< empty when irreversible
  std::string breaking;      ///< the reason given, or empty
  std::string irreversible;  ///< the reason given, or empty
  Digest up_hash{};          ///< of the up file and the down file
};

/// `-- expect 1..3: unknown player :player_id`
struct Expect {
  std::int64_t rows_min = 0;
  std::optional<std::int64_t> rows_max;
  std::string message;
};

struct ApplyStatement {
  sql::Translation sql;
  std::optional<Expect> expect;
};

struct EventType {
  std::string type;
  int version = 1;
  json::Schema schema;
  std::vector<ApplyStatement> apply;
  bool seal = false;
  /// To version + 1; its columns are the members of the new payload.
  std::optional<sql::Translation> upcast;
};

struct Check {
  sql::Translation sql;
  std::string message;
};

struct Emit {
  std::string type;
  int version = 1;
  sql::Translation sql;
};

struct Command {
  std::string name;
  std::string description;  ///< comment lines at the top of the file
  json::Schema schema;
  std::vector<Check> checks;
  std::vector<Emit> emits;
};

struct Query {
  std::string name;
  std::string description;
  bool many = true;
  sql::Translation sql;
};

/// A search index (docs/search.md).
struct SearchIndex {
  struct Text {
    std::string column;
    int weight = 1;
  };
  std::string name;
  std::string table;
  std::string language = "none";
  /// Vectors of the rows' texts, or of whatever else the application has vectors of: in a table of their own.
  struct Embedding {
    std::string table;  ///< one row for each row that has a vector, with the same key
    std::string model;  ///< its name; '' when the application brings its own vectors
    std::string version;
    std::int64_t dimensions = 0;
    std::string metric = "cosine";
    std::string event;  ///< the type by which vectors are stored; '' when there is no model
  };
  /// The rows that come before all others, whatever their rank.
  struct First {
    std::string column;  ///< a filter
    std::string value;
  };
  std::vector<Text> text;            ///< by the columns' names
  std::vector<std::string> filters;  ///< columns, by name
  std::optional<Embedding> embedding;
  std::optional<First> first;
};

/// A kind of job (docs/jobs.md).
struct JobKind {
  enum class Run : std::uint8_t { command, program, webhook, handler };
  /// What becomes of slots that came while nobody worked.
  enum class CatchUp : std::uint8_t { last, all, none };
  /// When a job is made without an event.
  struct Schedule {
    std::string expression;  ///< base/cron.h
    std::string zone;        ///< '' is UTC
    CatchUp catch_up = CatchUp::last;
    std::string slot_member;   ///< the argument that holds the slot's time, or none
    std::string given = "{}";  ///< the other arguments, canonical JSON
    std::string identity() const { return expression + (zone.empty() ? " UTC" : " " + zone); }
  };
  std::string name;
  std::vector<std::string> on;  ///< types of events, sorted; none where there is a schedule
  std::optional<Schedule> schedule;
  Run run = Run::handler;
  std::string target;  ///< of a command, a program or a webhook
  std::vector<std::string> program_arguments;
  std::optional<std::vector<std::string>> arguments;  ///< members, sorted; nothing: the whole payload
  std::vector<std::string> unique;                    ///< members, as they were named
  std::int64_t priority = 0;
  std::int64_t delay_us = 0;
  std::string delay_member;
  std::string moment_member;    ///< holds the moment of the application from which on it may be done, or none
  std::int64_t confirm_us = 0;  ///< how long a confirmation is waited for; 0: none is
  std::int64_t attempts = 5;
  std::int64_t backoff_first_us = 1'000'000;
  std::int64_t backoff_max_us = 3'600'000'000;
  std::int64_t lease_us = 60'000'000;
  std::int64_t timeout_us = 300'000'000;
  std::int64_t rate = 0;  ///< in a minute; 0: as many as can be
  std::string tier;       ///< a member, or none
  std::map<std::string, std::int64_t, std::less<>> weights;
  std::string after;  ///< a kind, or none
  std::int64_t retention_days = 7;
};

struct Moment {
  std::string name;
  sql::Type type = sql::Type::integer;
  sql::Translation query;
};

/// Immutable once loaded; shared between threads.
struct Blueprint {
  std::string name;
  std::string title;
  bool execute = false;  ///< any INSERT, UPDATE or DELETE may be executed, as an event sql.executed
  std::optional<Moment> moment;
  std::vector<Migration> migrations;                                    ///< in order of their numbers
  sql::Catalogue catalogue;                                             ///< after all of them
  std::map<std::string, std::map<int, EventType>, std::less<>> events;  ///< by type, then version
  std::map<std::string, Command, std::less<>> commands;
  std::map<std::string, Query, std::less<>> queries;
  std::map<std::string, SearchIndex, std::less<>> searches;
  std::map<std::string, JobKind, std::less<>> jobs;
  std::map<std::string, RateLimit, std::less<>> limits;
  Sources sources;

  /// The newest version of a type; null when the type is unknown.
  const EventType* find_event(std::string_view type) const;
  const EventType* find_event(std::string_view type, int version) const;
};

/// What `check` says of one place.
struct Finding {
  Place place;
  std::string message;
  std::string remedy;
  ErrorCode code = ErrorCode::invalid_input;  ///< invalid_input, bad_statement or limit_exceeded
};

inline constexpr std::size_t findings_max = 100;

/// Loads and checks everything. All findings are gathered (up to findings_max), not only the first; they are
/// in order of cause: settings, migrations, events, commands, queries, search indexes, jobs, limits. SQL that reads the schema is not
/// translated while the migrations have findings, for it would only repeat them.
struct Loaded {
  std::shared_ptr<const Blueprint> blueprint;  ///< null when there are findings
  std::vector<Finding> findings;
};
Loaded check(const Sources& sources);

/// The same, for those who need it to be right: throws Error with the first finding, its code, and the number
/// of the others.
std::shared_ptr<const Blueprint> load(const Sources& sources);

/// The catalogue after the first `level` migrations of the sources; 0 is an empty one. For replay over
/// epochs. Throws as load does.
sql::Catalogue catalogue_at(const Sources& sources, int level);
/// The migrations of the sources, without translating them.
std::vector<Migration> read_migrations(const Sources& sources);

}  // namespace reeve::blueprint
