#include "state/reference_set.h"

#include "base/json.h"
#include "base/utf8.h"
#include "sql/names.h"
#include "state/binding.h"
#include "state/csv.h"
#include "state/rows.h"
#include "state/schema_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

namespace reeve::state {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view manifest = "reference.json";
constexpr std::string_view no_reference_table = "the blueprint has no reference table";
constexpr std::size_t line_bytes_max = 1024 * 1024;

std::string path_of(const std::string& table) { return "reference/" + table + ".ndjson"; }

std::vector<std::string> names_of(const sql::Catalogue& catalogue) {
  std::vector<std::string> names;
  for (const auto& [name, table] : catalogue.tables) {
    names.push_back(name);
  }
  return names;
}

}  // namespace

sql::Catalogue reference_part(const sql::Catalogue& catalogue) {
  sql::Catalogue part = catalogue;
  part.views.clear();
  std::erase_if(part.tables, [](const auto& entry) { return !entry.second.reference; });
  std::erase_if(part.indexes, [&](const auto& entry) { return !part.tables.contains(entry.second.table); });
  return part;
}

ReferenceSet::ReferenceSet(ReferenceSet&&) noexcept = default;
ReferenceSet::~ReferenceSet() = default;

ReferenceSet::ReferenceSet(const sql::Catalogue& catalogue)
    : catalogue_(reference_part(catalogue)),
      layout_(std::make_unique<journal::Layout>(journal::Layout::of(catalogue_))),
      scratch_(engine::Connection::open_scratch({.foreign_keys = false})) {
  if (catalogue_.tables.empty()) {
    throw Error(ErrorCode::conflict, std::string(no_reference_table),
                "write `-- reference: WHAT IT HOLDS` before a CREATE TABLE of a migration");
  }
  for (const std::string& statement : sql::create_statements_sqlite(catalogue_)) {
    scratch_->execute(statement);
  }
}

/// Rows on their way into the scratch database.
class ReferenceSet::Loader {
 public:
  explicit Loader(ReferenceSet& set)
      : set_(set), store_(*set.scratch_, *set.layout_), reader_({.bytes_max = line_bytes_max}) {}

  void load_csv(const std::string& table, std::istream& stream, const std::string& file) {
    CsvReader csv(stream, file);
    CsvReader::Record record;
    place_ = {file, 1, 0};
    if (!csv.next(record)) {
      fail("there is no line with the names of the columns", "write it first, also when no rows follow");
    }
    const int number = set_.layout_->find(table);
    std::vector<int> places;
    for (const std::optional<std::string>& name : record) {
      const int place = place_of(number, name.value_or(""));
      if (std::find(places.begin(), places.end(), place) != places.end()) {
        fail(fmt::format("the column {} stands twice", *name), "leave one");
      }
      places.push_back(place);
    }
    const std::size_t width = record.size();
    std::string line;
    while (csv.next(record)) {
      place_.line = csv.line();
      if (record.size() != width) {
        fail(fmt::format("{} fields where the first line has {}", record.size(), width),
             "put a text that holds a comma into quotes");
      }
      line = "{";
      for (std::size_t i = 0; i < width; ++i) {
        append_field(number, places[i], record[i], line);
      }
      take(number, line + "}");
    }
  }

  void load_ndjson(const std::string& table, std::istream& stream, const std::string& file) {
    const int number = set_.layout_->find(table);
    place_ = {file, 0, 0};
    std::string line;
    while (std::getline(stream, line)) {
      ++place_.line;
      if (line.find_first_not_of(" \t\r") != std::string::npos) {
        take(number, line);
      }
    }
  }

 private:
  [[noreturn]] void fail(const std::string& message, const std::string& remedy) const {
    throw Error(ErrorCode::invalid_input, message, remedy, place_);
  }

  int place_of(int number, std::string_view name) const {
    const journal::TableLayout& table = set_.layout_->table(number);
    std::vector<std::string> known;
    for (std::size_t place = 0; place < table.columns.size(); ++place) {
      if (table.columns[place].name == name) {
        return static_cast<int>(place);
      }
      known.push_back(table.columns[place].name);
    }
    const std::string meant = sql::did_you_mean(name, known);
    fail(fmt::format("`{}` is no column of {}", is_valid_utf8(name) ? name : "?", table.name),
         meant.empty() ? fmt::format("its columns: {}", fmt::join(known, ", ")) : meant);
  }

