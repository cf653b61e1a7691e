#include "sql/parser.h"

#include "base/utf8.h"

#include <pthread.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>

namespace reeve::sql {
namespace {

constexpr std::size_t stack_bytes =
    std::size_t{256} * 1024 * 1024;  // reserved, touched only as deep as needed

thread_local bool is_large = false;

struct Job {
  const std::function<void()>* work;
  std::exception_ptr failure;
};

void* run(void* argument) {
  auto* job = static_cast<Job*>(argument);
  is_large = true;
  try {
    (*job->work)();
  } catch (...) {  // The edge of the thread: the caller rethrows it.
    job->failure = std::current_exception();
  }
  return nullptr;
}

bool is_word_token(std::string_view text, const Token& token) {
  const char first = text[static_cast<std::size_t>(token.start)];
  return (first >= 'a' && first <= 'z') || first == '_';
}

}  // namespace

void on_large_stack(const std::function<void()>& work) {
  if (is_large) return work();
  Job job{&work, nullptr};
  pthread_attr_t attributes;
  ensure(pthread_attr_init(&attributes) == 0, "thread attributes");
  pthread_t thread;
  const bool sized = pthread_attr_setstacksize(&attributes, stack_bytes) == 0;
  const bool started = sized && pthread_create(&thread, &attributes, run, &job) == 0;
  pthread_attr_destroy(&attributes);
  if (!started) throw Error(ErrorCode::unavailable, "no thread could be started to parse SQL on");
  pthread_join(thread, nullptr);
  if (job.failure) std::rethrow_exception(job.failure);
}

Place place_at(std::string_view text, const Place& start, std::size_t offset) {
  Place place = start;
  offset = std::min(offset, text.size());
  for (std::size_t i = 0; i < offset; ++i) {
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else {
      ++place.column;
    }
  }
  return place;
}

namespace {

/// PostgreSQL's words quote what comes behind the place, which may be the whole file.
std::string shortened(std::string message) {
  constexpr std::size_t bytes_max = 200;
  if (message.size() <= bytes_max) return message;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0U) == 0x80U) --end;
  message.resize(end);
  return message + "...";
}

}  // namespace

std::vector<Token> scan(std::string_view text, const Place& start) {
  const std::string terminated(text);
  const PgQueryScanResult result = pg_query_scan(terminated.c_str());
  if (result.error != nullptr) {
    const std::string message = shortened(result.error->message);
    const int cursor = result.error->cursorpos;
    pg_query_free_scan_result(result);
    throw Error(ErrorCode::bad_statement, message, "",
                place_at(text, start, cursor > 0 ? static_cast<std::size_t>(cursor) - 1 : 0));
  }
  PgQuery__ScanResult* unpacked = pg_query__scan_result__unpack(
      nullptr, result.pbuf.len, reinterpret_cast<const std::uint8_t*>(result.pbuf.data));
  std::vector<Token> tokens;
  if (unpacked != nullptr) {
    tokens.reserve(unpacked->n_tokens);
    for (const auto* token : list(unpacked->n_tokens, unpacked->tokens))
      tokens.push_back({token->start, token->end, static_cast<int>(token->token)});
    pg_query__scan_result__free_unpacked(unpacked, nullptr);
  }
  pg_query_free_scan_result(result);
  ensure(unpacked != nullptr, "the scanner's answer could not be read");
  return tokens;
}

NumberedText::NumberedText(const Statement& statement) : original_(statement.text), start_(statement.place) {
  if (!is_valid_utf8(original_) || original_.find('\0') != std::string::npos)
    throw Error(ErrorCode::bad_statement, "the statement is not UTF-8 without U+0000", "", start_);
  const std::vector<Token> tokens = scan(original_, start_);
  std::size_t copied = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.kind == PG_QUERY__TOKEN__SQL_COMMENT || token.kind == PG_QUERY__TOKEN__C_COMMENT) continue;
    if (++count > statement_tokens_max)
      throw Error(ErrorCode::limit_exceeded, "the statement has more than 5000 tokens",
                  "split it into several statements", start_);
    if (token.kind == PG_QUERY__TOKEN__PARAM)
      throw Error(ErrorCode::bad_statement, "parameters are written :name, not by number", "",
                  place_at(original_, start_, static_cast<std::size_t>(token.start)));
    const bool is_parameter = token.kind == PG_QUERY__TOKEN__ASCII_58 && i + 1 < tokens.size() &&
                              tokens[i + 1].start == token.end && is_word_token(original_, tokens[i + 1]);
    if (!is_parameter) continue;
    const Token& word = tokens[i + 1];
    const std::string name = original_.substr(static_cast<std::size_t>(word.start),
                                              static_cast<std::size_t>(word.end - word.start));
    auto found = std::find(names_.begin(), names_.end(), name);
    const auto number = static_cast<std::size_t>(found - names_.begin()) + 1;
    if (found == names_.end()) names_.push_back(name);
    text_.append(original_, copied, static_cast<std::size_t>(token.start) - copied);
    offsets_.emplace_back(text_.size(), static_cast<std::size_t>(token.start));
    text_ += '$';
    text_ += std::to_string(number);
    copied = static_cast<std::size_t>(word.end);
    offsets_.emplace_back(text_.size(), copied);
    ++i;
  }
  text_.append(original_, copied);
}

