// The named queries of the Dark Tower where a million meetings of a thousand organizations lie in one schema of
// PostgreSQL: how long each takes through Reeve's interface, and whether a plan reads a table from end to end.

#include "shared/postgres.h"
#include "shared/support.h"

#include <reeve/ledger.h>

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace bench {

namespace {

constexpr std::int64_t organizations_max = 1000;
constexpr std::int64_t organizations_at_once = 20;
constexpr int ledgers_open = 16;
constexpr double aim_ms = 10;

using Parameters = std::map<std::string, std::string>;  ///< JSON by name

std::filesystem::path dark_tower() { return source_folder() / "blueprints" / "dark_tower"; }

struct World {
  std::string url;  ///< of the application, without a ledger
  std::int64_t organizations = 0;
  std::int64_t meetings = 0;  ///< of each
};

/// One organization by commands: what the others are copies of.
void make_template(const std::string& url) {
  reeve::Ledger ledger = reeve::Ledger::open(url + "&ledger=template");
  const auto command = [&](std::string_view name, std::string_view parameters) {
    const reeve::Outcome outcome = ledger.command(name, parameters, {.actor = "bench"});
    reeve::ensure(outcome.accepted(), "the template's commands are accepted");
  };
  command("found_organization", R"({"subdomain":"template","display_name":"Template"})");
  command("rename_organization", R"({"display_name":"Renamed"})");
}

void load(Server& server, const World& world) {
  std::ifstream file(dark_tower().parent_path().parent_path() / "bench" / "million_load.sql");
  const std::string script{std::istreambuf_iterator<char>(file), {}};
  for (std::int64_t first = 1; first <= world.organizations; first += organizations_at_once) {
    const std::int64_t last = std::min(first + organizations_at_once - 1, world.organizations);
    server.execute("million", fmt::format("BEGIN; SET LOCAL bench.first = {}; SET LOCAL bench.last = {}; "
                                          "SET LOCAL bench.meetings = {};\n{}\nCOMMIT;",
                                          first, last, world.meetings, script));
  }
  server.execute("million", "VACUUM ANALYZE");
}

/// A parameter as a query of one organization would have it, of its `n`th meeting.
std::string value_of(const std::string& name, reeve::sql::Type type, std::int64_t n,
                     const std::map<std::string, std::string>& ids) {
  const auto id = ids.find(name);
  if (id != ids.end()) {
    return '"' + id->second + '"';
  }
  const bool is_first_page = n % 2 == 0;
  if (name == "before") {
    return is_first_page                           ? "null"
           : type == reeve::sql::Type::timestamptz ? '"' + ids.at("some_time") + '"'
                                                   : std::to_string(10 + n);
  }
  if (name == "after_name") {
    return is_first_page ? "null" : R"("User 25")";
  }
  static const std::map<std::string, std::string> fixed{
      {"rows", "50"}, {"region", R"("eu")"},     {"resource_type", R"("meeting")"}, {"role", R"("user")"},
      {"entry", "6"}, {"pepper", R"("pepper")"}, {"client_id", R"("client2")"}};
  if (const auto known = fixed.find(name); known != fixed.end()) {
    return known->second;
  }
  if (name == "after") {
    return std::to_string(n);
  }
  if (name == "email") {
    return fmt::format(R"("user{}@org.example")", 1 + n % 50);
  }
  if (name == "meeting_code") {
    return fmt::format(R"("code-{}")", n);
  }
  throw reeve::Error(reeve::ErrorCode::internal, fmt::format("no value for the parameter {}", name),
                     "give it one in bench/million.cpp");
}

/// The superuser's connection: ids as the load made them, and plans as the application's role gets them.
class Oracle {
 public:
  Oracle(const std::string& superuser, const std::string& application)
      : ids_(PQconnectdb(superuser.c_str())),
        plans_(PQconnectdb(application.c_str())),
        plans_file_(program_file().parent_path() / "bench" / "million.plans.txt") {
    PQclear(run(plans_.get(), "SET search_path = reeve"));
  }

  /// Of the `n`th meeting of an organization.
  std::map<std::string, std::string> ids(std::int64_t organization, std::int64_t n) {
    const std::string sql = fmt::format(
        "SELECT md5('{0} meeting {1}')::uuid AS meeting_id, md5('{0} meeting {1}')::uuid AS resource_id, "
        "md5('{0} user ' || 1 + {1} % 50)::uuid AS user_id, md5('{0} user ' || 1 + {1} % 50)::uuid AS "
        "by_actor, "
        "md5('{0} user 25')::uuid AS after_id, md5('{0} controller 2')::uuid AS controller_id, "
        "bench_time(now() - interval '1 hour') AS heard_since, "
        "bench_time(now() - interval '1 minute') AS silent_since, "
        "bench_time(now() - interval '1 day') AS since, bench_time(now() + interval '1 day') AS until, "
        "bench_time(now() - {1} * interval '7 minutes') AS some_time",
        organization, n);
    PGresult* result = run(ids_.get(), sql);
    std::map<std::string, std::string> found;
    for (int column = 0; column < PQnfields(result); ++column) {
      found[PQfname(result, column)] = PQgetvalue(result, 0, column);
    }
    PQclear(result);
    return found;
  }

  std::string ledger_id(std::int64_t organization) {
    PGresult* result = run(ids_.get(), fmt::format("SELECT md5('organization {}')::uuid", organization));
    std::string id = PQgetvalue(result, 0, 0);
    PQclear(result);
    return id;
  }

  /// The tables that a plan reads from end to end, generic and made for these values.
  std::vector<std::string> sequential(const std::string& ledger, const reeve::blueprint::Query& query,
                                      const Parameters& parameters) {
    std::vector<std::string> found;
    for (const char* mode : {"force_generic_plan", "force_custom_plan"}) {
      PQclear(run(plans_.get(), "BEGIN"));
      PQclear(run(plans_.get(), fmt::format("SET LOCAL reeve.ledger_id = '{}'", ledger)));
      PQclear(run(plans_.get(), fmt::format("SET LOCAL plan_cache_mode = {}", mode)));
      PQclear(run(plans_.get(), "PREPARE q AS " + query.sql.postgres));
      PGresult* plan =
          run(plans_.get(), "EXPLAIN (ANALYZE, BUFFERS) EXECUTE q" + arguments_of(ledger, query, parameters));
      plans_file_ << fmt::format("\n{} ({})\n", query.name, mode);
      for (int row = 0; row < PQntuples(plan); ++row) {
        const std::string line = PQgetvalue(plan, row, 0);
        plans_file_ << line << '\n';
        if (const std::size_t at = line.find("Seq Scan on "); at != std::string::npos) {
          found.push_back(fmt::format("{} ({})", line.substr(at + 12, line.find("  ", at) - at - 12), mode));
        }
      }
      PQclear(plan);
      PQclear(run(plans_.get(), "DEALLOCATE q"));
      PQclear(run(plans_.get(), "COMMIT"));
    }
    return found;
  }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  using Handle = std::unique_ptr<PGconn, Finish>;

  static std::string arguments_of(const std::string& ledger, const reeve::blueprint::Query& query,
                                  const Parameters& parameters) {
    std::string text;
    const auto add = [&text](const std::string& value) { text += (text.empty() ? "(" : ", ") + value; };
    for (const reeve::sql::Parameter& parameter : query.sql.parameters) {
      std::string value = parameter.name == "at" ? "now()" : parameters.at(parameter.name);
      std::replace(value.begin(), value.end(), '"', '\'');
      add(value);
    }
    for (const reeve::sql::Hidden hidden : query.sql.hidden) {
      reeve::ensure(hidden == reeve::sql::Hidden::ledger, "a query rolls no dice");
      add('\'' + ledger + '\'');
    }
    return text.empty() ? text : text + ")";
  }

  static PGresult* run(PGconn* connection, const std::string& sql) {
    PGresult* result = PQexec(connection, sql.c_str());
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      PQclear(result);
      throw reeve::Error(reeve::ErrorCode::internal, fmt::format("{}\n{}", PQerrorMessage(connection), sql));
    }
    return result;
  }

  Handle ids_;
  Handle plans_;
  std::ofstream plans_file_;
};

std::string json_of(const Parameters& parameters) {
  std::string text = "{";
  for (const auto& [name, value] : parameters) {
    text += fmt::format(R"({}"{}":{})", text.size() > 1 ? "," : "", name, value);
  }
  return text + "}";
}

/// Milliseconds to the last row.
double ask(reeve::Ledger& ledger, const std::string& query, const std::string& parameters,
           std::int64_t& rows) {
  const double start = wall_seconds();
  reeve::Rows answer = ledger.query(query, parameters);
  while (answer.next()) {
    ++rows;
  }
  return (wall_seconds() - start) * 1e3;
}

double percentile(const std::vector<double>& sorted, double part) {
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(part * static_cast<double>(sorted.size())))];
}

