// Rotation: what is sealed with an old data key is sealed with the newest one, batch by batch, while others read and write.
// There is nothing to remember of a run beside the rows themselves: those with an older key are what is left.

#include "access/secrets.h"

#include "access/count_stale_secrets_sql.h"
#include "access/delete_unused_keys_sql.h"
#include "access/reseal_secret_sql.h"
#include "access/select_stale_secrets_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace reeve::access {

std::int64_t Secrets::stale(KeyVersion current) {
  return pool_.read([&](Store& store) {
    engine::Statement& row = store.of(embedded::count_stale_secrets_sql);
    row.bind_integer(1, current);
    ensure(row.step(), "a count is a row");
    return row.integer(0);
  });
}

Secret Secrets::open_stale(const engine::Statement& stale, const Place& place) {
  if (stale.column(4).is_null()) {
    throw Error(ErrorCode::corrupt, fmt::format("data key {} is not there any more", stale.integer(3)));
  }
  const SharedKey key =
      keys_.open(purpose_secrets, version_in(stale, 3), version_in(stale, 4), stale.bytes(5));
  return unseal(*key, place, stale.bytes(2));
}

Secrets::Walk Secrets::reseal_batch(Store& store, Walk walk, int batch) {
  struct Row {
    SecretName name;
    std::string sealed;
  };
  const auto [current, key] = keys_.current(store, purpose_secrets);
  std::vector<Row> rows;
  engine::Statement& stale = store.of(embedded::select_stale_secrets_sql);
  stale.bind_integer(1, current);
  stale.bind_integer(2, batch);
  stale.bind_text(3, walk.behind.ledger);
  stale.bind_text(4, walk.behind.name);
  int count = 0;
  for (; stale.step(); ++count) {
    walk.behind = {std::string(stale.text(0)), std::string(stale.text(1))};
    const Place place{purpose_secrets, walk.behind.ledger, walk.behind.name};
    try {
      rows.push_back({walk.behind, seal(*key, current, place, open_stale(stale, place).text(), random_)});
    } catch (const Error& error) {
      if (!is_of_one_alone(error)) throw;
      ++walk.left;
      if (walk.left_secrets.size() < RotationReport::left_named_max) {
        walk.left_secrets.push_back(
            {walk.behind, static_cast<std::uint32_t>(stale.integer(3)), error.message()});
      }
    }
  }
  stale.reset();
  engine::Statement& update = store.of(embedded::reseal_secret_sql);
  for (const Row& row : rows) {
    update.bind_text(1, row.name.ledger);
    update.bind_text(2, row.name.name);
    update.bind_integer(3, current);
    update.bind_bytes(4, row.sealed.data(), row.sealed.size());
    update.run();
  }
  walk.resealed += static_cast<std::int64_t>(rows.size());
  walk.is_over = count < batch;
  return walk;
}

/// -1 when somebody has sealed with an old key meanwhile: its foreign key kept it.
std::int64_t Secrets::erase_unused_keys(KeyVersion current) {
  try {
    return pool_.write([&](Store& store) {
      engine::Statement& unused = store.of(embedded::delete_unused_keys_sql);
      unused.bind_integer(1, current);
      unused.run();
      return store.connection().changes();
    });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::constraint_violation) throw;
    return -1;
  }
}

bool Secrets::reseal_stale(const RotationOptions& options, RotationReport& report, Walk& walk) {
  const std::int64_t before = report.resealed;
  const std::int64_t total = before + stale(report.key_version);
  while (!walk.is_over && total > before) {
    walk = pool_.write([&](Store& store) { return reseal_batch(store, walk, options.batch); });
    report.resealed = before + walk.resealed;
    if (options.progress && !options.progress(report.resealed + walk.left, total)) {
      report.stopped = true;
      break;
    }
  }
  report.left = walk.left;
  report.left_secrets = walk.left_secrets;
  return !report.stopped;
}

/// Until a walk finds nothing more to do, and nobody has sealed with an old key meanwhile.
void Secrets::reseal_all(const RotationOptions& options, RotationReport& report) {
  while (true) {
    Walk walk;
    if (!reseal_stale(options, report, walk)) {
      return;
    }
    const std::int64_t erased = erase_unused_keys(report.key_version);
    report.keys_erased += std::max<std::int64_t>(erased, 0);
    if (erased >= 0 && (walk.resealed == 0 || stale(report.key_version) == 0)) {
      return;
    }
  }
}

/// Whether an earlier run had left something that can be sealed with the newest key: then this one goes on with that one.
bool Secrets::resume(const RotationOptions& options, RotationReport& report) {
  try {
    report.key_version =
        pool_.write([&](Store& store) { return keys_.current(store, purpose_secrets).first; });
  } catch (const Error& error) {
    // Where the newest key alone can't be opened another takes its place. Where none can, the master keys are the wrong ones.
    if (!is_of_one_alone(error) || !pool_.write([&](Store& store) { return keys_.opens_any(store); })) throw;
    return false;
  }
  Walk walk;
  reseal_stale(options, report, walk);
  return walk.resealed > 0 || report.stopped;
}

RotationReport Secrets::rotate(const RotationOptions& options) {
  if (options.batch < 1 || options.batch > 10'000) {
    throw Error(ErrorCode::invalid_input, "a batch has 1 to 10,000 secrets");
  }
  RotationReport report;
  if (options.master) {
    const DataKeys::Rewrapped done = pool_.write([&](Store& store) { return keys_.rewrap(store); });
    report.rewrapped = done.count;
    report.left_keys = done.left;
  }
  if (options.rows) {
    report.row_key_version = pool_.write([&](Store& store) { return keys_.add(store, purpose_rows).first; });
  }
  if (options.secrets) {
    report.resumed = resume(options, report);
    if (!report.resumed) {
      report.key_version = pool_.write([&](Store& store) { return keys_.add(store, purpose_secrets).first; });
    }
    if (!report.stopped) reseal_all(options, report);
  }
  return report;
}

}  // namespace reeve::access
