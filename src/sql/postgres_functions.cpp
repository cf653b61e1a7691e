// What PostgreSQL answers otherwise than the dialect, as functions in its own languages.

#include "sql/functions_internal.h"
#include "sql/letters.h"
#include "sql/names.h"
#include "sql/translation.h"

#include "sql/check_reference_sql.h"
#include "sql/check_tree_sql.h"
#include "sql/refuse_reference_sql.h"

namespace reeve::sql {
namespace {

/// UTF-8 of a code point below U+0800: the letters with two cases are.
void append_letter(char32_t point, std::string& out) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else {
    out += static_cast<char>(0xC0 | (point >> 6));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

/// translate()'s two texts: each letter of one case, and its other.
std::string folding(char32_t (*fold)(char32_t)) {
  std::string from;
  std::string to;
  for (char32_t point = 1; point < 0x530; ++point) {
    if (fold(point) == point) continue;
    append_letter(point, from);
    append_letter(fold(point), to);
  }
  return quoted_text(from) + ", " + quoted_text(to);
}

std::string pure(const std::string& signature, const std::string& result, const std::string& expression) {
  return "CREATE OR REPLACE FUNCTION " + signature + " RETURNS " + result +
         " LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN " + expression;
}

/// `value` where `within` is true or NULL, else what `refusal` raises; not STRICT, so that PostgreSQL writes it out
/// where it is called.
std::string checked(const std::string& signature, const std::string& result, const std::string& within,
                    const std::string& refusal, const std::string& value) {
  return "CREATE OR REPLACE FUNCTION " + signature + " RETURNS " + result +
         " LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE WHEN coalesce(" + within + ", true) OR " +
         refusal + " THEN " + value + " END";
}

std::string refused(const std::string& message, const std::string& number) {
  return "reeve_refuse(" + quoted_text(message) + ", (" + number + ")::double precision)";
}

/// Of a number.
std::string bounded(const std::string& name, const std::string& type, const std::string& within,
                    const std::string& message) {
  return checked(name + "(" + type + ")", type, within, refused(message, "$1"), "$1");
}

/// Of dates and times: what they are computed from may lie outside of the years that a ledger holds.
std::string within_years(const std::string& name, const std::string& type, const std::string& midnight) {
  const std::string within =
      "$1 >= '0001-01-01" + midnight + "'::" + type + " AND $1 < '10000-01-01" + midnight + "'::" + type;
  return checked(name + "(" + type + ")", type, within, "reeve_refuse_time($1)", "$1");
}

/// lpad and rpad.
std::string padding(const std::string& name) {
  return checked("reeve_" + name + "(text, integer, text)", "text",
                 "$2 <= " + std::to_string(text_max) + " OR $1 IS NULL OR $3 IS NULL",
                 "reeve_refuse_size(octet_length($1)::bigint + octet_length($3) + $2)",
                 name + "($1, $2, $3)");
}

std::string procedural(const std::string& signature, const std::string& result, const std::string& body) {
  return "CREATE OR REPLACE FUNCTION " + signature + " RETURNS " + result +
         " LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $reeve$" + body + "$reeve$";
}

/// A cast of text that takes one form only, of which `pattern` is the regular expression.
std::string strict_cast(const std::string& word, const std::string& pattern, const std::string& value) {
  return procedural("reeve_text_" + word + "(value text)", word,
                    "\nBEGIN\n  IF value !~ '" + pattern +
                        "' THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_text_representation',"
                        " MESSAGE = 'invalid input syntax for type " +
                        word + ": \"' || value || '\"';\n  END IF;\n  RETURN " + value + ";\nEND\n");
}

constexpr const char* initcap_body = R"(
DECLARE
  letter text;
  made text := '';
  inside boolean := false;
BEGIN
  FOREACH letter IN ARRAY string_to_array(value, NULL) LOOP
    letter := CASE WHEN inside THEN reeve_lower(letter) ELSE reeve_upper(letter) END;
    inside := ascii(letter) >= 128 OR letter ~ '^[0-9A-Za-z]$';
    made := made || letter;
  END LOOP;
  RETURN made;
END
)";

constexpr const char* double_body = R"(
DECLARE
  number double precision := value::double precision;
BEGIN
  IF number = 'NaN' OR number = 'Infinity' OR number = '-Infinity' THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_text_representation',
      MESSAGE = 'invalid input syntax for type double precision: "' || value || '"';
  END IF;
  RETURN number;
END
)";

/// RFC 8785 orders members by UTF-16 units: a code point beyond 16 bits stands where surrogates stand.
constexpr const char* json_key_expression = R"(ARRAY(
  SELECT CASE WHEN ascii(letter) > 65535 THEN 55296 * 2097152::bigint + ascii(letter)
              ELSE ascii(letter) * 2097152::bigint END
  FROM unnest(string_to_array($1, NULL)) WITH ORDINALITY AS letters (letter, place) ORDER BY place))";

