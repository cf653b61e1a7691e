#include "state/binding.h"

#include "base/clock.h"
#include "base/uuid.h"
#include "journal/own_statement.h"
#include "state/plain_parameters.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <cmath>

namespace reeve::state {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

[[noreturn]] void misfit(std::string_view name, std::string_view expected) {
  throw Error(ErrorCode::invalid_input, fmt::format("the member {} is not {}", name, expected));
}

std::int64_t integer_of(const element& value, std::string_view name) {
  switch (value.type()) {
    case element_type::INT64: return value.get_int64().value_unsafe();
    case element_type::DOUBLE: {
      const double number = value.get_double().value_unsafe();
      if (number == std::floor(number) && std::abs(number) <= 9007199254740992.0) {
        return static_cast<std::int64_t>(number);
      }
      misfit(name, "an integer");
    }
    case element_type::STRING: {
      // An integer beyond 2^53 travels as a decimal string.
      const std::string_view text = value.get_string().value_unsafe();
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc() || end != text.data() + text.size()) {
        misfit(name, "an integer of 64 bits");
      }
      return number;
    }
    default: misfit(name, "an integer");
  }
}

double real_of(const element& value, std::string_view name) {
  double number = 0;
  if (value.get_double().get(number) != simdjson::SUCCESS) {
    misfit(name, "a number");
  }
  return number + 0.0;
}

std::string_view string_of(const element& value, std::string_view name) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) {
    misfit(name, "a string");
  }
  return text;
}

ValueView keep(std::string text, Scratch& scratch) {
  scratch.push_back(std::move(text));
  return ValueView::of(std::string_view(scratch.back()));
}

ValueView canonical_of(const element& value, Scratch& scratch) {
  std::string text;
  json::append_canonical(value, text);
  return keep(std::move(text), scratch);
}

ValueView natural_value(const element& value, std::string_view name, Scratch& scratch) {
  switch (value.type()) {
    case element_type::BOOL: return ValueView::of(static_cast<std::int64_t>(value.get_bool().value_unsafe()));
    case element_type::INT64:
    case element_type::UINT64: return ValueView::of(integer_of(value, name));
    case element_type::DOUBLE: return ValueView::of(real_of(value, name));
    case element_type::STRING: return ValueView::of(value.get_string().value_unsafe());
    case element_type::NULL_VALUE: return {};
    default: return canonical_of(value, scratch);
  }
}

}  // namespace

int Members::place_of(std::string_view name) {
  for (std::size_t place = 0; place < names_.size(); ++place) {
    if (names_[place] == name) {
      return static_cast<int>(place);
    }
  }
  names_.emplace_back(name);
  values_.emplace_back();
  present_.push_back(false);
  return static_cast<int>(names_.size()) - 1;
}

void Members::find(element object) {
  std::fill(present_.begin(), present_.end(), false);
  std::size_t guess = 0;  // members tend to come in the same order
  simdjson::dom::object members;
  if (object.get_object().get(members) != simdjson::SUCCESS) {
    throw Error(ErrorCode::invalid_input, "the top of a payload is an object");
  }
  for (const auto member : members) {
    for (std::size_t tried = 0; tried < names_.size(); ++tried) {
      const std::size_t place = (guess + tried) % names_.size();
      if (names_[place] == member.key) {
        values_[place] = member.value;
        present_[place] = !member.value.is_null();
        guess = place + 1;
        break;
      }
    }
  }
}

const element* Members::at(int place) const {
  const auto index = static_cast<std::size_t>(place);
  return present_[index] ? &values_[index] : nullptr;
}

