#include "adoption/new_ledger.h"

#include "base/json.h"
#include "search/keeper.h"
#include "state/promote.h"
#include "state/schema_change.h"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <system_error>

namespace reeve::adoption {

NewLedger::NewLedger(const state::Location& to, const blueprint::Sources& sources,
                     const LedgerOptions& options, bool foreign_keys)
    : to_(to), options_(options) {
  const auto blueprint = blueprint::load(sources);
  if (to_.is_file()) {
    made_.emplace(to_.file(), to_.file_system());
    connection_ = engine::Connection::open(made_->place(), engine::OpenMode::create,
                                           {.busy_ms_max = options.busy_ms_max,
                                            .page_bytes = options.page_bytes,
                                            .file_system = to_.file_system()});
  } else {
    connection_ = engine::Connection::open_scratch();
  }
  state::fill_ledger(*connection_, *blueprint, sources, options_);
  {
    engine::Transaction tx(*connection_, engine::Transaction::Mode::read);
    epoch_ = state::load_last_epoch(*connection_);
  }
  connection_->set_foreign_keys(foreign_keys);
  capture_ = std::make_unique<state::Capture>(epoch_->layout);
  transaction_.emplace(*connection_, engine::Transaction::Mode::write);
  recorder_ = std::make_unique<state::Recorder>(*connection_, epoch_->layout, options_.group_events_max);
  const journal::Head head = journal::lock_head(*connection_);
  state::sum_rows(*connection_, recorder_->sums());
  recorder_->reset(head);
  connection_->set_change_sink(capture_.get());
}

NewLedger::~NewLedger() {
  if (connection_) {
    connection_->set_change_sink(nullptr);
  }
  recorder_.reset();
  transaction_.reset();
  connection_.reset();
}

journal::Event NewLedger::own_event(std::string_view type, std::string payload) const {
  return state::own_event(recorder_->head(), type, std::move(payload), options_);
}

void NewLedger::record(const journal::Event& event) {
  capture_->take(changes_);
  recorder_->record(event, changes_);
  recorder_->seal();
  capture_->clear();
}

void NewLedger::record(const std::vector<Applied>& events) {
  for (const Applied& one : events) {
    recorder_->record(one.event, one.changes);
  }
  recorder_->seal();
  capture_->clear();
}

journal::Head NewLedger::finish() {
  state::check_foreign_keys(*connection_, ErrorCode::internal, "the adoption",
                            "this is a defect of Reeve: please report it");
  connection_->set_change_sink(nullptr);
  const journal::Head head = recorder_->head();
  state::store_sums(*connection_, recorder_->sums(), head.sequence);
  search::bring_up(*connection_, epoch_->blueprint.get(), epoch_->layout, head);
  transaction_->commit();
  transaction_.reset();
  recorder_.reset();
  if (!to_.is_file()) {
    state::promote(*connection_, to_, {});
    return head;
  }
  connection_.reset();  // the last one: the log is worked in
  made_->publish();
  return head;
}

Digest hash_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  Hasher hasher("reeve.adopted_file.1");
  std::array<char, 65536> buffer{};
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
    hasher.raw(buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  return hasher.finish();
}

std::string adopted_payload(const std::filesystem::path& file, const Adoption& adoption,
                            const std::vector<state::Claim>& claims) {
  std::string out = "{\"claims\":[";
  for (const state::Claim& claim : claims) {
    out += out.back() == '[' ? "{\"field\":" : ",{\"field\":";
    json::append_canonical_string(claim.field, out);
    out += ",\"key\":" + claim.key + ",\"table\":";
    json::append_canonical_string(claim.table, out);
    out += ",\"value\":" + claim.value + "}";
  }
  out += "],\"counts\":" + adoption.findings.json_counts();
  out += fmt::format(",\"events_kept\":{},\"events_mapped\":{},\"file\":", adoption.events_kept,
                     adoption.events_mapped);
  json::append_canonical_string(file.filename().string(), out);
  out += fmt::format(",\"file_hash\":\"{}\",\"irregularities\":{},\"rows\":{{", to_hex(hash_file(file)),
                     adoption.findings.json_list());
  std::string rows;
  for (const auto& [table, count] : adoption.rows) {
    rows += rows.empty() ? "" : ",";
    json::append_canonical_string(table, rows);
    rows += fmt::format(":{}", count);
  }
  // Names may be of any letters: the canonical order is not that of bytes.
  return json::canonical(out + rows + "}}", {.bytes_max = 64 * 1024 * 1024, .depth_max = 64});
}

}  // namespace reeve::adoption