/// Numbers as ECMAScript writes them.
constexpr const char* number_body = R"(
DECLARE
  digits text := value::text;
BEGIN
  IF value = 0 THEN
    RETURN '0';
  ELSIF strpos(digits, 'e') = 0 THEN
    RETURN digits;
  ELSIF abs(value) >= 1e-6 AND abs(value) < 1e21 THEN
    RETURN trim_scale(digits::numeric)::text;
  END IF;
  RETURN regexp_replace(digits, 'e([+-])0*', 'e\1');
END
)";

constexpr const char* json_body = R"(
BEGIN
  CASE jsonb_typeof(value)
    WHEN 'object' THEN
      RETURN '{' || coalesce((SELECT string_agg(to_json(key)::text || ':' || reeve_jsonb_text(member), ','
                                                ORDER BY reeve_json_key(key))
                              FROM jsonb_each(value) AS members (key, member)), '') || '}';
    WHEN 'array' THEN
      RETURN '[' || coalesce((SELECT string_agg(reeve_jsonb_text(element), ',' ORDER BY place)
                              FROM jsonb_array_elements(value) WITH ORDINALITY AS elements (element, place)),
                             '') || ']';
    WHEN 'number' THEN
      IF abs(value::numeric) > 9007199254740992 AND abs(value::numeric) < 1e21 THEN
        PERFORM reeve_refuse('the JSON has an integer beyond 2^53', value::double precision);
      END IF;
      RETURN reeve_json_number(value::double precision);
    ELSE
      RETURN value::text;
  END CASE;
END
)";

/// Numbers become doubles, as I-JSON reads them, which has no name twice in one object either.
constexpr const char* text_jsonb_body = R"(
BEGIN
  IF strpos(value, '{') > 0 AND EXISTS (
    WITH RECURSIVE parts (part) AS (
      SELECT value::json
      UNION ALL
      SELECT inner_part FROM parts, LATERAL (
        SELECT member FROM json_each(CASE json_typeof(part) WHEN 'object' THEN part END) AS m (name, member)
        UNION ALL
        SELECT element FROM json_array_elements(CASE json_typeof(part) WHEN 'array' THEN part END) AS e (element)
      ) AS inner_parts (inner_part)
    )
    SELECT 1 FROM parts WHERE json_typeof(part) = 'object'
    AND (SELECT count(name) <> count(DISTINCT name) FROM json_object_keys(part) AS names (name))
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_text_representation', MESSAGE = 'a name stands twice in the JSON';
  END IF;
  RETURN reeve_jsonb_text(value::jsonb)::jsonb;
END
)";

/// It takes the number that it refuses: of constants alone the planner would call it beforehand.
constexpr const char* refuse_body = R"(
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'numeric_value_out_of_range', MESSAGE = message;
END
)";

constexpr const char* refuse_time_body = R"(
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = 'a date or time is out of range';
END
)";

constexpr const char* refuse_size_body = R"(
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'program_limit_exceeded', MESSAGE = 'the text would be larger than 16 MB';
END
)";

}  // namespace

std::vector<std::string> reference_statements_postgres() {
  return {std::string(embedded::check_reference_sql), std::string(embedded::refuse_reference_sql)};
}

