#include "state/sealing.h"

#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace reeve::state {

namespace {

using simdjson::dom::element;

std::string text_member(element payload, const std::string& name) {
  std::string_view text;
  if (payload[name].get(text) != simdjson::SUCCESS) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("{} says whose personal values these are, and is no text", name));
  }
  return std::string(text);
}

std::string canonical_of(element value) {
  std::string text;
  json::append_canonical(value, text);
  return text;
}

std::string request_hash_of(const journal::SubjectKey& key, std::string_view name, std::string_view plain) {
  std::string message("reeve.request.personal.1");
  message += '\0';
  message += name;
  message += '\0';
  message += plain;
  return to_hex(hmac_sha256(key, message));
}

using Member = std::pair<std::string, std::string>;  ///< name, JSON

std::string object_of(std::vector<Member> members) {
  std::sort(members.begin(), members.end(), [](const Member& left, const Member& right) {
    return json::member_less(left.first, right.first);
  });
  std::string out = "{";
  for (const auto& [name, value] : members) {
    out += out.size() == 1 ? "" : ",";
    json::append_canonical_string(name, out);
    out += ':' + value;
  }
  return out + "}";
}

}  // namespace

Sealer::Sealer(std::filesystem::path file, Clock& clock, Random& random)
    : file_(std::move(file)), clock_(clock), random_(random) {}

journal::KeyStore* Sealer::find_store() {
  const std::lock_guard lock(mutex_);
  if (!store_ && !file_.empty() && std::filesystem::exists(file_)) {
    store_ = journal::KeyStore::open(file_, clock_, random_);
  }
  return store_.get();
}

journal::KeyStore& Sealer::make_store() {
  if (file_.empty()) {
    throw Error(ErrorCode::denied, "personal values are sealed, and no key store is at hand",
                "name its file: LedgerOptions::key_store, or --keys FILE");
  }
  const std::lock_guard lock(mutex_);
  if (!store_) {
    store_ = journal::KeyStore::open(file_, clock_, random_);
  }
  return *store_;
}

std::optional<std::string> Sealer::seal(const json::Schema& schema, element payload, std::string& request) {
  const auto& properties = schema.properties();
  if (std::none_of(properties.begin(), properties.end(), [](const auto& one) { return one.personal; })) {
    return std::nullopt;
  }
  std::vector<Member> sealed;
  std::vector<Member> compared;
  std::map<std::string, journal::SubjectKey> keys;  // one for all members, whoever forgets meanwhile
  for (const auto& [name, value] : simdjson::dom::object(payload)) {
    const auto property =
        std::find_if(properties.begin(), properties.end(), [&](const auto& one) { return one.name == name; });
    std::string plain = canonical_of(value);
    if (property == properties.end() || !property->personal || value.is_null()) {
      sealed.emplace_back(name, plain);
      compared.emplace_back(name, std::move(plain));
      continue;
    }
    if (!value.is_string()) {
      throw Error(ErrorCode::invalid_input, fmt::format("{} is personal and not given as text", name),
                  "give it plain: it is sealed here");
    }
    const std::string subject = text_member(payload, property->personal_subject);
    const auto known = keys.find(subject);
    const journal::SubjectKey& key =
        known != keys.end() ? known->second
                            : keys.emplace(subject, make_store().find_or_make(subject)).first->second;
    compared.emplace_back(name, '"' + request_hash_of(key, name, plain) + '"');
    sealed.emplace_back(name, journal::seal_value(subject, key, plain, random_));
    sodium_memzero(plain.data(), plain.size());
  }
  if (keys.empty()) {
    return std::nullopt;
  }
  request = object_of(std::move(compared));
  return object_of(std::move(sealed));
}

std::string Sealer::open(std::string_view sealed) {
  const auto subject = journal::subject_of(sealed);
  if (!subject) {
    throw Error(ErrorCode::corrupt, "a personal column holds something else than a sealed value",
                "run `reeve verify` for all that differs");
  }
  journal::KeyStore* store = find_store();
  if (store == nullptr) {
    return std::string(shown_sealed);
  }
  const auto key = store->find(*subject);
  if (!key) {
    return std::string(shown_erased);
  }
  std::string plain;
  try {
    plain = journal::unseal_value(sealed, *key);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::corrupt) throw;
    return std::string(shown_erased);  // sealed with a key that is gone; the subject has another one since
  }
  json::Reader reader;
  return std::string(std::string_view(reader.read(plain)));
}

bool Sealer::forget(std::string_view subject) {
  journal::KeyStore* store = find_store();
  if (store == nullptr) {
    // Silence would be taken for an erasure.
    throw file_.empty()
        ? Error(ErrorCode::invalid_input, "nothing is forgotten: no key store is named",
                "name the ledger's file of keys: LedgerOptions::key_store, or --keys FILE")
        : Error(ErrorCode::not_found,
                fmt::format("nothing is forgotten: there is no key store {}", file_.string()),
                "name the ledger's file of keys by --keys; where there is none, nothing was sealed");
  }
  return store->forget(subject);
}

std::optional<std::string> misfit_of_sealed(const json::Schema& schema, element payload) {
  for (const json::Schema::Property& property : schema.properties()) {
    element value;
    if (!property.personal || payload[property.name].get(value) != simdjson::SUCCESS || value.is_null()) {
      continue;
    }
    const auto subject = journal::subject_of(canonical_of(value));
    if (!subject || *subject != text_member(payload, property.personal_subject)) {
      return fmt::format("{} is not sealed for the subject in {}", property.name, property.personal_subject);
    }
  }
  return std::nullopt;
}

}  // namespace reeve::state
