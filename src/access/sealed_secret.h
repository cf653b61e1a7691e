#pragma once
// The sealed secret and the wrapped data key, version 1 (docs/secrets.md).

#include "access/master_keys.h"

#include <reeve/clock.h>
#include <reeve/secret.h>

#include <string>
#include <string_view>

namespace reeve::access {

/// What a sealed secret is bound to: it opens in this place and in no other.
struct Place {
  std::string_view purpose;  ///< `secrets` of the access database, or `rows` of an application
  std::string_view ledger;   ///< empty: of the whole installation
  std::string_view name;
};

std::string seal(const Secret& key, KeyVersion version, const Place& place, std::string_view plain,
                 Random& random);
/// The data key that it was sealed with. Throws Error corrupt when it is no sealed secret of this form.
KeyVersion key_version_of(std::string_view sealed);
/// Throws Error corrupt when it was changed, cut, sealed with another key, or for another place.
Secret unseal(const Secret& key, const Place& place, std::string_view sealed);

/// A data key under a master key.
std::string wrap(const Secret& master, KeyVersion master_version, std::string_view purpose,
                 KeyVersion version, const Secret& key, Random& random);
/// Throws Error corrupt, which names both versions.
Secret unwrap(const Secret& master, KeyVersion master_version, std::string_view purpose, KeyVersion version,
              std::string_view wrapped);

}  // namespace reeve::access