struct Open {
  std::int64_t organization = 0;
  std::unique_ptr<reeve::Ledger> ledger;
};

/// The 99th percentile.
double measure_query(Report& report, const World& world, Oracle& oracle, std::vector<Open>& open,
                     const std::string& name, const reeve::blueprint::Query& query, std::int64_t samples) {
  std::mt19937 random(1);
  const auto parameters_for = [&](std::int64_t organization) {
    const std::int64_t n = 1 + static_cast<std::int64_t>(random()) % world.meetings;
    const std::map<std::string, std::string> ids = oracle.ids(organization, n);
    Parameters parameters;
    for (const reeve::sql::Parameter& parameter : query.sql.parameters) {
      if (parameter.name == "at") {
        continue;  // the ledger's clock
      }
      parameters[parameter.name] = value_of(parameter.name, parameter.type, n, ids);
    }
    return parameters;
  };
  std::vector<double> times;
  std::int64_t rows = 0;
  // The first ones of a connection are planned anew each time.
  constexpr std::int64_t warm = 6;
  for (Open& one : open) {
    const std::string parameters = json_of(parameters_for(one.organization));
    std::int64_t ignored = 0;
    for (std::int64_t i = 0; i < warm; ++i) {
      ask(*one.ledger, name, parameters, ignored);
    }
  }
  for (std::int64_t i = 0; i < samples; ++i) {
    Open& one = open[random() % open.size()];
    times.push_back(ask(*one.ledger, name, json_of(parameters_for(one.organization)), rows));
  }
  std::sort(times.begin(), times.end());
  const double worst = percentile(times, 0.99);
  std::string what =
      fmt::format("p99; p50 {:.2f}, p95 {:.2f}; {:.1f} rows", percentile(times, 0.5), percentile(times, 0.95),
                  static_cast<double>(rows) / static_cast<double>(samples));
  const std::vector<std::string> sequential =
      oracle.sequential(oracle.ledger_id(open[0].organization), query, parameters_for(open[0].organization));
  for (const std::string& table : sequential) {
    what += "; READS ALL OF " + table;
  }
  report.figure(name, worst, "ms", what);
  report.figure(name + "_sequential", static_cast<double>(sequential.size()), "scans", "");
  return worst;
}

