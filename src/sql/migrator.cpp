#include "sql/names.h"
#include "sql/schema.h"
#include "sql/taken_names.h"

#include <array>

namespace reeve::sql {
namespace {

const ParameterTypes no_parameters;

std::string remedy_for(const Node& node) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
      return "CREATE TABLE, then INSERT ... SELECT; or a view, which is always current";
    case PG_QUERY__NODE__NODE_COMPOSITE_TYPE_STMT: return "columns of their own, or jsonb";
    case PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT: return "the type itself, with a CHECK in each table";
    case PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT: return "a blueprint has one schema: leave it out";
    case PG_QUERY__NODE__NODE_CREATE_ROLE_STMT:
    case PG_QUERY__NODE__NODE_GRANT_STMT:
    case PG_QUERY__NODE__NODE_GRANT_ROLE_STMT:
    case PG_QUERY__NODE__NODE_CREATE_POLICY_STMT:
      return "leave it out: Reeve grants to its own roles and keeps ledgers apart";
    case PG_QUERY__NODE__NODE_RULE_STMT: return "write the change in the event's apply file";
    case PG_QUERY__NODE__NODE_TRUNCATE_STMT: return "DELETE FROM the table, of which each row is recorded";
    case PG_QUERY__NODE__NODE_CREATE_STATS_STMT: return "leave it out";
    default: return "CREATE, ALTER and DROP of tables, indexes and views, INSERT, UPDATE, DELETE, COMMENT ON";
  }
}

}  // namespace

Migrator::Migrator(const Catalogue& before, const PostgresRoles& roles, MigrationTranslation& out)
    : out_(out), roles_(roles), now_(out.after) {
  now_ = before;
}

void Migrator::run(const Statement& statement) {
  const NumberedText text(statement);
  const Tree tree = parse(text);
  text_ = &text;
  dispatch(tree->stmts[0]->stmt, statement);
  mark_personal(*tree->stmts[0]->stmt, statement);
  check_personal();
  check_names(*tree->stmts[0]->stmt);
  text_ = nullptr;
}

void Migrator::check_names(const Node& node) const {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_CREATE_STMT:
    case PG_QUERY__NODE__NODE_INDEX_STMT:
    case PG_QUERY__NODE__NODE_VIEW_STMT:
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
    case PG_QUERY__NODE__NODE_RENAME_STMT:
      if (const auto taken = find_taken_name(now_)) refuse(0, taken->message, taken->remedy);
      return;
    default: return;
  }
}

void Migrator::write_rows(Node* node) {
  Analyser analyser(now_, rules_of(Use::migration, true), *text_, no_parameters);
  analyser.set_use(Use::migration);
  const Translation translation = analyser.statement(node);
  out_.tables_changed.insert(translation.tables_written.begin(), translation.tables_written.end());
  if (node->node_case != PG_QUERY__NODE__NODE_INSERT_STMT) follow_cascades();
  out_.postgres.push_back({MigrationPart::rows, translation.postgres, translation.hidden});
  emit(translation.sqlite);
  count_after(translation);
}

void Migrator::follow_cascades() {
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& [name, table] : now_.tables)
      for (const ForeignKey& key : table.foreign_keys) {
        const auto reaches = [](const std::string& action) {
          return action == "CASCADE" || action.starts_with("SET ");
        };
        if (!out_.tables_changed.contains(key.target) || !(reaches(key.on_delete) || reaches(key.on_update)))
          continue;
        plan_.cascades = true;
        grown = out_.tables_changed.insert(name).second || grown;
      }
  }
}

/// A function in plpgsql mostly says what a row must be, and a CHECK says that too.
void Migrator::refuse_function(const PgQuery__CreateFunctionStmt& node) const {
  for (Node* option : list(node.n_options, node.options)) {
    const auto& element = *option->def_elem;
    if (std::string_view(element.defname) != "language" || string_of(element.arg) != "plpgsql") continue;
    if (node.return_type != nullptr &&
        string_of(node.return_type->names[node.return_type->n_names - 1]) == "trigger")
      refuse(
          0, "triggers in plpgsql are not supported",
          "what a row must be: CHECK (...) of the table; what follows from a change: the event's apply file");
    refuse(0, "functions in plpgsql are not supported",
           "a CHECK of the table: CHECK (CASE jsonb_typeof(x) WHEN 'object' THEN x ?& ARRAY['a', 'b'] AND x "
           "- ARRAY['a', "
           "'b'] = '{}' AND jsonb_typeof(x -> 'a') = 'number' ELSE false END)");
  }
  refuse(0, "functions in other languages than sql are not supported",
         "LANGUAGE sql IMMUTABLE AS 'SELECT ...', or the expression where it is used");
}

