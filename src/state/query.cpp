#include "state/query.h"

#include "base/clock.h"
#include "journal/directory.h"
#include "journal/own_statement.h"
#include "search/finder.h"
#include "sql/clock_parameter.h"
#include "state/search.h"

#include "state/postgres_select_snapshot_sql.h"
#include "state/select_snapshot_sql.h"

#include <fmt/format.h>

namespace reeve::state {

namespace {

/// Connections beyond this many are closed instead of kept.
constexpr std::size_t idle_max = 8;

/// The last epoch and the head's sequence.
constexpr journal::OwnStatement select_snapshot{embedded::select_snapshot_sql,
                                                embedded::postgres_select_snapshot_sql, 1};

/// Ends the snapshot whatever happened; the connection goes back to the pool.
void end_snapshot(Reader& reader) noexcept {
  try {
    if (reader.snapshot && !reader.connection->is_aborted()) {
      reader.snapshot->commit();
    }
  } catch (const Error&) {
    reader.is_broken = true;
  }
  reader.snapshot.reset();
}

std::string unknown_parameter(const blueprint::Query& query, simdjson::dom::element given) {
  simdjson::dom::object members;
  if (given.get_object().get(members) != simdjson::SUCCESS) {
    throw Error(ErrorCode::invalid_input, "the parameters of a query are a JSON object");
  }
  for (const auto member : members) {
    bool known = false;
    for (const sql::Parameter& parameter : query.sql.parameters) {
      known |= parameter.name == member.key && !sql::is_clock(parameter);
    }
    if (!known) {
      return std::string(member.key);
    }
  }
  return {};
}

}  // namespace

void GiveBack::operator()(Reader* reader) const noexcept {
  std::unique_ptr<Reader> owned(reader);
  owned->asked->statement->statement().reset();
  end_snapshot(*owned);
  ReaderPool& pool = *owned->pool;
  pool.give_back(std::move(owned));
}

bool Reader::next() {
  if (row == Place::at_row) {
    row = asked->statement->statement().step() ? Place::at_row : Place::at_end;
  } else if (row == Place::before_first) {
    row = Place::at_row;
  }
  if (row == Place::at_row && !asked->personal.empty()) {
    open_personal();
  }
  return row == Place::at_row;
}

void Reader::open_personal() {
  opened.assign(asked->personal.size(), {});
  is_null.assign(asked->personal.size(), true);
  for (std::size_t i = 0; i < asked->personal.size(); ++i) {
    const ValueView value = asked->statement->statement().column(static_cast<int>(asked->personal[i]));
    if (value.is_null()) continue;
    is_null[i] = false;
    opened[i] = pool->sealer_.open(value.text());
  }
}

ReaderPool::ReaderPool(Location location, const LedgerOptions& options,
                       std::shared_ptr<const EpochState> epoch, std::shared_ptr<ConnectionBudget> budget,
                       std::shared_ptr<EpochLibrary> library)
    : location_(std::move(location)),
      options_(options),
      budget_(std::move(budget)),
      library_(std::move(library)),
      sealer_(options.key_store, *options.clock, *options.random),
      embedders_(options.embedding, system_random()),
      memories_(graph_place(location_, options.graph_folder)),
      epoch_(std::move(epoch)) {
  const std::lock_guard lock(budget_->mutex_);
  budget_->pools_.push_back(this);
}

ReaderPool::~ReaderPool() {
  std::vector<std::unique_ptr<Reader>> left;
  const std::lock_guard lock(budget_->mutex_);
  std::erase(budget_->pools_, this);
  left.swap(idle_);
}

void ReaderPool::set_epoch(const std::shared_ptr<const EpochState>& epoch) {
  const std::lock_guard lock(budget_->mutex_);
  if (epoch != epoch_ && epoch->epoch.epoch >= epoch_->epoch.epoch) {
    epoch_ = epoch;
  }
}

std::shared_ptr<const EpochState> ReaderPool::epoch() {
  const std::lock_guard lock(budget_->mutex_);
  return epoch_;
}

std::shared_ptr<const EpochState> ReaderPool::last_epoch() {
  std::unique_ptr<Reader> reader = take();
  {
    engine::Transaction tx(*reader->connection, engine::Transaction::Mode::read);
    has_last_epoch(*reader);
    tx.commit();
  }
  std::shared_ptr<const EpochState> epoch = reader->epoch;
  give_back(std::move(reader));
  return epoch;
}

std::unique_ptr<Reader> ReaderPool::take() {
  std::unique_ptr<Reader> reader;
  std::unique_ptr<Reader> closed;
  ConnectionBudget::Place place;
  std::shared_ptr<const EpochState> newer;
  {
    std::unique_lock lock(budget_->mutex_);
    if (idle_.empty()) {
      place = budget_->take(lock, this, closed);
    }
    if (!place) {
      reader = std::move(idle_.back());
      idle_.pop_back();
    }
    // A reader that has seen a later epoch than the pool keeps it.
    if (!reader || (reader->epoch != epoch_ && reader->epoch->epoch.epoch <= epoch_->epoch.epoch)) {
      newer = epoch_;
    }
  }
  closed.reset();
  if (!reader) {
    reader = open(std::move(place));
  }
  if (newer) {
    reader->forget_queries();
    reader->epoch = std::move(newer);
  }
  return reader;
}

std::unique_ptr<Reader> ReaderPool::open(ConnectionBudget::Place place) {
  auto reader = std::make_unique<Reader>();
  reader->place = std::move(place);
  reader->pool = this;
  reader->connection = location_.open(engine::OpenMode::read_only, {.busy_ms_max = options_.busy_ms_max});
  {
    engine::Transaction tx(*reader->connection, engine::Transaction::Mode::read);
    reader->host = std::make_unique<Host>(*reader->connection);
    tx.commit();
  }
  reader->connection->set_host_functions(reader->host.get());
  reader->select_snapshot = journal::prepare(*reader->connection, select_snapshot);
  return reader;
}

void ReaderPool::give_back(std::unique_ptr<Reader> reader) noexcept {
  if (reader->is_broken) {
    return;
  }
  const std::lock_guard lock(budget_->mutex_);
  if (idle_.size() < idle_max) {
    reader->returned = ++budget_->returns_;
    idle_.push_back(std::move(reader));
    if (budget_->waiting_ > 0) {
      budget_->freed_.notify_all();
    }
  }
}

void Reader::forget_queries() {
  last = nullptr;
  queries.clear();
  search.reset();
  connection->forget_statements();
}

Reader::Prepared& ReaderPool::prepared(Reader& reader, std::string_view name) {
  // Whoever asks once tends to ask again: the last query is found by its name alone.
  if (reader.last != nullptr && reader.last->query->name == name) {
    return *reader.last;
  }
  const auto known = reader.queries.find(name);
  if (known != reader.queries.end()) {
    reader.last = &known->second;
    return known->second;
  }
  if (!reader.epoch->blueprint) {
    throw Error(ErrorCode::conflict, "the ledger is at an earlier migration than its blueprint",
                "run `reeve migrate up`");
  }
  const auto& queries = reader.epoch->blueprint->queries;
  const auto query = queries.find(name);
  if (query == queries.end()) {
    throw Error(
        ErrorCode::not_found,
        fmt::format("the blueprint {} has no query {}", reader.epoch->blueprint->name, name.substr(0, 128)),
        "`reeve query FILE` lists those there are");
  }
  Reader::Prepared entry;
  entry.query = &query->second;
  for (const sql::Parameter& parameter : query->second.sql.parameters) {
    entry.reads_clock |= sql::is_clock(parameter);
  }
  for (const sql::ResultColumn& column : query->second.sql.columns) {
    if (column.personal) entry.personal.push_back(entry.columns.size());
    entry.columns.push_back({column.name, std::string(sql::name_of(column.type))});
  }
  const auto placed = reader.queries.emplace(std::string(name), std::move(entry)).first;
  try {
    placed->second.statement =
        std::make_unique<BoundStatement>(*reader.connection, query->second.sql, placed->second.members);
  } catch (const Error&) {
    reader.queries.erase(placed);
    throw;
  }
  return placed->second;
}

void Reader::ask(Prepared& query, std::string_view given_parameters, Clock& clock) {
  BoundStatement& statement = *query.statement;
  parameters.assign(given_parameters);
  if (!statement.bind_plain(parameters)) {
    const simdjson::dom::element given = json.read(parameters);
    const std::string unknown = unknown_parameter(*query.query, given);
    if (!unknown.empty()) {
      throw Error(ErrorCode::invalid_input,
                  fmt::format("the query {} has no parameter {}", query.query->name, unknown),
                  "`reeve query FILE` lists those there are");
    }
    scratch.clear();
    Surroundings around;
    if (query.reads_clock) {
      at = format_time(clock.now());
      around.at = at;
    }
    query.members.find(given);
    statement.bind(query.members, around, scratch);
  }
  asked = &query;
  row = statement.statement().step() ? Place::before_first : Place::at_end;
}

bool ReaderPool::has_last_epoch(Reader& reader) {
  ensure(reader.select_snapshot.step(), "a snapshot is a row");
  const bool is_file = location_.is_file();
  // On PostgreSQL the ledger may have been suspended or erased since the reader was opened.
  if (!is_file && !reader.select_snapshot.column(2).is_null()) {
    const std::string closed(reader.select_snapshot.text(2));
    reader.select_snapshot.reset();
    journal::refuse_closed(reader.connection->name(), closed);
  }
  if (!is_file && reader.select_snapshot.column(0).is_null()) {
    reader.select_snapshot.reset();
    throw Error(ErrorCode::not_found,
                fmt::format("the ledger is in {} no more: it was erased", location_.name()));
  }
  const std::int64_t last = reader.select_snapshot.integer(0);
  reader.sequence = reader.select_snapshot.integer(1);
  reader.select_snapshot.reset();
  if (last == reader.epoch->epoch.epoch) {
    reader.data_version = reader.connection->data_version();
    return true;
  }
  reader.forget_queries();
  reader.epoch = load_last_epoch(*reader.connection, library_.get());
  set_epoch(reader.epoch);
  return false;
}

bool ReaderPool::ask_alone(Reader& reader, std::string_view name, std::string_view parameters) {
  try {
    reader.ask(prepared(reader, name), parameters, *options_.clock);
  } catch (const Error&) {
    return false;  // what is wrong here may be right in an epoch of which this reader has not heard
  }
  if (reader.connection->data_version() == reader.data_version) {
    return true;
  }
  if (reader.row == Reader::Place::at_end) {
    reader.asked->statement->statement().reset();  // its snapshot is over, and can't be asked any more
    return false;
  }
  reader.is_broken = true;  // should this throw, a statement stays open
  const bool known = has_last_epoch(reader);
  reader.is_broken = false;
  return known;
}

Answer ReaderPool::query(std::string_view name, std::string_view parameters) {
  std::unique_ptr<Reader> reader = take();
  try {
    if (location_.is_file() && ask_alone(*reader, name, parameters)) {
      return Answer(reader.release());
    }
    // The epoch is asked first: while rows arrive from PostgreSQL, the rest of them would have to be kept.
    for (;;) {
      reader->snapshot.emplace(*reader->connection, engine::Transaction::Mode::read);
      if (has_last_epoch(*reader)) {
        reader->ask(prepared(*reader, name), parameters, *options_.clock);
        return Answer(reader.release());
      }
      end_snapshot(*reader);
    }
  } catch (const Error&) {
    end_snapshot(*reader);
    give_back(std::move(reader));
    throw;
  }
}

template <typename Work>
auto ReaderPool::in_snapshot(const Work& work) {
  std::unique_ptr<Reader> reader = take();
  try {
    for (;;) {
      reader->snapshot.emplace(*reader->connection, engine::Transaction::Mode::read);
      if (has_last_epoch(*reader)) {
        break;
      }
      end_snapshot(*reader);
    }
    if (!reader->epoch->blueprint) {
      throw Error(ErrorCode::conflict, "the ledger is at an earlier migration than its blueprint",
                  "run `reeve migrate up`");
    }
    auto answer = work(*reader);
    end_snapshot(*reader);
    give_back(std::move(reader));
    return answer;
  } catch (const Error&) {
    end_snapshot(*reader);
    give_back(std::move(reader));
    throw;
  }
}

SearchAnswer ReaderPool::search(std::string_view index, std::string_view words,
                                const SearchOptions& options) {
  const auto in = [&](Reader& reader, const std::optional<search::QueryVector>& vector) {
    if (!reader.search) {
      reader.search = search::Store::make(*reader.connection);
    }
    const journal::Head head = journal::read_head(*reader.connection);
    const search::Finder::Ledger ledger{*reader.connection,   *reader.search, *reader.epoch->blueprint,
                                        reader.epoch->layout, head,           memories_};
    return search::Finder(ledger, index).find(words, options, vector);
  };
  if (options.by == SearchBy::words) {
    return in_snapshot([&](Reader& reader) { return in(reader, std::nullopt); });
  }
  // A model is asked before the snapshot is taken: nothing is held open while an endpoint thinks. Whether the snapshot is of the
  // blueprint that named the model shows then.
  for (int attempt = 0; attempt < 3; ++attempt) {
    const std::shared_ptr<const EpochState> known = last_epoch();
    if (!known->blueprint) {
      throw Error(ErrorCode::conflict, "the ledger is at an earlier migration than its blueprint",
                  "run `reeve migrate up`");
    }
    std::optional<search::QueryVector> vector;
    const blueprint::SearchIndex& declared = search::declared(*known->blueprint, index);
    search::check_options(declared, options);
    if (!options.vector.empty()) {
      vector = search::QueryVector{options.vector, options.model};
    } else if (options.like.empty()) {
      vector = embedders_.embed(declared, words);
    }
    const auto answer = in_snapshot([&](Reader& reader) {
      return reader.epoch->epoch.epoch == known->epoch.epoch ? std::optional(in(reader, vector))
                                                             : std::nullopt;
    });
    if (answer) return *answer;
  }
  throw Error(ErrorCode::retryable, "the blueprint changed while a search was asked", "ask again");
}

void ReaderPool::each_embedded_row(std::string_view index, const std::string& model,
                                   const std::function<void(const search::EmbeddedRow&)>& take) {
  in_snapshot([&](Reader& reader) {
    const blueprint::Blueprint& blueprint = *reader.epoch->blueprint;
    const auto definition =
        search::Definition::of(blueprint, search::declared(blueprint, index), reader.epoch->layout);
    search::each_embedded_row(*reader.connection, reader.epoch->layout, definition, model, take);
    return true;
  });
}

void ReaderPool::each_embedded_text(std::string_view index, const std::vector<std::string>& keys,
                                    const std::function<void(std::string_view key, std::string text)>& take) {
  in_snapshot([&](Reader& reader) {
    const blueprint::Blueprint& blueprint = *reader.epoch->blueprint;
    const auto definition =
        search::Definition::of(blueprint, search::declared(blueprint, index), reader.epoch->layout);
    search::RowReader rows(*reader.connection, reader.epoch->layout, definition);
    for (const std::string& key : keys) {
      const std::vector<Value> values = search::key_values(definition, key);
      std::vector<ValueView> views;
      for (const Value& value : values) views.push_back(ValueView::of(value));
      const journal::Row row = rows.find(views);
      std::string text = row == nullptr ? std::string() : search::embedded_text(definition, row);
      if (!text.empty()) take(key, std::move(text));
    }
    return true;
  });
}

std::string ReaderPool::key_object(std::string_view index, std::string_view key) {
  const std::shared_ptr<const EpochState> known = epoch();
  return search::key_object(
      search::Definition::of(*known->blueprint, search::declared(*known->blueprint, index), known->layout),
      key);
}

void ReaderPool::make_graph(std::string_view index, const std::string& model) {
  std::shared_ptr<search::VectorMemory> memory;
  const auto task = in_snapshot([&](Reader& reader) {
    const blueprint::Blueprint& blueprint = *reader.epoch->blueprint;
    const auto definition =
        search::Definition::of(blueprint, search::declared(blueprint, index), reader.epoch->layout);
    if (search::VectorTable(*reader.connection, definition, {}, model).count(vectors::graph_rows_min) <
        vectors::graph_rows_min) {
      return std::optional<search::VectorMemory::GraphTask>();
    }
    memory = memories_.of(definition, model);
    return memory->begin_graph(*reader.connection, reader.epoch->layout,
                               journal::read_head(*reader.connection));
  });
  if (task) {
    memory->finish_graph(*task);
  }
}

std::vector<SearchIndexStatus> ReaderPool::search_indexes() {
  return in_snapshot([](Reader& reader) {
    return search::status_of(*reader.connection, *reader.epoch->blueprint, reader.epoch->layout,
                             journal::read_head(*reader.connection));
  });
}

journal::Head ReaderPool::head() {
  std::unique_ptr<Reader> reader = take();
  journal::Head head;
  {
    engine::Transaction tx(*reader->connection, engine::Transaction::Mode::read);
    head = journal::read_head(*reader->connection);
    tx.commit();
  }
  give_back(std::move(reader));
  return head;
}

std::optional<Receipt> ReaderPool::find_key(std::string_view key) {
  std::unique_ptr<Reader> reader = take();
  std::optional<journal::KeyUse> use;
  {
    engine::Transaction tx(*reader->connection, engine::Transaction::Mode::read);
    use = journal::KeyLookup(*reader->connection).find(key);
    tx.commit();
  }
  give_back(std::move(reader));
  if (!use) {
    return std::nullopt;
  }
  return Receipt{{use->sequence}, use->span, true};
}

}  // namespace reeve::state
