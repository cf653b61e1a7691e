#pragma once
// Resolves names and types of a parse tree against a catalogue and writes SQLite's and PostgreSQL's SQL in the
// same walk, bottom-up: each expression comes back with its text, its type and what is known of its value.

#include "sql/interval.h"
#include "sql/parser.h"
#include "sql/text.h"
#include "sql/translation.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace reeve::sql {

using Node = PgQuery__Node;
using Nodes = std::span<Node*>;

/// A column of one source (an entry of FROM) of a statement.
struct ColumnId {
  int source = 0;
  std::size_t column = 0;
  auto operator<=>(const ColumnId&) const = default;
};

/// That a column equals an expression which reads only the sources named.
struct Equality {
  ColumnId column;
  std::set<int> others;
};

/// Closed interval in which an integer's value lies for certain.
struct Range {
  std::int64_t low = INT64_MIN;
  std::int64_t high = INT64_MAX;
};

/// An expression, translated.
struct Expr {
  Text sql;               ///< self-contained: composite text is in parentheses
  std::string unchecked;  ///< SQLite's without the test for overflow, for a column that tests; may be empty
  Type type = Type::unknown;
  bool nullable = true;
  std::optional<std::string> literal;  ///< of a text literal whose type is still open
  bool is_null = false;                ///< the NULL literal
  int parameter = 0;                   ///< 1, 2, ... when it is a bare parameter
  std::optional<Range> range;          ///< of integers; a single value for literals
  std::optional<ColumnId> column;      ///< when it is a bare column
  std::optional<Interval> interval;    ///< of a constant interval
  bool canonical_json = false;         ///< text known to be canonical JSON: the journal's payload
  bool collated = false;               ///< text that PostgreSQL orders by code point without being told
  std::set<int> sources;               ///< that it reads
  std::vector<Equality> equalities;    ///< that hold where it is true
  std::vector<ColumnId> ungrouped;     ///< columns outside aggregates and group expressions
  bool aggregate = false;
  bool window = false;
  std::string personal;   ///< a bare column or parameter with sealed values: what says whose
  bool constant = false;  ///< neither columns nor parameters nor subqueries
  int location = 0;

  bool open() const { return type == Type::unknown; }
  Text stored() const { return unchecked.empty() ? sql : Text(unchecked, sql.postgres); }
};

/// As Analyser::combine takes parts of an expression.
inline std::vector<const Expr*> pointers(const std::vector<Expr>& exprs) {
  std::vector<const Expr*> out;
  for (const Expr& expr : exprs) out.push_back(&expr);
  return out;
}

struct SourceColumn {
  std::string name;
  Type type = Type::unknown;
  bool nullable = true;
  Text sql;
  bool hidden = false;  ///< the right side's column of USING: not found without its source's name
  bool canonical_json = false;
  bool collated = false;
  std::string personal = {};  ///< the column that says whose sealed values it holds
};

/// An entry of FROM.
struct Source {
  int id = 0;
  std::string alias;
  std::vector<SourceColumn> columns;
  const Table* table = nullptr;
  std::vector<std::vector<std::size_t>> keys;  ///< columns that single out one of its rows
  std::set<int> needs;                         ///< sources that its arguments read (a function in FROM)
  bool is_function = false;                    ///< its alias alone names its value
  std::string has_row;                         ///< SQLite's test whether a LATERAL subquery gives its one row
};

struct CommonTable {
  std::string name;
  std::vector<SourceColumn> columns;
  std::vector<std::vector<std::size_t>> keys;
};

/// What an expression may name.
struct Scope {
  const Scope* parent = nullptr;
  std::vector<Source> sources;
  std::size_t visible_from = 0;
  std::vector<CommonTable> common_tables;
  std::vector<PgQuery__WindowDef*> windows;
  std::set<std::string> group_sql;  ///< SQLite's texts of GROUP BY
  bool bare_names = false;          ///< write columns without their table (DDL, RETURNING)
};

struct Output {
  std::string name;
  Expr expr;
};