void Migrator::dispatch(Node* node, const Statement& statement) {
  const Directive* reference_line = nullptr;
  const Directive* tree = nullptr;
  for (const Directive& directive : statement.directives) {
    if (directive.word == "reference" || directive.word == "tree") {
      (directive.word == "tree" ? tree : reference_line) = &directive;
      if (node->node_case != PG_QUERY__NODE__NODE_CREATE_STMT)
        throw Error(ErrorCode::bad_statement,
                    "`-- " + directive.word + "` stands before a statement that makes no table",
                    "write it in a line before CREATE TABLE", directive.place);
    }
    if (directive.word == "backfill")
      backfill(node->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT ? node->update_stmt : nullptr, statement,
               directive);
  }
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_CREATE_STMT: return create(*node->create_stmt, reference_line != nullptr, tree);
    case PG_QUERY__NODE__NODE_INDEX_STMT: return index(*node->index_stmt);
    case PG_QUERY__NODE__NODE_VIEW_STMT: return view(*node->view_stmt);
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT: return alter(*node->alter_table_stmt);
    case PG_QUERY__NODE__NODE_RENAME_STMT: return rename(*node->rename_stmt);
    case PG_QUERY__NODE__NODE_DROP_STMT: return drop(*node->drop_stmt);
    case PG_QUERY__NODE__NODE_COMMENT_STMT: return;  // Says nothing to the engine.
    case PG_QUERY__NODE__NODE_INSERT_STMT:
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
    case PG_QUERY__NODE__NODE_DELETE_STMT: return write_rows(node);
    case PG_QUERY__NODE__NODE_CREATE_EXTENSION_STMT: {
      static constexpr std::array<std::string_view, 5> known = {"pgcrypto", "uuid-ossp", "pg_trgm", "vector",
                                                                "citext"};
      const std::string name = node->create_extension_stmt->extname;
      for (const auto extension : known)
        if (extension == name) return;
      refuse(0, "extension " + name + " is not known");
    }
    case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
      refuse(0, "a migration has no BEGIN or COMMIT of its own",
             "leave them out: it runs in one transaction");
    case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT:
      refuse(0, "triggers are not supported", "write the change in the event's apply file");
    case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT: return create_function(*node->create_function_stmt);
    case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
      refuse(0, "sequences are not supported", "an identity column, :sequence, or count in a table");
    case PG_QUERY__NODE__NODE_CREATE_ENUM_STMT:
      refuse(0, "enum types are not supported", "text with CHECK (x IN (...))");
    case PG_QUERY__NODE__NODE_SELECT_STMT: refuse(0, "SELECT changes nothing", "leave it out");
    default: refuse(0, "this kind of statement can't stand in a migration", remedy_for(*node));
  }
}

OnlinePlan Migrator::plan(const std::vector<Statement>& statements) const {
  check_trees();
  if (!plan_.concurrent_index.empty() && statements.size() != 1)
    throw Error(ErrorCode::bad_statement,
                "CONCURRENTLY runs outside of a transaction, and so alone in its migration",
                "give the index a migration of its own", statements.front().place);
  return plan_;
}

namespace {

OnlinePlan run_migrator(std::string_view name, std::string_view text, const Catalogue& before,
                        const PostgresRoles& roles, MigrationTranslation& out) {
  OnlinePlan plan;
  const std::vector<Statement> statements = split(name, text);
  on_large_stack([&] {
    Migrator migrator(before, roles, out);
    for (const Statement& statement : statements) migrator.run(statement);
    plan = migrator.plan(statements);
  });
  return plan;
}

}  // namespace

MigrationTranslation translate_migration(std::string_view name, std::string_view text,
                                         const Catalogue& before, const PostgresRoles& roles) {
  MigrationTranslation out;
  run_migrator(name, text, before, roles, out);
  return out;
}

OnlinePlan plan_migration(std::string_view name, std::string_view text, const Catalogue& before) {
  MigrationTranslation out;
  return run_migrator(name, text, before, {}, out);
}

}  // namespace reeve::sql
