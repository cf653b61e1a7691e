#include "state/location.h"

#include "engine/file_system.h"
#include "journal/directory.h"
#include "journal/journal.h"

#include <fmt/format.h>

namespace reeve::state {

namespace {

/// `%41` is `A`: what a parameter of a URL means. A broken escape stays as it is.
std::string decoded(std::string_view text) {
  const auto digit = [](char letter) -> int {
    if (letter >= '0' && letter <= '9') return letter - '0';
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
    return -1;
  };
  std::string out;
  for (std::size_t place = 0; place < text.size(); ++place) {
    if (text[place] == '%' && place + 2 < text.size() && digit(text[place + 1]) >= 0 &&
        digit(text[place + 2]) >= 0) {
      out += static_cast<char>(digit(text[place + 1]) * 16 + digit(text[place + 2]));
      place += 2;
    } else {
      out += text[place];
    }
  }
  return out;
}

bool is_postgres(std::string_view url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

}  // namespace

Location Location::of(std::string_view url) {
  Location location;
  if (is_postgres(url)) {
    const std::size_t question = url.find('?');
    location.url_ = url.substr(0, question);
    std::string_view rest = question == std::string_view::npos ? "" : url.substr(question + 1);
    while (!rest.empty()) {
      const std::string_view part = rest.substr(0, rest.find('&'));
      rest.remove_prefix(std::min(part.size() + 1, rest.size()));
      const std::string_view name = part.substr(0, part.find('='));
      const std::string value = name.size() < part.size() ? decoded(part.substr(name.size() + 1)) : "";
      if (name == "ledger") {
        location.ledger_ = value;
      } else if (name == "schema") {
        location.schema_ = value;
      } else if (!part.empty()) {
        location.url_ += location.url_.find('?') == std::string::npos ? '?' : '&';
        location.url_ += part;
      }
    }
    if (location.schema_.empty() || location.schema_.size() > 63 || location.ledger_.size() > 200) {
      throw Error(ErrorCode::invalid_input, "the schema or the ledger of the URL is empty or too long",
                  "postgresql:///DATABASE?ledger=NAME&schema=NAME");
    }
    return location;
  }
  constexpr std::string_view scheme = "sqlite:";
  if (url.starts_with(scheme)) {
    url.remove_prefix(scheme.size());
    constexpr std::string_view parameter = "?vfs=";
    if (const std::size_t at = url.rfind(parameter); at != std::string_view::npos) {
      location.file_system_ = url.substr(at + parameter.size());
      engine::check_file_system(location.file_system_);
      url = url.substr(0, at);
    }
  } else if (const std::size_t end = url.find("://"); end != std::string_view::npos) {
    throw Error(ErrorCode::invalid_input, fmt::format("{} names no engine of Reeve", url.substr(0, end)),
                "write sqlite:PATH, a path, or postgresql://...");
  }
  if (url.empty() || url.find('\0') != std::string_view::npos) {
    throw Error(ErrorCode::invalid_input, "the path of the ledger is empty", "write sqlite:PATH, or a path");
  }
  location.file_ = std::filesystem::path(url);
  return location;
}

void Location::refuse_arriving() const {
  throw Error(ErrorCode::conflict, fmt::format("{} is being promoted and is not complete", name()),
              "run the same `reeve promote` again: it goes on where it stopped; or `reeve ledger erase` it, "
              "which frees its name");
}

void Location::refuse_unknown() const {
  throw Error(ErrorCode::not_found,
              ledger_.empty() ? fmt::format("{} holds several ledgers, or none", name())
                              : fmt::format("{} has no such ledger", name()),
              ledger_ == "shared" ? "it publishes reference rows, and an administrator makes it: "
                                    "reeve init 'URL?ledger=shared' --blueprint FOLDER"
                                  : "name it in the URL: postgresql:///DATABASE?ledger=NAME");
}

Location Location::with_file(std::filesystem::path file) const {
  ensure(is_file(), "only SQLite's ledgers are files");
  Location location(*this);
  location.file_ = std::move(file);
  return location;
}

Location Location::with_ledger(std::string name) const {
  ensure(!is_file(), "a file is one ledger");
  Location location(*this);
  location.ledger_ = std::move(name);
  return location;
}

std::string Location::name() const {
  if (is_file()) {
    return file_.string();
  }
  // Whatever stands before an @, the last one, is a user and perhaps a password that was not escaped.
  const std::size_t slashes = url_.find("://") + 3;
  const std::size_t at = url_.substr(0, url_.find('?')).rfind('@');
  const std::string host = url_.substr(at == std::string::npos ? slashes : at + 1);
  return "postgresql://" + host.substr(0, host.find('?')) + (ledger_.empty() ? "" : " ledger " + ledger_);
}

std::unique_ptr<engine::Connection> Location::open_schema(const engine::ConnectionOptions& options,
                                                          const std::string& role,
                                                          int statement_timeout_ms) const {
  ensure(!is_file(), "a schema is PostgreSQL's");
  try {
    return engine::Connection::open_postgres(url_, {.schema = schema_,
                                                    .role = role,
                                                    .statement_timeout_ms = statement_timeout_ms,
                                                    .lock_timeout_ms = options.busy_ms_max,
                                                    .read_lock = std::string(journal::schema_lock_table)});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::denied || role.empty()) {
      throw;
    }
    engine::Connection::open_postgres(url_);  // where it is the login that is refused, this says so
    throw Error(ErrorCode::denied,
                fmt::format("the login of {} is no administrator: it may not become {}", name(), role),
                "log in as a superuser or as a member of " + role +
                    "; an application's login asks, commits, verifies and exports");
  }
}

std::unique_ptr<engine::Connection> Location::open(engine::OpenMode mode,
                                                   const engine::ConnectionOptions& options,
                                                   Purpose purpose) const {
  if (is_file()) {
    if (mode != engine::OpenMode::read_only) {
      // Somebody else's database is not even switched to another journal mode.
      journal::check_format(
          *engine::Connection::open(file_, engine::OpenMode::read_only, {.file_system = file_system_}));
    }
    engine::ConnectionOptions given = options;
    given.file_system = file_system_;
    auto connection = engine::Connection::open(file_, mode, given);
    journal::check_format(*connection);
    if (purpose != Purpose::administration && journal::read_meta(*connection, journal::meta_arriving)) {
      refuse_arriving();
    }
    return connection;
  }
  auto connection = open_schema(options, purpose == Purpose::administration ? "reeve_owner" : "");
  if (!journal::read_schema_format(*connection)) {
    throw Error(ErrorCode::not_found, fmt::format("there is no ledger of Reeve in {}", name()),
                "`reeve init URL --blueprint FOLDER` or `reeve promote FILE URL` makes one");
  }
  journal::check_format(*connection);
  const bool serves = purpose != Purpose::administration;
  if (serves) {
    journal::check_is_bound(*connection);
    journal::check_is_closed(*connection);
  }
  const auto entry = journal::find_ledger(*connection, ledger_);
  if (!entry || entry->state == journal::LedgerState::erased) {
    refuse_unknown();
  }
  if (entry->state == journal::LedgerState::arriving && serves) {
    refuse_arriving();
  }
  if (entry->state == journal::LedgerState::erasing ||
      (entry->state == journal::LedgerState::suspended && purpose == Purpose::application)) {
    journal::refuse_closed(name(), journal::name_of(entry->state));
  }
  if (serves) {
    journal::prove_isolation(*connection, entry->ledger_id);
  }
  connection->set_ledger(entry->ledger_id);
  return connection;
}

}  // namespace reeve::state
