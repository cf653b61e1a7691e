#include "live/redis_url.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <charconv>

namespace reeve::live {

namespace {

[[noreturn]] void refuse(std::string_view why) {
  throw Error(
      ErrorCode::invalid_input, fmt::format("the Redis URL can't be used: {}", why),
      "redis://USER:PASSWORD@HOST:PORT/DATABASE?space=NAME; write special characters of a password as %XX");
}

int digit_of(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const int high = at + 2 < text.size() ? digit_of(text[at + 1]) : -1;
    const int low = at + 2 < text.size() ? digit_of(text[at + 2]) : -1;
    if (high < 0 || low < 0) {
      refuse("a % is not followed by two hexadecimal digits");
    }
    out += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return out;
}

int number_of(std::string_view text, int least, int most, std::string_view what) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    refuse(fmt::format("its {} is no number from {} to {}", what, least, most));
  }
  return number;
}

/// What stands before the mark, which goes too; the rest stays. All of it when there is no mark.
std::string_view take_until(std::string_view& rest, char mark) {
  const std::string_view part = rest.substr(0, rest.find(mark));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

void read_host(std::string_view address, RedisUrl& url) {
  if (address.find('@') != std::string_view::npos) {
    refuse("there is an @ after the host");
  }
  std::string_view port;
  if (address.starts_with('[')) {  // an IPv6 address
    address.remove_prefix(1);
    url.host = take_until(address, ']');
    if (!address.empty() && !address.starts_with(':')) {
      refuse("after the ] of its host stands something else than a port");
    }
    port = address.empty() ? address : address.substr(1);
  } else {
    url.host = take_until(address, ':');
    port = address;
  }
  constexpr std::string_view of_hosts = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:%";
  if (url.host.empty() || url.host.size() > 255 ||
      url.host.find_first_not_of(of_hosts) != std::string::npos) {
    refuse("its host is neither a name nor an address");
  }
  if (!port.empty()) {
    url.port = number_of(port, 1, 65'535, "port");
  }
}

void read_parameters(std::string_view parameters, RedisUrl& url) {
  while (!parameters.empty()) {
    std::string_view value = take_until(parameters, '&');
    if (take_until(value, '=') != "space") {
      refuse("it has a parameter other than space");
    }
    url.space = value;
  }
  const bool is_plain =
      !url.space.empty() && url.space.size() <= 64 &&
      url.space.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
  if (!is_plain) {
    refuse("its space is not 1 to 64 of a-z, 0-9, _ and -");
  }
}

}  // namespace

std::string RedisUrl::name() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return fmt::format("redis://{}{}{}:{}/{}{}", is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", port, database,
                     space == "default" ? "" : "?space=" + space);
}

RedisUrl parse_redis_url(std::string_view text) {
  constexpr std::string_view scheme = "redis://";
  if (!text.starts_with(scheme)) {
    refuse("it does not begin with redis://");
  }
  RedisUrl url;
  std::string_view rest = text.substr(scheme.size());
  // The last @ before the path: one in a password that was not escaped does not end it.
  if (const std::size_t at = rest.substr(0, rest.find_first_of("/?")).rfind('@');
      at != std::string_view::npos) {
    std::string_view credentials = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    url.user = decoded(take_until(credentials, ':'));
    url.password = decoded(credentials);
    if (url.password.empty()) {
      refuse("there is a user and no password");
    }
  }
  std::string_view parameters =
      rest.find('?') == std::string_view::npos ? "" : rest.substr(rest.find('?') + 1);
  rest = rest.substr(0, rest.find('?'));
  const std::string_view address = take_until(rest, '/');
  read_host(address, url);
  if (!rest.empty()) {
    url.database = number_of(rest, 0, 1'000'000, "database");
  }
  read_parameters(parameters, url);
  return url;
}

}  // namespace reeve::live
