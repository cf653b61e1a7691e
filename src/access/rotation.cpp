// Rotation: what is sealed with an old data key is sealed with the newest one, batch by batch, while others read and write.
// There is nothing to remember of a run beside the rows themselves: those with an older key are what is left.

#include "access/secrets.h"

#include "access/count_stale_secrets_sql.h"
#include "access/delete_unused_keys_sql.h"
#include "access/reseal_secret_sql.h"
#include "access/select_stale_secrets_sql.h"

#include <string>
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

std::int64_t Secrets::reseal_batch(Store& store, KeyVersion current, const Secret& key, int batch) {
  struct Row {
    std::string ledger;
    std::string name;
    std::string sealed;
  };
  std::vector<Row> rows;
  engine::Statement& stale = store.of(embedded::select_stale_secrets_sql);
  stale.bind_integer(1, current);
  stale.bind_integer(2, batch);
  while (stale.step()) {
    Row& row = rows.emplace_back(Row{std::string(stale.text(0)), std::string(stale.text(1)), {}});
    const Place place{purpose_secrets, row.ledger, row.name};
    const SharedKey old =
        keys_.open(purpose_secrets, version_in(stale, 3), version_in(stale, 4), stale.bytes(5));
    row.sealed = seal(key, current, place, unseal(*old, place, stale.bytes(2)).text(), random_);
  }
  stale.reset();
  engine::Statement& update = store.of(embedded::reseal_secret_sql);
  for (const Row& row : rows) {
    update.bind_text(1, row.ledger);
    update.bind_text(2, row.name);
    update.bind_integer(3, current);
    update.bind_bytes(4, row.sealed.data(), row.sealed.size());
    update.run();
  }
  return static_cast<std::int64_t>(rows.size());
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

void Secrets::reseal_all(const RotationOptions& options, RotationReport& report) {
  while (true) {
    std::int64_t left = stale(report.key_version);
    const std::int64_t total = report.resealed + left;
    while (left > 0) {
      const std::int64_t done = pool_.write([&](Store& store) {
        const auto [version, key] = keys_.current(store, purpose_secrets);
        return reseal_batch(store, version, *key, options.batch);
      });
      report.resealed += done;
      if (options.progress && !options.progress(report.resealed, total)) {
        report.stopped = true;
        return;
      }
      left = done > 0 ? left - done : 0;
    }
    const std::int64_t erased = erase_unused_keys(report.key_version);
    if (erased >= 0 && stale(report.key_version) == 0) {
      report.keys_erased += erased;
      return;
    }
  }
}

RotationReport Secrets::rotate(const RotationOptions& options) {
  if (options.batch < 1 || options.batch > 10'000) {
    throw Error(ErrorCode::invalid_input, "a batch has 1 to 10,000 secrets");
  }
  RotationReport report;
  if (options.master) {
    report.rewrapped = pool_.write([&](Store& store) { return keys_.rewrap(store); });
  }
  if (options.rows) {
    report.row_key_version = pool_.write([&](Store& store) { return keys_.add(store, purpose_rows).first; });
  }
  if (options.secrets) {
    const auto [version, key] =
        pool_.write([&](Store& store) { return keys_.current(store, purpose_secrets); });
    report.key_version = version;
    report.resumed = stale(version) > 0;
    if (!report.resumed) {
      report.key_version = pool_.write([&](Store& store) { return keys_.add(store, purpose_secrets).first; });
    }
    reseal_all(options, report);
  }
  return report;
}

}  // namespace reeve::access
