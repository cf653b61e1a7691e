#pragma once
// The vault with a column that is filled in batches.

#include "state/vault_test.h"

#include <string>

namespace reeve::testing {

/// A column of the accounts, then its values in batches of `rows`, then NOT NULL.
inline blueprint::Sources graded_vault(int rows) {
  blueprint::Sources sources = vault_sources();
  sources.files["migrations/0002_grade.up.sql"] = "ALTER TABLE accounts ADD COLUMN grade integer;\n";
  sources.files["migrations/0002_grade.down.sql"] = "ALTER TABLE accounts DROP COLUMN grade;\n";
  sources.files["migrations/0003_graded.up.sql"] =
      "-- breaking: every account has a grade\n-- backfill " + std::to_string(rows) +
      ": grades by what there is\n"
      "UPDATE accounts SET grade = CASE WHEN balance > 0 THEN 1 ELSE 0 END WHERE grade IS NULL;\n"
      "ALTER TABLE accounts ALTER COLUMN grade SET NOT NULL;\n";
  sources.files["migrations/0003_graded.down.sql"] =
      "ALTER TABLE accounts ALTER COLUMN grade DROP NOT NULL;\n"
      "UPDATE accounts SET grade = NULL WHERE grade IS NOT NULL;\n";
  sources.files["events/account.opened.v1.sql"] =
      "INSERT INTO accounts (account_id, owner_id, rate, tag, opened_at, notes, token, grade)\n"
      "VALUES (:account_id, :owner_id, COALESCE(:rate, 0), :tag, :at, COALESCE(:notes, '{}'::jsonb),\n"
      "        convert_to(:account_id, 'UTF8'), 0);\n";
  return sources;
}

/// The same in three migrations, so that the rows go back in batches too.
inline blueprint::Sources graded_vault_apart(int rows) {
  blueprint::Sources sources = graded_vault(rows);
  const std::string fill = "-- backfill " + std::to_string(rows) + ": grades by what there is\n";
  sources.files["migrations/0003_graded.up.sql"] =
      fill + "UPDATE accounts SET grade = CASE WHEN balance > 0 THEN 1 ELSE 0 END WHERE grade IS NULL;\n";
  sources.files["migrations/0003_graded.down.sql"] =
      fill + "UPDATE accounts SET grade = NULL WHERE grade IS NOT NULL;\n";
  sources.files["migrations/0004_required.up.sql"] =
      "-- breaking: every account has a grade\nALTER TABLE accounts ALTER COLUMN grade SET NOT NULL;\n";
  sources.files["migrations/0004_required.down.sql"] =
      "ALTER TABLE accounts ALTER COLUMN grade DROP NOT NULL;\n";
  return sources;
}

}  // namespace reeve::testing
