#include "adoption/plan.h"

#include "adoption/old_value.h"
#include "adoption/schema_writer.h"
#include "adoption/sqlite_text.h"
#include "state/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reeve::adoption {

namespace {

using sql::Type;

/// What the values of a column are.
struct Profile {
  std::vector<Type> may_be;  ///< the types that hold all of them so far, the most fitting first
  bool has_null = false;
};

/// Names, types and keys of the new tables.
class Planner {
 public:
  Planner(engine::Connection& old, const GivenUp& given_up, Findings& findings)
      : old_(old), given_up_(given_up), findings_(findings) {}

  PlannedTable plan_table(const OldTable& table) {
    PlannedTable planned;
    planned.old = &table;
    planned.name = new_table_name(table.name);
    for (const OldColumn& column : table.columns) {
      PlannedColumn one;
      one.name = new_column_name(table, column.name, planned.columns);
      one.old = &column;
      one.expected = types_declared(column.declared);
      planned.columns.push_back(std::move(one));
    }
    choose_types(planned);
    choose_key(planned);
    return planned;
  }

 private:
  void note(std::string code, const std::string& table, std::string field, std::string value,
            std::string done) {
    findings_.add({std::move(code), table, {}, std::move(field), std::move(value), std::move(done)});
  }

  std::string new_table_name(const std::string& name) {
    std::string candidate = name;
    for (int number = 1; !takes_name(candidate, "n") || taken_.contains(candidate); ++number) {
      candidate = "old_" + plain_name(name).substr(0, 50) + (number == 1 ? "" : fmt::format("_{}", number));
    }
    if (candidate != name) {
      note("renamed", name, {}, name, fmt::format("the table is named {}", candidate));
    }
    taken_.insert(candidate);
    return candidate;
  }

  std::string new_column_name(const OldTable& table, const std::string& name,
                              const std::vector<PlannedColumn>& others) {
    std::string candidate = name;
    const auto is_taken = [&] {
      return std::any_of(others.begin(), others.end(),
                         [&](const PlannedColumn& one) { return same_name(one.name, candidate); }) ||
             (candidate != name &&
              std::any_of(table.columns.begin(), table.columns.end(),
                          [&](const OldColumn& one) { return same_name(one.name, candidate); }));
    };
    for (int number = 1; is_taken() || !takes_name("probe", candidate); ++number) {
      candidate = "old_" + plain_name(name).substr(0, 50) + (number == 1 ? "" : fmt::format("_{}", number));
    }
    if (candidate != name) {
      note("renamed", table.name, name, name, fmt::format("the column is named {}", candidate));
    }
    return candidate;
  }

  void choose_types(PlannedTable& planned) {
    std::vector<Profile> profiles;
    std::string columns;
    for (const PlannedColumn& column : planned.columns) {
      Profile profile{column.expected, false};
      for (const Type type : {Type::bigint, Type::double_precision, Type::text}) {
        if (std::find(profile.may_be.begin(), profile.may_be.end(), type) == profile.may_be.end()) {
          profile.may_be.push_back(type);
        }
      }
      profiles.push_back(std::move(profile));
      columns += (columns.empty() ? "" : ", ") + state::quote_name(column.old->name);
    }
    engine::Statement row = old_.prepare(
        fmt::format("SELECT {} FROM {} NOT INDEXED", columns, state::quote_name(planned.old->name)), false);
    while (row.step()) {
      for (std::size_t place = 0; place < profiles.size(); ++place) {
        const ValueView value = row.column(static_cast<int>(place));
        Profile& profile = profiles[place];
        profile.has_null = profile.has_null || value.is_null();
        std::erase_if(profile.may_be, [&](Type type) { return !fits(type, value); });
      }
    }
    for (std::size_t place = 0; place < profiles.size(); ++place) {
      PlannedColumn& column = planned.columns[place];
      column.type = profiles[place].may_be.empty() ? Type::text : profiles[place].may_be.front();
      column.not_null = column.old->not_null && !profiles[place].has_null;
      if (column.old->not_null && profiles[place].has_null) {
        note("null_in_not_null", planned.old->name, column.old->name, {}, "the column may be NULL");
      }
      if (column.old->key_place > 0 && profiles[place].has_null) {
        with_null_in_key_.insert(planned.old->name);
      }
      if (std::find(column.expected.begin(), column.expected.end(), column.type) == column.expected.end()) {
        note("column_of_another_type", planned.old->name, column.old->name, column.old->declared,
             fmt::format("it is {}, which holds all values: mend those that are listed in a copy of the file "
                         "and adopt "
                         "that, to get the declared type",
                         sql::name_of(column.type)));
      }
    }
  }

  void choose_key(PlannedTable& planned) {
    const OldTable& table = *planned.old;
    std::string why;
    if (table.key.empty()) {
      why = "no_key";
    } else if (with_null_in_key_.contains(table.name)) {
      why = "null_in_key";
    } else if (given_up_.keys.contains(table.name)) {
      why = "duplicate_key";
    }
    for (const std::string& name : table.key) {
      for (PlannedColumn& column : planned.columns) {
        if (column.old->name == name) {
          planned.key.push_back(column.name);
          column.not_null = column.not_null || why.empty();
        }
      }
    }
    if (why.empty()) {
      return;
    }
    planned.row_number = "row_id";
    for (int number = 2;
         std::any_of(planned.columns.begin(), planned.columns.end(),
                     [&](const PlannedColumn& one) { return same_name(one.name, planned.row_number); });
         ++number) {
      planned.row_number = fmt::format("row_id_{}", number);
    }
    planned.key = {planned.row_number};
    note(why, table.name, {}, {},
         fmt::format("its rows are told apart by {}, their number in the old file{}", planned.row_number,
                     table.key.empty() ? "" : "; the columns of the old key are columns like others"));
  }

  engine::Connection& old_;
  const GivenUp& given_up_;
  Findings& findings_;
  std::set<std::string> taken_;
  std::set<std::string> with_null_in_key_;
};

}  // namespace

std::string plain_name(std::string_view text) {
  std::string name;
  for (const char letter : text.substr(0, 60)) {
    const char lower = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    const bool is_good = (lower >= 'a' && lower <= 'z') || lower == '_' || (lower >= '0' && lower <= '9');
    name += is_good ? lower : '_';
  }
  if (name.empty() || name[0] < 'a' || name[0] > 'z') {
    name.insert(0, "t");
  }
  return name;
}

Plan make_plan(engine::Connection& old, const OldSchema& schema, const std::string& name,
               const std::string& title, const GivenUp& given_up, Findings& findings) {
  Plan plan;
  Planner planner(old, given_up, findings);
  for (const OldTable& table : schema.tables) {
    plan.tables.push_back(planner.plan_table(table));
  }
  plan.sources = write_schema(old, schema, plan.tables, {name, title}, given_up, findings);
  return plan;
}

}  // namespace reeve::adoption