  void append_field(int number, int place, const std::optional<std::string>& field, std::string& line) {
    if (!field) {
      return;
    }
    const journal::ColumnLayout& column = set_.layout_->table(number).column(place);
    line += line.size() == 1 ? "" : ",";
    json::append_canonical_string(column.name, line);
    line += ':';
    const bool is_json = column.type == sql::Type::jsonb || column.type == sql::Type::boolean ||
                         column.type == sql::Type::double_precision;
    if (!is_valid_utf8(*field)) {
      fail(fmt::format("{} is not UTF-8", column.name), "save the file as UTF-8");
    }
    if (!is_json) {
      return json::append_canonical_string(*field, line);
    }
    try {
      json::append_canonical(reader_.read(*field), line);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::invalid_input) {
        throw;
      }
      fail(fmt::format("{} is not {}", column.name,
                       column.type == sql::Type::jsonb     ? "JSON: " + error.message()
                       : column.type == sql::Type::boolean ? "true or false"
                                                           : "a number"),
           "");
    }
  }

  /// One row as a JSON object.
  void take(int number, const std::string& line) {
    const journal::TableLayout& table = set_.layout_->table(number);
    try {
      simdjson::dom::object object;
      if (reader_.read(line).get_object().get(object) != simdjson::SUCCESS) {
        fail("a row is an object: {\"column\": value}", "");
      }
      row_.assign(table.columns.size(), ValueView());
      scratch_.clear();
      for (const auto member : object) {
        const int place = place_of(number, member.key);
        row_[static_cast<std::size_t>(place)] =
            value_of(member.value, table.column(place).type, member.key, scratch_);
      }
      store_.insert(number, row_.data());
    } catch (const Error& error) {
      throw Error(error.code(), error.message(), error.remedy(),
                  error.place().file.empty() ? place_ : error.place());
    }
    ++set_.counts_[table.name];
  }

  ReferenceSet& set_;
  RowStore store_;
  json::Reader reader_;
  Scratch scratch_;
  std::vector<ValueView> row_;
  Place place_;
};

namespace {

struct TableFile {
  std::string name;  ///< in its folder
  bool is_csv = false;
};

std::map<std::string, TableFile> table_files(const fs::path& folder, const sql::Catalogue& catalogue) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    throw Error(ErrorCode::not_found, fmt::format("there is no folder {}", folder.string()),
                "give the folder that holds a file for each reference table");
  }
  std::set<std::string> names;  // in order, so that of several faults the same one is always reported
  for (fs::directory_iterator entry(folder, error), last; !error && entry != last; entry.increment(error)) {
    names.insert(entry->path().filename().string());
  }
  if (error) {
    throw Error(ErrorCode::denied, fmt::format("can't read {}: {}", folder.string(), error.message()));
  }
  std::map<std::string, TableFile> files;
  for (const std::string& name : names) {
    if (name.starts_with('.') || name == "README.md") {
      continue;
    }
    const bool is_csv = name.ends_with(".csv");
    const std::string table = name.substr(0, name.rfind('.'));
    if ((!is_csv && !name.ends_with(".ndjson")) || !catalogue.tables.contains(table)) {
      const std::string meant = sql::did_you_mean(table, names_of(catalogue));
      throw Error(ErrorCode::invalid_input,
                  fmt::format("{} is of no reference table", is_valid_utf8(name) ? name : "a file"),
                  meant.empty() ? "name it TABLE.csv or TABLE.ndjson" : meant, {name, 0, 0});
    }
    if (!files.emplace(table, TableFile{name, is_csv}).second) {
      throw Error(ErrorCode::invalid_input, fmt::format("{} has two files", table), "leave one",
                  {name, 0, 0});
    }
  }
  for (const auto& [table, declared] : catalogue.tables) {
    if (!files.contains(table)) {
      throw Error(ErrorCode::invalid_input, fmt::format("there is no file of the reference table {}", table),
                  fmt::format("write {}.csv, with the line of its columns alone if it has no rows", table),
                  {folder.string(), 0, 0});
    }
  }
  return files;
}

}  // namespace

