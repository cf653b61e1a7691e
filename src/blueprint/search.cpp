#include "blueprint/work.h"
#include "words/analyser.h"

#include "blueprint/toml_table.h"

#include <algorithm>

namespace reeve::blueprint {

namespace {

constexpr std::int64_t weight_max = 100;
constexpr std::size_t text_columns_max = 15;
constexpr std::size_t filters_max = 16;

bool is_searchable(sql::Type type) { return type == sql::Type::text || type == sql::Type::jsonb; }

bool is_filter(sql::Type type) {
  return type == sql::Type::text || type == sql::Type::integer || type == sql::Type::bigint ||
         type == sql::Type::boolean || type == sql::Type::uuid || type == sql::Type::date ||
         type == sql::Type::timestamptz;
}

/// The section [embedding].
class EmbeddingReader {
 public:
  EmbeddingReader(Work& work, const TomlFile& file, const toml::table& section, const sql::Table* rows,
                  SearchIndex::Embedding& embedding)
      : work_(work),
        section_(section),
        rows_(rows),
        embedding_(embedding),
        reader_(file, section, "embedding", work.findings) {}

  void read() {
    embedding_.table = reader_.name("table", "table = \"sample_vectors\"");
    const toml::node* dimensions = reader_.find("dimensions", true, "dimensions = 768");
    if (dimensions != nullptr) {
      const auto* number = dimensions->as_integer();
      if (number == nullptr || number->get() < 1 || number->get() > dimensions_max) {
        find(*dimensions, "`embedding.dimensions` is not an integer from 1 to 4096",
             "write it as: dimensions = 768");
      } else {
        embedding_.dimensions = number->get();
      }
    }
    const std::string metric = reader_.text("metric", false, "metric = \"cosine\"");
    if (section_.contains("metric")) {
      embedding_.metric = metric;
      if (metric != "cosine" && metric != "inner_product" && metric != "l2") {
        find(*section_.get("metric"), "unknown metric `" + metric + "`", "write cosine, inner_product or l2");
      }
    }
    embedding_.model = reader_.text("model", false, "model = \"lexical\"");
    embedding_.version = reader_.text("version", false, "version = \"1\"");
    embedding_.event = reader_.text("event", false, "event = \"sample.embedded\"");
    if (section_.contains("model") != section_.contains("event")) {
      find(section_,
           "`embedding.model` and `embedding.event` go together: a model makes vectors, an event stores them",
           "write both, or neither where the application's own events bring the vectors");
    }
    for (const std::string* text : {&embedding_.model, &embedding_.version}) {
      if (text->size() > names_bytes_max || text->find('/') != std::string::npos) {
        find(section_, "a model and its version have at most 200 bytes and no `/`", "give it a shorter name");
      }
    }
    reader_.refuse_unknown();
    if (work_.catalogue_known && rows_ != nullptr && !embedding_.table.empty()) check_table();
    if (!embedding_.event.empty()) check_event();
  }

 private:
  static constexpr std::int64_t dimensions_max = 4096;
  static constexpr std::size_t names_bytes_max = 200;

  void find(const toml::node& node, std::string message, std::string remedy) {
    work_.findings.add(reader_.place(node), std::move(message), std::move(remedy));
  }

  /// A row of its own for each row that is searched, which goes with it.
  void check_table() {
    const toml::node& place = *section_.get("table");
    const sql::Table* table = work_.blueprint.catalogue.find_table(embedding_.table);
    if (table == nullptr || table->reference || table == rows_) {
      find(place, "`" + embedding_.table + "` is no table of the state of its own", shape());
      return;
    }
    const auto type_of = [](const sql::Table& of, const std::string& column) {
      return of.find_column(column)->type;
    };
    bool fits = table->primary_key == rows_->primary_key;
    for (std::size_t i = 0; fits && i < table->primary_key.size(); ++i) {
      fits = type_of(*table, table->primary_key[i]) == type_of(*rows_, table->primary_key[i]);
    }
    if (!fits) {
      find(place, "the table " + table->name + " has another primary key than " + rows_->name, shape());
    }
    for (const auto& [name, type] : columns()) {
      const sql::Column* column = table->find_column(name);
      const bool is_at_times_null = !embedding_.model.empty() && (name == "embedding" || name == "failure");
      if (column == nullptr || column->type != type || column->generated_sql ||
          (is_at_times_null && !column->nullable)) {
        find(place,
             "the table " + table->name + " has no column `" + name + "` of type " +
                 std::string(sql::name_of(type)) + " that may be NULL",
             shape());
      }
    }
    const bool goes_along =
        std::any_of(table->foreign_keys.begin(), table->foreign_keys.end(), [&](const sql::ForeignKey& key) {
          return key.target == rows_->name && key.columns == table->primary_key &&
                 key.target_columns == rows_->primary_key && key.on_delete == "CASCADE";
        });
    if (!goes_along) {
      find(place, "the vectors of " + table->name + " don't go when their rows of " + rows_->name + " do",
           "let its primary key REFERENCE " + rows_->name + " ON DELETE CASCADE");
    }
  }

