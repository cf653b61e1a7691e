#pragma once
// Personal members are sealed before anything else sees them, and opened for the answer of a query
// (docs/sealed_value.md).

#include "base/json_schema.h"
#include "journal/key_store.h"

#include <reeve/clock.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace reeve::state {

/// What stands in an answer in place of a value that can't be opened.
inline constexpr std::string_view shown_sealed = "[sealed]";  ///< no keys are at hand
inline constexpr std::string_view shown_erased = "[erased]";  ///< the key it was sealed with is gone

/// A ledger's keys. The store is opened when it is first needed, and made when something is sealed first. Thread-safe.
class Sealer {
 public:
  /// An empty path: no store; then nothing can be sealed.
  Sealer(std::filesystem::path file, Clock& clock, Random& random);

  /// A payload with its personal members sealed, canonical; nothing when there are none. `request`: the same with a keyed
  /// hash in place of each, which says whether two are the same and nothing else. Precondition: the payload fits the
  /// schema. Throws Error denied without a store, invalid_input for a member that comes sealed.
  std::optional<std::string> seal(const json::Schema& schema, simdjson::dom::element payload,
                                  std::string& request);
  /// The text of a sealed value, or shown_sealed, or shown_erased. Throws Error corrupt for what is none.
  std::string open(std::string_view sealed);
  /// Destroys a subject's key. False when it has none. Throws Error not_found when the store is not there, invalid_input
  /// without one.
  bool forget(std::string_view subject);

 private:
  journal::KeyStore* find_store();
  journal::KeyStore& make_store();

  std::filesystem::path file_;
  Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  std::unique_ptr<journal::KeyStore> store_;
};

/// Why an event that a command decided on can't stand: a personal member that is not sealed, or sealed for another
/// subject. Nothing when all is well.
std::optional<std::string> misfit_of_sealed(const json::Schema& schema, simdjson::dom::element payload);

}  // namespace reeve::state