ReferenceSet ReferenceSet::read(const fs::path& folder, const sql::Catalogue& catalogue) {
  ReferenceSet set(catalogue);
  engine::Transaction tx(*set.scratch_, engine::Transaction::Mode::write);
  for (const auto& [table, file] : table_files(folder, set.catalogue_)) {
    const fs::path path = folder / file.name;
    std::error_code error;
    std::ifstream stream(path, std::ios::binary);
    if (!fs::is_regular_file(path, error) || !stream) {
      throw Error(ErrorCode::denied, fmt::format("can't read {}", file.name), "put a text file in its place",
                  {file.name, 0, 0});
    }
    constexpr std::uintmax_t file_bytes_max = 4 * bytes_max;
    if (fs::file_size(path, error) > file_bytes_max) {
      throw Error(ErrorCode::limit_exceeded, fmt::format("{} is larger than 96 MiB", file.name), "",
                  {file.name, 0, 0});
    }
    Loader loader(set);
    file.is_csv ? loader.load_csv(table, stream, file.name) : loader.load_ndjson(table, stream, file.name);
  }
  tx.commit();
  check_references(*set.scratch_, set.catalogue_);
  set.finish();
  return set;
}

ReferenceSet ReferenceSet::of(const blueprint::Sources& files, const sql::Catalogue& catalogue) {
  ReferenceSet set(catalogue);
  engine::Transaction tx(*set.scratch_, engine::Transaction::Mode::write);
  for (const auto& [path, text] : files.files) {
    if (path == manifest) {
      continue;
    }
    const std::size_t slash = path.find('/');
    const std::string table = path.substr(slash + 1, path.rfind('.') - slash - 1);
    if (!set.catalogue_.tables.contains(table) || path != path_of(table)) {
      throw Error(ErrorCode::conflict,
                  fmt::format("the version has rows of {}, which is no reference table here", table),
                  "take the ledger to the blueprint of the ledger that published it: `reeve migrate up`");
    }
    std::istringstream stream(text);
    Loader(set).load_ndjson(table, stream, path);
  }
  tx.commit();
  set.finish();
  if (set.files_.files != files.files) {
    throw Error(ErrorCode::corrupt, "the rows of a reference version are not those that were published",
                "restore from a backup");
  }
  return set;
}

const TableSum& ReferenceSet::sum(int table) const { return sums_->sum(table); }

std::vector<std::string> ReferenceSet::parents_first() const { return state::parents_first(catalogue_); }

/// Canonical rows, counts and hash of what was loaded.
void ReferenceSet::finish() {
  sums_ = std::make_unique<StateSums>(*layout_);
  RowStore store(*scratch_, *layout_);
  std::size_t bytes = 0;
  Hasher hasher("reeve.reference.1");
  std::string counts;
  for (int number = 0; number < static_cast<int>(layout_->tables.size()); ++number) {
    const journal::TableLayout& table = layout_->table(number);
    std::vector<int> places = table.key;
    places.insert(places.end(), table.rest.begin(), table.rest.end());
    std::sort(places.begin(), places.end(), [&](int left, int right) {
      return json::member_less(table.column(left).name, table.column(right).name);
    });
    std::string text;
    std::int64_t rows = 0;
    store.scan(number, [&](journal::Row row) {
      sums_->add(number, row);
      std::string line;
      for (const int place : places) {
        if (row[place].is_null()) {
          continue;
        }
        line += line.empty() ? '{' : ',';
        json::append_canonical_string(table.column(place).name, line);
        line += ':';
        journal::append_value_json(table.column(place).type, row[place], line);
      }
      text += line + "}\n";
      ++rows;
      if (bytes + text.size() > bytes_max) {
        throw Error(ErrorCode::limit_exceeded, "the rows of the version are larger than 24 MiB",
                    "reference rows are look-ups; larger data belongs into ledgers");
      }
      return true;
    });
    counts_[table.name] = rows;
    if (rows == 0) {
      continue;
    }
    bytes += text.size();
    counts += fmt::format("{}\"{}\":{}", counts.empty() ? "" : ",", table.name, rows);
    files_.files.emplace(path_of(table.name), std::move(text));
    hasher.text(table.name)
        .digest(Hasher("reeve.sum.1").raw(sums_->sum(number).data(), sizeof(TableSum)).finish());
  }
  hash_ = hasher.finish();
  files_.files.emplace(
      manifest, fmt::format("{{\"format\":1,\"hash\":\"{}\",\"rows\":{{{}}}}}", to_hex(hash_), counts));
}

