#include "access/tokens.h"

#include "access/name.h"
#include "access/token_text.h"

#include "access/insert_token_sql.h"
#include "access/list_tokens_sql.h"
#include "access/revoke_token_sql.h"
#include "access/select_token_sql.h"
#include "access/touch_token_sql.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

namespace reeve::access {

namespace {

using Reason = Authorization::Reason;

constexpr Microseconds hour_us = 3'600'000'000;

std::string joined(const std::vector<std::string>& parts, char between) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += between;
    text += part;
  }
  return text;
}

std::vector<std::string> parts_of(std::string_view text, char between) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(between));
    parts.emplace_back(part);
    text.remove_prefix(std::min(part.size() + 1, text.size()));
  }
  return parts;
}

std::string text_of(std::vector<Verb> verbs) {
  std::sort(verbs.begin(), verbs.end());
  verbs.erase(std::unique(verbs.begin(), verbs.end()), verbs.end());
  std::vector<std::string> names;
  for (const Verb verb : verbs) names.emplace_back(name_of(verb));
  return joined(names, ',');
}

std::vector<Verb> verbs_of(std::string_view text) {
  std::vector<Verb> verbs;
  for (const std::string& name : parts_of(text, ',')) {
    if (const auto verb = verb_of(name)) verbs.push_back(*verb);
  }
  return verbs;
}

std::optional<Microseconds> optional_time(const engine::Statement& row, int column) {
  const ValueView value = row.column(column);
  return value.is_null() ? std::nullopt : std::optional(value.integer());
}

struct Stored {
  Digest hash{};
  std::vector<std::string> ledgers = {};
  std::vector<Verb> verbs = {};
  std::optional<Microseconds> expires = {};
  std::optional<Microseconds> revoked = {};
  std::optional<Microseconds> last_used = {};
};

std::optional<Stored> read_token(Store& store, std::string_view id) {
  engine::Statement& row = store.of(embedded::select_token_sql);
  row.bind_text(1, id);
  if (!row.step()) {
    return std::nullopt;
  }
  Stored stored;
  const std::string_view hash = row.bytes(0);
  ensure(hash.size() == stored.hash.size(), "a token's hash has 32 bytes");
  std::copy(hash.begin(), hash.end(), stored.hash.begin());
  stored.ledgers = parts_of(row.text(1), '\n');
  stored.verbs = verbs_of(row.text(2));
  stored.expires = optional_time(row, 3);
  stored.revoked = optional_time(row, 4);
  stored.last_used = optional_time(row, 5);
  return stored;
}

Reason judge(const Stored& stored, std::string_view ledger, Verb verb, Microseconds now) {
  if (stored.revoked) return Reason::revoked;
  if (stored.expires && now >= *stored.expires) return Reason::expired;
  const auto is_of = [&](const std::string& pattern) { return matches(pattern, ledger); };
  if (std::none_of(stored.ledgers.begin(), stored.ledgers.end(), is_of)) return Reason::ledger;
  const bool has_verb = std::find(stored.verbs.begin(), stored.verbs.end(), verb) != stored.verbs.end();
  return has_verb ? Reason::allowed : Reason::verb;
}

void check(const NewToken& token, Microseconds now) {
  if (!token.label.empty()) check_name("the label of a token", token.label, 200);
  for (const std::string& ledger : token.ledgers) check_name("a ledger", ledger, 200);
  if (token.ledgers.empty() || token.ledgers.size() > 100 || token.verbs.empty()) {
    throw Error(ErrorCode::invalid_input, "a token is for 1 to 100 ledgers, and for at least one verb",
                "name them; * is every ledger");
  }
  if (token.expires && *token.expires <= now) {
    throw Error(ErrorCode::invalid_input, "the token has expired already", "give a time to come");
  }
}

}  // namespace

CreatedToken Tokens::create(const NewToken& token) {
  const Microseconds now = clock_.now();
  check(token, now);
  return pool_.write([&](Store& store) {
    CreatedToken made = make_token(random_);
    const Digest hash = hash_of_token(made.text.text());
    const std::string ledgers = joined(token.ledgers, '\n');
    const std::string verbs = text_of(token.verbs);
    engine::Statement& insert = store.of(embedded::insert_token_sql);
    insert.bind_text(1, made.id);
    insert.bind_bytes(2, hash.data(), hash.size());
    insert.bind_text(3, token.label);
    insert.bind_text(4, ledgers);
    insert.bind_text(5, verbs);
    insert.bind_integer(6, now);
    insert.bind(7, token.expires ? ValueView::of(*token.expires) : ValueView());
    insert.run();
    return made;
  });
}

