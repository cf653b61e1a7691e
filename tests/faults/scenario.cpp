#include "faults/scenario.h"

#include "journal/journal.h"
#include "state/epochs.h"
#include "state/migrate.h"
#include "state/recorder.h"

#include <fmt/format.h>

namespace reeve::testing {

blueprint::Sources moves_sources() {
  blueprint::Sources sources = vault_sources();
  for (const char* path :
       {"events/account.rated.v1.sql", "events/account.rated.v1.json", "events/account.rated.v1-v2.sql",
        "events/account.rated.v2.sql", "events/account.rated.v2.json", "events/member.joined.v1.sql",
        "events/member.joined.v1.json", "events/owner.left.v1.sql", "events/owner.left.v1.json"}) {
    sources.files.erase(path);
  }
  return sources;
}

blueprint::Sources moves_sources_with_grades() {
  blueprint::Sources sources = moves_sources();
  add_grades(sources);
  return sources;
}

Image furnished_ledger(const std::string& name) {
  const Workshop workshop;
  const auto disk = Disk::mount(name);
  {
    Ledger ledger = Ledger::create(disk->url(), workshop.blueprint(moves_sources()));
    for (int i = 0; i < 3; ++i) {
      ledger.commit("owner.joined", fmt::format(R"({{"owner_id":"o{0}","name":"Owner {0}"}})", i)).receipt();
    }
    for (int i = 0; i < 6; ++i) {
      ledger.command("open", fmt::format(R"({{"account_id":"a{}","owner_id":"o{}"}})", i, i % 3)).receipt();
      ledger.commit("account.credited", fmt::format(R"({{"account_id":"a{}","amount":100}})", i)).receipt();
    }
  }
  return disk->files();
}

std::vector<Seal> seals_from(const state::Location& location, std::int64_t sequence) {
  const auto connection = location.open(engine::OpenMode::read_only, {}, state::Purpose::inspection);
  engine::Statement row = connection->prepare(
      "SELECT last_sequence, chain_hash, state_hash FROM reeve_groups WHERE last_sequence >= ?1", false);
  row.bind_integer(1, sequence);
  std::vector<Seal> seals;
  while (row.step()) {
    seals.push_back(
        {row.integer(0), digest_from_hex(row.text(1)).value(), digest_from_hex(row.text(2)).value()});
  }
  return seals;
}

Seal head_of(Ledger& ledger) {
  const Head head = ledger.head();
  return {head.sequence.value, head.chain_hash.bytes, head.state_hash.bytes};
}

std::string fault_of(const state::Location& location) {
  const auto connection = location.open(engine::OpenMode::read_only, {}, state::Purpose::inspection);
  engine::Transaction tx(*connection, engine::Transaction::Mode::read);
  const journal::Head head = journal::read_head(*connection);
  Digest chain = journal::chain_start;
  std::int64_t sequence = 0;
  std::int64_t left = 0;  // of the submission
  std::string text;
  journal::EntryReader entries(*connection, 0);
  journal::Entry entry;
  while (entries.next(entry)) {
    chain = journal::chain_hash(chain, entry.event, entry.changeset, text);
    if (chain != entry.chain_hash) return fmt::format("the chain breaks at event {}", entry.event.sequence);
    if ((entry.event.span == 0) != (left > 0))
      return fmt::format("event {} is half of a submission", entry.event.sequence);
    left = entry.event.span == 0 ? left - 1 : entry.event.span - 1;
    sequence = entry.event.sequence;
  }
  if (left != 0) return "the last submission is half there";
  if (sequence != head.sequence || chain != head.chain_hash)
    return "the journal does not end at its last seal";
  static state::EpochLibrary epochs;
  const auto epoch = state::load_last_epoch(*connection, &epochs);
  state::StateSums sums(epoch->layout);
  state::sum_rows(*connection, sums);
  return sums.state_hash() == head.state_hash ? "" : "the rows are not those of the last seal";
}

void Mover::move(Ledger& ledger) {
  last_key = prefix + std::to_string(++next_key);
  const CommitOptions options{.actor = "mover", .key = last_key};
  const auto note = [&](const Outcome& outcome) {
    if (outcome.accepted()) {
      acknowledged.push_back({last_key, outcome.receipt().first.value, outcome.receipt().count});
    }
  };
  switch (random() % 8) {
    case 0:
      return note(ledger.command("pay_all", fmt::format(R"({{"amount":{}}})", 1 + random() % 5), options));
    case 1:
      return note(ledger.command("transfer",
                                 fmt::format(R"({{"from_id":"{}","to_id":"{}","amount":{}}})", account(),
                                             account(), 1 + random() % 30),
                                 options));
    case 2: return note(ledger.commit("day.ended", "{}", options));
    case 3:
      return note(
          ledger.commit("account.noted",
                        fmt::format(R"({{"account_id":"{}","notes":{{"text":"{}"}}}})", account(),
                                    std::string(random() % 3 == 0 ? random() % 9000 : random() % 80, 'n')),
                        options));
    case 4:
      return note(
          ledger.commit("owner.joined", fmt::format(R"({{"owner_id":"{}","name":"O"}})", last_key), options));
    case 5:
      return note(
          ledger.commit("account.closed", fmt::format(R"({{"account_id":"{}"}})", account()), options));
    case 6:
      return note(ledger.command("open", fmt::format(R"({{"account_id":"{}","owner_id":"o0"}})", account()),
                                 options));
    default:
      return note(ledger.command("gamble", fmt::format(R"({{"account_id":"{}"}})", account()), options));
  }
}

void migrate_there_or_back(const state::Location& location) {
  static const blueprint::Sources with_grades = moves_sources_with_grades();
  static const blueprint::Sources without = moves_sources();
  if (state::migrate_up(location, with_grades).names.empty()) {
    state::migrate_down(location, 1);
    state::migrate_up(location, without);
  }
}

}  // namespace reeve::testing
