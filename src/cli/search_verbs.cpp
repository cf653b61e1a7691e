// The verbs of search: search, search verify, search rebuild, embed, embed status.

#include "cli/progress_line.h"
#include "cli/secret_file.h"
#include "cli/session.h"
#include "state/search.h"

#include <reeve/access.h>
#include <reeve/ledger.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <optional>

namespace reeve::cli {

namespace {

struct Endpoint {
  EmbeddingEndpoint where;
  std::string secret;
  std::string access;
  std::string keys;
};

struct SearchArguments {
  std::string file;
  std::string index;
  std::vector<std::string> words;
  std::vector<std::string> filters;
  std::int64_t limit = SearchOptions().limit;
  bool snippet = false;
  bool explain = false;
  std::string by = "words";
  std::string lineage;
  std::string like;
  std::string path;
  std::string vectors;
  std::string fusion = "rank";
  Endpoint endpoint;
};

/// Where a model answers, with its key at hand.
class OpenEndpoint {
 public:
  OpenEndpoint(Session& session, const Endpoint& given) {
    options_.clock = &session.clock;
    options_.embedding = given.where;
    if (given.secret.empty()) return;
    Access access = Access::open(given.access, {.master_key_file = given.keys, .clock = &session.clock});
    const auto key = access.find_secret({.name = given.secret});
    if (!key) {
      throw Error(ErrorCode::not_found,
                  fmt::format("there is no secret {} of the installation", given.secret),
                  "`reeve secret list ACCESS` shows them");
    }
    file_.emplace(*key);
    options_.embedding.key_file = file_->path();
  }
  const LedgerOptions& ledger_options() const { return options_; }

