// What it costs that many ledgers share a schema of PostgreSQL: events and queries of the Dark Tower by hand, on tables
// whose keys begin with the ledger and are held to row-level security, over the same on tables of the blueprint's own
// migrations, with the same rows of one organization. Neither side captures or journals.

#include "shared/by_hand_pg.h"
#include "shared/postgres.h"
#include "shared/support.h"

#include <reeve/ledger.h>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <span>
#include <string>
#include <vector>

namespace bench {

namespace {

constexpr const char* database = "isolation";

std::filesystem::path dark_tower() { return source_folder() / "blueprints" / "dark_tower"; }

/// Meetings from beginning to end, one after the other.
class Meetings {
 public:
  std::vector<MixEvent> next() {
    const std::int64_t n = ++made_;
    const auto id = [n](const char* kind) { return fmt::format("{}-0000-4000-8000-{:012x}", kind, n); };
    const std::string meeting = id("0000000a");
    std::vector<MixEvent> events;
    const auto add = [&](const char* type, const std::string& payload) {
      events.push_back({type, '{' + payload + '}', user_, 0});
    };
    add("meeting.created",
        fmt::format(
            R"("allow_external":false,"allow_guests":false,"created_by":"{}","display_name":"Meeting {}",)"
            R"("encryption_required":true,"join_secret_hash":"{:064}","meeting_code":"fresh-{}",)"
            R"("meeting_id":"{}","recording_allowed":false,"scheduled_start_at":"2030-01-01T00:00:00Z",)"
            R"("waiting_room":true)",
            user_, n, 0, n, meeting));
    add("meeting.started", fmt::format(R"("meeting_id":"{}")", meeting));
    for (const char* guest : {"1", "2"}) {
      add("participant.joined",
          fmt::format(
              R"("display_name":"Guest","guest_token_hash":"{:064}","meeting_id":"{}","outbox_id":"{}",)"
              R"("participant_id":"{}","participant_type":"guest","role":"guest")",
              guest[0] - '0', meeting, id(guest[0] == '1' ? "0000000b" : "0000000c"),
              id(guest[0] == '1' ? "0000000d" : "0000000e")));
    }
    add("participant.left",
        fmt::format(R"("leave_reason":"left","meeting_id":"{}","outbox_id":"{}","participant_id":"{}")",
                    meeting, id("0000000f"), id("0000000d")));
    add("meeting.ended", fmt::format(R"("meeting_id":"{}")", meeting));
    return events;
  }
  void set_user(std::string user) { user_ = std::move(user); }

