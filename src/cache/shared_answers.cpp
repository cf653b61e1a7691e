#include "cache/shared_answers.h"

#include "base/hash.h"
#include "journal/varint.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <utility>

namespace reeve::cache {

namespace {

using journal::append_varint;
using journal::take_sized;
using journal::take_varint;

/// A store that failed is left alone for so long: who waits for it waits longer than for the database.
constexpr Microseconds rest_us = 1'000'000;

enum class Tag : std::uint8_t { null, integer, real, text, bytes };

void append_sized(std::string_view bytes, std::string& out) {
  append_varint(bytes.size(), out);
  out += bytes;
}

void append_value(const Value& value, std::string& out) {
  out.push_back(static_cast<char>(value.index()));
  const ValueView view = ValueView::of(value);
  switch (view.kind()) {
    case ValueView::Kind::null: break;
    case ValueView::Kind::integer: append_varint(journal::zigzag(view.integer()), out); break;
    case ValueView::Kind::real: append_varint(std::bit_cast<std::uint64_t>(view.real()), out); break;
    case ValueView::Kind::text:
    case ValueView::Kind::bytes: append_sized(view.text(), out); break;
  }
}

std::optional<Value> take_value(std::string_view& rest) {
  if (rest.empty()) {
    return std::nullopt;
  }
  const auto tag = static_cast<Tag>(rest.front());
  rest.remove_prefix(1);
  if (tag == Tag::null) {
    return Null{};
  }
  if (tag == Tag::integer || tag == Tag::real) {
    const auto number = take_varint(rest);
    if (!number) return std::nullopt;
    return tag == Tag::integer ? Value(journal::unzigzag(*number)) : Value(std::bit_cast<double>(*number));
  }
  const auto text = take_sized(rest);
  if (!text || tag > Tag::bytes) {
    return std::nullopt;
  }
  if (tag == Tag::text) {
    return std::string(*text);
  }
  const auto* data = reinterpret_cast<const std::byte*>(text->data());
  return Bytes(data, data + text->size());
}

std::optional<SharedAnswer> take_answer(std::string_view rest) {
  const auto sequence = take_varint(rest);
  const auto chain_hash = take_sized(rest);
  const auto columns = take_varint(rest);
  if (!sequence || !chain_hash || !columns) {
    return std::nullopt;
  }
  auto table = std::make_shared<AnswerTable>();
  for (std::uint64_t i = 0; i < *columns; ++i) {
    const auto name = take_sized(rest);
    const auto type = take_sized(rest);
    if (!name || !type) return std::nullopt;
    table->columns.push_back({std::string(*name), std::string(*type)});
  }
  while (!rest.empty()) {
    auto value = take_value(rest);
    if (!value) return std::nullopt;
    table->values.push_back(std::move(*value));
  }
  table->bytes = bytes_of(*table);
  return SharedAnswer{std::move(table), static_cast<std::int64_t>(*sequence), std::string(*chain_hash)};
}

std::span<const std::uint8_t> bytes_in(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Digest code_of(std::string_view seed, std::string_view key, std::string_view body) {
  std::string message = "reeve.cache.1";
  append_sized(key, message);
  message += body;
  return hmac_sha256(bytes_in(seed), message);
}

}  // namespace

std::string encode_answer(std::string_view seed, std::string_view key, const SharedAnswer& answer) {
  std::string body;
  append_varint(static_cast<std::uint64_t>(answer.sequence), body);
  append_sized(answer.chain_hash, body);
  append_varint(answer.table->columns.size(), body);
  for (const Rows::Column& column : answer.table->columns) {
    append_sized(column.name, body);
    append_sized(column.type, body);
  }
  for (const Value& value : answer.table->values) {
    append_value(value, body);
  }
  const Digest code = code_of(seed, key, body);
  return std::string(reinterpret_cast<const char*>(code.data()), code.size()) + body;
}

std::optional<SharedAnswer> decode_answer(std::string_view seed, std::string_view key,
                                          std::string_view bytes) {
  if (bytes.size() < sizeof(Digest)) {
    return std::nullopt;
  }
  const std::string_view body = bytes.substr(sizeof(Digest));
  if (!equal_secret(code_of(seed, key, body), bytes_in(bytes.substr(0, sizeof(Digest))))) {
    return std::nullopt;
  }
  return take_answer(body);
}

std::string SharedAnswers::key_of(const journal::Epoch& epoch, std::string_view query) const {
  const Digest hash = Hasher("reeve.cache.key.1")
                          .digest(epoch.sources_hash)
                          .number(static_cast<std::uint64_t>(epoch.level))
                          .text(query)
                          .finish();
  return fmt::format("answer/{}/{}", ledger_id_, to_hex(hash));
}

bool SharedAnswers::is_resting() {
  const Microseconds failed = failed_;
  const Microseconds now = clock_.now();
  return failed != 0 && now >= failed && now - failed < rest_us;
}

void SharedAnswers::rest() {
  failed_ = clock_.now();
  ++faults_;
}

std::optional<SharedAnswer> SharedAnswers::get(const std::string& key) {
  if (is_resting()) {
    return std::nullopt;
  }
  try {
    const auto entry = store_.get(key);
    return entry ? decode_answer(seed_, key, entry->value) : std::nullopt;
  } catch (const Error&) {
    rest();
    return std::nullopt;
  }
}

void SharedAnswers::put(const std::string& key, const SharedAnswer& answer) {
  if (is_resting()) {
    return;
  }
  const std::string bytes = encode_answer(seed_, key, answer);
  if (bytes.size() > live::value_bytes_max) {
    return;
  }
  try {
    store_.put(key, bytes, duration_);
  } catch (const Error&) {
    rest();
  }
}

}  // namespace reeve::cache
