#pragma once
// One statement three ways: as it stands on PostgreSQL, translated on SQLite, and rewritten on PostgreSQL for one
// ledger of two.

#include "answers.h"
#include "tenants.h"

#include "sql/translation.h"

#include <string>

namespace reeve::test {

enum class Verdict {
  equal,        ///< the same rows three times
  both_failed,  ///< an error on each
  refused,      ///< the translation refuses what PostgreSQL answers
  different,
};

struct Compared {
  Verdict verdict = Verdict::equal;
  std::string what;  ///< of another verdict than equal: how
};

class Comparison {
 public:
  Comparison();

  /// Runs a migration on all. Throws std::runtime_error with what failed; Error.
  void schema(const std::string& text, const std::string& file);

  /// `plain` false: PostgreSQL's own answer is another by design, and only the other two are compared. What a
  /// statement leaves in the tables that it writes is compared too.
  Compared run(const std::string& statement, const Place& place, bool plain = true);

  const sql::Catalogue& catalogue() const { return catalogue_; }

 private:
  Compared run_one(const std::string& statement, const Place& place, bool plain, bool writes);
  void count(const sql::Translation& counter);
  std::string rewritten_difference(const sql::Translation& translation, const Answer& expected, bool writes);

  Postgres postgres_;
  Tenants tenants_;
  Sqlite sqlite_{true};
  sql::Catalogue catalogue_;
  std::set<std::string> written_;  ///< tables, by the last statement
};

}  // namespace reeve::test