  void check_event() {
    const toml::node& place = *section_.get("event");
    if (work_.blueprint.find_event(embedding_.event) == nullptr) {
      find(place, "unknown event type `" + embedding_.event + "`",
           "write events/" + embedding_.event +
               ".v1.sql and .json; its payload has the key's columns, model, text_hash, "
               "embedding (base64) and failure");
    }
  }

  /// What of a vector's row is Reeve's to read; an application's own vectors have no model and no text.
  std::vector<std::pair<std::string, sql::Type>> columns() const {
    if (embedding_.model.empty()) return {{"embedding", sql::Type::bytea}};
    return {{"embedding", sql::Type::bytea},
            {"model", sql::Type::text},
            {"text_hash", sql::Type::text},
            {"failure", sql::Type::text}};
  }
  std::string shape() const {
    return "a table of vectors has the primary key of " + rows_->name +
           ", which references it ON DELETE CASCADE, and the columns embedding bytea" +
           (embedding_.model.empty() ? "" : ", model text, text_hash text, failure text");
  }

  Work& work_;
  const toml::table& section_;
  const sql::Table* rows_;
  SearchIndex::Embedding& embedding_;
  TableReader reader_;
};

/// One file of search/.
class SearchReader {
 public:
  SearchReader(Work& work, const std::string& name, const TomlFile& file) : work_(work), file_(file) {
    index_.name = name;
  }

  void read() {
    const std::optional<toml::table> parsed = parse_toml(file_, work_.findings);
    if (!parsed) return;
    TableReader top(file_, *parsed, "", work_.findings);
    top.check_format("this index");
    index_.table = top.name("table", "table = \"samples\"");
    if (const toml::node* node = parsed->get("table")) read_table(top, *node);
    read_language(top, *parsed);
    const std::string example = "[text]\ntitle = 1";
    if (const toml::node* text = top.find("text", true, example)) {
      if (const toml::table* columns = text->as_table()) {
        read_text(top, *columns);
      } else {
        top.wrong_type("text", *text, "a table of columns and weights", example);
      }
    }
    read_filters(top);
    read_first(top);
    const std::string embedding = "[embedding]\ntable = \"sample_vectors\"";
    if (const toml::node* node = top.find("embedding", false, embedding)) {
      if (const toml::table* table = node->as_table()) {
        index_.embedding = SearchIndex::Embedding{};
        EmbeddingReader(work_, file_, *table, table_, *index_.embedding).read();
      } else {
        top.wrong_type("embedding", *node, "a table", embedding);
      }
    }
    top.refuse_unknown();
    work_.blueprint.searches.emplace(index_.name, std::move(index_));
  }

 private:
  void find(const Place& place, std::string message, std::string remedy) {
    work_.findings.add(place, std::move(message), std::move(remedy));
  }

  void read_table(const TableReader& top, const toml::node& node) {
    if (!work_.catalogue_known || index_.table.empty()) return;
    const auto& tables = work_.blueprint.catalogue.tables;
    table_ = work_.blueprint.catalogue.find_table(index_.table);
    if (table_ == nullptr) {
      const bool is_view = work_.blueprint.catalogue.views.contains(index_.table);
      std::vector<std::string> names;
      for (const auto& [name, table] : tables) {
        if (!table.reference) names.push_back(name);
      }
      find(top.place(node),
           (is_view ? "`" + index_.table + "` is a view" : "unknown table `" + index_.table + "`"),
           "tables are: " + quoted_list(names));
    } else if (table_->reference) {
      find(top.place(node), "`" + index_.table + "` is a reference table, whose rows ledgers share",
           "search a table of the ledger's own rows");
      table_ = nullptr;
    }
  }

  void read_language(TableReader& top, const toml::table& table) {
    const std::string language = top.text("language", false, "language = \"english\"");
    if (language.empty() && table.get("language") == nullptr) return;
    const std::vector<std::string>& known = words::languages();
    if (language != "none" && std::find(known.begin(), known.end(), language) == known.end() &&
        table.get("language")->is_string()) {
      find(top.place(*table.get("language")), "unknown language `" + language + "`",
           "write `none`, or one of " + quoted_list(known));
      return;
    }
    index_.language = language;
  }

