#include "shared/baseline.h"

#include "base/clock.h"
#include "base/uuid.h"
#include "journal/changeset.h"
#include "journal/event.h"
#include "state/binding.h"

#include "journal/insert_event_sql.h"

#include <fmt/format.h>

namespace bench {

using reeve::ValueView;

Statements::Statements(reeve::engine::Connection& connection, const reeve::blueprint::Blueprint& blueprint,
                       Events events)
    : connection_(connection), blueprint_(blueprint) {
  if (events == Events::kept) {
    insert_event_ = connection.prepare(reeve::embedded::insert_event_sql);
  }
}

int Statements::type_of(const std::string& name) {
  const auto known = places_.find(name);
  if (known != places_.end()) {
    return known->second;
  }
  const reeve::blueprint::EventType* definition = blueprint_.find_event(name);
  reeve::ensure(definition != nullptr, "the mix has types of the blueprint");
  Type type{name, definition->version, {}};
  for (const reeve::blueprint::ApplyStatement& statement : definition->apply) {
    type.steps.push_back({connection_.prepare(statement.sql.sqlite), &statement.sql, &statement.expect});
  }
  types_.push_back(std::move(type));
  return places_[name] = static_cast<int>(types_.size()) - 1;
}

DecodedEvent Statements::decode(const MixEvent& event, std::int64_t sequence) {
  const reeve::Microseconds now = reeve::system_clock().now();
  DecodedEvent decoded;
  decoded.type = type_of(event.type);
  decoded.sequence = sequence;
  decoded.id = reeve::uuid_v7(now, reeve::system_random());
  decoded.time = reeve::format_time(now);
  decoded.moment = event.moment;
  decoded.actor = event.actor;
  decoded.payload = event.payload;
  const simdjson::dom::element tree = reader_.read(event.payload);
  reeve::state::Scratch scratch;
  for (const Step& step : types_[static_cast<std::size_t>(decoded.type)].steps) {
    for (const reeve::sql::Parameter& parameter : step.translation->parameters) {
      const std::string& name = parameter.name;
      simdjson::dom::element member;
      if (name == "event_id") {
        decoded.values.emplace_back(decoded.id);
      } else if (name == "sequence") {
        decoded.values.emplace_back(sequence);
      } else if (name == "at") {
        decoded.values.emplace_back(decoded.time);
      } else if (name == "moment") {
        decoded.values.emplace_back(event.moment);
      } else if (name == "actor") {
        decoded.values.emplace_back(event.actor);
      } else if (tree.at_key(name).get(member) == simdjson::SUCCESS) {
        decoded.values.push_back(reeve::state::value_of(member, parameter.type, name, scratch).to_value());
      } else {
        decoded.values.emplace_back(reeve::Null{});
      }
    }
  }
  return decoded;
}

void Statements::run(const DecodedEvent& event) {
  Type& type = types_[static_cast<std::size_t>(event.type)];
  std::size_t value = 0;
  for (Step& step : type.steps) {
    const std::size_t count = step.translation->parameters.size();
    for (std::size_t i = 0; i < count; ++i) {
      step.statement.bind(static_cast<int>(i) + 1, ValueView::of(event.values[value++]));
    }
    step.statement.run();
    if (step.expect->has_value()) {
      const std::int64_t rows = connection_.changes();
      const reeve::blueprint::Expect& expect = **step.expect;
      reeve::ensure(rows >= expect.rows_min && (!expect.rows_max || rows <= *expect.rows_max),
                    "the mix is valid in its order");
    }
  }
  if (!insert_event_) {
    return;
  }
  insert_event_->bind_integer(1, event.sequence);
  insert_event_->bind_text(2, event.id);
  insert_event_->bind_text(3, type.name);
  insert_event_->bind_integer(4, type.version);
  insert_event_->bind_text(5, event.time);
  insert_event_->bind_integer(6, event.moment);
  insert_event_->bind_text(7, event.actor);
  insert_event_->bind_null(8);
  insert_event_->bind_null(9);
  insert_event_->bind_null(10);
  insert_event_->bind_integer(11, 1);
  insert_event_->bind_text(12, event.payload);
  insert_event_->run();
}

Baseline::Baseline(const std::filesystem::path& file, std::shared_ptr<const reeve::state::EpochState> epoch,
                   Step step)
    : connection_(reeve::engine::Connection::open(file, reeve::engine::OpenMode::read_write,
                                                  {.gather_writes = step >= Step::gathered})),
      epoch_(std::move(epoch)),
      step_(step),
      statements_(*connection_, *epoch_->blueprint, Statements::Events::kept),
      begin_(connection_->prepare("BEGIN IMMEDIATE")),
      commit_(connection_->prepare("COMMIT")),
      decoded_(reeve::journal::read_head(*connection_).sequence),
      capture_(epoch_->layout),
      net_(epoch_->layout),
      sums_(epoch_->layout) {
  if (step_ >= Step::capture) {
    connection_->set_change_sink(&capture_);
  }
}

Baseline::~Baseline() { connection_->set_change_sink(nullptr); }

void Baseline::record(const DecodedEvent& event) {
  capture_.take(changes_);
  if (step_ >= Step::changeset) {
    changeset_.clear();
    reeve::journal::append_changeset(epoch_->layout, changes_, changeset_);
    changesets_ += changeset_;
  }
  if (step_ >= Step::state_hash) {
    net_.merge(changes_);
  }
  if (step_ >= Step::chain) {
    event_.sequence = event.sequence;
    event_.id = event.id;
    event_.type = statements_.name_of(event);
    event_.time = event.time;
    event_.moment = event.moment;
    event_.actor = event.actor;
    event_.payload = event.payload;
    chain_hash_ = reeve::journal::chain_hash(chain_hash_, event_, changeset_, scratch_);
  }
}

void Baseline::seal() {
  if (step_ >= Step::state_hash) {
    net_.apply_to(sums_);
    net_.clear();
    state_hash_ = sums_.state_hash();
  }
  capture_.clear();
  changesets_.clear();
}

void Baseline::commit(std::span<const DecodedEvent> group) {
  begin_.run();
  for (const DecodedEvent& event : group) {
    statements_.run(event);
    if (step_ >= Step::capture) {
      record(event);
    }
  }
  if (step_ >= Step::capture) {
    seal();
  }
  commit_.run();
}

void create_state(reeve::engine::Connection& connection, const reeve::blueprint::Blueprint& blueprint) {
  reeve::sql::Catalogue catalogue;
  catalogue.moment_type = blueprint.catalogue.moment_type;
  for (const reeve::blueprint::Migration& migration : blueprint.migrations) {
    const reeve::sql::MigrationTranslation translation = reeve::sql::translate_migration(
        migration.up_file, blueprint.sources.files.at(migration.up_file), catalogue);
    for (const std::string& statement : translation.sqlite) {
      connection.execute(statement);
    }
    catalogue = translation.after;
  }
}

}  // namespace bench
