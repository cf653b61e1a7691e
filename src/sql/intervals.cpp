// A time plus or minus a constant span: timestamptz + interval '15 minutes'. There are no values of the type
// interval: the span is read here, once, and the engine adds microseconds.

#include "sql/analyser.h"
#include "sql/names.h"

#include <algorithm>
#include <charconv>

namespace reeve::sql {
namespace {

struct Unit {
  std::string_view name;  ///< singular; PostgreSQL takes it with an s too
  std::int64_t microseconds;
};

/// Months and years are of no fixed length, and so not here.
constexpr Unit units[] = {
    {"microsecond", 1},      {"millisecond", 1000},   {"second", 1'000'000},     {"minute", 60'000'000},
    {"hour", 3'600'000'000}, {"day", 86'400'000'000}, {"week", 604'800'000'000},
};

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

/// `N unit`, repeated; a sign belongs to its own number, as PostgreSQL reads it.
std::optional<std::int64_t> microseconds_of(std::string_view text) {
  constexpr std::int64_t most = 400 * 366 * 86'400'000'000;
  const auto words = words_of(text);
  if (words.empty() || words.size() % 2 != 0) return {};
  std::int64_t total = 0;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    std::int64_t number = 0;
    const std::string_view digits = words[i];
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (failure != std::errc() || end != digits.data() + digits.size()) return {};
    std::string_view name = words[i + 1];
    if (name.ends_with('s')) name.remove_suffix(1);
    const Unit* unit = std::find_if(std::begin(units), std::end(units),
                                    [&](const Unit& known) { return known.name == name; });
    std::int64_t part = 0;
    if (unit == std::end(units) || __builtin_mul_overflow(number, unit->microseconds, &part) ||
        __builtin_add_overflow(total, part, &total) || total > most || total < -most)
      return {};
  }
  return total;
}

bool is_interval(const Node* node) {
  if (node == nullptr || node->node_case != PG_QUERY__NODE__NODE_TYPE_CAST) return false;
  const auto* name = node->type_cast->type_name;
  return name->n_names > 0 && name->n_array_bounds == 0 &&
         string_of(name->names[name->n_names - 1]) == "interval";
}

}  // namespace

std::optional<Expr> Analyser::time_plus_interval(const std::string& op, const PgQuery__AExpr& node,
                                                 const Scope& scope) {
  if ((op != "+" && op != "-") || !is_interval(node.rexpr)) return {};
  const auto& cast = *node.rexpr->type_cast;
  const bool text = cast.arg->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                    cast.arg->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL &&
                    cast.type_name->n_typmods == 0;
  const auto span = text ? microseconds_of(cast.arg->a_const->sval->sval) : std::nullopt;
  if (!span)
    refuse(node.location, "this interval is no constant of whole numbers and fixed units, below 400 years",
           "write interval '15 minutes': microseconds, milliseconds, seconds, minutes, hours, days, weeks");
  Expr time = coerce(expression(node.lexpr, scope), Type::timestamptz, Cast::implicit);
  plain_only(node.location, "time arithmetic");
  const std::string microseconds = std::to_string(op == "+" ? *span : -*span);
  return combine({"reeve_time_add(" + time.sql.sqlite + ", " + microseconds + ")",
                  "(" + time.sql.postgres + " + '" + microseconds + " microseconds'::interval)"},
                 Type::timestamptz, {&time}, node.location);
}

}  // namespace reeve::sql
