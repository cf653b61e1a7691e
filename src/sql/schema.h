#pragma once
// The catalogue as SQLite stores it, and the statements that change it.

#include "sql/analyser.h"
#include "sql/online.h"
#include "sql/translation.h"

#include <functional>
#include <string>
#include <vector>

namespace reeve::sql {

/// What stays in the file may hold only what plain SQLite has.
Rules stored_rules();

/// An expression in PostgreSQL's SQL over the columns of one table, written bare for stored definitions.
Text stored_expression(const std::string& sql, const Table& table, const Catalogue& catalogue,
                       const Place& place);

/// A column's definition; `extra` is appended (constraints of ALTER TABLE ADD COLUMN).
std::string column_definition(const Column& column, const Table& table, const Catalogue& catalogue);
/// What a generated column of the table holds. `node` is the expression in `text`; without it, the declared one.
Text generated_text(Node* node, const NumberedText& text, const Column& column, const Table& table,
                    const Catalogue& catalogue);
Text generated_text(const Column& column, const Table& table, const Catalogue& catalogue);
/// `name` is the table's in the file, which differs while it is rebuilt.
std::string create_table(const Table& table, const std::string& name, const Catalogue& catalogue);
std::string foreign_key_reference(const ForeignKey& key);
std::string create_index(const Index& index, const Catalogue& catalogue);
std::string create_view(const View& view, const Catalogue& catalogue);

/// The view's SELECT, for each engine.
Text view_text(const View& view, const Catalogue& catalogue);
/// The view as it stands now: throws when what it reads is gone.
View analysed_view(const View& view, const Catalogue& catalogue, bool deterministic, const Place& place);

/// Whether an expression in PostgreSQL's SQL names the column, and the expression with it renamed.
bool names_column(const std::string& sql, const std::string& column);
std::string rename_in(const std::string& sql, const std::string& from, const std::string& to);

/// One migration, statement by statement.
class Migrator {
 public:
  Migrator(const Catalogue& before, const PostgresRoles& roles, MigrationTranslation& out);
  void run(const Statement& statement);
  /// After all statements. Throws Error for what can't be done as the file asks.
  OnlinePlan plan(const std::vector<Statement>& statements) const;

 private:
  void dispatch(Node* node, const Statement& statement);
  /// Of the schema as it is now, after a statement that may have given some.
  void check_names(const Node& node) const;
  void write_rows(Node* node);
  // personal_columns.cpp
  void mark_personal(const Node& node, const Statement& statement);
  void check_personal() const;
  /// Tables that foreign keys change with those that a statement writes.
  void follow_cascades();
  [[noreturn]] void refuse_function(const PgQuery__CreateFunctionStmt& node) const;
  // migrator_functions.cpp
  void create_function(const PgQuery__CreateFunctionStmt& node);
  std::vector<Function::Parameter> function_parameters(const PgQuery__CreateFunctionStmt& node) const;
  std::string function_body(const PgQuery__CreateFunctionStmt& node, const std::string& text,
                            const Function& function) const;
  void drop_function(const std::string& name);
  // identity.cpp
  void read_identity(const Column& column, const Table& table, int location) const;
  void check_identity(const Table& table, int location) const;
  /// Of the first table of the schema that counts: the table of the counters is there from now on.
  void begin_counting();
  /// Of a table that is gone, or its column: its counter goes too, and with the last of them their table.
  void end_counting(const std::string& table);
  void go_on_counting(const std::string& from, const std::string& to);
  void count_after(const Translation& statement);
  // tree.cpp
  void mark_tree(const std::string& table, const Directive& directive);
  void check_trees() const;
  void check_not_in_tree(const Table& table, const std::string& column) const;
  /// Of a table or a column that has another name now.
  void remake_tree(const Table& table);
  // backfill.cpp
  void backfill(PgQuery__UpdateStmt* node, const Statement& statement, const Directive& directive);
  // migrator_create.cpp
  void create(PgQuery__CreateStmt& node, bool reference, const Directive* tree);
  void read_column(PgQuery__ColumnDef& node, Table& table);
  void read_constraint(PgQuery__Constraint& node, Table& table, const std::string& column);
  void read_generated(PgQuery__Constraint& node, Table& table, const std::string& column);
  /// Of a change to a column that a generated one is made of.
  void check_not_read(const Table& table, const std::string& column) const;
  void read_foreign_key(PgQuery__Constraint& node, Table& table, const std::string& column);
  void add_unique(Table& table, std::string name, std::vector<std::string> columns, int location);
  void add_check(PgQuery__Constraint& node, Table& table, const std::string& column);
  std::string default_of(Node* expr, const Column& column);
  void check_foreign_key(ForeignKey& key, const Table& table, int location);
  void check_new_name(const std::string& name, int location) const;
  std::string constraint_name(const Table& table, const char* given, const std::string& made,
                              int location) const;
  void index(PgQuery__IndexStmt& node);
  void view(PgQuery__ViewStmt& node);
  // migrator_alter.cpp
  void alter(PgQuery__AlterTableStmt& node);
  void add_column(PgQuery__AlterTableCmd& command, Table& table);
  void drop_column(PgQuery__AlterTableCmd& command, Table& table);
  void alter_column(PgQuery__AlterTableCmd& command, Table& table);
  void add_constraint(PgQuery__AlterTableCmd& command, Table& table);
  void drop_constraint(PgQuery__AlterTableCmd& command, Table& table);
  void rename(PgQuery__RenameStmt& node);
  void rename_column(PgQuery__RenameStmt& node);
  void rename_table(PgQuery__RenameStmt& node);
  void drop(PgQuery__DropStmt& node);
  void drop_table(const std::string& name);
  /// Makes the table anew under its new definition; `values` gives the SQLite text of a column's new value.
  void rebuild(const Table& before, const Table& after,
               const std::map<std::string, std::string>& values = {});
  /// Runs `change` with the views that read the table out of the way; they must fit afterwards.
  void without_views(const std::string& table, const std::function<void()>& change);
  Table& table_named(const std::string& name, int location);
  void emit(std::string sql) { out_.sqlite.push_back(std::move(sql)); }
  void emit_postgres(std::string sql) {
    out_.postgres.push_back({MigrationPart::schema, std::move(sql), {}});
  }
  void alter_postgres(const std::string& table, const std::string& change);
  /// Drops the constraints that are gone from the table, or adds those that are new to it.
  void drop_constraints_postgres(const Table& before, const Table& after);
  void change_type_postgres(const std::string& table, const Column& column, bool had_length,
                            const std::string& value);
  void rename_constraint_postgres(const std::string& table, const std::string& from, const std::string& to);
  void drop_reference_trigger(const ForeignKey& key, const Table& table);
  [[noreturn]] void refuse_reference_change(const std::string& table, int location) const;
  void add_constraints_postgres(const Table& before, const Table& after);
  [[noreturn]] void refuse(int location, const std::string& message, const std::string& remedy = {}) const;

  MigrationTranslation& out_;
  OnlinePlan plan_;
  PostgresRoles roles_;
  Catalogue& now_;
  const NumberedText* text_ = nullptr;
};

}  // namespace reeve::sql