  /// Null, and a finding, unless it is a column that may be in an index.
  const sql::Column* column(const std::string& name, const Place& place) {
    if (table_ == nullptr) return nullptr;
    const sql::Column* found = table_->find_column(name);
    if (found == nullptr) {
      std::vector<std::string> names;
      for (const sql::Column& known : table_->columns) names.push_back(known.name);
      find(place, "the table " + table_->name + " has no column `" + name + "`",
           "it has " + quoted_list(names));
    } else if (!found->personal.empty()) {
      find(place, "the column `" + name + "` holds personal values: what is forgotten must leave no trace",
           "leave it out; who may see it reads it by a named query");
      found = nullptr;
    }
    return found;
  }

  void read_text(const TableReader& top, const toml::table& columns) {
    for (const auto& [key, node] : columns) {
      const Place place = to_place(file_, key.source().begin);
      const std::string name(key.str());
      const auto* weight = node.as_integer();
      if (weight == nullptr || weight->get() < 1 || weight->get() > weight_max) {
        find(top.place(node), "the weight of `" + name + "` is not an integer from 1 to 100",
             "write it as: " + name + " = 1");
        continue;
      }
      const sql::Column* found = column(name, place);
      if (found != nullptr && !is_searchable(found->type)) {
        find(
            place,
            "the column `" + name + "` has no words: it is of type " + std::string(sql::name_of(found->type)),
            "text, varchar and jsonb are searched; make a generated column of another value");
        continue;
      }
      index_.text.push_back({name, static_cast<int>(weight->get())});
    }
    std::sort(index_.text.begin(), index_.text.end(),
              [](const auto& left, const auto& right) { return left.column < right.column; });
    if (columns.empty() || columns.size() > text_columns_max) {
      find(top.place(columns),
           columns.empty() ? "no column is searched" : "more than 15 columns are searched",
           "write 1 to 15 columns with their weights: title = 1");
    }
  }

  void read_filters(TableReader& top) {
    const std::string example = "filters = [\"genre\"]";
    const toml::node* node = top.find("filters", false, example);
    if (node == nullptr) return;
    const toml::array* filters = node->as_array();
    if (filters == nullptr) {
      top.wrong_type("filters", *node, "a list of columns", example);
      return;
    }
    if (filters->size() > filters_max) {
      find(top.place(*node), "there are more than 16 filters", "leave out those that few ask for");
    }
    for (const toml::node& one : *filters) {
      const auto* name = one.as_string();
      if (name == nullptr) {
        top.wrong_type("filters", one, "a list of columns", example);
        continue;
      }
      const sql::Column* found = column(name->get(), top.place(one));
      if (found != nullptr && !is_filter(found->type)) {
        find(top.place(one),
             "the column `" + name->get() + "` is no filter: it is of type " +
                 std::string(sql::name_of(found->type)),
             "text, varchar, integer, bigint, boolean, uuid, date and timestamptz are");
        continue;
      }
      index_.filters.push_back(name->get());
    }
    std::sort(index_.filters.begin(), index_.filters.end());
    if (const auto twice = std::adjacent_find(index_.filters.begin(), index_.filters.end());
        twice != index_.filters.end()) {
      find(top.place(*node), "the filter `" + *twice + "` is named twice", "leave one");
    }
  }

  void read_first(TableReader& top) {
    const std::string example = "first = { genre = \"lo-fi\" }";
    const toml::node* node = top.find("first", false, example);
    if (node == nullptr) return;
    const toml::table* table = node->as_table();
    if (table == nullptr || table->size() != 1 || !table->begin()->second.is_string()) {
      top.wrong_type("first", *node, "a filter with its value as text", example);
      return;
    }
    const std::string column(table->begin()->first.str());
    if (!std::binary_search(index_.filters.begin(), index_.filters.end(), column)) {
      find(top.place(*node), "`" + column + "` is none of the filters", "name it in `filters`");
      return;
    }
    index_.first = SearchIndex::First{column, table->begin()->second.as_string()->get()};
  }

  Work& work_;
  TomlFile file_;
  SearchIndex index_;
  const sql::Table* table_ = nullptr;
};

}  // namespace

void load_searches(Work& work) {
  for (const auto& [name, path] : work.inventory.searches) {
    if (const std::string* text = work.text_of(path)) {
      SearchReader(work, name, {path, *text}).read();
    }
  }
}

}  // namespace reeve::blueprint
