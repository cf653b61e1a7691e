// Input: the text of a migration that was made for another tool.
//   Tokens stand in the script in order, and only comments and blanks lie between them.
//   The meaning of a script has the script's tokens, and comments and blanks change nothing.
//   A script that no word speaks against leaves the transaction open that it runs in. END alone is found where it runs:
//   a trigger ends with it too.

#include "fuzz/support.h"
#include "fuzz/targets.h"
#include "migration/folder.h"
#include "migration/script.h"

#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <memory>

namespace reeve::fuzz {
namespace {

using migration::Token;

void check_tokens(std::string_view script, const std::vector<Token>& tokens) {
  const char* from = script.data();
  for (const Token& token : tokens) {
    require(!token.text.empty() && token.text.data() >= from &&
                token.text.data() + token.text.size() <= script.data() + script.size(),
            "tokens stand in the script in order");
    const std::string_view between(from, static_cast<std::size_t>(token.text.data() - from));
    require(migration::tokens_of(between).empty(), "only comments and blanks lie between tokens", between);
    from = token.text.data() + token.text.size();
  }
  const std::string meaning = migration::meaning_of(script);
  const auto again = migration::tokens_of(meaning);
  require(again.size() == tokens.size(), "a meaning has the script's tokens", meaning);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    require(again[i].text == tokens[i].text && again[i].begins_statement == tokens[i].begins_statement,
            "a meaning has the script's tokens", again[i].text);
  }
  // The last one goes to the end of the script when it is not closed.
  require(tokens.empty() || again.back().text.starts_with(tokens.back().text), "so is the last token");
}

/// Refuses what reaches beyond a database in memory.
int allow(void*, int action, const char*, const char* name, const char*, const char*) {
  const bool beyond =
      action == SQLITE_ATTACH || action == SQLITE_PRAGMA ||
      (action == SQLITE_FUNCTION && name != nullptr && std::string_view(name) == "load_extension");
  return beyond ? SQLITE_DENY : SQLITE_OK;
}

using Database = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;

Database open_database() {
  sqlite3* opened = nullptr;
  require(sqlite3_open(":memory:", &opened) == SQLITE_OK, "SQLite opens");
  sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, 100'000);
  sqlite3_set_authorizer(opened, allow, nullptr);
  sqlite3_progress_handler(
      opened, 20'000, [](void*) { return 1; }, nullptr);
  return {opened, sqlite3_close};
}

void check_transaction(const std::string& script) {
  static Database database = open_database();
  const auto tokens = migration::tokens_of(script);
  const bool ends = std::ranges::any_of(tokens, [](const Token& token) {
    return token.begins_statement && migration::is_same_word(token.text, "END");
  });
  if (ends || !migration::word_against_transaction(script).empty()) return;
  sqlite3_exec(database.get(), "BEGIN", nullptr, nullptr, nullptr);
  // An error that takes the transaction back itself (ON CONFLICT ROLLBACK) is one, and nothing more runs.
  const bool failed = sqlite3_exec(database.get(), script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK;
  const bool is_open = sqlite3_get_autocommit(database.get()) == 0;
  require(failed || is_open, "a script that no word speaks against leaves the transaction open");
  const bool taken_back =
      is_open && sqlite3_exec(database.get(), "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK;
  if (!taken_back) database = open_database();
}

void read_as(migration::Tool tool, const std::string& name, std::string_view text) {
  static const Folder folder;
  std::ofstream(folder.path(name), std::ios::binary | std::ios::trunc) << text;
  const auto read = unless_refused([&] { return migration::read_folder(folder.path(), tool); });
  std::filesystem::remove(folder.path(name));
  if (!read) return;
  require(read->steps.size() == 1 && read->steps[0].version == 1, "a file is a step");
  const migration::Section& up = read->steps[0].up;
  require(!up.in_transaction || migration::word_against_transaction(up.text).empty(),
          "what can't run in a transaction does not");
}

}  // namespace

void script(std::string_view input) {
  check_tokens(input, migration::tokens_of(input));
  if (input.find('\0') == std::string_view::npos) check_transaction(std::string(input));
  read_as(migration::Tool::golang_migrate, "1_a.up.sql", input);
  read_as(migration::Tool::dbmate, "1_a.sql", input);
  read_as(migration::Tool::goose, "1_a.sql", input);
}

}  // namespace reeve::fuzz
