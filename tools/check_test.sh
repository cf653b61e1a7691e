#!/usr/bin/env bash
# The checks under test: each bad snippet must be refused by its rule, each good one pass.
set -uo pipefail
tools=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

# fresh: an empty tree with the list of modules.
fresh() {
  rm -rf "${scratch:?}/tree"
  mkdir -p "$scratch/tree/tools" "$scratch/tree/src/base"
  cp "$tools/layers.txt" "$scratch/tree/tools/"
  echo '#include <string>' >"$scratch/tree/src/base/clean.h"
}

verdict() {
  if [ "$1" = yes ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "not as promised: $2"
    sed 's/^/    /' "$scratch/output"
  fi
}

# refuses CHECK RULE FILE TEXT: a tree with that file is refused, and the message names file, line and rule.
refuses() {
  fresh
  mkdir -p "$scratch/tree/$(dirname "$3")"
  printf '%s\n' "$4" >"$scratch/tree/$3"
  if ! "$tools/$1" "$scratch/tree" >"$scratch/output" 2>&1 && grep -qE "^$3:[0-9]+: $2: " "$scratch/output"; then
    verdict yes
  else
    verdict no "$1 refuses ($2) in $3: $4"
  fi
}

# accepts CHECK FILE TEXT: a tree with that file passes.
accepts() {
  fresh
  mkdir -p "$scratch/tree/$(dirname "$2")"
  printf '%s\n' "$3" >"$scratch/tree/$2"
  if "$tools/$1" "$scratch/tree" >"$scratch/output" 2>&1; then verdict yes; else verdict no "$1 accepts $2: $3"; fi
}

# Layers.
refuses layers layers src/base/a.cpp '#include "engine/connection.h"'
refuses layers layers src/blueprint/a.h '#include "state/ledger.h"'
refuses layers layers src/journal/a.cpp '#include <sqlite3.h>'
refuses layers layers src/state/a.cpp '#include <sodium.h>'
refuses layers layers src/common/a.h '#include <string>'
refuses layers layers src/state/a.cpp '#include "ledger.h"'
refuses layers layers src/state/a.cpp '#include "boost/any.h"'
refuses layers layers include/reeve/a.h '#include "base/hash.h"'
refuses layers layers include/reeve/a.h '#include <fmt/format.h>'
refuses layers layers examples/a.cpp '#include "state/ledger.h"'
accepts layers src/state/a.cpp '#include "journal/journal.h"'
accepts layers src/engine/a.cpp '#include <sqlite3.h>'
accepts layers include/reeve/a.h '#include <reeve/value.h>'

# The ban list.
refuses tidy wall_clock src/state/a.cpp 'auto now = std::chrono::system_clock::now();'
refuses tidy wall_clock src/state/a.cpp 'std::random_device seed;'
refuses tidy wall_clock src/state/a.cpp 'auto now = time(nullptr);'
accepts tidy src/base/a.cpp 'auto now = std::chrono::system_clock::now();'
accepts tidy src/state/a.cpp '// not std::chrono::system_clock::now()'
refuses tidy printing src/state/a.cpp 'std::cout << 1;'
refuses tidy printing src/state/a.cpp 'std::printf("%d", 1);'
accepts tidy src/state/a.cpp 'std::snprintf(buffer, 4, "%d", 1);'
accepts tidy src/cli/a.cpp 'std::cout << 1;'
refuses tidy exit src/engine/a.cpp 'std::abort();'
refuses tidy catch_all src/state/a.cpp '} catch (...) {'
refuses tidy locale src/state/a.cpp 'double x = std::stod(text);'
refuses tidy locale src/cli/a.cpp 'int x = atoi(text);'
refuses tidy locale src/base/a.cpp 'setlocale(LC_ALL, "");'
refuses tidy std_regex src/cli/a.cpp 'std::regex pattern("a");'
refuses tidy using_namespace src/state/a.h 'using namespace std;'
accepts tidy src/state/a.cpp 'using namespace std::literals;'
refuses tidy hash_order src/state/a.cpp 'std::unordered_map<int, int> rows; for (auto& row : rows) hash(row);'
refuses tidy hash_order src/state/a.cpp 'std::unordered_set<int> rows_;
for (const auto& row : rows_) hash(row);'
accepts tidy src/state/a.cpp 'std::map<int, int> rows; for (auto& row : rows) hash(row);'
refuses tidy sql_literal src/state/a.cpp 'run("SELECT 1");'
refuses tidy sql_literal src/journal/a.cpp 'run("  INSERT INTO t VALUES (1)");'
refuses tidy sql_literal src/engine/a.cpp 'run(R"(CREATE TABLE t (a))"); run("CREATE TABLE t (a)");'
accepts tidy src/sql/a.cpp 'run("SELECT 1");'
accepts tidy src/state/a_test.cpp 'run("SELECT 1");'
accepts tidy src/state/a.cpp 'run("PRAGMA foreign_keys = ON"); say("write \"SELECT 1\"");'
accepts tidy src/state/a.cpp 'say("UPDATED"); char quote = '"'\"'"'; // "SELECT 1"'
refuses tidy todo src/state/a.cpp '// TODO: later'
refuses tidy todo docs/a.md 'FIXME'
refuses tidy machine_path docs/a.md 'see /home/someone/x'
accepts tidy docs/a.md 'see https://example.org/home/x and build/work/x'
refuses tidy length src/state/a.cpp "$(yes '//' | head -n 901)"
accepts tidy src/state/a.cpp "$(yes '//' | head -n 899)"

# An exception holds where it is named, and is refused when nothing needs it.
fresh
echo 'src/state/a.cpp catch_all the entry of a thread' >"$scratch/tree/tools/tidy_allow.txt"
mkdir "$scratch/tree/src/state"
echo '} catch (...) {' >"$scratch/tree/src/state/a.cpp"
if "$tools/tidy" "$scratch/tree" >"$scratch/output" 2>&1; then verdict yes; else verdict no "an exception holds"; fi
echo '}' >"$scratch/tree/src/state/a.cpp"
if "$tools/tidy" "$scratch/tree" >"$scratch/output" 2>&1; then verdict no "a stale exception is refused"; else verdict yes; fi

# clang-tidy: a finding is refused, what passes passes, and what there was no time for is counted.
tidy_says() {
  fresh
  cp "$tools/clang_tidy" "$scratch/tree/tools/"
  cp "$tools/../.clang-tidy" "$scratch/tree/"
  mkdir "$scratch/tree/build"
  echo "$2" >"$scratch/tree/src/base/a.cpp"
  printf '[{"directory": "%s", "command": "c++ -c src/base/a.cpp", "file": "src/base/a.cpp"}]' "$scratch/tree" \
    >"$scratch/tree/build/compile_commands.json"
  "$scratch/tree/tools/clang_tidy" --seconds "${3:-60}" >"$scratch/output" 2>&1
  if [ $? -eq "$1" ] && grep -q "$4" "$scratch/output"; then verdict yes; else verdict no "clang-tidy of: $2"; fi
}
tidy_says 1 'double half(int number) { return 1.0 + number / 2; }' 60 'bugprone-integer-division'
tidy_says 0 'double half(int number) { return 1.0 + number / 2.0; }' 60 '1 passed now, 0 with findings, 0 not reached'
tidy_says 0 'double half(int number) { return 1.0 + number / 2; }' 0 '0 with findings, 1 not reached'

# Links.
refuses links links README.md '[map](docs/none.md)'
accepts links README.md '[code](src/base/clean.h#x) [web](https://example.org)'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
