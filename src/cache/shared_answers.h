#pragma once
// Answers in a store that processes share. It only saves asking: what is wrong there, or lost, is asked of the database.

#include "cache/kept_answers.h"
#include "cache/watch.h"

#include <reeve/live.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve::cache {

/// An answer as it lies in the store.
struct SharedAnswer {
  std::shared_ptr<const AnswerTable> table;
  std::int64_t sequence = 0;
  std::string chain_hash;  ///< of the event `sequence`: answers of another past are told by it
};

/// The stored form: a code that only those can make who may read the ledger, and the rest (docs/cache.md).
std::string encode_answer(std::string_view seed, std::string_view key, const SharedAnswer& answer);
/// Nothing for bytes that encode_answer() did not make of this seed and key.
std::optional<SharedAnswer> decode_answer(std::string_view seed, std::string_view key,
                                          std::string_view bytes);

/// Thread-safe.
class SharedAnswers {
 public:
  /// Store and clock must outlive it.
  SharedAnswers(live::Store& store, Microseconds duration, Clock& clock, const Watch& watch)
      : store_(store),
        duration_(duration),
        clock_(clock),
        ledger_id_(watch.ledger_id()),
        seed_(watch.seed()) {}

  /// Of a query with its parameters under the sources of an epoch.
  std::string key_of(const journal::Epoch& epoch, std::string_view query) const;
  std::optional<SharedAnswer> get(const std::string& key);
  void put(const std::string& key, const SharedAnswer& answer);
  std::uint64_t faults() const { return faults_; }

 private:
  bool is_resting();
  void rest();

  live::Store& store_;
  Microseconds duration_;
  Clock& clock_;
  std::string ledger_id_;
  std::string seed_;
  std::atomic<Microseconds> failed_{0};  ///< when it did last, or 0
  std::atomic<std::uint64_t> faults_{0};
};

}  // namespace reeve::cache