/// A SELECT, analysed but not yet written, so that its outputs can still be coerced.
struct Select {
  Text with;
  std::vector<Output> outputs;
  std::vector<std::vector<Expr>> rows;  ///< of VALUES
  Text from;
  Text where;
  Text group;
  std::set<std::string> also_grouped;  ///< what hangs on the columns of GROUP BY, as PostgreSQL is told
  Text having;
  Text sort;
  Text limit;
  bool distinct = false;
  /// DISTINCT ON: of the rows with the same, the first by `first_by`; `first_by` is ORDER BY too.
  std::vector<Expr> distinct_on;
  struct FirstBy {
    Text sql;
    std::string direction;  ///< ` DESC NULLS LAST`
  };
  std::vector<FirstBy> first_by;
  bool all = false;
  std::string set_operator;
  std::unique_ptr<Select> left;
  std::unique_ptr<Select> right;
  bool one_row = false;
  bool ordered = false;
  std::vector<std::vector<std::size_t>> keys;  ///< outputs that single out a row
};

/// The ledger as views and policies know it: from the session, and nobody's where none is set.
inline constexpr std::string_view ledger_of_session =
    "nullif(current_setting('reeve.ledger_id', true), '')::uuid";

/// PostgreSQL's text of an expression that it will order, or compare by order.
std::string ordered(const Expr& expr);
/// The name by which a statement's other parts call a table that it names.
std::string as_alias(const PgQuery__RangeVar& node);
/// A table with that name, if it is not its own.
Text table_text(const PgQuery__RangeVar& node);
/// Has PostgreSQL compare these by code point, whatever the database's collation.
void collate(std::vector<Expr>& exprs);

/// Where nothing better can be said.
inline constexpr std::string_view remedy_otherwise =
    "docs/dialect.md has what is supported, docs/refused.md what is not";

/// Whether the tree says that this is an array: ARRAY[...], or a cast to a type of arrays.
bool is_array(const Node* node);

/// PostgreSQL's text of a value that becomes JSON.
std::string json_member(const Expr& value);

/// What a statement may do, by its use.
struct Rules {
  bool stored = false;  ///< DDL that stays in the file: only what plain SQLite has
  bool hashed = false;  ///< stored, and its values are rows': nothing that SQLite alone answers otherwise
  bool deterministic = true;  ///< IMMUTABLE functions, no dependence on the order of rows
  bool journal = false;
  bool clock = false;
  bool chance = false;   ///< dice(), new_uuid()
  bool changes = false;  ///< reeve_changes()
  bool parameters = true;
  bool tables = true;
  bool named_only = false;  ///< every parameter must be known beforehand
  bool counters = false;    ///< the statement moves the counter of an identity column
};
Rules rules_of(Use use, bool known_only);

enum class Cast { implicit, assignment, explicit_cast };

struct Signature;

class Analyser {
 public:
  Analyser(const Catalogue& catalogue, Rules rules, const NumberedText& text, const ParameterTypes& known);

  Translation statement(Node* node);
  /// A SELECT for a view: its columns and text.
  Select select(PgQuery__SelectStmt* select, const Scope* parent);
  Text write(const Select& select, bool for_insert = false) const;
  Expr expression(Node* node, const Scope& scope);
  Expr coerce(Expr expr, Type type, Cast kind, std::optional<int> length_max = {});
  Expr condition(Node* node, const Scope& scope, std::string_view clause);
  /// With `bare_names` SQLite's columns stand without their table, and PostgreSQL's after `target`, if given.
  Source table_source(const Table& table, std::string alias, bool bare_names, const std::string& target = {});
  std::pair<Type, std::optional<int>> type_of(const PgQuery__TypeName& node) const;
  /// The expression of a function, with the arguments in place of its parameters.
  Expr inlined(const Function& function, std::vector<Expr> arguments, int location);
  const std::set<std::string>& tables_read() const { return out_.tables_read; }
  [[noreturn]] void refuse(int location, const std::string& message, const std::string& remedy = {}) const;

 private:
  friend class Depth;

