// CPU of a journaled event on PostgreSQL, client and server, over that of the same statements written by hand with
// libpq in a pipeline: rounds of both in turn, on two servers that start equal and grow alike.

#include "shared/by_hand_pg.h"
#include "shared/postgres.h"
#include "shared/support.h"

#include "journal/journal.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace bench {

namespace {

constexpr std::size_t group_of_many = 64;

/// Seconds of CPU on both sides of the wire.
struct Both {
  double client = 0;
  double server = 0;
  double sum() const { return client + server; }
};

Both spent(const BackendCpu& backend, const std::function<void()>& work) {
  const double before = backend.seconds();
  const Spent client = measure(work);
  return {client.process_cpu, backend.seconds() - before};
}

/// Two servers, so that what their own workers take later, such as a vacuum, is known to be whose.
struct Servers {
  Server journaled;
  Server hand;
};

class Pair {
 public:
  Pair(Servers& servers, const std::string& database, const MixOptions& options)
      : mix_(options),
        journaled_(servers.journaled.create_ledger(database).open(reeve::engine::OpenMode::read_write)),
        hand_(by_hand(servers.hand, database, *journaled_.epoch()->blueprint)),
        journaled_backend_(journaled_.writer().connection()),
        hand_backend_(hand_.backend()) {
    play(mix_.opening());
  }

  void play(const std::vector<MixEvent>& events) {
    std::vector<HandEvent> decoded = decode(events);
    play_by_hand(decoded, group_of_many);
    play_journaled(events, group_of_many);
  }
  std::vector<MixEvent> take(std::size_t count) { return mix_.take(count); }
  std::vector<HandEvent> decode(const std::vector<MixEvent>& events) {
    std::vector<HandEvent> decoded;
    for (const MixEvent& event : events) {
      decoded.push_back(hand_.decode(event));
    }
    return decoded;
  }
  Both play_by_hand(std::span<const HandEvent> events, std::size_t group) {
    return spent(hand_backend_, [&] {
      for (std::size_t i = 0; i < events.size(); i += group) {
        hand_.commit(events.subspan(i, std::min(group, events.size() - i)));
      }
    });
  }
  Both play_journaled(std::span<const MixEvent> events, std::size_t group) {
    return spent(journaled_backend_, [&] {
      for (std::size_t i = 0; i < events.size(); i += group) {
        journaled_.commit(events.subspan(i, std::min(group, events.size() - i)));
      }
    });
  }

 private:
  static ByHandPg by_hand(Server& server, const std::string& database,
                          const reeve::blueprint::Blueprint& blueprint);

  Mix mix_;
  Journaled journaled_;
  ByHandPg hand_;
  BackendCpu journaled_backend_;
  BackendCpu hand_backend_;
};

ByHandPg Pair::by_hand(Server& server, const std::string& database,
                       const reeve::blueprint::Blueprint& blueprint) {
  std::string ledger;
  std::int64_t sequence = 0;
  {
    const auto connection = server.create_ledger(database).open(reeve::engine::OpenMode::read_write);
    const reeve::engine::Transaction tx(*connection, reeve::engine::Transaction::Mode::read);
    ledger = connection->ledger();
    sequence = reeve::journal::read_head(*connection).sequence;
  }
  server.free_tables(database);
  return {server.url(database, "app"), blueprint, {.ledger = ledger}, sequence};
}

/// Who goes first changes from round to round. Gives the median ratio.
double measure_mix(Report& report, const std::string& key, Pair& pair, std::size_t group, std::int64_t rounds,
                   std::size_t events) {
  std::vector<double> ratios;
  std::vector<double> hand_client;
  std::vector<double> hand_server;
  std::vector<double> reeve_client;
  std::vector<double> reeve_server;
  pair.play(pair.take(events));
  for (std::int64_t round = 0; round < rounds; ++round) {
    const std::vector<MixEvent> next = pair.take(events);
    const std::vector<HandEvent> decoded = pair.decode(next);
    Both hand;
    Both reeve;
    const auto by_hand = [&] { hand = pair.play_by_hand(decoded, group); };
    const auto by_reeve = [&] { reeve = pair.play_journaled(next, group); };
    round % 2 == 0 ? (by_hand(), by_reeve()) : (by_reeve(), by_hand());
    const double scale = 1e6 / static_cast<double>(events);
    ratios.push_back(reeve.sum() / hand.sum());
    hand_client.push_back(hand.client * scale);
    hand_server.push_back(hand.server * scale);
    reeve_client.push_back(reeve.client * scale);
    reeve_server.push_back(reeve.server * scale);
  }
  report.figures(key + "_ratios", ratios, "ratio", "round by round");
  report.figure(key + "_hand_client", median(hand_client), "us/event", "by hand, this process");
  report.figure(key + "_hand_server", median(hand_server), "us/event", "by hand, the server's");
  report.figure(key + "_journaled_client", median(reeve_client), "us/event", "journaled, this process");
  report.figure(key + "_journaled_server", median(reeve_server), "us/event", "journaled, the server's");
  report.figure(key + "_ratio", median(ratios), "ratio", "journaled over by hand");
  return median(ratios);
}

void run_commit(const Arguments& arguments) {
  Report report("commit-pg", arguments);
  Servers servers{Server(arguments), Server(arguments)};
  const auto events = static_cast<std::size_t>(arguments.events_or(2048, 128));
  const std::int64_t rounds = arguments.rounds_or(9, 2);
  Pair pair(servers, "mix", {});
  const double journaled_before = servers.journaled.cpu_seconds();
  const double hand_before = servers.hand.cpu_seconds();
  const double mix = measure_mix(report, "mix", pair, group_of_many, rounds, events);
  report.figure("mix_hand_whole_server", servers.hand.cpu_seconds() - hand_before, "s",
                "by hand, all processes");
  report.figure("mix_journaled_whole_server", servers.journaled.cpu_seconds() - journaled_before, "s",
                "journaled, all processes");
  measure_mix(report, "single", pair, 1, rounds, std::max<std::size_t>(events / 8, 1));
  if (!arguments.quick) {
    Pair without(servers, "plain", {.year_events = 0});
    measure_mix(report, "without_year_ends", without, group_of_many, rounds, events);
  }
  report.end_with_ratio(mix);
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_commit); }
