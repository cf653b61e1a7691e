#include "state/search.h"

#include "state/epochs.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace reeve::state {

namespace {

std::shared_ptr<const EpochState> complete_epoch(engine::Connection& connection) {
  auto epoch = load_last_epoch(connection);
  if (!epoch->blueprint) {
    throw Error(ErrorCode::conflict, "the ledger is at an earlier migration than its blueprint",
                "run `reeve migrate up`");
  }
  return epoch;
}

}  // namespace

search::GraphPlace graph_place(const Location& location, const std::string& folder) {
  if (!location.is_file()) {
    return {folder, location.ledger() + "-", location.schema() + "/" + location.ledger()};
  }
  std::filesystem::path beside =
      folder.empty() ? location.file().parent_path() : std::filesystem::path(folder);
  if (beside.empty()) beside = ".";
  // Of which ledger a file is, the journal says.
  return {beside, location.file().filename().string() + "-", {}};
}

namespace {

/// Graphs of the vectors of the model that made most of them; in a snapshot of its own, so that nobody waits for it to write.
void make_graphs(const Location& location, std::string_view only) {
  const search::GraphPlace place = graph_place(location, {});
  if (place.is_empty()) {
    return;
  }
  const auto connection = location.open(engine::OpenMode::read_only, {}, Purpose::inspection);
  const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
  const auto epoch = complete_epoch(*connection);
  const journal::Head head = journal::read_head(*connection);
  for (const search::Definition& definition : search::definitions_of(*epoch->blueprint, epoch->layout)) {
    if (!definition.embedding || (!only.empty() && definition.name != only)) {
      continue;
    }
    std::error_code none;
    std::filesystem::remove(place.file_of(definition.name), none);
    std::map<std::string, std::int64_t> models;
    search::VectorTable(*connection, definition, {}, {}).each([&](const search::VectorRow& row) {
      ++models[std::string(row.model)];
    });
    const auto most = std::max_element(models.begin(), models.end(), [](const auto& left, const auto& right) {
      return left.second < right.second;
    });
    if (most != models.end()) {
      search::VectorMemory memory(definition, most->first, place);
      if (const auto task = memory.begin_graph(*connection, epoch->layout, head)) memory.finish_graph(*task);
    }
  }
}

}  // namespace

std::vector<search::IndexCheck> verify_search(const Location& location, std::string_view only) {
  const auto connection = location.open(engine::OpenMode::read_only, {}, Purpose::inspection);
  const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
  const auto epoch = complete_epoch(*connection);
  return search::verify(*connection, *epoch->blueprint, epoch->layout, journal::read_head(*connection),
                        graph_place(location, {}), only);
}

std::vector<search::IndexCheck> verify_search_in_use(const Location& location) {
  const auto connection = location.open(engine::OpenMode::read_only, {}, Purpose::inspection);
  const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
  const auto epoch = load_last_epoch(*connection);
  if (!epoch->blueprint) {
    return {};
  }
  return search::verify(*connection, *epoch->blueprint, epoch->layout, journal::read_head(*connection),
                        graph_place(location, {}));
}

namespace {

struct MadeCopy {
  search::StoredCopy copy;
  vectors::Metric metric = vectors::Metric::cosine;
};

bool is_wanted(search::VectorCopies& copies, const search::Definition& definition, KeepVectors vectors) {
  if (vectors != KeepVectors::as_before) {
    return vectors == KeepVectors::server;
  }
  return copies.find(definition.name) && copies.is_possible(definition);
}

/// Copies of indexes that have no vectors any more go too.
std::vector<MadeCopy> make_copies(search::CopyKeeper& keeper,
                                  const std::vector<search::Definition>& definitions,
                                  const journal::Head& head, std::string_view only, KeepVectors vectors,
                                  std::vector<search::BroughtUp>& report) {
  using By = search::BroughtUp::By;
  std::vector<MadeCopy> made;
  std::set<std::string> kept;
  for (const search::Definition& definition : definitions) {
    if (!definition.embedding) continue;
    const bool is_asked_for = only.empty() || definition.name == only;
    if (!is_asked_for || is_wanted(keeper.copies(), definition, vectors)) kept.insert(definition.name);
    if (is_asked_for && kept.contains(definition.name)) {
      made.push_back({keeper.rebuild(definition, head), definition.embedding->metric});
      report.push_back({definition.name + " (pgvector)", By::rows, made.back().copy.rows});
    }
  }
  for (const search::StoredCopy& copy : keeper.copies().stored()) {
    if (!kept.contains(copy.index)) {
      keeper.copies().drop(copy);
      report.push_back({copy.index + " (pgvector)", By::dropped, 0});
    }
  }
  return made;
}

}  // namespace

std::vector<search::BroughtUp> rebuild_search(const Location& location, std::string_view only,
                                              KeepVectors vectors) {
  const auto connection = location.open(engine::OpenMode::read_write, {}, Purpose::administration);
  engine::Transaction tx(*connection, engine::Transaction::Mode::write);
  const journal::Head head = journal::lock_head(*connection);
  const auto epoch = complete_epoch(*connection);
  if (!only.empty()) {
    search::declared(*epoch->blueprint, only);
  }
  search::Keeper keeper(*connection, epoch->blueprint.get(), epoch->layout);
  std::vector<search::BroughtUp> of_copies;
  const std::vector<MadeCopy> made =
      make_copies(keeper.copies(), search::definitions_of(*epoch->blueprint, epoch->layout), head, only,
                  vectors, of_copies);
  std::vector<search::BroughtUp> report;
  keeper.bring_up(head, {.wanted = true, .only = only}, &report);
  report.insert(report.end(), of_copies.begin(), of_copies.end());
  tx.commit();
  // Others write meanwhile; until it is finished it is not asked.
  for (const MadeCopy& one : made) {
    search::VectorCopies(*connection).make_index(one.copy, one.metric);
  }
  make_graphs(location, only);
  return report;
}

}  // namespace reeve::state
