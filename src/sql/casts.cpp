// Types: literals whose type is still open, and PostgreSQL's casts.

#include "base/clock.h"
#include "base/json.h"
#include "base/uuid.h"
#include "sql/analyser.h"
#include "sql/functions_internal.h"
#include "sql/interval.h"
#include "sql/names.h"

#include <algorithm>
#include <charconv>

namespace reeve::sql {
namespace {

bool is_integer(Type type) { return type == Type::integer || type == Type::bigint; }
bool is_number(Type type) { return is_integer(type) || type == Type::double_precision; }

std::string integer_text(std::int64_t value) {
  if (value == INT64_MIN) return "(-9223372036854775807 - 1)";
  return value < 0 ? "(" + std::to_string(value) + ")" : std::to_string(value);
}

std::string article(Type type) { return std::string(name_of(type)); }

}  // namespace

/// A double is never left to SQLite's own reading of decimal digits, which is off by a bit for some. Below
/// 2^53 over a power of ten up to 10^22 one correctly rounded division gives the right double (Clinger, 1990).
Expr Analyser::double_literal(const std::string& digits, int location) const {
  const std::optional<double> value = read_double(digits);
  if (!value) refuse(location, "this number is no finite double");
  Expr expr;
  expr.type = Type::double_precision;
  expr.nullable = false;
  expr.constant = true;
  expr.location = location;
  const double magnitude = *value < 0 ? -*value : *value;
  const std::string postgres = "'" + write_double(*value) + "'::double precision";
  std::string text;
  if (magnitude < 9007199254740992.0 &&
      magnitude == static_cast<double>(static_cast<std::int64_t>(magnitude))) {
    text = std::to_string(static_cast<std::int64_t>(magnitude)) + ".0";
  } else {
    std::string shortest = write_double(magnitude);
    const auto point = shortest.find('.');
    const bool plain = shortest.find('e') == std::string::npos && point != std::string::npos;
    const std::size_t decimals = plain ? shortest.size() - point - 1 : 0;
    if (plain && decimals <= 22 && shortest.size() <= 16) {
      shortest.erase(point, 1);
      const auto first = std::min(shortest.find_first_not_of('0'), shortest.size() - 1);
      text = "(" + shortest.substr(first) + " / 1" + std::string(decimals, '0') + ".0)";
    } else {
      plain_only(location, "a double of so many digits");
      expr.sql = {"reeve_double(" + quoted_text(write_double(*value)) + ")", postgres};
      return expr;
    }
  }
  expr.sql = {*value < 0 ? "(-" + text + ")" : text, postgres};
  return expr;
}

Expr Analyser::constant(const PgQuery__AConst& node) {
  Expr expr;
  expr.location = node.location;
  expr.constant = true;
  expr.nullable = false;
  if (node.isnull) {
    expr.sql = "NULL";
    expr.is_null = expr.nullable = true;
    return expr;
  }
  switch (node.val_case) {
    case PG_QUERY__A__CONST__VAL_IVAL:
      expr.type = Type::integer;
      expr.sql = integer_text(node.ival->ival);
      expr.range = Range{node.ival->ival, node.ival->ival};
      return expr;
    case PG_QUERY__A__CONST__VAL_FVAL: {
      const std::string digits = node.fval->fval;
      std::int64_t value = 0;
      const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (failure != std::errc() || end != digits.data() + digits.size())
        return double_literal(digits, node.location);
      expr.type = value >= INT32_MIN && value <= INT32_MAX ? Type::integer : Type::bigint;
      expr.sql = integer_text(value);
      expr.range = Range{value, value};
      return expr;
    }
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
      expr.type = Type::boolean;
      expr.sql = node.boolval->boolval ? Text("1", "true") : Text("0", "false");
      return expr;
    case PG_QUERY__A__CONST__VAL_SVAL:
      expr.literal = node.sval->sval;
      expr.sql = quoted_text(*expr.literal);
      return expr;
    default:
      // A zero is left out of the tree: an integer without a value.
      if (node.val_case == PG_QUERY__A__CONST__VAL__NOT_SET) {
        expr.type = Type::integer;
        expr.sql = "0";
        expr.range = Range{0, 0};
        return expr;
      }
      refuse(node.location, "bit strings are not supported", "use bytea or an integer");
  }
}

Expr Analyser::literal_as(const Expr& expr, Type type) const {
  Expr out = expr;
  out.type = type;
  out.literal.reset();
  const std::string& text = *expr.literal;
  const auto typed = [&](const std::string& canonical) {
    const std::string sql = quoted_text(canonical);
    return Text(sql, sql + "::" + std::string(name_of(type)));
  };
  try {
    switch (type) {
      case Type::text: out.sql = typed(text); break;
      case Type::boolean: out.sql = text_to_boolean(text) ? Text("1", "true") : Text("0", "false"); break;
      case Type::integer:
      case Type::bigint: {
        const std::int64_t value = text_to_integer(text, type == Type::integer ? INT32_MIN : INT64_MIN,
                                                   type == Type::integer ? INT32_MAX : INT64_MAX);
        out.sql = integer_text(value);
        if (type == Type::bigint) out.sql.postgres += "::bigint";
        out.range = Range{value, value};
        break;
      }
      case Type::double_precision: return double_literal(write_double(text_to_double(text)), expr.location);
      case Type::uuid: out.sql = typed(text_to_uuid(text)); break;
      case Type::date: out.sql = typed(text_to_date(text)); break;
      case Type::timestamptz: out.sql = typed(text_to_time(text)); break;
      case Type::jsonb: out.sql = typed(json::canonical(text)); break;
      case Type::bytea: {
        const Bytes bytes = text_to_bytes(text);
        const std::string hex = to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
        out.sql = {"X'" + hex + "'", "'\\x" + hex + "'::bytea"};
        break;
      }
      case Type::interval: {
        const auto interval = read_interval(text);
        if (!interval)
          refuse(expr.location, "this interval is not read: '" + text + "'",
                 "numbers with their units, and a clock time: interval '1 year 2 months 3 days 04:05:06'");
        out.sql = {quoted_text(interval_numbers(*interval)),
                   quoted_text(interval_for_postgres(*interval)) + "::interval"};
        out.interval = interval;
        break;
      }
      case Type::unknown: break;
    }
  } catch (const Error& error) {
    if (text == "now" || text == "today" || text == "yesterday" || text == "tomorrow")
      refuse(expr.location, "'" + text + "' reads the clock", "use :at, or now() in queries and commands");
    refuse(expr.location, error.message());
  }
  return out;
}

Expr Analyser::cast_to_text(const Expr& expr) const {
  Text sql = {expr.sql.sqlite, expr.sql.postgres + "::text"};
  switch (expr.type) {
    case Type::integer:
    case Type::bigint: sql.sqlite = "CAST(" + expr.sql.sqlite + " AS TEXT)"; break;
    case Type::boolean:
      sql.sqlite = "CASE " + expr.sql.sqlite + " WHEN 1 THEN 'true' WHEN 0 THEN 'false' END";
      break;
    case Type::double_precision:
      plain_only(expr.location, "a double written as text");
      sql.sqlite = "reeve_double_text(" + expr.sql.sqlite + ")";
      break;
    case Type::bytea:
      plain_only(expr.location, "bytea written as text");
      sql.sqlite = "reeve_bytea_text(" + expr.sql.sqlite + ")";
      break;
    case Type::interval:
      plain_only(expr.location, "an interval written as text");
      sql.sqlite = "reeve_interval_text(" + expr.sql.sqlite + ")";
      break;
    case Type::timestamptz: sql.postgres = "reeve_time_text(" + expr.sql.postgres + ")"; break;
    case Type::jsonb: sql.postgres = "reeve_jsonb_text(" + expr.sql.postgres + ")"; break;
    default: break;
  }
  Expr out = combine(std::move(sql), Type::text, {&expr}, expr.location);
  return out;
}

Expr Analyser::cast_from_text(Expr expr, Type type) const {
  const std::string plain = expr.sql.postgres + "::" + std::string(name_of(type));
  if (type == Type::jsonb && expr.canonical_json) {
    expr.type = Type::jsonb;
    expr.sql.postgres = plain;
    return expr;
  }
  if (rules_.stored && is_integer(type)) {
    not_hashed(expr.location, "a cast of text to " + article(type));
    Expr out = combine({"CAST(" + expr.sql.sqlite + " AS INTEGER)", plain}, type, {&expr}, expr.location);
    return out;
  }
  plain_only(expr.location, "a cast of text to " + article(type));
  std::string_view function;
  bool registered = false;  // For PostgreSQL too, whose own cast reads more than one form.
  switch (type) {
    case Type::boolean: function = "reeve_text_boolean"; break;
    case Type::integer: function = "reeve_text_integer"; break;
    case Type::bigint: function = "reeve_text_bigint"; break;
    case Type::double_precision:
      function = "reeve_text_double";
      registered = true;
      break;
    case Type::uuid:
      function = "reeve_text_uuid";
      registered = true;
      break;
    case Type::date:
      function = "reeve_text_date";
      registered = true;
      break;
    case Type::timestamptz:
      function = "reeve_text_timestamptz";
      registered = true;
      break;
    case Type::jsonb:
      function = "reeve_text_jsonb";
      registered = true;
      break;
    case Type::interval:
      function = "reeve_text_interval";
      registered = true;
      break;
    case Type::bytea: function = "reeve_text_bytea"; break;
    default: return expr;
  }
  const Text call = std::string(function) + "(" + expr.sql + ")";
  Expr out = combine({call.sqlite, registered ? call.postgres : plain}, type, {&expr}, expr.location);
  if (type == Type::integer) out.range = Range{INT32_MIN, INT32_MAX};
  return out;
}

Expr Analyser::coerce(Expr expr, Type type, Cast kind, std::optional<int> length_max) {
  const std::string word(name_of(type));
  if (expr.type == type) {
    if (kind != Cast::explicit_cast || type != Type::text || !length_max) return expr;
    const std::string length = std::to_string(*length_max);
    return combine({"substr(" + expr.sql.sqlite + ", 1, " + length + ")",
                    expr.sql.postgres + "::varchar(" + length + ")::text"},
                   type, {&expr}, expr.location);
  }
  if (!expr.open()) return cast_within(std::move(expr), type, kind, length_max);
  if (expr.literal) return coerce(literal_as(expr, type), type, kind, length_max);
  if (expr.parameter > 0 && type == Type::interval)  // It comes as text.
    return coerce(coerce(std::move(expr), Type::text, Cast::implicit), type, Cast::explicit_cast);
  if (expr.parameter > 0) {
    const auto number = static_cast<std::size_t>(expr.parameter) - 1;
    Type& known = out_.parameters[number].type;
    if (known == Type::unknown) known = type;
    expr.type = known;
    expr.sql.postgres = "$" + std::to_string(expr.parameter) + "::" + std::string(name_of(known));
    return coerce(std::move(expr), type, kind, length_max);
  }
  expr.type = type;
  if (expr.is_null) expr.sql.postgres = "NULL::" + word;
  return expr;
}

Expr Analyser::cast_within(Expr expr, Type type, Cast kind, std::optional<int> length_max) {
  const Type from = expr.type;
  const std::string cast = expr.sql.postgres + "::" + std::string(name_of(type));
  const auto made = [&](std::string sqlite) {
    Expr out = combine({std::move(sqlite), cast}, type, {&expr}, expr.location);
    if (type == Type::integer) out.range = Range{INT32_MIN, INT32_MAX};
    return out;
  };
  const auto registered = [&](std::string_view function) {
    plain_only(expr.location, "a cast of " + article(from) + " to " + article(type));
    return made(std::string(function) + "(" + expr.sql.sqlite + ")");
  };
  if (from == Type::integer && type == Type::bigint) {
    // PostgreSQL compares and computes with both kinds of integers; a cast would hide a column from its index.
    if (kind != Cast::implicit) expr.sql.postgres = cast;
    expr.type = type;
    return expr;
  }
  if (is_integer(from) && type == Type::double_precision) {
    if (expr.range && !expr.nullable && expr.range->low == expr.range->high)
      return double_literal(std::to_string(expr.range->low), expr.location);
    return made("CAST(" + expr.sql.sqlite + " AS REAL)");
  }
  if (kind != Cast::implicit) {
    if (type == Type::text) return coerce(cast_to_text(expr), type, kind, length_max);
    if (from == Type::bigint && type == Type::integer) {
      if (expr.range && expr.range->low >= INT32_MIN && expr.range->high <= INT32_MAX) {
        expr.type = type;
        expr.sql.postgres = cast;
        return expr;
      }
      if (rules_.stored) {
        Expr out = made(expr.sql.sqlite);
        if (rules_.hashed) out.unchecked = out.sql.sqlite;
        return out;
      }
      Expr out = registered("reeve_integer");
      out.unchecked = expr.stored().sqlite;
      return out;
    }
    if (from == Type::double_precision && is_integer(type))
      return registered(type == Type::integer ? "reeve_double_integer" : "reeve_double_bigint");
  }
  if (kind == Cast::explicit_cast) {
    if (from == Type::text) return cast_from_text(std::move(expr), type);
    if (from == Type::integer && type == Type::boolean) return made("(" + expr.sql.sqlite + " <> 0)");
    if (from == Type::boolean && type == Type::integer) return made(expr.sql.sqlite);
    if (from == Type::jsonb) {
      if (type == Type::integer) return registered("reeve_jsonb_integer");
      if (type == Type::bigint) return registered("reeve_jsonb_bigint");
      if (type == Type::double_precision) return registered("reeve_jsonb_double");
      if (type == Type::boolean) return registered("reeve_jsonb_boolean");
    }
    // PostgreSQL's answer depends on the session's zone; here it is UTC always.
    if (from == Type::timestamptz && type == Type::date) {
      Expr out = made("substr(" + expr.sql.sqlite + ", 1, 10)");
      out.sql.postgres = "(" + expr.sql.postgres + " AT TIME ZONE 'UTC')::date";
      return out;
    }
    if (from == Type::date && type == Type::timestamptz) {
      Expr out = made("(" + expr.sql.sqlite + " || 'T00:00:00.000000Z')");
      out.sql.postgres = "(" + expr.sql.postgres + "::timestamp AT TIME ZONE 'UTC')";
      return out;
    }
  }
  refuse(expr.location, "a value of type " + article(from) + " where " + article(type) + " is expected",
         from == Type::text || type == Type::text || (is_number(from) && is_number(type))
             ? "cast it: (...)::" + article(type)
             : "");
}

namespace {

struct TypeWord {
  std::string_view name;
  Type type;
};

constexpr TypeWord type_words[] = {
    {"bool", Type::boolean},
    {"int4", Type::integer},
    {"int2", Type::integer},
    {"int8", Type::bigint},
    {"float8", Type::double_precision},
    {"float4", Type::double_precision},
    {"text", Type::text},
    {"varchar", Type::text},
    {"uuid", Type::uuid},
    {"date", Type::date},
    {"timestamptz", Type::timestamptz},
    {"timestamp", Type::timestamptz},
    {"jsonb", Type::jsonb},
    {"json", Type::jsonb},
    {"bytea", Type::bytea},
};

}  // namespace

std::pair<Type, std::optional<int>> Analyser::type_of(const PgQuery__TypeName& node) const {
  const auto names = list(node.n_names, node.names);
  const std::string name(names.empty() ? std::string_view{} : string_of(names.back()));
  if (node.n_array_bounds > 0)
    refuse(node.location, "array types are not supported", "use jsonb, or a table of its own");
  for (const TypeWord& word : type_words) {
    if (word.name != name) continue;
    std::optional<int> length;
    if (name == "varchar" && node.n_typmods == 1 &&
        node.typmods[0]->node_case == PG_QUERY__NODE__NODE_A_CONST)
      length = node.typmods[0]->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL
                   ? node.typmods[0]->a_const->ival->ival
                   : 0;
    if (length && *length < 1) refuse(node.location, "varchar needs a length of 1 or more");
    return {word.type, length};
  }
  if (name == "numeric")
    refuse(node.location, "numeric is not supported", "use bigint in minor units, or double precision");
  if (name.ends_with("serial")) refuse(node.location, name + " is no type but a kind of column", "bigint");
  if (name == "interval") {
    if (node.n_typmods > 0)
      refuse(node.location, "an interval with fields or a precision", "interval '15 minutes'");
    return std::make_pair(Type::interval, std::optional<int>(std::nullopt));
  }
  if (name == "bpchar") refuse(node.location, "char(n) is not supported", "use text or varchar(n)");
  std::vector<std::string> known;
  for (const TypeWord& word : type_words) known.emplace_back(word.name);
  const std::string meant = did_you_mean(name, known);
  refuse(
      node.location, "unknown type '" + name + "'",
      meant.empty()
          ? "boolean, integer, bigint, double precision, text, varchar(n), uuid, date, timestamptz, jsonb, "
            "bytea"
          : meant);
}

Expr Analyser::type_cast(const PgQuery__TypeCast& node, const Scope& scope) {
  const auto [type, length] = type_of(*node.type_name);
  Expr operand = expression(node.arg, scope);
  const int location = operand.location;
  if (operand.is_null && operand.open()) operand = coerce(std::move(operand), type, Cast::implicit);
  Expr out = coerce(std::move(operand), type, Cast::explicit_cast, length);
  out.location = location;
  return out;
}

}  // namespace reeve::sql