std::string ReferenceSet::json_array(const std::string& table) const {
  const auto file = files_.files.find(path_of(table));
  if (file == files_.files.end()) {
    return "[]";
  }
  std::string out = "[" + file->second;
  out.back() = ']';                                 // of the last line's end
  std::replace(out.begin(), out.end(), '\n', ',');  // canonical JSON has no line end within
  return out;
}

namespace {

std::string conditions(const sql::ForeignKey& key, bool is_shared) {
  std::string given;
  std::string found;
  for (std::size_t i = 0; i < key.columns.size(); ++i) {
    given += fmt::format("c.{} IS NOT NULL AND ", quote_name(key.columns[i]));
    found += fmt::format("{}r.{} = c.{}", i > 0 ? " AND " : "", quote_name(key.target_columns[i]),
                         quote_name(key.columns[i]));
  }
  if (is_shared) {
    found +=
        " AND r.reeve_version = (SELECT value::uuid FROM reeve_meta WHERE ledger_id = $1 AND name = "
        "'reference')";
  }
  return fmt::format("{}NOT EXISTS (SELECT 1 FROM {} AS r WHERE {})", given, quote_name(key.target), found);
}

std::string shown(const engine::Statement& row, int column) {
  const ValueView value = row.column(column);
  switch (value.kind()) {
    case ValueView::Kind::null: return "NULL";
    case ValueView::Kind::integer: return fmt::format("{}", value.integer());
    case ValueView::Kind::real: return fmt::format("{}", value.real());
    default: return fmt::format("'{}'", value.text().substr(0, 80));
  }
}

void check_key(engine::Connection& connection, const sql::Table& table, const sql::ForeignKey& key) {
  const bool is_shared = connection.engine() == engine::Engine::postgres;
  constexpr std::int64_t named_max = 10;
  std::vector<std::string> columns = table.primary_key;
  columns.insert(columns.end(), key.columns.begin(), key.columns.end());
  std::string selected;
  for (const std::string& column : columns) {
    selected += (selected.empty() ? "c." : ", c.") + quote_name(column);
  }
  engine::Statement row = connection.prepare(
      fmt::format("SELECT {} FROM {} AS c WHERE {}{} ORDER BY {} LIMIT {}", selected, quote_name(table.name),
                  is_shared
                      ? (table.reference ? "c.reeve_version = (SELECT value::uuid FROM reeve_meta WHERE "
                                           "ledger_id = $1 AND name = 'reference') AND "
                                         : "c.ledger_id = $1 AND ")
                      : "",
                  conditions(key, is_shared), selected, named_max + 1),
      false);
  if (is_shared) {
    row.bind_text(1, connection.ledger());
  }
  std::string named;
  std::int64_t rows = 0;
  while (row.step()) {
    if (++rows > named_max) {
      named += "; and more";
      break;
    }
    named += named.empty() ? "" : "; ";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      named += fmt::format("{}{} {}",
                           i == 0                          ? ""
                           : i == table.primary_key.size() ? " -> "
                                                           : ", ",
                           columns[i], shown(row, static_cast<int>(i)));
    }
  }
  if (rows > 0) {
    throw Error(ErrorCode::constraint_violation,
                fmt::format("foreign key {} of {}: {} lacks what these rows point to: {}", key.name,
                            table.name, key.target, named),
                "keep those rows in the version, or change what points to them first; nothing was changed");
  }
}

}  // namespace

void check_references(engine::Connection& connection, const sql::Catalogue& catalogue) {
  for (const auto& [name, table] : catalogue.tables) {
    for (const sql::ForeignKey& key : table.foreign_keys) {
      if (catalogue.tables.at(key.target).reference) {
        check_key(connection, table, key);
      }
    }
  }
}

}  // namespace reeve::state
