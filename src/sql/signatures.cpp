#include "sql/signatures.h"

namespace reeve::sql {
namespace {

constexpr Signature table[] = {
    // text
    {"lower", "t", 't', "reeve_lower($1)", false, false, "reeve_lower($1)"},
    {"upper", "t", 't', "reeve_upper($1)", false, false, "reeve_upper($1)"},
    {"initcap", "t", 't', "reeve_initcap($1)", false, false, "reeve_initcap($1)"},
    {"length", "t", 'i', "length($1)", true},
    {"length", "y", 'i', "length($1)", true},
    {"char_length", "t", 'i', "length($1)", true},
    {"character_length", "t", 'i', "length($1)", true},
    {"octet_length", "t", 'i', "length(CAST($1 AS BLOB))", true},
    {"octet_length", "y", 'i', "length($1)", true},
    {"substr", "ti", 't', "reeve_substr($1, $2)"},
    {"substr", "tii", 't', "reeve_substr($1, $2, $3)"},
    {"substring", "ti", 't', "reeve_substr($1, $2)", false, false, "substr($1, $2)"},
    {"substring", "tii", 't', "reeve_substr($1, $2, $3)", false, false, "substr($1, $2, $3)"},
    {"replace", "ttt", 't', "replace($1, $2, $3)", true},
    {"btrim", "t", 't', "trim($1)", true},
    {"btrim", "tt", 't', "trim($1, $2)", true},
    {"trim", "t", 't', "trim($1)", true, false, "btrim($1)"},
    {"ltrim", "t", 't', "ltrim($1)", true},
    {"ltrim", "tt", 't', "ltrim($1, $2)", true},
    {"rtrim", "t", 't', "rtrim($1)", true},
    {"rtrim", "tt", 't', "rtrim($1, $2)", true},
    {"strpos", "tt", 'i', "instr($1, $2)", true},
    {"position", "tt", 'i', "instr($1, $2)", true, false, "strpos($1, $2)"},
    {"left", "ti", 't', "reeve_left($1, $2)"},
    {"right", "ti", 't', "reeve_right($1, $2)"},
    {"repeat", "ti", 't', "reeve_repeat($1, $2)"},
    {"reverse", "t", 't', "reeve_reverse($1)"},
    {"lpad", "ti", 't', "reeve_lpad($1, $2, ' ')"},
    {"lpad", "tit", 't', "reeve_lpad($1, $2, $3)"},
    {"rpad", "ti", 't', "reeve_rpad($1, $2, ' ')"},
    {"rpad", "tit", 't', "reeve_rpad($1, $2, $3)"},
    {"translate", "ttt", 't', "reeve_translate($1, $2, $3)"},
    {"ascii", "t", 'i', "reeve_ascii($1)"},
    {"chr", "i", 't', "reeve_chr($1)"},
    {"starts_with", "tt", 'b', "reeve_starts_with($1, $2)"},
    {"split_part", "tti", 't', "reeve_split_part($1, $2, $3)"},
    {"md5", "t", 't', "reeve_md5($1)"},
    {"sha256", "y", 'y', "reeve_sha256($1)"},
    {"encode", "yt", 't', "reeve_encode($1, $2)"},
    {"decode", "tt", 'y', "reeve_decode($1, $2)"},
    {"convert_to", "tt", 'y', "reeve_convert_to($1, $2)"},
    {"convert_from", "yt", 't', "reeve_convert_from($1, $2)"},
    {"to_hex", "i", 't', "reeve_to_hex($1, 32)"},
    {"to_hex", "l", 't', "reeve_to_hex($1, 64)"},
    {"quote_literal", "t", 't', "reeve_quote_literal($1)"},
    // numbers
    {"abs", "i", 'i', "reeve_integer(abs($1))"},
    {"abs", "l", 'l', "abs($1)", true},
    {"abs", "d", 'd', "abs($1)", true},
    {"sign", "d", 'd', "reeve_sign($1)"},
    {"floor", "d", 'd', "reeve_floor($1)"},
    {"ceil", "d", 'd', "reeve_ceil($1)"},
    {"ceiling", "d", 'd', "reeve_ceil($1)"},
    {"round", "d", 'd', "reeve_round($1)"},
    {"trunc", "d", 'd', "reeve_trunc($1)"},
    {"sqrt", "d", 'd', "reeve_sqrt($1)"},
    {"power", "dd", 'd', "reeve_power($1, $2)"},
    {"pow", "dd", 'd', "reeve_power($1, $2)"},
    {"mod", "ii", 'i', "reeve_integer(reeve_modulo($1, $2))"},
    {"mod", "ll", 'l', "reeve_modulo($1, $2)"},
    {"div", "ll", 'l', "reeve_divide($1, $2)", false, false, "div($1, $2)::bigint"},
    {"gcd", "ii", 'i', "reeve_integer(reeve_gcd($1, $2))"},
    {"gcd", "ll", 'l', "reeve_gcd($1, $2)"},
    // dates
    {"make_date", "iii", 'D', "reeve_make_date($1, $2, $3)"},
    // jsonb
    {"jsonb_array_length", "j", 'i', "reeve_jsonb_array_length($1)"},
    {"jsonb_typeof", "j", 't', "reeve_jsonb_typeof($1)"},
    {"jsonb_strip_nulls", "j", 'j', "reeve_jsonb_strip_nulls($1)"},
    // Reeve's own
    {"dice", "tl", 'l', "reeve_dice($1, $2)"},
    {"new_uuid", "t", 'u', "reeve_new_uuid($1)"},
    {"reeve_changes", "l", 'j', "reeve_changes($1)", true, true},
};

constexpr Unstable unstable[] = {
    {"random", "use dice(name, sides) in a command and record the outcome in the event"},
    {"gen_random_uuid", "use new_uuid(name) in a command, or :event_id"},
    {"uuid_generate_v4", "use new_uuid(name) in a command, or :event_id"},
    {"clock_timestamp", "use :at"},
    {"timeofday", "use :at"},
    {"age", "compute with date - date"},
    {"to_char", "format where it is shown; extract() gives the parts of a date"},
    {"to_date", "cast ISO text: (...)::date"},
    {"to_timestamp", "cast RFC 3339 text: (...)::timestamptz"},
    {"date_trunc", "cast to date, or extract(year FROM date)"},
    {"current_setting", "give it as a parameter"},
    {"nextval", "use :sequence, or count in a table"},
    {"setval", "count in a table"},
    {"currval", "count in a table"},
    {"setseed", "use dice(name, sides)"},
    {"pg_sleep", "leave it out"},
    {"format", "use || and casts to text"},
    {"array_agg", "use jsonb_agg(... ORDER BY ...)"},
    {"unnest", "use jsonb_array_elements(...)"},
    {"exp", "its last bits differ between machines: use power() or a table"},
    {"ln", "its last bits differ between machines: use a table"},
    {"log", "its last bits differ between machines: use a table"},
    {"json_build_object", "use jsonb_build_object"},
    {"json_build_array", "use jsonb_build_array"},
    {"json_agg", "use jsonb_agg"},
    {"json_object_agg", "use jsonb_object_agg"},
    {"to_json", "use to_jsonb"},
    {"row_to_json", "use jsonb_build_object"},
    {"regexp_replace", "use replace() or translate()"},
    {"regexp_matches", "use LIKE or split_part()"},
    {"regexp_split_to_array", "use split_part()"},
    {"string_to_array", "use split_part(), or give a jsonb list: jsonb_array_elements_text(:list::jsonb)"},
    {"array_to_string", "use string_agg(... ORDER BY ...)"},
    {"parse_ident", "use split_part()"},
    {"pg_typeof", "the type is known here: write it"},
    {"to_number", "cast it: replace(x, ',', '')::bigint"},
    {"sin", "its last bits differ between machines: use a table"},
    {"cos", "its last bits differ between machines: use a table"},
    {"tan", "its last bits differ between machines: use a table"},
    {"width_bucket", "use CASE, or floor((x - low) * n / (high - low))"},
    {"factorial", "use a table"},
    {"stddev", "sqrt(avg(x * x) - avg(x) * avg(x)), or reckon it in the program"},
    {"variance", "avg(x * x) - avg(x) * avg(x), or reckon it in the program"},
    {"percentile_cont", "order by it and take the middle: row_number() and count(*) OVER ()"},
    {"percentile_disc", "order by it and take the middle: row_number() and count(*) OVER ()"},
    {"mode", "count by it, ORDER BY count(*) DESC, LIMIT 1"},
    {"jsonb_pretty", "format it where it is shown"},
    {"jsonb_path_query_array", "use jsonb_agg over jsonb_array_elements(...)"},
    {"jsonb_path_query", "use jsonb_array_elements(...) in FROM"},
    {"jsonb_each", "it stands in FROM: FROM t, jsonb_each(t.j) AS e (key, value)"},
    {"jsonb_each_text", "it stands in FROM: FROM t, jsonb_each_text(t.j) AS e (key, value)"},
    {"jsonb_array_elements", "it stands in FROM: FROM t, jsonb_array_elements(t.j) AS e (value)"},
    {"jsonb_array_elements_text", "it stands in FROM: FROM t, jsonb_array_elements_text(t.j) AS e (value)"},
    {"jsonb_object_keys", "it stands in FROM: FROM t, jsonb_object_keys(t.j) AS k"},
    {"generate_series", "it stands in FROM: FROM generate_series(1, 3) AS g"},
    {"jsonb_populate_record", "take the members: (j ->> 'name')::integer"},
};

}  // namespace

std::span<const Signature> signatures() { return table; }
std::span<const Unstable> unstable_functions() { return unstable; }

Type type_of_letter(char letter) {
  switch (letter) {
    case 'b': return Type::boolean;
    case 'i': return Type::integer;
    case 'l': return Type::bigint;
    case 'd': return Type::double_precision;
    case 't': return Type::text;
    case 'u': return Type::uuid;
    case 'D': return Type::date;
    case 'z': return Type::timestamptz;
    case 'j': return Type::jsonb;
    case 'y': return Type::bytea;
    default: return Type::unknown;
  }
}

}  // namespace reeve::sql
