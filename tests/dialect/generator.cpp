#include "generator.h"

namespace reeve::test {

std::vector<std::string> Generator::schema() {
  return {
      "CREATE TABLE a (id integer PRIMARY KEY, b boolean, i integer, l bigint, r double precision, s text, d "
      "date, "
      "t timestamptz, j jsonb)",
      "CREATE TABLE w (id integer PRIMARY KEY, a_id integer, i integer, s text)",
      "INSERT INTO a VALUES (1, true, 0, 0, 0.0, '', '2024-02-29', '2024-02-29T12:00:00Z', '{}')",
      "INSERT INTO a VALUES (2, false, 7, -3, 2.5, 'abc', '1999-12-31', '1999-12-31T23:59:59.999999Z', "
      "'{\"a\": 1, \"b\": [1, 2, \"x\"], \"c\": {\"d\": null}}')",
      "INSERT INTO a VALUES (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
      "INSERT INTO a VALUES (4, true, -12, 5000000000, -1.25, 'Älter %_', '2000-01-01', "
      "'2000-01-01T00:00:00Z', "
      "'[1, \"a\", null, true]')",
      "INSERT INTO a VALUES (5, false, 100, 12, 1000.5, 'aBc  ', '2023-06-15', '2023-06-15T08:30:15.25Z', "
      "'\"text\"')",
      "INSERT INTO w VALUES (1, 1, 5, 'x'), (2, 1, NULL, 'y'), (3, 2, -5, NULL), (4, NULL, 9, 'abc'), (5, 9, "
      "0, '')",
  };
}

std::string Generator::next() {
  switch (below(12)) {
    case 0: return grouped();
    case 1: return joined();
    case 2: return windowed();
    case 3: return write();
    default: return select();
  }
}

std::string Generator::expression(Kind kind, int depth) {
  if (depth <= 0) return leaf(kind);
  if (below(6) == 0) return of_any_kind(kind, depth);
  switch (kind) {
    case Kind::boolean: return boolean(depth);
    case Kind::integer: return integer(depth);
    case Kind::bigint: return bigint(depth);
    case Kind::real: return real(depth);
    case Kind::text: return text(depth);
    case Kind::date: return date(depth);
    case Kind::time: return time(depth);
    default: return json(depth);
  }
}

std::string Generator::leaf(Kind kind) {
  const bool column = below(3) > 0;
  switch (kind) {
    case Kind::boolean: return column ? qualifier_ + "b" : one_of({"true", "false", "NULL::boolean"});
    case Kind::integer:
      return column ? qualifier_ + one_of({"i", "id"}) : one_of({"0", "1", "-1", "7", "12", "NULL::integer"});
    case Kind::bigint: return column ? qualifier_ + "l" : one_of({"3::bigint", "4000000000", "-9::bigint"});
    case Kind::real: return column ? qualifier_ + "r" : one_of({"0.5", "-2.5", "1e3", "0.1", "3.0"});
    case Kind::text:
      return column ? qualifier_ + "s" : one_of({"'abc'::text", "''::text", "'B%'::text", "'é x'::text"});
    case Kind::date: return column ? qualifier_ + "d" : one_of({"date '2024-03-01'", "'1970-01-01'::date"});
    case Kind::time:
      return column
                 ? qualifier_ + "t"
                 : one_of({"'2024-03-01T10:20:30.5Z'::timestamptz", "'1970-01-01T00:00:00Z'::timestamptz"});
    default:
      return column ? qualifier_ + "j" : one_of({"'{\"a\": 2, \"z\": \"q\"}'::jsonb", "'[3, 1]'::jsonb"});
  }
}

std::string Generator::of_any_kind(Kind kind, int depth) {
  const auto part = [&] { return expression(kind, depth - 1); };
  switch (below(4)) {
    case 0: return "coalesce(" + part() + ", " + part() + ")";
    case 1:
      return "CASE WHEN " + expression(Kind::boolean, depth - 1) + " THEN " + part() + " ELSE " + part() +
             " END";
    case 2: return "nullif(" + part() + ", " + leaf(kind) + ")";
    default:
      return kind == Kind::json || kind == Kind::boolean
                 ? part()
                 : one_of({"greatest(", "least("}) + part() + ", " + part() + ")";
  }
}

std::string Generator::boolean(int depth) {
  const auto part = [&] { return expression(Kind::boolean, depth - 1); };
  switch (below(9)) {
    case 0: return "(" + part() + one_of({" AND ", " OR "}) + part() + ")";
    case 1: return "(NOT " + part() + ")";
    case 2: return "(" + expression(any_kind(), depth - 1) + one_of({" IS NULL)", " IS NOT NULL)"});
    case 3: return "(" + part() + one_of({" IS TRUE)", " IS NOT FALSE)", " IS UNKNOWN)", " IS NOT TRUE)"});
    case 4: {
      const Kind kind = any_kind();
      const std::string left = expression(kind, depth - 1);
      return "(" + left + one_of({" IS DISTINCT FROM ", " IS NOT DISTINCT FROM ", " = ", " <> "}) +
             expression(kind, depth - 1) + ")";
    }
    case 5:
      return "(" + expression(Kind::text, depth - 1) + one_of({" LIKE ", " NOT LIKE "}) +
             one_of({"'a%'", "'%_c%'", "''"}) + ")";
    case 6: {
      const Kind kind = ordered_kind();
      const std::string value = expression(kind, depth - 1);
      return "(" + value + one_of({" BETWEEN ", " NOT BETWEEN "}) + leaf(kind) + " AND " + leaf(kind) + ")";
    }
    case 7: {
      const Kind kind = ordered_kind();
      return "(" + expression(kind, depth - 1) + one_of({" IN (", " NOT IN ("}) + leaf(kind) + ", " +
             leaf(kind) + "))";
    }
    default: {
      const Kind kind = ordered_kind();
      const std::string left = expression(kind, depth - 1);
      return "(" + left + one_of({" < ", " <= ", " > ", " >= "}) + expression(kind, depth - 1) + ")";
    }
  }
}

std::string Generator::integer(int depth) {
  const auto part = [&] { return expression(Kind::integer, depth - 1); };
  switch (below(6)) {
    case 0: return "(" + part() + one_of({" + ", " - ", " * "}) + part() + ")";
    case 1:
      // Never by zero (the cases in files have that): beside a constant NULL, PostgreSQL's planner drops the division
      // and its error.
      return "(" + part() + one_of({" / ", " % "}) + one_of({"3", "-7", "nullif(" + qualifier_ + "i, 0)"}) +
             ")";
    case 2: return "length(" + expression(Kind::text, depth - 1) + ")";
    case 3: return "(" + expression(Kind::date, depth - 1) + " - " + leaf(Kind::date) + ")";
    case 4: return "strpos(" + expression(Kind::text, depth - 1) + ", " + leaf(Kind::text) + ")";
    default: return one_of({"abs(", "(-"}) + part() + ")";
  }
}

std::string Generator::bigint(int depth) {
  switch (below(4)) {
    case 0: return expression(Kind::integer, depth - 1) + "::bigint";
    case 1: return "mod(" + expression(Kind::bigint, depth - 1) + ", 11::bigint)";
    case 2: return "abs(" + expression(Kind::bigint, depth - 1) + ")";
    default:
      return "(" + expression(Kind::bigint, depth - 1) + one_of({" + ", " - "}) +
             expression(Kind::integer, depth - 1) + ")";
  }
}

std::string Generator::real(int depth) {
  const auto part = [&] { return expression(Kind::real, depth - 1); };
  switch (below(4)) {
    case 0: return "(" + part() + one_of({" + ", " - ", " * "}) + part() + ")";
    case 1: return "(" + part() + " / " + one_of({"4.0", "-0.3"}) + ")";
    case 2: return one_of({"floor(", "ceil(", "round(", "trunc(", "abs(", "sign("}) + part() + ")";
    default: return expression(Kind::integer, depth - 1) + "::double precision";
  }
}

std::string Generator::text(int depth) {
  const auto part = [&] { return expression(Kind::text, depth - 1); };
  switch (below(9)) {
    case 0: return "(" + part() + " || " + part() + ")";
    case 1: return one_of({"lower(", "upper(", "trim(", "reverse(", "initcap(", "md5("}) + part() + ")";
    case 2:
      return "substr(" + part() + ", " + one_of({"-1", "0", "2"}) + ", " + one_of({"0", "2", "9"}) + ")";
    case 3: return one_of({"left(", "right("}) + part() + ", " + one_of({"-1", "0", "2"}) + ")";
    case 4: return "replace(" + part() + ", " + leaf(Kind::text) + ", 'ü')";
    case 5: return one_of({"lpad(", "rpad("}) + part() + ", 5, " + one_of({"'xy'", "' '"}) + ")";
    case 6: return expression(Kind::integer, depth - 1) + "::text";
    case 7:
      return "(" + expression(Kind::json, depth - 1) +
             one_of({" ->> 'a')", " ->> 'z')", " ->> 1)", " #>> '{b,0}')"});
    default: return "concat(" + part() + ", " + leaf(Kind::integer) + ", " + leaf(Kind::boolean) + ")";
  }
}

std::string Generator::date(int depth) {
  if (below(3) == 0) return expression(Kind::time, depth - 1) + "::date";
  return "(" + expression(Kind::date, depth - 1) + one_of({" + ", " - "}) + one_of({"1", "30", "-400"}) + ")";
}

std::string Generator::time(int depth) {
  return "(" + expression(Kind::time, depth - 1) + one_of({" + ", " - "}) +
         one_of({"interval '1 day'", "interval '90 minutes'", "interval '3 hours 2 seconds'"}) + ")";
}

std::string Generator::json(int depth) {
  const auto part = [&] { return expression(Kind::json, depth - 1); };
  switch (below(5)) {
    case 0: return "(" + part() + one_of({" -> 'a')", " -> 'b')", " -> 0)", " -> -1)", " #> '{c,d}')"});
    case 1:
      return "jsonb_build_object('k', " +
             expression(any_kind() == Kind::json ? Kind::json : Kind::integer, depth - 1) + ")";
    case 2: return "jsonb_build_array(" + leaf(Kind::integer) + ", " + part() + ", " + leaf(Kind::text) + ")";
    case 3:
      return "to_jsonb(" + expression(one_of({"t", "i"}) == "t" ? Kind::text : Kind::integer, depth - 1) +
             ")";
    default:
      return "jsonb_build_object('a', " + part() + ") || jsonb_build_object('y', " + leaf(Kind::boolean) +
             ")";
  }
}

std::string Generator::select() {
  qualifier_.clear();
  std::string sql = "SELECT id, " + expression(any_kind(), 3) + " AS v FROM a";
  if (below(3) == 0) sql += " WHERE " + expression(Kind::boolean, 2);
  return sql + " ORDER BY id";
}

std::string Generator::grouped() {
  qualifier_.clear();
  const std::string key = expression(ordered_kind(), 1);
  return "SELECT " + key + " AS k, count(*) AS n, sum(" + expression(Kind::integer, 1) + ") AS s, min(" +
         expression(Kind::text, 1) + ") AS m, bool_or(" + expression(Kind::boolean, 1) +
         ") FILTER (WHERE i > 0) AS o FROM a GROUP BY 1 ORDER BY 2, 1";
}

std::string Generator::joined() {
  qualifier_ = "a.";
  std::string sql = "SELECT w.id AS k, a.id AS m, " + expression(any_kind(), 2) + " AS v FROM w " +
                    one_of({"JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"}) + " a ON a.id = w.a_id";
  if (below(2) == 0) sql += " WHERE " + expression(Kind::boolean, 2);
  return sql + " ORDER BY w.id, a.id";
}

std::string Generator::windowed() {
  qualifier_.clear();
  const std::string frame = one_of({"", " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
                                    " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
                                    " RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"});
  return "SELECT id, " + one_of({"sum(i)", "count(s)", "max(r)", "first_value(s)", "last_value(i)"}) +
         " OVER (PARTITION BY " + expression(Kind::boolean, 1) + " ORDER BY " +
         expression(ordered_kind(), 1) + one_of({"", " DESC"}) + one_of({"", " NULLS FIRST"}) + ", id" +
         frame + ") AS v FROM a ORDER BY id";
}

std::string Generator::write() {
  qualifier_.clear();
  switch (below(4)) {
    case 0:
      return "UPDATE w SET i = id + " + one_of({"1", "a_id", "length(s)"}) + " WHERE id > " +
             one_of({"1", "3"});
    case 1:
      return "INSERT INTO w (id, a_id, s) VALUES (" + one_of({"3", "6", "7"}) + ", " + one_of({"2", "NULL"}) +
             ", 'new') ON CONFLICT (id) DO UPDATE SET s = w.s || excluded.s, i = coalesce(w.i, 0) + 1 "
             "RETURNING *";
    case 2: return "DELETE FROM w USING a WHERE a.id = w.a_id AND a.i > " + one_of({"50", "99"});
    default:
      return "UPDATE w SET s = " + one_of({"upper(w.s)", "a.s", "left(w.s, 5)"}) +
             " FROM a WHERE a.id = w.a_id";
  }
}

}  // namespace reeve::test
