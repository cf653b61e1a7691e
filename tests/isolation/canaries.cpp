#include "canaries.h"

#include "base/hash.h"

#include <fmt/format.h>

#include <cctype>

namespace reeve::testing {

namespace {

/// Every canary begins with it.
constexpr std::string_view marker = "ca4a41";
constexpr std::size_t canary_size = 12;

/// What every ledger begins with.
void plant(const Tenant& tenant) {
  Ledger ledger = Ledger::open(tenant.url);
  const std::string& canary = tenant.canary;
  const auto must = [&](const char* type, const std::string& payload, const CommitOptions& options) {
    const Outcome outcome = ledger.commit(type, payload, options);
    EXPECT_TRUE(outcome.accepted()) << text_of(outcome);
  };
  must("owner.joined", fmt::format(R"({{"owner_id":"owner-{0}","name":"named {0}"}})", canary),
       {.actor = "actor-" + canary, .key = "key-" + canary});
  must("owner.joined", fmt::format(R"({{"owner_id":"shared","name":"named {0}"}})", canary),
       {.actor = "actor-" + canary, .key = "shared"});
  must("account.opened",
       fmt::format(R"({{"account_id":"account-{0}","owner_id":"owner-{0}","rate":{1},"tag":"{2}",)"
                   R"("notes":{{"about":"noted {0}","{0}":["{0}"]}}}})",
                   canary, tenant.rate(), tenant.uuid(0)),
       {.actor = canary, .id = "018f0000-0000-7000-8000-000000000001"});
  must("account.credited", fmt::format(R"({{"account_id":"account-{}","amount":7}})", canary),
       {.actor = canary});
  must("badge.given", fmt::format(R"({{"owner_id":"owner-{0}","number":1,"label":"badge {0}"}})", canary),
       {});
  must("badge.given", R"({"owner_id":"shared","number":1,"label":"shared"})", {});
}

}  // namespace

blueprint::Sources canary_sources() {
  blueprint::Sources sources = vault_sources();
  sources.files["migrations/0002_views.up.sql"] =
      "CREATE VIEW holdings AS SELECT o.owner_id, o.name, count(a.account_id) AS accounts\n"
      "FROM owners o LEFT JOIN accounts a ON a.owner_id = o.owner_id GROUP BY o.owner_id, o.name;\n";
  sources.files["migrations/0002_views.down.sql"] = "DROP VIEW holdings;\n";
  sources.files["commands/claim.sql"] =
      "-- check: the label :label is taken by another\n"
      "SELECT NOT EXISTS (SELECT 1 FROM badges WHERE label = :label);\n\n"
      "-- emit: badge.given\nSELECT :owner_id AS owner_id, :number::integer AS number, :label AS label;\n";
  sources.files["commands/claim.json"] =
      R"({"type": "object", "properties": {"owner_id": {"type": "string"}, "number": {"type": "integer"},)"
      R"( "label": {"type": "string"}}, "required": ["owner_id", "number", "label"]})";
  sources.files["search/owners.toml"] = "format = 1\ntable = \"owners\"\n\n[text]\nname = 1\nowner_id = 1\n";
  sources.files["queries/canaries.sql"] =
      "-- name: search :many\n"
      "SELECT account_id, owner_id, notes FROM accounts WHERE account_id LIKE :pattern ORDER BY account_id "
      "LIMIT "
      "20;\n\n"
      "-- name: joined :many\n"
      "SELECT o.name, a.account_id, a.notes, a.tag, a.token FROM owners o JOIN accounts a ON a.owner_id = "
      "o.owner_id\n"
      "WHERE a.account_id > :after ORDER BY a.account_id LIMIT 20;\n\n"
      "-- name: with_badges :many\n"
      "SELECT o.owner_id, o.name, b.label, b.number FROM owners o LEFT JOIN badges b ON b.owner_id = "
      "o.owner_id\n"
      "ORDER BY o.owner_id, b.number LIMIT 20;\n\n"
      "-- name: gathered :one\n"
      "SELECT string_agg(owner_id, ',' ORDER BY owner_id) AS owners, jsonb_agg(name ORDER BY owner_id) AS "
      "names\n"
      "FROM owners;\n\n"
      "-- name: rates :one\n"
      "SELECT count(*) AS accounts, min(rate) AS low, max(rate) AS high FROM accounts;\n\n"
      "-- name: tagged :many\n"
      "SELECT account_id, tag FROM accounts WHERE tag = :tag::uuid ORDER BY account_id;\n\n"
      "-- name: labelled :many\nSELECT owner_id, number, label FROM badges WHERE label = :label;\n\n"
      "-- name: ranked :many\n"
      "SELECT account_id, row_number() OVER (ORDER BY balance DESC, account_id) AS place FROM accounts\n"
      "ORDER BY place LIMIT 10;\n\n"
      "-- name: held :many\nSELECT owner_id, name, accounts FROM holdings ORDER BY owner_id LIMIT 20;\n\n"
      "-- name: page :many\n"
      "SELECT sequence, id, type, actor, key, command, payload FROM reeve_events\n"
      "WHERE sequence > :after::bigint ORDER BY sequence LIMIT 10;\n\n"
      "-- name: of_actor :many\n"
      "SELECT sequence, payload FROM reeve_events WHERE actor = :by_actor ORDER BY sequence DESC LIMIT 5;\n\n"
      "-- name: actors :many\n"
      "SELECT actor, count(*) AS events FROM reeve_events GROUP BY actor ORDER BY actor;\n\n"
      "-- name: under_key :many\nSELECT sequence, type, payload FROM reeve_events WHERE key = :key;\n\n"
      "-- name: names :many\n"
      "SELECT owner_id AS name FROM owners UNION SELECT account_id AS name FROM accounts ORDER BY name LIMIT "
      "20;\n\n"
      "-- name: richest :many\n"
      "WITH rich AS (SELECT account_id, owner_id, balance FROM accounts WHERE balance >= :least::bigint)\n"
      "SELECT r.account_id, (SELECT o.name FROM owners o WHERE o.owner_id = r.owner_id) AS name FROM rich r\n"
      "ORDER BY r.balance DESC, r.account_id LIMIT 10;\n\n"
      "-- name: noted :many\n"
      "SELECT account_id, notes->>'about' AS about FROM accounts WHERE notes->>'about' = :about ORDER BY "
      "account_id;\n\n"
      "-- name: as_number :many\n"
      "SELECT account_id::integer AS number FROM accounts WHERE account_id > :after ORDER BY 1;\n";
  return sources;
}

std::string Tenant::uuid(int place) const { return fmt::format("{:08x}-0000-4000-8000-{}", place, canary); }

Tenants::Tenants() : server_({.fsync = false, .connections_max = 80, .settings = {}}) {
  database_ = std::make_unique<Database>("isolation", server_);
  const Workshop workshop;
  const std::string folder = workshop.blueprint(canary_sources());
  for (std::size_t number = 0; number < count; ++number) {
    Tenant tenant;
    tenant.number = number;
    tenant.canary = std::string(marker) + fmt::format("{:06x}", (number + 1) * 0x0b5a37 % 0xffffff);
    tenant.name = "ledger-" + tenant.canary;
    create_ledger(database_->administrator(tenant.name), folder);
    tenant.url = database_->application(tenant.name);
    const auto of_ledger = [&](const std::string& sql) {
      return std::get<std::string>(*database_->value(sql));
    };
    tenant.ledger_id =
        of_ledger("SELECT ledger_id::text FROM reeve.reeve_ledgers WHERE name = '" + tenant.name + "'");
    tenant.seed = of_ledger("SELECT value FROM reeve.reeve_meta WHERE name = 'seed' AND ledger_id = '" +
                            tenant.ledger_id + "'");
    plant(tenant);
    all_.push_back(std::move(tenant));
  }
  database_->execute("ANALYZE");
}

Tenants& Tenants::shared() {
  static Tenants all;
  return all;
}

std::string Tenants::foreign_canary(std::string_view text, std::size_t own) const {
  for (std::size_t at = text.find(marker); at != std::string_view::npos; at = text.find(marker, at + 1)) {
    for (const Tenant& tenant : all_) {
      if (tenant.number != own && text.substr(at, canary_size) == tenant.canary) return tenant.canary;
    }
  }
  return {};
}

std::string Tenants::foreign(std::string_view text, std::size_t own) const {
  for (const Tenant& tenant : all_) {
    if (tenant.number == own) continue;
    if (text.find(tenant.ledger_id) != std::string_view::npos) return "the id of " + tenant.name;
    if (text.find(tenant.seed) != std::string_view::npos) return "the seed of " + tenant.name;
  }
  return foreign_canary(text, own);
}

std::string text_of(const Outcome& outcome) {
  if (!outcome) {
    return fmt::format("{}: {}", name_of(outcome.rejection().code), outcome.rejection().reason);
  }
  return fmt::format("{} {} {}", outcome.receipt().first.value, outcome.receipt().count,
                     outcome.receipt().repeated);
}

std::string text_of(const Error& error) {
  return fmt::format("{}: {} | {} | {} | {}", name_of(error.code()), error.message(), error.remedy(),
                     error.place().to_string(), error.what());
}

std::string text_of(Rows& rows) {
  std::string text;
  for (const Rows::Column& column : rows.columns()) text += column.name + " " + column.type + "\n";
  while (rows.next()) {
    for (std::size_t i = 0; i < rows.columns().size(); ++i) {
      const ValueView value = rows.at(i);
      switch (value.kind()) {
        case ValueView::Kind::null: text += "NULL"; break;
        case ValueView::Kind::integer: text += std::to_string(value.integer()); break;
        case ValueView::Kind::real: text += fmt::format("{}", value.real()); break;
        default: text += value.text();
      }
      text += " | ";
    }
    text += "\n";
  }
  return text;
}

}  // namespace reeve::testing