  // expression.cpp
  Expr dispatch(Node* node, const Scope& scope);
  Expr constant(const PgQuery__AConst& node);
  Expr parameter(const PgQuery__ParamRef& node);
  Expr parameter(const std::string& name, Type type, int location);
  Expr column(const PgQuery__ColumnRef& node, const Scope& scope);
  Expr column_of(const Source& source, std::size_t index, const Scope& scope, int location) const;
  Expr boolean(const PgQuery__BoolExpr& node, const Scope& scope);
  Expr null_test(const PgQuery__NullTest& node, const Scope& scope);
  Expr boolean_test(const PgQuery__BooleanTest& node, const Scope& scope);
  Expr case_expression(const PgQuery__CaseExpr& node, const Scope& scope);
  Expr coalesce(const PgQuery__CoalesceExpr& node, const Scope& scope);
  Expr min_max(const PgQuery__MinMaxExpr& node, const Scope& scope);
  Expr sub_link(const PgQuery__SubLink& node, const Scope& scope);
  Expr correlated(const Scope& scope, std::size_t before, int location);
  Expr single_value(Select inner, Expr expr);
  /// `around`: what the subquery reads of the scope.
  Expr in_subquery(const PgQuery__SubLink& node, Select inner, const Expr& around, const Scope& scope);
  Expr value_function(const PgQuery__SQLValueFunction& node);
  Expr type_cast(const PgQuery__TypeCast& node, const Scope& scope);
  void unify(std::vector<Expr>& exprs, std::string_view what, int location);
  Expr combine(Text sql, Type type, const std::vector<const Expr*>& parts, int location) const;
  Expr now_at(int location);
  void use_function(const std::string& name) { out_.functions.insert(name); }
  /// PostgreSQL's text of a value that only the caller knows; its number follows those of the parameters.
  std::string hidden(Hidden value);
  std::string ledger();
  void plain_only(int location, const std::string& what, const std::string& remedy = {}) const;
  /// Refuses in generated columns what a CHECK may have though plain SQLite's answer may differ.
  void not_hashed(int location, const std::string& what) const;

  // personal.cpp
  [[noreturn]] void refuse_personal(const Expr& expr, const std::string& what) const;
  /// An expression that may be a sealed value, and is nothing but that if it is.
  Expr whole_expression(Node* node, const Scope& scope);
  void check_assigned(const Expr& value, const Column& column) const;
  /// Of a row of VALUES: sealed values belong to whom the row belongs to.
  void check_subjects(Nodes values, const std::vector<const Column*>& columns) const;
  void check_subjects(const PgQuery__UpdateStmt& node, const Table& table) const;
  std::string parameter_name(const Node* node) const;
  bool finds_by(const Node* where, const std::string& column, const std::string& parameter) const;

  // casts.cpp
  Expr literal_as(const Expr& expr, Type type) const;
  Expr cast_to_text(const Expr& expr) const;
  Expr cast_within(Expr expr, Type type, Cast kind, std::optional<int> length_max);
  Expr cast_from_text(Expr expr, Type type) const;
  Expr double_literal(const std::string& digits, int location) const;

  // operators.cpp
  Expr operation(const PgQuery__AExpr& node, const Scope& scope);
  Expr infix(const std::string& op, Expr left, Expr right, int location);
  Expr arithmetic(const std::string& op, Expr left, Expr right, int location);
  Expr integer_arithmetic(const std::string& op, Expr left, Expr right, int location);
  Expr date_arithmetic(const std::string& op, Expr left, Expr right, int location);
  Expr bits(const std::string& op, Expr left, Expr right, int location);
  void no_intervals(const std::vector<const Expr*>& exprs, std::string_view where) const;

  // arrays.cpp
  Expr array_comparison(const std::string& op, const PgQuery__AExpr& node, const Scope& scope);
  Expr among_items(const std::string& op, bool any, Expr left, std::vector<Expr> items, int location);
  Expr among_parameter(const std::string& op, bool any, Expr left, Type type, const PgQuery__ParamRef& list);
  Expr row_in_list(const PgQuery__AExpr& node, bool negated, const Scope& scope);
  Expr row_null_test(const PgQuery__RowExpr& row, bool negated, const Scope& scope);

