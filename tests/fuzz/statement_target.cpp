// Input: one letter for the use, and statements of the dialect.
//   What the translation takes is prepared by SQLite and parsed by PostgreSQL's parser.
//   It gives the columns that the translation says, of the types it says, and NULL only where it says so.
//   A check and a moment give one row at most.

#include "base/utf8.h"
#include "fuzz/database.h"
#include "fuzz/support.h"
#include "fuzz/targets.h"
#include "sql/large_stack.h"
#include "sql/translation.h"

#include <cmath>

namespace reeve::fuzz {
namespace {

using sql::Translation;
using sql::Type;
using sql::Use;

constexpr Use uses[] = {Use::apply,  Use::check,  Use::emit,     Use::query,
                        Use::moment, Use::upcast, Use::migration};

/// Those that a payload's schema would declare, one of each type, named by its first letters.
const sql::ParameterTypes& declared() {
  static const sql::ParameterTypes types = {
      {"b", Type::boolean}, {"i", Type::integer},      {"n", Type::bigint}, {"r", Type::double_precision},
      {"t", Type::text},    {"u", Type::uuid},         {"d", Type::date},   {"s", Type::timestamptz},
      {"j", Type::jsonb},   {"at", Type::timestamptz}, {"p", Type::text},   {"sequence", Type::bigint}};
  return types;
}

class Dice : public engine::HostFunctions {
 public:
  std::int64_t dice(std::string_view, std::int64_t sides) override { return sides; }
  std::string new_uuid(std::string_view) override { return "0a1b2c3d-0000-4000-8000-00000000000f"; }
  std::string changes(std::int64_t) override { return "[]"; }
};

void bind(engine::Statement& statement, const Translation& translation) {
  int number = 0;
  for (const sql::Parameter& parameter : translation.parameters) {
    if (++number > statement.parameter_count()) break;
    switch (parameter.type) {
      case Type::boolean: statement.bind_integer(number, 1); break;
      case Type::integer:
      case Type::bigint: statement.bind_integer(number, 7); break;
      case Type::double_precision: statement.bind_real(number, 0.25); break;
      case Type::text: statement.bind_text(number, "ada"); break;
      case Type::uuid: statement.bind_text(number, "0a1b2c3d-0000-4000-8000-00000000000f"); break;
      case Type::date: statement.bind_text(number, "2024-02-29"); break;
      case Type::timestamptz: statement.bind_text(number, "2026-01-02T03:04:05.000006Z"); break;
      case Type::jsonb: statement.bind_text(number, R"({"a":[1,null]})"); break;
      default: statement.bind_null(number);
    }
  }
}

bool is_of(Type type, const ValueView& value) {
  switch (type) {
    case Type::boolean:
      return value.kind() == ValueView::Kind::integer && (value.integer() == 0 || value.integer() == 1);
    case Type::integer:
      return value.kind() == ValueView::Kind::integer && value.integer() >= INT32_MIN &&
             value.integer() <= INT32_MAX;
    case Type::bigint: return value.kind() == ValueView::Kind::integer;
    case Type::double_precision: return value.kind() == ValueView::Kind::real && std::isfinite(value.real());
    case Type::bytea: return value.kind() == ValueView::Kind::bytes;
    case Type::date: return value.kind() == ValueView::Kind::text && value.text().size() == 10;
    case Type::timestamptz: return value.kind() == ValueView::Kind::text && value.text().size() == 27;
    case Type::uuid: return value.kind() == ValueView::Kind::text && value.text().size() == 36;
    default: return value.kind() == ValueView::Kind::text && is_valid_utf8(value.text());
  }
}

void check_row(const engine::Statement& row, const Translation& translation) {
  for (std::size_t i = 0; i < translation.columns.size(); ++i) {
    const sql::ResultColumn& column = translation.columns[i];
    const ValueView value = row.column(static_cast<int>(i));
    if (value.is_null()) {
      require(column.nullable, "a column that is never NULL is none",
              column.name + " of " + translation.sqlite);
    } else if (column.type != Type::unknown) {
      require(is_of(column.type, value), "a column has the type that is said",
              column.name + " " + std::string(name_of(column.type)) + " of " + translation.sqlite);
    }
  }
}

/// What happens to the rows is taken back.
void run(engine::Connection& connection, engine::Statement& statement, const Translation& translation,
         Use use) {
  connection.execute("SAVEPOINT before");
  const auto rows = unless_refused([&] {
    int count = 0;
    for (; statement.step(); ++count) check_row(statement, translation);
    return count;
  });
  statement.reset();
  connection.execute("ROLLBACK TO before; RELEASE before");
  if (rows && (use == Use::check || use == Use::moment))
    require(*rows <= 1, "it gives one row at most", translation.sqlite);
}

void take(const sql::Statement& statement, Use use) {
  static const auto connection = [] {
    static Dice dice;
    auto opened = open_bounded();
    opened->set_host_functions(&dice);
    create_tables(*opened);
    insert_rows(*opened);
    return opened;
  }();
  const bool known_only = use != Use::query;
  const auto translation = unless_refused([&] {
    return sql::translate(
        statement, catalogue(), use, known_only ? declared() : sql::ParameterTypes{}, known_only,
        use == Use::apply ? sql::PersonalParameters{{"p", "t"}} : sql::PersonalParameters{});
  });
  if (!translation) return;
  sql::on_large_stack(
      [&] { require(parses(translation->postgres), "PostgreSQL's parser takes it", translation->postgres); });
  engine::Statement prepared;
  try {
    prepared = connection->prepare(translation->sqlite, false);
  } catch (const Error& error) {
    require(false, "SQLite prepares it", std::string(error.what()) + " in: " + translation->sqlite);
  }
  // A SELECT of no columns is one of a constant on SQLite, which has none.
  const auto columns = static_cast<int>(translation->columns.size());
  require(prepared.column_count() == columns || (columns == 0 && prepared.column_count() == 1),
          "it has the columns that are said", translation->sqlite);
  require(prepared.parameter_count() <= static_cast<int>(translation->parameters.size()),
          "it has the parameters that are said", translation->sqlite);
  bind(prepared, *translation);
  grant_steps();
  run(*connection, prepared, *translation, use);
}

}  // namespace

void statement(std::string_view input) {
  if (input.empty()) return;
  const Use use = uses[static_cast<unsigned char>(input.front()) % std::size(uses)];
  const auto statements = unless_refused([&] { return sql::split("x.sql", input.substr(1)); });
  if (!statements || statements->size() > 8) return;
  for (const sql::Statement& statement : *statements) take(statement, use);
}

}  // namespace reeve::fuzz
