# The bans, each with its replacement. Two passes over the same files (pass=1 gathers the names of unordered
# containers; pass=2 judges). Called by tools/tidy.

function refuse(rule, text) {
  for (i = 1; i <= allowed; i++) {
    if (allow_rule[i] != rule) continue
    if (allow_path[i] == FILENAME || (allow_path[i] ~ /\/$/ && index(FILENAME, allow_path[i]) == 1)) {
      allow_used[i] = 1
      return
    }
  }
  printf "%s:%d: %s: %s\n", FILENAME, FNR, rule, text
  refused++
}

# The line without comments, and without what stands in quotes (`code`); and without comments alone (`bare`).
function read_line(   rest, literal, at) {
  rest = $0
  code = bare = ""
  while (match(rest, /"|\/\//)) {
    if (substr(rest, RSTART, 2) == "//") { rest = substr(rest, 1, RSTART - 1); break }
    # A quote in a character literal opens no text.
    if (RSTART > 1 && substr(rest, RSTART - 1, 1) ~ /['\\]/ && substr(rest, RSTART + 1, 1) == "'") {
      code = code substr(rest, 1, RSTART); bare = bare substr(rest, 1, RSTART)
      rest = substr(rest, RSTART + 1)
      continue
    }
    code = code substr(rest, 1, RSTART - 1) "\"\""
    bare = bare substr(rest, 1, RSTART - 1)
    rest = substr(rest, RSTART + 1)
    literal = match(rest, /^([^"\\]|\\.)*"/) ? RLENGTH : length(rest)
    bare = bare "\"" substr(rest, 1, literal)
    rest = substr(rest, literal + 1)
  }
  code = code rest
  bare = bare rest
}

function kind_of(path) { sub(/^.*\./, "", path); return path }
function stem_of(path) { sub(/(_test)?\.[a-z]+$/, "", path); return path }
function length_check() {
  if (file == "" || !is_cpp) return
  if (lines > 900) { printf "%s:%d: length: %d lines; split it by what changes together (900 at most)\n", file, lines, lines; refused++ }
  else if (lines > 700) { printf "%s:%d: warning: %d lines; 700 is the aim\n", file, lines, lines; warned++ }
}

BEGIN {
  while ((getline line < allow) > 0) {
    if (line ~ /^#/ || line ~ /^[ \t]*$/) continue
    count = split(line, words, " ")
    if (count < 3) { printf "%s: allow: a reason is missing: %s\n", allow, line; refused++; continue }
    allow_path[++allowed] = words[1]
    allow_rule[allowed] = words[2]
  }
}

FNR == 1 {
  if (pass == 2) length_check()
  file = FILENAME
  is_cpp = kind_of(file) ~ /^(cpp|h)$/
  is_header = file ~ /\.h$/
  is_test = file ~ /_test\.(cpp|h)$/ || file ~ /^tests\//
  in_library = file ~ /^(src|include)\// && file !~ /^src\/cli\// && !is_test
  stem = stem_of(file)
  raw = 0
}
{ lines = FNR }

pass == 1 {
  if (is_cpp && match($0, /unordered_(multi)?(map|set)<.*>&?[ \t]+[a-z_0-9]+/)) {
    name = substr($0, RSTART, RLENGTH)
    sub(/^.*[ \t]/, "", name)
    unordered[stem, name] = 1
  }
  next
}

# Every text file.
/(^|[^A-Za-z0-9_.~-])\/(work|home|root)\// {
  refuse("machine_path", "a path of one machine; take it from an argument or the folder of the file")
}
/(^|[^A-Za-z_])(TODO|FIXME|XXX)([^A-Za-z_]|$)/ {
  refuse("todo", "do it, or say in a sentence what is not done and why")
}

!is_cpp { next }
{ read_line() }

in_library && file !~ /^src\/base\// && (code ~ /chrono::(system|utc)_clock|system_clock::|random_device|mt19937|getrandom[ (]|gettimeofday|clock_gettime|(^|[^a-z_.>])s?rand\(|std::time\(|(^|[^a-z_.>:])time\((nullptr|NULL|0)\)/) {
  refuse("wall_clock", "time and randomness are injected: take a Clock& or a Random& (reeve/clock.h)")
}
in_library && code ~ /std::(cout|cerr|clog)|(^|[^a-z_])v?f?printf\(|(^|[^a-z_])f?puts\(|fmt::print|perror\(/ {
  refuse("printing", "the library never prints: return a value, or throw reeve::Error")
}
in_library && code ~ /(^|[^a-z_])(abort|exit|_exit|quick_exit)\(|std::terminate\(/ {
  refuse("exit", "the library never ends the program: throw reeve::Error")
}
in_library && code ~ /catch[ \t]*\(\.\.\.\)/ {
  refuse("catch_all", "only edges catch everything; let it pass, or name the edge in tools/tidy_allow.txt")
}
!is_test && code ~ /std::sto(i|l|ll|ul|ull|f|d|ld)\(|(^|[^a-z_])(strto(d|f|l|ll|ul|ull|ld)|ato(i|f|l|ll))\(|setlocale|std::locale|sscanf\(/ {
  refuse("locale", "numbers are read and written with std::from_chars, std::to_chars or fmt, whatever the locale")
}
code ~ /std::(w?regex|basic_regex)|<regex>/ {
  refuse("std_regex", "std::regex crashes on long input: use re2, or a loop")
}
is_header && code ~ /^[ \t]*using[ \t]+namespace/ {
  refuse("using_namespace", "a header opens no namespace for those who include it: write the name out")
}
!is_test && match(code, /for[ \t]*\(.*[^:]:[ \t]*[a-z_0-9.>-]+\)/) {
  name = substr(code, RSTART, RLENGTH)
  sub(/\).*$/, "", name)
  sub(/^.*[ \t.>:]/, "", name)
  if ((stem, name) in unordered)
    refuse("hash_order", "the order of " name " differs between machines: use std::map, or sort first")
}
file ~ /^src\// && !is_test && file !~ /^src\/sql\// && bare ~ /(^|[^\\])"[ \t(]*(SELECT|INSERT (OR [A-Z]+ )?INTO|UPDATE|DELETE FROM|WITH|CREATE (TEMP |UNIQUE |VIRTUAL )?(TABLE|INDEX|VIEW|TRIGGER)|DROP (TABLE|INDEX|VIEW|TRIGGER)|ALTER TABLE|REPLACE INTO)([ \t]|")/ {
  refuse("sql_literal", "SQL lies in a .sql file of the module (embedded as NAME_sql); what is written from a layout is in tools/tidy_allow.txt")
}

END {
  length_check()
  for (i = 1; i <= allowed; i++)
    if (!allow_used[i]) { printf "%s: allow: nothing needs \"%s %s\" any more; remove it\n", allow, allow_path[i], allow_rule[i]; refused++ }
  printf "%d refused, %d warned\n", refused, warned
  exit refused > 0
}
