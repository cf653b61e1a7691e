#include "adoption/mapping.h"

#include "adoption/create_mapped_sql.h"
#include "adoption/select_mapped_claims_sql.h"
#include "adoption/select_mapped_irregularities_sql.h"
#include "adoption/select_mapped_sql.h"
#include "base/json.h"
#include "state/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <string_view>

namespace reeve::adoption {

namespace {

/// What a statement may give, and in which columns.
struct Kind {
  std::string_view table;
  std::vector<std::string_view> required;
  std::vector<std::string_view> optional;
};

const std::map<std::string, Kind, std::less<>>& kinds() {
  static const std::map<std::string, Kind, std::less<>> all = {
      {"log", {"adopted_log", {"position", "source", "time", "data"}, {}}},
      {"events", {"adopted_events", {"position", "place", "type", "payload"}, {"version", "actor", "time"}}},
      {"irregularities", {"adopted_irregularities", {"code", "done"}, {"table", "row", "field", "value"}}},
      {"claims", {"adopted_claims", {"table", "key", "field", "value"}, {}}},
  };
  return all;
}

bool holds(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// A fault of a statement has its place.
Error placed(const Error& error, const Place& place) {
  return Error(error.code(), error.message(),
               error.remedy().empty() ? "mend the mapping; nothing was made" : error.remedy(), place);
}

/// The rows that it gives are kept in the temporary table of their kind.
void keep_rows(engine::Connection& old, const sql::Statement& statement, const std::string& name) {
  const auto found = kinds().find(name);
  if (found == kinds().end()) {
    throw Error(ErrorCode::invalid_input, fmt::format("a mapping gives no {}", name),
                "it gives log, events, irregularities or claims: -- name: events");
  }
  const Kind& kind = found->second;
  std::vector<std::string> given;
  {
    const engine::Statement rows = old.prepare(statement.text, false);
    for (int column = 0; column < rows.column_count(); ++column) {
      given.push_back(rows.column_name(column));
    }
  }
  std::string columns;
  for (const std::string& column : given) {
    if (!holds(kind.required, column) && !holds(kind.optional, column)) {
      throw Error(ErrorCode::invalid_input, fmt::format("{} have no column {}", name, column),
                  "name the columns as docs/adoption.md does");
    }
    columns += (columns.empty() ? "" : ", ") + state::quote_name(column);
  }
  for (const std::string_view column : kind.required) {
    if (std::find(given.begin(), given.end(), column) == given.end()) {
      throw Error(ErrorCode::invalid_input, fmt::format("{} need a column {}", name, column), "... AS name");
    }
  }
  old.execute(fmt::format("INSERT INTO temp.{} ({}) SELECT {} FROM ({}\n)", kind.table, columns, columns,
                          statement.text));
}

std::string text_of(const engine::Statement& row, int column) {
  const ValueView value = row.column(column);
  return value.is_null() ? std::string() : std::string(value.text());
}

}  // namespace

Mapping Mapping::read(const std::filesystem::path& folder) {
  std::error_code fault;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, fault)) {
    if (entry.path().extension() == ".sql") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  Mapping mapping;
  for (const std::filesystem::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    for (sql::Statement& statement : sql::split("adopt/" + file.filename().string(), text)) {
      mapping.statements_.push_back(std::move(statement));
    }
  }
  if (mapping.statements_.empty()) {
    throw Error(ErrorCode::not_found, fmt::format("there is no mapping in {}", folder.string()),
                "write adopt/NAME.sql, or adopt without --blueprint: docs/adoption.md");
  }
  return mapping;
}

void Mapping::run(engine::Connection& old) const {
  old.execute(embedded::create_mapped_sql);
  for (const sql::Statement& statement : statements_) {
    try {
      if (statement.directives.empty()) {
        old.execute(statement.text);
      } else if (statement.directives.size() > 1 || statement.directives[0].word != "name") {
        throw Error(ErrorCode::bad_statement, "a mapping has the directive name alone, once a statement",
                    "-- name: events");
      } else {
        keep_rows(old, statement, statement.directives[0].text);
      }
    } catch (const Error& error) {
      throw placed(error, statement.place);
    }
  }
}

void Mapping::each(engine::Connection& old, const std::function<void(const MappedPosition&)>& take) {
  engine::Statement row = old.prepare(embedded::select_mapped_sql, false);
  MappedPosition now;
  bool has_any = false;
  const auto hand_over = [&] {
    if (has_any) {
      take(now);
    }
    now = {};
    has_any = false;
  };
  while (row.step()) {
    const bool is_event = row.integer(1) != 0;
    const bool is_of_log = has_any && !now.source.empty() && row.integer(0) == now.position && is_event;
    if (!is_of_log) {
      hand_over();
    }
    has_any = true;
    now.position = row.integer(0);
    if (!is_event) {
      now.source = row.text(3);
      now.time = text_of(row, 7);
      now.data = row.text(8);
      continue;
    }
    MappedEvent event;
    event.type = row.text(4);
    if (!row.column(5).is_null()) {
      event.version = row.integer(5);
    }
    event.actor = text_of(row, 6);
    event.time = text_of(row, 7);
    event.payload = row.text(8);
    now.events.push_back(std::move(event));
  }
  hand_over();
}

void Mapping::add_irregularities(engine::Connection& old, Findings& findings) {
  engine::Statement row = old.prepare(embedded::select_mapped_irregularities_sql, false);
  while (row.step()) {
    findings.add({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
                  std::string(row.text(3)), std::string(row.text(4)), std::string(row.text(5))});
  }
}

std::vector<state::Claim> Mapping::claims(engine::Connection& old) {
  std::vector<state::Claim> claims;
  engine::Statement row = old.prepare(embedded::select_mapped_claims_sql, false);
  while (row.step()) {
    claims.push_back({std::string(row.text(0)), json::canonical(row.text(1)), std::string(row.text(2)),
                      json::canonical(row.text(3))});
  }
  return claims;
}

}  // namespace reeve::adoption