Place NumberedText::place(int location) const {
  auto offset = static_cast<std::size_t>(std::max(location, 0));
  std::size_t from_numbered = 0;
  std::size_t from_original = 0;
  for (const auto& [numbered, original] : offsets_) {
    if (numbered > offset) break;
    from_numbered = numbered;
    from_original = original;
  }
  return place_at(original_, start_, from_original + (offset - from_numbered));
}

Tree parse(const NumberedText& text) {
  const PgQueryProtobufParseResult result = pg_query_parse_protobuf(text.text().c_str());
  if (result.error != nullptr) {
    const std::string message = shortened(result.error->message);
    const int cursor = result.error->cursorpos;
    pg_query_free_protobuf_parse_result(result);
    throw Error(ErrorCode::bad_statement, message, "", text.place(cursor > 0 ? cursor - 1 : 0));
  }
  Tree tree(pg_query__parse_result__unpack(nullptr, result.parse_tree.len,
                                           reinterpret_cast<const std::uint8_t*>(result.parse_tree.data)));
  pg_query_free_protobuf_parse_result(result);
  ensure(tree != nullptr, "the parser's answer could not be read");
  if (tree->n_stmts != 1 || tree->stmts[0]->stmt == nullptr)
    throw Error(ErrorCode::bad_statement, "one statement is expected here", "", text.place(0));
  return tree;
}

std::string deparse_select(PgQuery__SelectStmt* select) {
  PgQuery__Node node = PG_QUERY__NODE__INIT;
  node.node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
  node.select_stmt = select;
  PgQuery__RawStmt raw = PG_QUERY__RAW_STMT__INIT;
  raw.stmt = &node;
  PgQuery__RawStmt* raws[] = {&raw};
  PgQuery__ParseResult result = PG_QUERY__PARSE_RESULT__INIT;
  result.version = PG_VERSION_NUM;
  result.n_stmts = 1;
  result.stmts = raws;
  std::vector<std::uint8_t> packed(pg_query__parse_result__get_packed_size(&result));
  pg_query__parse_result__pack(&result, packed.data());
  const PgQueryDeparseResult text =
      pg_query_deparse_protobuf({packed.size(), reinterpret_cast<char*>(packed.data())});
  if (text.error != nullptr) {
    const std::string message = text.error->message;
    pg_query_free_deparse_result(text);
    throw Error(ErrorCode::bad_statement, message);
  }
  std::string answer = text.query;
  pg_query_free_deparse_result(text);
  return answer;
}

std::string deparse(PgQuery__Node* expression) {
  PgQuery__ResTarget target = PG_QUERY__RES_TARGET__INIT;
  target.val = expression;
  PgQuery__Node target_node = PG_QUERY__NODE__INIT;
  target_node.node_case = PG_QUERY__NODE__NODE_RES_TARGET;
  target_node.res_target = &target;
  PgQuery__Node* targets[] = {&target_node};
  PgQuery__SelectStmt select = PG_QUERY__SELECT_STMT__INIT;
  select.n_target_list = 1;
  select.target_list = targets;
  select.limit_option = PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_DEFAULT;
  select.op = PG_QUERY__SET_OPERATION__SETOP_NONE;
  return deparse_select(&select).substr(std::strlen("SELECT "));
}

std::string_view string_of(const PgQuery__Node* node) {
  if (node == nullptr || node->node_case != PG_QUERY__NODE__NODE_STRING) return {};
  return node->string->sval;
}

}  // namespace reeve::sql
