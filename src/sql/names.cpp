#include "sql/names.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>

namespace reeve::sql {
namespace {

// Those of SQLite's keywords that can't stand as a bare name everywhere; sorted.
constexpr auto keywords = std::to_array<std::string_view>({"abort",
                                                           "action",
                                                           "add",
                                                           "after",
                                                           "all",
                                                           "alter",
                                                           "always",
                                                           "analyze",
                                                           "and",
                                                           "as",
                                                           "asc",
                                                           "attach",
                                                           "autoincrement",
                                                           "before",
                                                           "begin",
                                                           "between",
                                                           "by",
                                                           "cascade",
                                                           "case",
                                                           "cast",
                                                           "check",
                                                           "collate",
                                                           "column",
                                                           "commit",
                                                           "conflict",
                                                           "constraint",
                                                           "create",
                                                           "cross",
                                                           "current",
                                                           "current_date",
                                                           "current_time",
                                                           "current_timestamp",
                                                           "database",
                                                           "default",
                                                           "deferrable",
                                                           "deferred",
                                                           "delete",
                                                           "desc",
                                                           "detach",
                                                           "distinct",
                                                           "do",
                                                           "drop",
                                                           "each",
                                                           "else",
                                                           "end",
                                                           "escape",
                                                           "except",
                                                           "exclude",
                                                           "exclusive",
                                                           "exists",
                                                           "explain",
                                                           "fail",
                                                           "filter",
                                                           "first",
                                                           "following",
                                                           "for",
                                                           "foreign",
                                                           "from",
                                                           "full",
                                                           "generated",
                                                           "glob",
                                                           "group",
                                                           "groups",
                                                           "having",
                                                           "if",
                                                           "ignore",
                                                           "immediate",
                                                           "in",
                                                           "index",
                                                           "indexed",
                                                           "initially",
                                                           "inner",
                                                           "insert",
                                                           "instead",
                                                           "intersect",
                                                           "into",
                                                           "is",
                                                           "isnull",
                                                           "join",
                                                           "key",
                                                           "last",
                                                           "left",
                                                           "like",
                                                           "limit",
                                                           "match",
                                                           "materialized",
                                                           "natural",
                                                           "no",
                                                           "not",
                                                           "nothing",
                                                           "notnull",
                                                           "null",
                                                           "nulls",
                                                           "of",
                                                           "offset",
                                                           "on",
                                                           "or",
                                                           "order",
                                                           "others",
                                                           "outer",
                                                           "over",
                                                           "partition",
                                                           "plan",
                                                           "pragma",
                                                           "preceding",
                                                           "primary",
                                                           "query",
                                                           "raise",
                                                           "range",
                                                           "recursive",
                                                           "references",
                                                           "regexp",
                                                           "reindex",
                                                           "release",
                                                           "rename",
                                                           "replace",
                                                           "restrict",
                                                           "returning",
                                                           "right",
                                                           "rollback",
                                                           "row",
                                                           "rows",
                                                           "savepoint",
                                                           "select",
                                                           "set",
                                                           "table",
                                                           "temp",
                                                           "temporary",
                                                           "then",
                                                           "ties",
                                                           "to",
                                                           "transaction",
                                                           "trigger",
                                                           "unbounded",
                                                           "union",
                                                           "unique",
                                                           "update",
                                                           "using",
                                                           "vacuum",
                                                           "values",
                                                           "view",
                                                           "virtual",
                                                           "when",
                                                           "where",
                                                           "window",
                                                           "with",
                                                           "without"});
static_assert(std::is_sorted(keywords.begin(), keywords.end()));

// Those of PostgreSQL's keywords that can't stand as a bare name everywhere, each between blanks.
constexpr std::string_view postgres_keywords =
    " "
    "all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean "
    "both case cast char character check coalesce collate collation column concurrently constraint create "
    "cross current_catalog current_date current_role current_schema current_time current_timestamp "
    "current_user dec decimal default deferrable desc distinct do else end except exists extract false "
    "fetch float for foreign freeze from full grant greatest group grouping having ilike in initially "
    "inner inout int integer intersect interval into is isnull join lateral leading least left like limit "
    "localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric "
    "offset on only or order out outer overlaps overlay placing position precision primary real "
    "references returning right row select session_user setof similar smallint some substring symmetric "
    "system_user table tablesample then time timestamp to trailing treat trim true union unique user "
    "using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement "
    "xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable ";

bool is_plain(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::string in_quotes(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  out += quote;
  return out;
}

std::size_t edits(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j - 1] + 1, above + 1, diagonal + (left[i - 1] == right[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[right.size()];
}

}  // namespace

std::string quoted(std::string_view name) {
  if (is_plain(name) && !std::binary_search(keywords.begin(), keywords.end(), name)) return std::string(name);
  return in_quotes(name, '"');
}

std::string quoted_for_postgres(std::string_view name) {
  const std::string word = " " + std::string(name) + " ";
  if (is_plain(name) && postgres_keywords.find(word) == std::string_view::npos) return std::string(name);
  return in_quotes(name, '"');
}

Text name_text(std::string_view name) { return {quoted(name), quoted_for_postgres(name)}; }

std::string short_name(std::string_view name) {
  constexpr std::size_t most = 63;
  if (name.size() <= most) return std::string(name);
  std::uint64_t digest = 0xCBF29CE484222325;  // FNV-1a: it only keeps long names apart.
  for (const char c : name) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  std::size_t kept = most - 9;
  while (kept > 0 && (static_cast<unsigned char>(name[kept]) & 0xC0) == 0x80) --kept;
  std::string out(name.substr(0, kept));
  out += '_';
  for (int shift = 28; shift >= 0; shift -= 4) out += "0123456789abcdef"[(digest >> shift) & 15];
  return out;
}

std::string quoted_text(std::string_view text) { return in_quotes(text, '\''); }

std::string_view nearest(std::string_view name, std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t best_edits = 3;
  for (const auto candidate : known) {
    const std::size_t count = edits(name, candidate);
    if (count < best_edits && count * 2 < name.size()) {
      best = candidate;
      best_edits = count;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  const auto meant = nearest(name, views);
  return meant.empty() ? std::string{} : "did you mean '" + std::string(meant) + "'?";
}

}  // namespace reeve::sql
