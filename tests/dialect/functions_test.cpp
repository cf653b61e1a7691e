// docs/functions.md is written from the table that the translation reads. REEVE_WRITE_DOCS=1 writes it.

#include "document.h"

#include "sql/signatures.h"
#include "sql/translation.h"

#include <gtest/gtest.h>

#include <sstream>

namespace reeve::sql {
namespace {

void write_signatures(std::ostream& out) {
  out << "## Of values\n\n| function | gives | stored | remark |\n| --- | --- | --- | --- |\n";
  for (const Signature& signature : signatures()) {
    out << "| `" << signature.name << "(";
    for (std::size_t i = 0; i < signature.arguments.size(); ++i)
      out << (i > 0 ? ", " : "") << name_of(type_of_letter(signature.arguments[i]));
    const bool own =
        signature.name == "dice" || signature.name == "new_uuid" || signature.name == "reeve_changes";
    out << ")` | " << name_of(type_of_letter(signature.result)) << " | " << (signature.plain ? "yes" : "")
        << " | " << (own ? "Reeve's own" : "") << " |\n";
  }
}

void write_special(std::ostream& out, std::string_view kind, std::string_view title,
                   const Catalogue& catalogue) {
  out << "\n## " << title << "\n\n| function | as in |\n| --- | --- |\n";
  for (const SpecialCall& special : special_calls()) {
    if (special.kind != kind) continue;
    const std::string example(special.example);
    const std::string query =
        kind == "rows" ? "SELECT t.id FROM t, " + example : "SELECT " + example + " AS v FROM t";
    EXPECT_NO_THROW(translate({query, {"functions", 1, 1}, {}, {}}, catalogue, Use::query)) << query;
    out << "| " << special.name << " | `" << test::cell(example) << "` |\n";
  }
}

TEST(functions, are_listed_as_the_translation_has_them) {
  const Catalogue catalogue =
      translate_migration(
          "functions",
          "CREATE TABLE t (id integer PRIMARY KEY, n integer, s text, d date, at timestamptz, j jsonb)", {})
          .after;
  std::ostringstream document;
  document << "# The dialect's functions\n\nWritten from the table that the translation reads "
              "(`REEVE_WRITE_DOCS=1 "
              "build/tests_dialect`). `stored` are those that may stand\nin stored definitions: CHECK, "
              "DEFAULT, index "
              "expressions, views.\n\n";
  write_signatures(document);
  write_special(document, "scalar", "Of more forms", catalogue);
  write_special(document, "aggregate", "Aggregates", catalogue);
  write_special(document, "window", "Windows", catalogue);
  write_special(document, "rows", "That give rows, in FROM", catalogue);
  document << "\n## Not there\n\n| function | write |\n| --- | --- |\n";
  for (const Unstable& function : unstable_functions())
    document << "| " << function.name << " | " << test::cell(function.remedy) << " |\n";
  test::expect_current("docs/functions.md", document.str());
}

}  // namespace
}  // namespace reeve::sql