ValueView value_of(const element& value, sql::Type type, std::string_view name, Scratch& scratch) {
  if (value.is_null()) {
    return {};
  }
  switch (type) {
    case sql::Type::boolean: {
      bool truth = false;
      if (value.get_bool().get(truth) != simdjson::SUCCESS) {
        misfit(name, "true or false");
      }
      return ValueView::of(static_cast<std::int64_t>(truth));
    }
    case sql::Type::integer:
    case sql::Type::bigint: return ValueView::of(integer_of(value, name));
    case sql::Type::double_precision: return ValueView::of(real_of(value, name));
    case sql::Type::text:
      // A sealed value stands in its column as text.
      return value.is_object() && value["reeve_sealed"].error() == simdjson::SUCCESS
                 ? canonical_of(value, scratch)
                 : ValueView::of(string_of(value, name));
    case sql::Type::uuid: {
      std::string text(string_of(value, name));
      for (char& letter : text) {
        letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
      }
      if (!is_uuid(text)) {
        misfit(name, "a uuid");
      }
      return keep(std::move(text), scratch);
    }
    case sql::Type::date: {
      const std::string_view text = string_of(value, name);
      if (!is_date(text)) {
        misfit(name, "a date (YYYY-MM-DD)");
      }
      return ValueView::of(text);
    }
    case sql::Type::timestamptz: {
      const auto time = parse_time(string_of(value, name));
      if (!time) {
        misfit(name, "a time (RFC 3339)");
      }
      return keep(format_time(*time), scratch);
    }
    case sql::Type::jsonb: return canonical_of(value, scratch);
    case sql::Type::interval:
    case sql::Type::bytea: misfit(name, "a type that JSON can carry");
    case sql::Type::unknown: return natural_value(value, name, scratch);
  }
  return {};
}

engine::Statement prepare(engine::Connection& connection, const sql::Translation& translation,
                          Returning returning) {
  if (connection.engine() == engine::Engine::sqlite) {
    return journal::prepare_fitting(connection, translation.sqlite);
  }
  engine::Statement statement = connection.prepare(
      returning == Returning::changed_rows ? translation.postgres_returning : translation.postgres);
  int number = static_cast<int>(translation.parameters.size());
  for (const sql::Hidden hidden : translation.hidden) {
    ++number;
    if (hidden == sql::Hidden::ledger) {
      statement.bind_text(number, connection.ledger());
    }
  }
  return statement;
}

BoundStatement::BoundStatement(engine::Connection& connection, const sql::Translation& translation,
                               Members& members, Returning returning)
    : statement_(prepare(connection, translation, returning)), translation_(&translation) {
  for (const sql::Parameter& parameter : translation.parameters) {
    Parameter entry;
    entry.type = parameter.type;
    const std::string& name = parameter.name;
    entry.source = name == "event_id"   ? Source::event_id
                   : name == "sequence" ? Source::sequence
                   : name == "at"       ? Source::at
                   : name == "moment"   ? Source::moment
                   : name == "actor"    ? Source::actor
                   : name == "payload"  ? Source::payload
                                        : Source::member;
    entry.name = name;
    if (entry.source == Source::member) {
      entry.member = members.place_of(name);
    } else {
      members_only_ = false;
    }
    parameters_.push_back(entry);
  }
  if (connection.engine() == engine::Engine::postgres) {
    for (const sql::Hidden hidden : translation.hidden) {
      parameters_.push_back({hidden == sql::Hidden::ledger ? Source::ledger
                             : hidden == sql::Hidden::seed ? Source::seed
                                                           : Source::decided_at});
    }
  }
}

void BoundStatement::bind(const Members& members, const Surroundings& around, Scratch& scratch) {
  int number = 0;
  for (const Parameter& parameter : parameters_) {
    ++number;
    switch (parameter.source) {
      case Source::member: {
        const element* value = members.at(parameter.member);
        if (value == nullptr) {
          statement_.bind_null(number);
        } else {
          statement_.bind(number, value_of(*value, parameter.type, members.name(parameter.member), scratch));
        }
        break;
      }
      case Source::event_id: statement_.bind_text(number, around.event_id); break;
      case Source::sequence: statement_.bind_integer(number, around.sequence); break;
      case Source::at: statement_.bind_text(number, around.at); break;
      case Source::moment: statement_.bind(number, around.moment); break;
      case Source::actor: statement_.bind_text(number, around.actor); break;
      case Source::payload: statement_.bind_text(number, around.payload); break;
      case Source::ledger: break;  // bound when it was prepared
      case Source::decided_at: statement_.bind_integer(number, around.decided_at); break;
      case Source::seed:
        if (around.seed.is_null()) {
          throw Error(ErrorCode::denied,
                      "this copy of the ledger has no seed: it can't roll dice or make ids",
                      "import an export that was made with its seed");
        }
        statement_.bind(number, around.seed);
        break;
    }
  }
}