 private:
  std::string user_;
  std::int64_t made_ = 0;
};

/// The tables of the blueprint's migrations in a schema of their own, with the rows of one organization.
void make_plain(Server& server, const reeve::blueprint::Blueprint& blueprint) {
  std::string script =
      "CREATE SCHEMA plain; SET search_path = plain; "
      "CREATE TABLE reeve_events (LIKE reeve.reeve_events INCLUDING DEFAULTS); "
      "ALTER TABLE reeve_events DROP COLUMN ledger_id; ALTER TABLE reeve_events ADD PRIMARY KEY (sequence), "
      "ADD UNIQUE (id); CREATE INDEX ON reeve_events (moment, sequence); "
      "CREATE INDEX ON reeve_events (actor, sequence); "
      "CREATE UNIQUE INDEX ON reeve_events (key) WHERE key IS NOT NULL; "
      "CREATE FUNCTION reeve_changes(bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT NULL::jsonb "
      "$$;\n";
  for (const reeve::blueprint::Migration& migration : blueprint.migrations) {
    script += blueprint.sources.files.at(migration.up_file) + ";\n";
  }
  script +=
      "SET session_replication_role = replica;\n"
      "DO $$ DECLARE t text; columns text; BEGIN "
      "FOR t IN SELECT relname FROM pg_class p WHERE relnamespace = 'plain'::regnamespace AND relkind = 'r' "
      // Tables that all ledgers share have no rows of an organization.
      "AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = ('reeve.' || p.relname)::regclass "
      "AND attname = 'ledger_id') LOOP "
      "SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute "
      "WHERE attrelid = ('plain.' || t)::regclass AND attnum > 0 AND NOT attisdropped; "
      "EXECUTE format('INSERT INTO plain.%I (%s) SELECT %s FROM reeve.%I WHERE ledger_id = "
      "md5(''organization 1'')::uuid', t, columns, columns, t); END LOOP; END $$;\n"
      "GRANT USAGE ON SCHEMA plain TO app; GRANT ALL ON ALL TABLES IN SCHEMA plain TO app;";
  server.execute(database, script);
}

void make_tenants(Server& server, const std::string& url, std::int64_t organizations, std::int64_t meetings) {
  {
    reeve::Ledger ledger = reeve::Ledger::open(url + "&ledger=template");
    reeve::ensure(ledger
                      .command("found_organization", R"({"subdomain":"template","display_name":"Template"})",
                               {.actor = "bench"})
                      .accepted(),
                  "the template is founded");
  }
  std::ifstream file(source_folder() / "bench" / "million_load.sql");
  const std::string script{std::istreambuf_iterator<char>(file), {}};
  server.execute(database, fmt::format("BEGIN; SET LOCAL bench.first = 1; SET LOCAL bench.last = {}; "
                                       "SET LOCAL bench.meetings = {};\n{}\nCOMMIT;",
                                       organizations, meetings, script));
  // What is asked here is what the keys and the policies cost: without the rows of an event captured.
  server.execute(
      database,
      "DO $$ DECLARE t text; BEGIN FOR t IN SELECT tgrelid::regclass FROM pg_trigger "
      "WHERE tgname = '0_reeve_capture' LOOP EXECUTE format('DROP TRIGGER \"0_reeve_capture\" ON %s', t); "
      "END LOOP; END $$");
}

struct Side {
  ByHandPg connection;
  BackendCpu backend;
  Side(const std::string& url, const reeve::blueprint::Blueprint& blueprint, const HandSide& side,
       std::int64_t sequence)
      : connection(url, blueprint, side, sequence), backend(connection.backend()) {}
};

double spent(const Side& side, const std::function<void()>& work) {
  const double before = side.backend.seconds();
  const double client = measure(work).process_cpu;
  return client + side.backend.seconds() - before;
}

/// Median of the ratios of the rounds; `work` gets a side and does the same on each.
double measure_ratio(Report& report, const std::string& key, const std::string& what, Side& tenant,
                     Side& plain, std::int64_t rounds, double count,
                     const std::function<std::function<void()>(Side&)>& work) {
  std::vector<double> ratios;
  std::vector<double> with;
  std::vector<double> without;
  for (std::int64_t round = -1; round < rounds; ++round) {  // the first warms both
    const std::function<void()> on_tenant = work(tenant);
    const std::function<void()> on_plain = work(plain);
    double first = 0;
    double second = 0;
    if (round % 2 == 0) {
      first = spent(tenant, on_tenant);
      second = spent(plain, on_plain);
    } else {
      second = spent(plain, on_plain);
      first = spent(tenant, on_tenant);
    }
    if (round >= 0) {
      ratios.push_back(first / second);
      with.push_back(first * 1e6 / count);
      without.push_back(second * 1e6 / count);
    }
  }
  report.figure(key + "_with", median(with), "us", what + ", with tenancy");
  report.figure(key + "_without", median(without), "us", what + ", without");
  report.figure(key, median(ratios), "ratio", "with over without");
  return median(ratios);
}

struct Named {
  const char* name;
  std::string parameters;
};

void run_isolation(const Arguments& arguments) {
  Report report("isolation", arguments);
  Server server(arguments);
  server.create_ledger(database, dark_tower(), "template");
  const std::string url = server.url(database, "app");
  make_tenants(server, url, arguments.quick ? 3 : 50, arguments.quick ? 20 : 400);
  const auto blueprint = reeve::blueprint::load(reeve::blueprint::Sources::read(dark_tower()));
  make_plain(server, *blueprint);
  server.execute(database, "VACUUM ANALYZE");
  const auto ids =
      reeve::engine::Connection::open_postgres(server.url(database, "test"), {.schema = "reeve"});
  const auto text = [&](const std::string& sql) { return std::get<std::string>(*ids->value(sql)); };
  const std::string user = text("SELECT md5('1 user 7')::uuid::text");
  const std::string meeting = text("SELECT md5('1 meeting 11')::uuid::text");
  const auto sequence = std::get<std::int64_t>(
      *ids->value("SELECT sequence FROM reeve_heads WHERE ledger_id = md5('organization 1')::uuid"));
  Side tenant(url, *blueprint, {.ledger = text("SELECT md5('organization 1')::uuid::text"), .bound = true},
              sequence);
  Side plain(url, *blueprint, {.schema = "plain"}, sequence);

  const std::int64_t rounds = arguments.rounds_or(9, 2);
  const auto meetings = static_cast<std::size_t>(arguments.events_or(600, 24) / 6);
  double worst = 0;
  Meetings on_tenant;
  Meetings on_plain;
  on_tenant.set_user(user);
  on_plain.set_user(user);
  for (const std::size_t group : {std::size_t{1}, std::size_t{64}}) {
    const auto commits = [&](Side& side) -> std::function<void()> {
      std::vector<HandEvent> events;
      for (std::size_t i = 0; i < meetings; ++i) {
        for (const MixEvent& event : (&side == &tenant ? on_tenant : on_plain).next()) {
          events.push_back(side.connection.decode(event));
        }
      }
      return [&side, group, events = std::move(events)] {
        for (std::size_t i = 0; i < events.size(); i += group) {
          side.connection.commit(std::span(events).subspan(i, std::min(group, events.size() - i)));
        }
      };
    };
    worst = std::max(worst, measure_ratio(report, fmt::format("commit_{}", group),
                                          fmt::format("an event in a group of {}", group), tenant, plain,
                                          rounds, static_cast<double>(meetings * 6), commits));
  }
  const std::int64_t repeats = arguments.quick ? 5 : 300;
  for (const Named& named :
       {Named{"meeting_by_id", fmt::format(R"({{"meeting_id":"{}"}})", meeting)},
        Named{"roster", fmt::format(R"({{"meeting_id":"{}"}})", meeting)},
        Named{"meetings_of_user", fmt::format(R"({{"user_id":"{}","rows":50}})", user)},
        Named{"active_meetings", "{}"}, Named{"dashboard", "{}"},
        Named{"audit_of_resource",
              fmt::format(R"({{"resource_type":"meeting","resource_id":"{}","rows":50}})", meeting)}}) {
    std::int64_t rows_with = 0;
    std::int64_t rows_without = 0;
    const auto queries = [&](Side& side) -> std::function<void()> {
      return [&, query = side.connection.decode_query(named.name, named.parameters)] {
        for (std::int64_t i = 0; i < repeats; ++i) {
          (&side == &tenant ? rows_with : rows_without) += side.connection.ask(query);
        }
      };
    };
    worst = std::max(worst, measure_ratio(report, named.name, "a query", tenant, plain, rounds,
                                          static_cast<double>(repeats), queries));
    reeve::ensure(rows_with == rows_without && rows_with > 0, "both sides read the same");
  }
  report.end_with_ratio(worst);
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_isolation); }