  // times.cpp
  Expr time_arithmetic(const std::string& op, Expr left, Expr right, int location);
  Expr interval_arithmetic(const std::string& op, Expr left, Expr right, int location);
  Expr as_time(Expr expr);
  Expr extract_of_interval(const std::string& part, const Expr& value, int location);
  std::optional<Expr> calendar_call(const std::string& name, std::vector<Expr>& arguments, int location);
  Expr date_trunc(std::vector<Expr>& arguments, int location);
  Expr time_to_char(std::vector<Expr>& arguments, int location);
  Expr make_interval(const PgQuery__FuncCall& node, const Scope& scope);
  Expr json_operation(const std::string& op, Expr left, Expr right, int location);
  std::string stored_json_step(const Expr& right, int location) const;
  /// Whether `op` is one of = <> < <= > >=, which is what comparison() takes.
  static bool is_comparison(const std::string& op);
  Expr comparison(const std::string& op, Expr left, Expr right, int location);
  Expr row_comparison(const std::string& op, Node* left, Node* right, const Scope& scope, int location);
  Expr concatenation(Expr left, Expr right, int location);
  Expr like(const PgQuery__AExpr& node, const Scope& scope);
  Expr distinct_from(const PgQuery__AExpr& node, const Scope& scope);
  Expr null_if(const PgQuery__AExpr& node, const Scope& scope);
  /// The first is looked for among the others.
  Expr in_list(std::vector<Expr> all, bool negated, int location);
  Expr in_list(Expr left, Nodes items, bool negated, const Scope& scope, int location);
  Expr between(const PgQuery__AExpr& node, const Scope& scope);
  Expr prefix_minus(Expr operand, int location);

  // json_calls.cpp
  Text json_path(Node* node, const Scope& scope);
  Expr json_change(const std::string& name, const PgQuery__FuncCall& node, const Scope& scope);
  Expr json_path_call(const std::string& name, std::vector<Expr> arguments, int location);
  Expr json_path_operation(const std::string& op, Expr left, Node* path, const Scope& scope, int location);
  Expr json_delete(Expr left, Node* keys, const Scope& scope, int location);
  std::vector<std::string> constant_members(Node* keys, int location) const;
  Expr stored_json_keys(const std::string& op, const Expr& left, Node* keys, int location);
  Expr stored_json_delete(const Expr& left, Node* keys, int location);
  std::optional<Expr> stored_json_call(const std::string& name, const std::vector<Expr>& arguments,
                                       int location);

  // regular_expression.cpp
  Expr regular_match(const std::string& op, Expr left, Expr right, int location);
  Expr regular_call(const std::string& name, std::vector<Expr> arguments, int location);

  // calls.cpp
  Expr call(const PgQuery__FuncCall& node, const Scope& scope);
  Expr call_plain(const std::string& name, std::vector<Expr> arguments, int location);
  Expr call_json(const std::string& name, std::vector<Expr> arguments, int location);
  Expr call_concat(const std::string& name, std::vector<Expr> arguments, int location);
  Expr call_special(const std::string& name, std::vector<Expr>& arguments, int location);
  Expr extract(std::vector<Expr> arguments, int location);
  std::string postgres_call(const Signature& signature, const std::vector<Expr>& arguments);
  Expr apply_signature(const Signature& signature, std::vector<Expr> arguments, int location);
  [[noreturn]] void refuse_unknown_function(const std::string& name, int location) const;

  // aggregates.cpp
  Expr aggregate(const std::string& name, const PgQuery__FuncCall& node, const Scope& scope);
  struct AggregateCall;
  AggregateCall aggregate_call(const std::string& name, const PgQuery__FuncCall& node, const Scope& scope);
  AggregateCall counting(const std::string& name, const PgQuery__FuncCall& node, std::vector<Expr> arguments);
  static Expr finished(AggregateCall call);
  Expr collecting(const std::string& name, const PgQuery__FuncCall& node, const Scope& scope,
                  const std::vector<Expr>& arguments);
  Expr window(const std::string& name, const PgQuery__FuncCall& node, const Scope& scope);
  Text window_text(const PgQuery__WindowDef& node, const Scope& scope, Expr& whole, bool total,
                   const std::string& name);
  Text frame_text(const PgQuery__WindowDef& node, const Scope& scope);