void run_million(const Arguments& arguments) {
  Report report("million", arguments);
  Server server(arguments, {"maintenance_work_mem=256MB", "shared_buffers=1GB"});
  World world;
  const std::int64_t meetings = arguments.events_or(1'000'000, 2'000);
  world.organizations = std::clamp<std::int64_t>(meetings / 100, 2, organizations_max);
  world.meetings = std::max<std::int64_t>(meetings / world.organizations, 10);
  server.create_ledger("million", dark_tower(), "template");
  world.url = server.url("million", "app");
  make_template(world.url);
  server.execute("million",
                 "CREATE FUNCTION public.bench_time(at timestamptz) RETURNS text LANGUAGE sql STABLE AS "
                 "$$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') $$");
  const Spent loading = measure([&] { load(server, world); });
  report.figure("meetings", static_cast<double>(world.organizations * world.meetings), "meetings",
                fmt::format("of {} organizations, loaded in {:.0f} s", world.organizations, loading.wall));
  Oracle oracle(server.url("million", "test"), world.url);
  std::vector<Open> open;
  for (int i = 0; i < ledgers_open; ++i) {
    const std::int64_t organization = 1 + i * world.organizations / ledgers_open;
    open.push_back({organization, std::make_unique<reeve::Ledger>(reeve::Ledger::open(
                                      fmt::format("{}&ledger=org{}", world.url, organization)))});
  }
  const auto blueprint = reeve::blueprint::load(reeve::blueprint::Sources::read(dark_tower()));
  const std::int64_t samples = arguments.quick ? 10 : 100 * arguments.rounds_or(4, 1);
  double worst = 0;
  std::int64_t above = 0;
  for (const auto& [name, query] : blueprint->queries) {
    const double p99 = measure_query(report, world, oracle, open, name, query, samples);
    worst = std::max(worst, p99);
    above += p99 >= aim_ms ? 1 : 0;
  }
  report.figure("above", static_cast<double>(above), "queries", "whose 99th percentile is 10 ms or more");
  report.end_with_value(worst, "ms");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_million); }
