#pragma once
// A studio whose samples are analysed by jobs: its blueprint, and what is asked of its tables.

#include "both_engines.h"

#include <fmt/format.h>

#include <string>

namespace reeve::testing {

inline blueprint::Sources studio_sources() {
  const std::string sample = R"("sample_id":{"type":"integer"})";
  const std::string both =
      R"({"type":"object","properties":{)" + sample +
      R"(,"user_id":{"type":"string"},"path":{"type":"string"},)"
      R"("not_before":{"type":"string","format":"date-time"}},"required":["sample_id","user_id"]})";
  const std::string one = R"({"type":"object","properties":{)" + sample + R"(},"required":["sample_id"]})";
  blueprint::Sources sources{{
      {"blueprint.toml", "format = 1\nname = \"studio\"\ntitle = \"The Studio\"\n"},
      {"migrations/0001_core.up.sql",
       "CREATE TABLE samples (sample_id bigint PRIMARY KEY, user_id text NOT NULL, path text,\n"
       "  analyses bigint NOT NULL DEFAULT 0);\n"
       "CREATE TABLE log (sample_id bigint PRIMARY KEY, note text NOT NULL);\n"},
      {"migrations/0001_core.down.sql", "DROP TABLE log;\nDROP TABLE samples;\n"},
      // What is refused by the second statement has changed rows by the first.
      {"events/sample.added.v1.sql",
       "INSERT INTO log (sample_id, note) VALUES (:sample_id, 'added');\n"
       "INSERT INTO samples (sample_id, user_id, path) VALUES (:sample_id, :user_id, :path);\n"},
      {"events/sample.added.v1.json", both},
      {"events/sample.edited.v1.sql",
       "-- expect 1: unknown sample :sample_id\n"
       "UPDATE samples SET path = COALESCE(:path, path) WHERE sample_id = :sample_id;\n"},
      {"events/sample.edited.v1.json", both},
      {"events/sample.analysed.v1.sql",
       "-- expect 1: unknown sample :sample_id\n"
       "UPDATE samples SET analyses = analyses + 1 WHERE sample_id = :sample_id;\n"},
      {"events/sample.analysed.v1.json", one},
      {"commands/record_analysis.sql",
       "-- check: unknown sample :sample_id\n"
       "SELECT EXISTS (SELECT 1 FROM samples WHERE sample_id = :sample_id);\n\n"
       "-- emit: sample.analysed\nSELECT :sample_id AS sample_id;\n"},
      {"commands/record_analysis.json", one},
      {"commands/add_two.sql",
       "-- emit: sample.added\nSELECT :sample_id AS sample_id, 'two' AS user_id;\n\n"
       "-- emit: sample.added\nSELECT :sample_id + 1 AS sample_id, 'two' AS user_id;\n"},
      {"commands/add_two.json", one},
      {"queries/samples.sql",
       "-- name: samples :many\nSELECT sample_id, analyses FROM samples ORDER BY sample_id;\n"},
      {"jobs/analyse.toml",
       "format = 1\non = [\"sample.added\"]\nrun = \"command:record_analysis\"\narguments = "
       "[\"sample_id\"]\n"},
  }};
  return sources;
}

inline blueprint::Sources studio_with(const std::string& name, const std::string& job) {
  blueprint::Sources sources = studio_sources();
  sources.files.erase("jobs/analyse.toml");
  sources.files["jobs/" + name + ".toml"] = "format = 1\n" + job;
  return sources;
}

inline std::string added(std::int64_t sample, const std::string& user = "u1") {
  return fmt::format(R"({{"sample_id":{},"user_id":"{}"}})", sample, user);
}

class Studio : public BothEngines {
 protected:
  void open(const blueprint::Sources& sources, const std::string& name) {
    make(workshop_.blueprint(sources), name);
  }
  /// The same question to both engines, which give the same answer, as text; rows are separated by ';'.
  std::string ask(const std::string& select) {
    const std::string file = in_file(select);
    EXPECT_EQ(file, in_database(select)) << select;
    return file;
  }
  std::string in_file(const std::string& select) {
    return shown(engine::Connection::open(file_, engine::OpenMode::read_only)
                     ->value(fmt::format("SELECT group_concat(line, ';') FROM ({})", select)));
  }
  std::string in_database(const std::string& select) { return in_database_of(*database_, select); }
  static std::string in_database_of(const Database& database, const std::string& select) {
    engine::PostgresOptions options;
    options.schema = "reeve";
    return shown(engine::Connection::open_postgres(database.plain("test"), options)
                     ->value(fmt::format("SELECT string_agg(line, ';') FROM ({}) AS lines", select)));
  }
  static std::string shown(const std::optional<Value>& value) {
    if (!value || !std::holds_alternative<std::string>(*value)) return "";
    return std::get<std::string>(*value);
  }
};

}  // namespace reeve::testing
