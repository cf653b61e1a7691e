#include "live/redis_connection.h"

#include <reeve/error.h>

#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace reeve::live {

namespace {

[[noreturn]] void refuse_answer() {
  throw Error(ErrorCode::corrupt, "Redis answered something else than what was written there",
              "is another program using the same space?");
}

timeval time_of(int milliseconds) { return {milliseconds / 1000, (milliseconds % 1000) * 1000}; }

/// The first word of Redis's errors says which it is; what follows may repeat values.
std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

}  // namespace

RedisReply::RedisReply(redisReply* reply)
    : whole_(reply, [](redisReply* of) { freeReplyObject(of); }), part_(reply) {}

RedisReply::RedisReply(std::shared_ptr<redisReply> whole, const redisReply* part)
    : whole_(std::move(whole)), part_(part) {}

bool RedisReply::is_error() const { return part_->type == REDIS_REPLY_ERROR; }

std::string_view RedisReply::error() const { return {part_->str, part_->len}; }

bool RedisReply::is_nothing() const { return part_->type == REDIS_REPLY_NIL; }

std::int64_t RedisReply::integer() const {
  if (part_->type == REDIS_REPLY_INTEGER) {
    return part_->integer;
  }
  const std::string_view digits = text();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    refuse_answer();
  }
  return number;
}

std::string_view RedisReply::text() const {
  if (part_->type != REDIS_REPLY_STRING && part_->type != REDIS_REPLY_STATUS) {
    refuse_answer();
  }
  return {part_->str, part_->len};
}

std::size_t RedisReply::size() const { return part_->type == REDIS_REPLY_ARRAY ? part_->elements : 0; }

RedisReply RedisReply::operator[](std::size_t element) const {
  if (element >= size()) {
    refuse_answer();
  }
  return {whole_, part_->element[element]};
}

RedisConnection::RedisConnection(RedisUrl url, int wait_ms_max)
    : url_(std::move(url)), wait_ms_max_(wait_ms_max), context_(nullptr, &redisFree) {}

RedisConnection::~RedisConnection() = default;

void RedisConnection::lose(std::string_view what) {
  context_.reset();
  throw Error(ErrorCode::unavailable, fmt::format("{} {}", url_.name(), what),
              "start it, or name another; what was asked of it can be asked again");
}

void RedisConnection::refuse(std::string_view answer) const {
  const std::string_view word = first_word(answer);
  for (const std::string_view denied : {"NOAUTH", "WRONGPASS", "NOPERM"}) {
    if (word == denied) {
      throw Error(ErrorCode::denied, fmt::format("{} does not let this user in: {}", url_.name(), word),
                  "redis://USER:PASSWORD@HOST:PORT/DATABASE");
    }
  }
  for (const std::string_view busy :
       {"LOADING", "BUSY", "MASTERDOWN", "READONLY", "OOM", "MISCONF", "NOREPLICAS", "TRYAGAIN"}) {
    if (word == busy) {
      throw Error(ErrorCode::unavailable, fmt::format("{} can't serve now: {}", url_.name(), word));
    }
  }
  throw Error(word == "WRONGTYPE" ? ErrorCode::corrupt : ErrorCode::internal,
              fmt::format("{} refused a command: {}", url_.name(), word),
              "Redis 7 is needed, with its own commands under their names, and a space of its own");
}

void RedisConnection::connect() {
  context_.reset(redisConnectWithTimeout(url_.host.c_str(), url_.port, time_of(wait_ms_max_)));
  if (context_ == nullptr || context_->err != 0) {
    lose(fmt::format("can't be reached: {}", context_ == nullptr ? "no memory" : context_->errstr));
  }
  redisSetTimeout(context_.get(), time_of(wait_ms_max_));
  loaded_.clear();
  try {
    log_in();
  } catch (const Error&) {
    context_.reset();
    throw;
  }
}

void RedisConnection::log_in() {
  if (!url_.password.empty()) {
    std::vector<std::string_view> words{"AUTH"};
    if (!url_.user.empty()) {
      words.emplace_back(url_.user);
    }
    words.emplace_back(url_.password);
    accepted(exchange(words));
  }
  if (url_.database != 0) {
    const std::string number = std::to_string(url_.database);
    accepted(exchange({"select", number}));
  }
}

void RedisConnection::ensure_alive() {
  if (context_ != nullptr) {
    // Nothing is on its way: what can be read is the end of the connection.
    pollfd waited{context_->fd, POLLIN, 0};
    if (poll(&waited, 1, 0) == 0) {
      return;
    }
  }
  connect();
}

/// Not hiredis's own way to write: on a connection that is over it would raise SIGPIPE.
void RedisConnection::send(const std::vector<std::string_view>& words) {
  std::vector<const char*> places;
  std::vector<std::size_t> sizes;
  for (const std::string_view word : words) {
    places.push_back(word.data() != nullptr ? word.data() : "");
    sizes.push_back(word.size());
  }
  char* made = nullptr;
  const auto size =
      redisFormatCommandArgv(&made, static_cast<int>(words.size()), places.data(), sizes.data());
  const std::unique_ptr<char, void (*)(char*)> command(made, [](char* text) { redisFreeCommand(text); });
  ensure(size > 0, "a command is written");
  std::string_view rest(command.get(), static_cast<std::size_t>(size));
  while (!rest.empty()) {
    const ssize_t sent = ::send(context_->fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent <= 0) {
      lose("was lost while a command was sent");
    }
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
}

RedisReply RedisConnection::exchange(const std::vector<std::string_view>& words) {
  send(words);
  void* read = nullptr;
  if (redisGetReply(context_.get(), &read) != REDIS_OK || read == nullptr) {
    lose(errno == EAGAIN ? "did not answer in time; it may have done what was asked"
                         : "was lost before it answered; it may have done what was asked");
  }
  return RedisReply(static_cast<redisReply*>(read));
}

RedisReply RedisConnection::accepted(RedisReply reply) const {
  if (reply.is_error()) {
    refuse(reply.error());
  }
  return reply;
}

RedisReply RedisConnection::call(const std::vector<std::string_view>& words) {
  ensure_alive();
  return accepted(exchange(words));
}

const std::string& RedisConnection::load(const RedisScript& script) {
  std::string text(script.begin);
  text += script.body;
  std::string& name = loaded_[script.body.data()];
  name = accepted(exchange({"SCRIPT", "LOAD", text})).text();
  return name;
}

RedisReply RedisConnection::run(const RedisScript& script, const std::vector<std::string>& keys,
                                const std::vector<std::string_view>& arguments) {
  ensure_alive();
  const auto known = loaded_.find(script.body.data());
  const std::string count = std::to_string(keys.size());
  std::vector<std::string_view> words{"EVALSHA", known != loaded_.end() ? known->second : load(script),
                                      count};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), arguments.begin(), arguments.end());
  RedisReply reply = exchange(words);
  if (reply.is_error() && first_word(reply.error()) == "NOSCRIPT") {
    // Forgotten, and so not run.
    words[1] = load(script);
    reply = exchange(words);
  }
  return accepted(std::move(reply));
}

}  // namespace reeve::live