 private:
  std::optional<SecretFile> file_;
  LedgerOptions options_;
};

void add_endpoint(CLI::App& verb, Endpoint& endpoint) {
  verb.add_option(
          "--endpoint", endpoint.where.url,
          "where a model that is not built in answers (REEVE_EMBEDDING_URL), as OpenAI's protocol has it")
      ->type_name("URL");
  CLI::Option* file = verb.add_option("--endpoint-key", endpoint.where.key_file,
                                      "a file with its key; without it REEVE_EMBEDDING_KEY")
                          ->type_name("FILE");
  CLI::Option* secret = verb.add_option("--endpoint-secret", endpoint.secret, "or the secret that is its key")
                            ->type_name("NAME")
                            ->excludes(file);
  CLI::Option* access =
      verb.add_option("--access", endpoint.access, "the access database that has the secret")
          ->type_name("ACCESS");
  secret->needs(access);
  verb.add_option("--master-keys", endpoint.keys, "the file of master keys; without it REEVE_MASTER_KEYS")
      ->type_name("KEY_FILE")
      ->needs(access);
}

int list_indexes(Session& session, Ledger& ledger) {
  const auto writer =
      make_row_writer(session.format, session.out, {"index", "table", "rows", "words", "state"});
  bool fits = true;
  for (const SearchIndexStatus& index : ledger.search_indexes()) {
    const std::vector<Cell> cells{Cell::of(index.name), Cell::of(index.table), Cell::number(index.documents),
                                  Cell::number(index.words), Cell::of(index.fits ? "kept" : "to be rebuilt")};
    writer->row(cells);
    fits = fits && index.fits;
  }
  writer->finish();
  return fits ? exit_ok : exit_different;
}

SearchOptions options_of(const SearchArguments& given) {
  SearchOptions options{.limit = given.limit, .snippets = given.snippet};
  options.by = given.by == "words"     ? SearchBy::words
               : given.by == "meaning" ? SearchBy::meaning
                                       : SearchBy::both;
  options.lineage = given.lineage;
  options.like = given.like;
  options.path = given.path;
  options.fusion = given.fusion == "rank" ? SearchFusion::reciprocal_rank : SearchFusion::weighted_scores;
  for (const std::string& filter : given.filters) {
    const std::size_t equals = filter.find('=');
    if (equals == std::string::npos) {
      throw Error(ErrorCode::invalid_input, "the filter " + filter + " has no value",
                  "write it as --filter column=value, or column<=value");
    }
    const bool is_comparison = equals > 0 && (filter[equals - 1] == '<' || filter[equals - 1] == '>');
    options.filters.emplace_back(filter.substr(0, equals + (is_comparison ? 1 : 0)),
                                 filter.substr(equals + 1));
  }
  return options;
}

/// How the query was understood, on the other stream: the answer stays what it is.
void explain(Session& session, const SearchAnswer& answer) {
  for (const SearchUnit& unit : answer.units) {
    session.err.write(fmt::format("{}{}: {} {}\n",
                                  unit.excluded ? "without " : fmt::format("{}. ", unit.alternatives_of),
                                  unit.text, unit.rows, unit.rows == 1 ? "row" : "rows"));
  }
  session.err.write(fmt::format("{} {} after event {}{}\n", answer.matches,
                                answer.matches == 1 ? "row matches" : "rows match", answer.sequence.value,
                                answer.was_cut ? "; more was typed than counts" : ""));
  for (const std::string& path : answer.paths) session.err.write(fmt::format("meaning: {}\n", path));
}

int run_search(Session& session, const SearchArguments& given) {
  if (given.file.empty()) {
    throw Error(ErrorCode::invalid_input, "FILE is required", "see `reeve help search`");
  }
  const OpenEndpoint endpoint(session, given.endpoint);
  Ledger ledger = Ledger::open(given.file, endpoint.ledger_options());
  if (given.index.empty()) {
    return list_indexes(session, ledger);
  }
  std::string words;
  for (const std::string& word : given.words) {
    words += (words.empty() ? "" : " ") + word;
  }
  const SearchAnswer answer = ledger.search(given.index, words, options_of(given));
  std::vector<std::string> columns{"key", "score"};
  const bool is_fused = given.by == "both";
  if (is_fused) columns.insert(columns.end(), {"words", "meaning"});
  if (given.snippet) columns.emplace_back("snippet");
  const auto writer = make_row_writer(session.format, session.out, std::move(columns));
  for (const SearchHit& hit : answer.hits) {
    std::vector<Cell> cells{Cell::json(hit.key), {Cell::Kind::number, fmt::format("{:.6f}", hit.score)}};
    if (is_fused) {
      cells.push_back(Cell::number(hit.words_rank));
      cells.push_back(Cell::number(hit.meaning_rank));
    }
    if (given.snippet) cells.push_back(Cell::of(hit.snippet));
    writer->row(cells);
  }
  writer->finish();
  if (given.explain) explain(session, answer);
  return exit_ok;
}

int run_verify(Session& session, const SearchArguments& given) {
  bool is_equal = true;
  const auto writer = make_row_writer(session.format, session.out,
                                      {"index", "rows", "missing", "extra", "stale", "vectors", "state"});
  std::string named;
  for (const search::IndexCheck& check : state::verify_search(state::Location::of(given.file), given.index)) {
    is_equal = is_equal && check.is_equal();
    const std::vector<Cell> cells{
        Cell::of(check.name),
        Cell::number(check.rows),
        Cell::number(check.missing),
        Cell::number(check.extra),
        Cell::number(check.stale),
        Cell::number(check.unreadable + check.in_graph_otherwise + check.on_server_otherwise),
        Cell::of(check.fault.empty() ? check.is_equal() ? "equal" : "DIFFERENT" : check.fault)};
    writer->row(cells);
    for (const std::string& example : check.examples) {
      named += fmt::format("{}: {}\n", check.name, example);
    }
  }
  writer->finish();
  if (!named.empty()) session.err.write(named);
  return is_equal ? exit_ok : exit_different;
}

std::string_view text_of(search::BroughtUp::By by) {
  switch (by) {
    case search::BroughtUp::By::nothing: return "was kept";
    case search::BroughtUp::By::keys: return "brought up";
    case search::BroughtUp::By::rows: return "built";
    case search::BroughtUp::By::dropped: return "dropped";
  }
  return "";
}

int run_rebuild(Session& session, const SearchArguments& given) {
  const auto vectors = given.vectors == "server"    ? state::KeepVectors::server
                       : given.vectors == "process" ? state::KeepVectors::process
                                                    : state::KeepVectors::as_before;
  const auto writer = make_row_writer(session.format, session.out, {"index", "done", "rows"});
  for (const search::BroughtUp& one :
       state::rebuild_search(state::Location::of(given.file), given.index, vectors)) {
    const std::vector<Cell> cells{Cell::of(one.name), Cell::of(text_of(one.by)), Cell::number(one.documents)};
    writer->row(cells);
  }
  writer->finish();
  return exit_ok;
}

CLI::App& add_part(CLI::App& parent, Session& session, const std::string& name,
                   const std::string& description, const std::shared_ptr<SearchArguments>& given,
                   int (*work)(Session&, const SearchArguments&)) {
  CLI::App* verb = add_verb(parent, session, name, description);
  verb->footer(std::string());
  verb->add_option("FILE", given->file, "the ledger")->required();
  verb->add_option("INDEX", given->index, "one of them; all if it is left out");
  verb->callback(
      [&session, given, work] { session.work = [&session, given, work] { return work(session, *given); }; });
  return *verb;
}

struct EmbedArguments {
  std::string file;
  std::string index;
  std::string actor;
  bool retry_failed = false;
  std::int64_t rows_max = 0;
  std::size_t shown = 0;
  Endpoint endpoint;
};

/// The one that was named, or all that have a model.
std::vector<std::string> indexes_with_model(Ledger& ledger, const std::string& named) {
  if (!named.empty()) return {named};
  std::vector<std::string> found;
  for (const SearchIndexStatus& index : ledger.search_indexes()) {
    if (!index.model.empty()) found.push_back(index.name);
  }
  if (found.empty()) {
    throw Error(ErrorCode::not_found, "no search index of the blueprint has a model that makes vectors",
                "add a section [embedding] to a file of search/");
  }
  return found;
}

int run_embed(Session& session, const EmbedArguments& given) {
  if (given.file.empty()) throw Error(ErrorCode::invalid_input, "FILE is required", "see `reeve help embed`");
  const OpenEndpoint endpoint(session, given.endpoint);
  Ledger ledger = Ledger::open(given.file, endpoint.ledger_options());
  const auto writer =
      make_row_writer(session.format, session.out, {"index", "wanted", "stored", "failed", "left", "reason"});
  bool is_done = true;
  for (const std::string& index : indexes_with_model(ledger, given.index)) {
    ProgressLine line(session.err, session.clock, "embed " + index);
    EmbedOptions options;
    options.actor = given.actor;
    options.retry_failed = given.retry_failed;
    options.rows_max = given.rows_max;
    options.progress = [&](std::int64_t done, std::int64_t all) {
      line.report(done, all);
      return !session.stop.load();
    };
    const EmbedReport report = ledger.embed(index, options);
    line.finish();
    const std::vector<Cell> cells{Cell::of(index),
                                  Cell::number(report.wanted),
                                  Cell::number(report.stored),
                                  Cell::number(report.failed),
                                  Cell::number(report.left),
                                  Cell::of(report.failure)};
    writer->row(cells);
    is_done = is_done && report.left == 0;
    if (session.stop.load()) break;
  }
  writer->finish();
  if (session.stop.load()) return exit_interrupted;
  return is_done ? exit_ok : exit_different;
}

int run_embed_status(Session& session, const EmbedArguments& given) {
  const OpenEndpoint endpoint(session, given.endpoint);
  Ledger ledger = Ledger::open(given.file, endpoint.ledger_options());
  const auto writer = make_row_writer(session.format, session.out,
                                      {"index", "model", "rows", "fresh", "missing", "stale", "failed"});
  std::string named;
  bool is_fresh = true;
  for (const std::string& index : indexes_with_model(ledger, given.index)) {
    const EmbeddingStatus status = ledger.embedding_status(index, given.shown);
    const std::vector<Cell> cells{Cell::of(status.index),       Cell::of(status.model),
                                  Cell::number(status.rows),    Cell::number(status.fresh),
                                  Cell::number(status.missing), Cell::number(status.stale),
                                  Cell::number(status.failed)};
    writer->row(cells);
    is_fresh = is_fresh && status.missing == 0 && status.stale == 0;
    for (const auto& [what, keys] :
         {std::pair("missing", &status.missing_keys), std::pair("stale", &status.stale_keys),
          std::pair("failed", &status.failed_keys)}) {
      for (const std::string& key : *keys) named += fmt::format("{}: {} {}\n", index, what, key);
    }
  }
  writer->finish();
  if (!named.empty()) session.err.write(named);
  return is_fresh ? exit_ok : exit_different;
}

void add_embed_verb(CLI::App& app, Session& session) {
  const auto given = std::make_shared<EmbedArguments>();
  CLI::App* verb = add_verb(app, session, "embed", "Makes vectors of the rows whose text has none yet.");
  verb->require_subcommand(0, 1);
  verb->add_option("FILE", given->file, "the ledger");
  verb->add_option("INDEX", given->index, "one of the indexes; all that have a model if it is left out");
  verb->add_option("--actor", given->actor, "who stores them")->type_name("ACTOR");
  verb->add_flag("--retry-failed", given->retry_failed, "tries again what the model refused");
  verb->add_option("--limit", given->rows_max, "rows at most, of each index")->type_name("N");
  add_endpoint(*verb, given->endpoint);
  verb->callback([&session, given, verb] {
    if (verb->get_subcommands().empty()) {
      session.work = [&session, given] { return run_embed(session, *given); };
    }
  });
  CLI::App* status =
      add_verb(*verb, session, "status", "Counts rows whose vector is fresh, missing, stale or failed.");
  status->footer(std::string());
  status->add_option("FILE", given->file, "the ledger")->required();
  status->add_option("INDEX", given->index, "one of the indexes; all that have a model if it is left out");
  status->add_option("--shown", given->shown, "names so many rows of each kind")->type_name("N");
  add_endpoint(*status, given->endpoint);
  status->callback(
      [&session, given] { session.work = [&session, given] { return run_embed_status(session, *given); }; });
}

}  // namespace

void add_search_verbs(CLI::App& app, Session& session) {
  add_embed_verb(app, session);
  const auto given = std::make_shared<SearchArguments>();
  CLI::App* verb = add_verb(app, session, "search",
                            "Finds rows by words, by meaning or by both, by an index of the blueprint.");
  verb->require_subcommand(0, 1);
  verb->add_option("FILE", given->file, "the ledger");
  verb->add_option("INDEX", given->index, "the index; without it the indexes are listed");
  verb->add_option("WORDS", given->words, "what is looked for: words, \"phrases\", begin*, -not, or");
  verb->add_option("--limit", given->limit, "rows at most (20)")->type_name("N");
  verb->add_option("--filter", given->filters,
                   "only rows with this value, or COLUMN<=VALUE, COLUMN>=VALUE; may be given several times")
      ->type_name("COLUMN=VALUE")
      ->allow_extra_args(false);
  verb->add_option("--by", given->by, "what ranks: words, meaning (vectors), or both")
      ->check(CLI::IsMember({"words", "meaning", "both"}))
      ->capture_default_str();
  verb->add_option("--lineage", given->lineage, "only the row of this key and those it hangs on, of a tree")
      ->type_name("KEY");
  verb->add_option("--like", given->like, "near to this row's vector, instead of what the words mean")
      ->type_name("KEY");
  verb->add_option("--fusion", given->fusion, "how both become one order: by rank, or by scores")
      ->check(CLI::IsMember({"rank", "scores"}))
      ->capture_default_str();
  verb->add_option("--path", given->path,
                   "how vectors are looked at; what suits their number if it is left out")
      ->check(CLI::IsMember({"scan", "sieve", "codes", "graph", "pgvector"}));
  add_endpoint(*verb, given->endpoint);
  verb->add_flag("--snippet", given->snippet, "shows where in the text it was found");
  verb->add_flag(
      "--explain", given->explain,
      "says how the words were understood, how many rows have each, and which way vectors were found");
  verb->callback([&session, given, verb] {
    if (verb->get_subcommands().empty()) {
      session.work = [&session, given] { return run_search(session, *given); };
    }
  });
  add_part(*verb, session, "verify", "Compares the indexes with the rows, both ways.", given, run_verify);
  add_part(*verb, session, "rebuild", "Makes the indexes anew from the rows.", given, run_rebuild)
      .add_option(
          "--vectors", given->vectors,
          "where many vectors are searched: by pgvector on the server, or in the process; as before if it "
          "is left out")
      ->check(CLI::IsMember({"server", "process"}));
}

}  // namespace reeve::cli