std::string tree_statement_postgres() { return std::string(embedded::check_tree_sql); }

std::vector<std::string> support_statements_postgres() {
  const std::string time = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]";
  const std::string zone = "(Z|z|[+-]([01][0-9]|2[0-3])(:[0-5][0-9])?)";
  const std::string day = "^[0-9]{4}-[0-9]{2}-[0-9]{2}";
  const std::string hex = "[0-9A-Fa-f]";
  std::vector<std::string> out = {
      pure("reeve_lower(text)", "text", "translate($1, " + folding(lower_letter) + ")"),
      pure("reeve_upper(text)", "text", "translate($1, " + folding(upper_letter) + ")"),
      procedural("reeve_initcap(value text)", "text", initcap_body),
      pure("reeve_time_text(timestamptz)", "text",
           "to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"),
      procedural("reeve_text_double(value text)", "double precision", double_body),
      strict_cast("uuid", "^" + hex + "{8}(-" + hex + "{4}){3}-" + hex + "{12}$", "value::uuid"),
      strict_cast("date", day + "$", "value::date"),
      strict_cast("timestamptz", day + "([Tt ]" + time + "(\\.[0-9]{1,6})?" + zone + "?)?$",
                  "reeve_time(CASE WHEN value ~ '[T ].*[Zz+-]' THEN value::timestamptz"
                  " ELSE (value::timestamp AT TIME ZONE 'UTC') END)"),
      strict_cast("interval",
                  "^ *([+-]?[0-9]+([.][0-9]{1,6})? "
                  "*(microsecond|millisecond|second|sec|minute|min|hour|day|week|month|mon|"
                  "year|decade|century|centurie)s?|[+-]?[0-9]+:[0-5]?[0-9](:[0-5]?[0-9]([.][0-9]{1,6})?)?)"
                  "( +([+-]?[0-9]+([.][0-9]{1,6})? "
                  "*(microsecond|millisecond|second|sec|minute|min|hour|day|week|month|mon|"
                  "year|decade|century|centurie)s?|[+-]?[0-9]+:[0-5]?[0-9](:[0-5]?[0-9]([.][0-9]{1,6})?)?))*("
                  " +ago)? *$",
                  "value::interval"),
      procedural("reeve_refuse(message text, number double precision)", "boolean", refuse_body),
      procedural("reeve_refuse_size(size bigint)", "boolean", refuse_size_body),
      procedural("reeve_refuse_time(value anyelement)", "boolean", refuse_time_body),
      within_years("reeve_date", "date", ""),
      within_years("reeve_time", "timestamptz", "T00:00:00Z"),
      checked("reeve_repeat(text, integer)", "text",
              "octet_length($1)::bigint * $2 <= " + std::to_string(text_max),
              "reeve_refuse_size(octet_length($1)::bigint * $2)", "repeat($1, $2)"),
      padding("lpad"),
      padding("rpad"),
      checked("reeve_chr(integer)", "text", "$1 BETWEEN 1 AND 1114111 AND $1 NOT BETWEEN 55296 AND 57343",
              refused("requested character is not valid", "$1"), "chr($1)"),
      bounded("reeve_json_integer", "bigint", "$1 BETWEEN -9007199254740992 AND 9007199254740992",
              "an integer beyond 2^53 can't be a JSON number: cast it to text"),
      bounded("reeve_json_double", "double precision", "abs($1) <= 9007199254740992 OR abs($1) >= 1e21",
              "a number beyond 2^53 would read as an integer in JSON: cast it to text"),
      procedural("reeve_json_number(value double precision)", "text", number_body),
      pure("reeve_json_key(text)", "bigint[]", json_key_expression),
      procedural("reeve_jsonb_text(value jsonb)", "text", json_body),
      procedural("reeve_text_jsonb(value text)", "jsonb", text_jsonb_body),
  };
  for (std::string& statement : reference_statements_postgres()) out.push_back(std::move(statement));
  out.push_back(tree_statement_postgres());
  return out;
}

}  // namespace reeve::sql