std::size_t BoundStatement::parameter_named(std::string_view name, std::size_t guess) const {
  const std::size_t count = translation_->parameters.size();
  if (guess < count && parameters_[guess].name == name) {
    return guess;
  }
  for (std::size_t place = 0; place < count; ++place) {
    if (parameters_[place].name == name) {
      return place;
    }
  }
  return count;
}

bool BoundStatement::bind_plain(std::string_view text) {
  // The engine's own parameters, behind the statement's, were bound when it was prepared.
  const std::size_t count = translation_->parameters.size();
  if (!members_only_ || count > 64) {
    return false;
  }
  PlainScanner scanner(text);
  std::uint64_t given = 0;
  std::size_t guess = 0;  // members tend to come in the order of the parameters
  bool more = scanner.mark('{') && scanner.peek() != '}';
  while (more) {
    std::string_view name;
    if (!scanner.string(name) || !scanner.mark(':')) {
      return false;
    }
    const std::size_t place = parameter_named(name, guess);
    const std::uint64_t bit = std::uint64_t{1} << (place % 64);
    if (place == count || (given & bit) != 0 || !bind_plain_value(static_cast<int>(place) + 1, scanner)) {
      return false;
    }
    given |= bit;
    guess = place + 1;
    more = scanner.mark(',');
  }
  if (!scanner.mark('}') || !scanner.at_end()) {
    return false;
  }
  for (std::size_t place = 0; place < count; ++place) {
    if ((given >> place & 1U) == 0) {
      statement_.bind_null(static_cast<int>(place) + 1);
    }
  }
  return true;
}

bool BoundStatement::bind_plain_value(int number, PlainScanner& scanner) {
  const sql::Type type = parameters_[static_cast<std::size_t>(number) - 1].type;
  switch (scanner.peek()) {
    case '"': {
      std::string_view text;
      if ((type != sql::Type::text && type != sql::Type::unknown) || !scanner.string(text)) {
        return false;
      }
      statement_.bind_text(number, text);
      return true;
    }
    case 't':
    case 'f': {
      const bool truth = scanner.peek() == 't';
      if (type != sql::Type::boolean || !scanner.word(truth ? "true" : "false")) {
        return false;
      }
      statement_.bind_integer(number, truth ? 1 : 0);
      return true;
    }
    case 'n': statement_.bind_null(number); return scanner.word("null");
    default: {
      std::int64_t integer = 0;
      if ((type != sql::Type::integer && type != sql::Type::bigint) || !scanner.integer(integer)) {
        return false;
      }
      statement_.bind_integer(number, integer);
      return true;
    }
  }
}

std::string message_value(std::string_view name, const Surroundings& around, element object) {
  element value;
  if (name == "actor") {
    return std::string(around.actor);
  }
  if (name == "at") {
    return std::string(around.at);
  }
  if (name == "moment" && around.moment.kind() == ValueView::Kind::integer) {
    return fmt::format("{}", around.moment.integer());
  }
  if (name == "moment" && around.moment.kind() == ValueView::Kind::text) {
    return std::string(around.moment.text());
  }
  if (object.at_key(name).get(value) == simdjson::SUCCESS) {
    Scratch scratch;
    return std::string(value.is_string() ? value.get_string().value_unsafe()
                                         : canonical_of(value, scratch).text());
  }
  return fmt::format(":{}", name);  // it was left out
}

}  // namespace reeve::state
