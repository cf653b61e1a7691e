#pragma once
// Commands, events and queries of a blueprint as C++ types. `reeve generate FOLDER` writes a header of structs; the
// functions here take them. docs/typed.md.

#include <reeve/ledger.h>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reeve {

/// Of the headers that `reeve generate` writes. A header of another form doesn't compile.
inline constexpr int typed_header_format = 3;

/// A JSON text, as it is: an object or an array of a payload, a value of a jsonb column.
struct Json {
  std::string text;
  bool operator==(const Json&) const = default;
};

/// Writes the members of one JSON object. What is absent is left out.
class JsonMembers {
 public:
  JsonMembers& add(std::string_view name, std::string_view value);
  JsonMembers& add(std::string_view name, const char* value) { return add(name, std::string_view(value)); }
  JsonMembers& add(std::string_view name, const std::string& value) {
    return add(name, std::string_view(value));
  }
  /// Beyond 2^53 it is a decimal string, as payloads have it. Throws Error invalid_input beyond 64 bits with a sign.
  template <std::integral Integer>
    requires(!std::same_as<Integer, bool>)
  JsonMembers& add(std::string_view name, Integer value) {
    if (!std::in_range<std::int64_t>(value)) refuse_integer(name);
    return add_integer(name, static_cast<std::int64_t>(value));
  }
  /// Throws Error invalid_input for NaN and infinity.
  JsonMembers& add(std::string_view name, double value);
  JsonMembers& add(std::string_view name, bool value);
  JsonMembers& add(std::string_view name, const Json& value);
  template <typename T>
  JsonMembers& add(std::string_view name, const std::optional<T>& value) {
    return value ? add(name, *value) : *this;
  }
  /// An array of what can be a member.
  template <typename T>
  JsonMembers& add(std::string_view name, const std::vector<T>& values) {
    std::string items;
    for (const T& value : values)
      items += (items.empty() ? "" : ",") + JsonMembers().add("", value).only_value();
    return member(name, "[" + items + "]");
  }
  /// An object whose members are all of one kind.
  template <typename T>
  JsonMembers& add(std::string_view name, const std::map<std::string, T>& values) {
    JsonMembers members;
    for (const auto& [each, value] : values) members.add(each, value);
    return member(name, members.object());
  }
  /// The object, as text and as a value of another one's member.
  std::string object() const { return "{" + members_ + "}"; }
  Json json() const { return {object()}; }

 private:
  JsonMembers& member(std::string_view name, std::string_view json);
  JsonMembers& add_integer(std::string_view name, std::int64_t value);
  [[noreturn]] static void refuse_integer(std::string_view name);
  /// Of one member, whose name is empty: `"":` stands before it.
  std::string only_value() const { return members_.substr(3); }
  std::string members_;
};

/// What the headers themselves call.
namespace typed {
/// As Rows::read, and of a jsonb column its text.
template <typename T>
void read(const Rows& rows, std::size_t column, T& value) {
  rows.read(column, value);
}
inline void read(const Rows& rows, std::size_t column, Json& value) { rows.read(column, value.text); }
inline void read(const Rows& rows, std::size_t column, std::optional<Json>& value) {
  value.reset();
  if (!rows.at(column).is_null()) rows.read(column, value.emplace().text);
}
/// Throws Error conflict unless the answer has the columns that the header was made for.
void check_columns(const Rows& rows, std::string_view query, std::initializer_list<std::string_view> names);
}  // namespace typed

template <typename T>
concept TypedCommand = requires(const T& command) {
  { T::command_name } -> std::convertible_to<std::string_view>;
  { command.to_json() } -> std::same_as<std::string>;
};
template <typename T>
concept TypedEvent = requires(const T& event) {
  { T::event_type } -> std::convertible_to<std::string_view>;
  { T::event_version } -> std::convertible_to<int>;
  { event.to_json() } -> std::same_as<std::string>;
};
template <typename T>
concept TypedQuery = requires(const T& query) {
  typename T::Row;
  { T::query_name } -> std::convertible_to<std::string_view>;
  { query.to_json() } -> std::same_as<std::string>;
};

/// As Ledger::command.
template <TypedCommand Command>
Outcome command(Ledger& ledger, const Command& command, const CommitOptions& options = {}) {
  return ledger.command(Command::command_name, command.to_json(), options);
}
/// As Ledger::submit_command: it doesn't wait, and `callback` hears the verdict.
template <TypedCommand Command>
void submit(Ledger& ledger, const Command& command, const CommitOptions& options,
            const Ledger::Callback& callback) {
  ledger.submit_command(Command::command_name, command.to_json(), options, callback);
}
/// As Ledger::commit, of the version that the struct is.
template <TypedEvent Event>
Outcome commit(Ledger& ledger, const Event& event, CommitOptions options = {}) {
  options.version = Event::event_version;
  return ledger.commit(Event::event_type, event.to_json(), options);
}

/// The rows of a query, one by one, from one snapshot. For a range-for over it; must not outlive its ledger.
template <TypedQuery Query>
class TypedRows {
 public:
  using Row = typename Query::Row;
  explicit TypedRows(Rows rows) : rows_(std::move(rows)) { Query::check(rows_); }

  /// The head of the snapshot.
  Sequence sequence() const { return rows_.sequence(); }
  /// The next row, or nothing at the end.
  std::optional<Row> next() {
    if (!rows_.next()) return std::nullopt;
    return Query::read(rows_);
  }

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Row;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(TypedRows* rows) : rows_(rows), row_(rows->next()) {}
    const Row& operator*() const { return *row_; }
    const Row* operator->() const { return &*row_; }
    Iterator& operator++() {
      row_ = rows_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return !row_; }

   private:
    TypedRows* rows_ = nullptr;
    std::optional<Row> row_;
  };
  Iterator begin() { return Iterator(this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  Rows rows_;
};

/// As Ledger::query.
template <TypedQuery Query>
TypedRows<Query> query(Ledger& ledger, const Query& query = {}) {
  return TypedRows<Query>(ledger.query(Query::query_name, query.to_json()));
}
/// The first row, or nothing: for a query of one.
template <TypedQuery Query>
std::optional<typename Query::Row> query_one(Ledger& ledger, const Query& query = {}) {
  return reeve::query(ledger, query).next();
}
/// All rows, in memory.
template <TypedQuery Query>
std::vector<typename Query::Row> query_all(Ledger& ledger, const Query& query = {}) {
  std::vector<typename Query::Row> all;
  for (auto rows = reeve::query(ledger, query); auto row = rows.next();) all.push_back(std::move(*row));
  return all;
}

}  // namespace reeve