  // select.cpp
  Select select_body(PgQuery__SelectStmt* node, Scope& scope);
  Select plain_select(PgQuery__SelectStmt* node, Scope& scope);
  Select values_select(PgQuery__SelectStmt* node, Scope& scope);
  Select set_operation(PgQuery__SelectStmt* node, Scope& scope);
  void unify_branches(Select& left, Select& right, int location);
  void targets(PgQuery__SelectStmt* node, Scope& scope, Select& out);
  void expand_star(const PgQuery__ColumnRef& node, const Scope& scope, std::vector<Output>& outputs,
                   bool personal_too) const;
  void group_by(PgQuery__SelectStmt* node, Scope& scope, Select& out, std::vector<Expr>& groups);
  void check_grouping(Select& out, const std::vector<Expr>& groups, const Scope& scope) const;
  struct SortKey {
    Text sql;
    Expr expr;
    int output = -1;
    bool in_place = false;  ///< PostgreSQL is given the place of the output
    std::string direction;  ///< behind the expression: ` DESC NULLS LAST`
  };
  std::vector<SortKey> sort_keys(Nodes clause, const Scope& scope, const Select& out);
  /// Has PostgreSQL order an output of text by code point.
  static void collate_output(Select& select, std::size_t output);
  void order_and_limit(PgQuery__SelectStmt* node, Scope& scope, Select& out, const std::vector<Expr>& groups);
  bool is_total(const std::vector<SortKey>& keys, const Select& out, const Scope& scope,
                const std::vector<Expr>& groups) const;
  /// The sources of which at most one row is left once `equalities` hold and the sources `given` are fixed.
  std::set<int> pinned(const Scope& scope, const std::vector<Equality>& equalities,
                       const std::set<int>& given = {}) const;
  bool all_pinned(const Scope& scope, const std::vector<Equality>& equalities,
                  const std::set<int>& given = {}) const;
  Text with_clause(PgQuery__WithClause* node, Scope& scope);
  Text select_core(const Select& select, bool for_insert) const;
  Text distinct_on_text(const Select& select) const;
  Text set_operation_text(const Select& select) const;
  void distinct_on(PgQuery__SelectStmt* node, const Scope& scope, Select& out,
                   const std::vector<Expr>& groups);

  // from.cpp
  Text from_clause(Nodes items, Scope& scope, std::vector<Equality>& equalities);
  Text from_item(Node* node, Scope& scope, std::vector<Equality>& equalities);
  Text from_table(const PgQuery__RangeVar& node, Scope& scope);
  Text from_select(const PgQuery__RangeSubselect& node, Scope& scope);
  /// A subquery of one row at most, that reads what stands before it.
  Text from_lateral(const PgQuery__RangeSubselect& node, Scope& scope);
  Text from_function(const PgQuery__RangeFunction& node, Scope& scope);
  Text from_series(const PgQuery__RangeFunction& node, const std::string& name, std::vector<Expr> arguments,
                   Source& source, int location);
  /// `columns` is how PostgreSQL is told to name them.
  Text from_json(const PgQuery__RangeFunction& node, const std::string& name, std::vector<Expr> arguments,
                 Source& source, std::string& columns, int location);
  Text from_keys(const PgQuery__RangeFunction& node, std::vector<Expr> arguments, Source& source,
                 int location);
  /// SQLite's text of a value of json_each.
  std::string json_each_value(const std::string& document, const std::string& alias, bool text) const;
  /// The condition of USING; the sources of the right side begin at `middle`, whose columns are hidden from then on.
  Text join_using(Nodes names, Scope& scope, std::size_t first, std::size_t middle,
                  std::vector<Equality>& equalities);
  void check_lateral_join(const PgQuery__JoinExpr& node, bool left_join, bool right_join) const;
  Text from_join(const PgQuery__JoinExpr& node, Scope& scope, std::vector<Equality>& equalities);
  /// PostgreSQL's text of a table as the statement's ledger has it.
  std::string rows_of_ledger(const Table& table);
  void add_source(Scope& scope, Source source, int location);
  void rename_columns(Source& source, const PgQuery__Alias& alias, int location) const;
  const Table& state_table(const PgQuery__RangeVar& node) const;
  std::vector<std::string> relation_names() const;
  void read_view(const View& view);