Authorization Tokens::authorize(std::string_view token, std::string_view ledger, Verb verb) {
  ParsedToken parsed = parse_token(token);
  Authorization said{.reason = Reason::malformed, .token_id = std::move(parsed.id)};
  if (said.token_id.empty() || parsed.is_mistyped) {
    if (parsed.is_mistyped) said.reason = Reason::mistyped;
    return said;
  }
  const Digest hash = hash_of_token(token);
  const auto stored = pool_.read([&](Store& store) { return read_token(store, said.token_id); });
  // An unknown one is compared too: it takes as long as a forged one.
  const bool is_equal = equal_secret(hash, stored ? stored->hash : Digest{});
  if (!stored || !is_equal) {
    said.reason = stored ? Reason::forged : Reason::unknown;
    return said;
  }
  const Microseconds now = clock_.now();
  said.reason = judge(*stored, ledger, verb, now);
  const Microseconds hour = now - now % hour_us;
  if (said.allowed() && (!stored->last_used || *stored->last_used < hour)) note_use(said.token_id, hour);
  return said;
}

void Tokens::note_use(std::string_view id, Microseconds hour) {
  try {
    pool_.write(
        [&](Store& store) {
          engine::Statement& touch = store.of(embedded::touch_token_sql);
          touch.bind_text(1, id);
          touch.bind_integer(2, hour);
          touch.run();
          return true;
        },
        1);
  } catch (const Error&) {
    return;  // the next use notes it: no reason to refuse this one
  }
}

std::vector<TokenEntry> Tokens::list() {
  return pool_.read([&](Store& store) {
    std::vector<TokenEntry> entries;
    engine::Statement& rows = store.of(embedded::list_tokens_sql);
    while (rows.step()) {
      TokenEntry& entry = entries.emplace_back();
      entry.id = rows.text(0);
      entry.label = rows.text(1);
      entry.ledgers = parts_of(rows.text(2), '\n');
      entry.verbs = verbs_of(rows.text(3));
      entry.created = rows.integer(4);
      entry.expires = optional_time(rows, 5);
      entry.revoked = optional_time(rows, 6);
      entry.last_used = optional_time(rows, 7);
    }
    return entries;
  });
}

bool Tokens::revoke(std::string_view id) {
  return pool_.write([&](Store& store) {
    engine::Statement& statement = store.of(embedded::revoke_token_sql);
    statement.bind_text(1, id);
    statement.bind_integer(2, clock_.now());
    statement.run();
    return store.connection().changes() > 0;
  });
}

}  // namespace reeve::access

namespace reeve {

namespace {

constexpr std::array<std::pair<Verb, std::string_view>, 4> verb_names{
    {{Verb::read, "read"}, {Verb::write, "write"}, {Verb::work, "work"}, {Verb::admin, "admin"}}};

}  // namespace

std::string_view name_of(Verb verb) {
  for (const auto& [one, name] : verb_names) {
    if (one == verb) return name;
  }
  return "unknown";
}

std::optional<Verb> verb_of(std::string_view name) {
  for (const auto& [verb, its_name] : verb_names) {
    if (its_name == name) return verb;
  }
  return std::nullopt;
}

std::string_view name_of(Authorization::Reason reason) {
  switch (reason) {
    case Authorization::Reason::allowed: return "allowed";
    case Authorization::Reason::malformed: return "malformed";
    case Authorization::Reason::mistyped: return "mistyped";
    case Authorization::Reason::unknown: return "unknown";
    case Authorization::Reason::forged: return "forged";
    case Authorization::Reason::revoked: return "revoked";
    case Authorization::Reason::expired: return "expired";
    case Authorization::Reason::ledger: return "ledger";
    case Authorization::Reason::verb: return "verb";
  }
  return "unknown";
}

Error Authorization::to_error() {
  return {ErrorCode::denied, "the token does not allow this", "use one that does"};
}

}  // namespace reeve