  // writes.cpp
  void insert(PgQuery__InsertStmt& node);
  /// Those that the statement names, or the first `width` of the table; all that must be given are among them.
  std::vector<const Column*> insert_columns(const PgQuery__InsertStmt& node, const Table& table,
                                            std::size_t width) const;
  /// `given`: PostgreSQL's text of the values, of the last row, by column.
  Text insert_values(const PgQuery__InsertStmt& node, const Table& table,
                     const std::vector<const Column*>& columns, const Scope& scope,
                     std::map<std::string, std::string>& given);
  Text insert_rows(const PgQuery__InsertStmt& node, const Table& table,
                   const std::vector<const Column*>& columns, Select& source);
  /// Refuses rows of which two could meet one row of the table.
  void check_conflicts_once(const PgQuery__InsertStmt& node, const Table& table,
                            const std::vector<const Column*>& columns, const Select& source,
                            const std::vector<std::string>& target) const;
  void update(PgQuery__UpdateStmt& node);
  void remove(PgQuery__DeleteStmt& node);
  Text on_conflict(PgQuery__OnConflictClause& node, const Table& table, Scope& scope,
                   std::vector<std::string>& target);
  Node* value_of(const PgQuery__ResTarget& target) const;
  Text assignments(Nodes targets, const Table& table, const Scope& scope);
  Text stored_value(Node* node, const Column& column, const Scope& scope);
  Expr default_value(const Column& column, int location);
  void refuse_generated(const Column& column, int location) const;
  // returned.cpp: postgres_returning of the statement that is written so far and has no RETURNING of its own
  void insert_returning(const PgQuery__InsertStmt& node, const std::map<std::string, std::string>& given,
                        const std::vector<std::string>& target);
  void update_returning(const PgQuery__UpdateStmt& node, const std::string& with, const std::string& from,
                        const std::string& where, bool is_one_row);
  void delete_returning(const PgQuery__DeleteStmt& node);

  // identity.cpp
  void refuse_given_identity(const Column& column, int location) const;
  /// The number of the row that comes as the first, the second, ... of its statement.
  Text next_identity(const Table& table, std::size_t row);
  Text returning(Nodes list, const Table& table, const std::string& target);
  std::vector<std::string> conflict_target(const PgQuery__InferClause& infer, const Table& table,
                                           Text& where);
  void finish_select(PgQuery__SelectStmt& node);

  const Catalogue& catalogue_;
  Rules rules_;
  const NumberedText& text_;
  std::optional<Use> use_;
  Translation out_;
  Text written_;
  const ParameterTypes& known_;
  std::size_t hidden_after_;  ///< the number of parameters that precede the hidden ones
  int next_source_ = 1;
  PersonalParameters personal_;
  const PgQuery__SelectStmt* top_ = nullptr;  ///< the SELECT whose outputs are the statement's
  const Node* whole_ = nullptr;               ///< the expression that may be a sealed value, whole
  int next_alias_ = 1;
  int depth_ = 0;
  int chances_ = 0;  ///< calls of dice() and new_uuid() so far
  bool over_groups_ = false;
  std::vector<ColumnId> outer_columns_;  ///< met in a subquery, of a statement around it

 public:
  void set_use(Use use) { use_ = use; }
  void set_personal(const PersonalParameters& personal) { personal_ = personal; }
  void set_hidden_after(std::size_t parameters) { hidden_after_ = parameters; }
};

}  // namespace reeve::sql
