#pragma once
// SQL as a program speaks it that goes past Reeve, with everything that the server says in answer.

#include <libpq-fe.h>

#include <string>

namespace reeve::testing {

class RawSession {
 public:
  explicit RawSession(const std::string& url);
  ~RawSession();
  RawSession(const RawSession&) = delete;
  RawSession& operator=(const RawSession&) = delete;

  /// Rows, COPY data, notices and every field of every error, as text. Many statements may stand in one script.
  std::string run(const std::string& script);
  /// BEGIN, bound to the ledger (to none if empty); the script; ROLLBACK. Only what the script answers.
  std::string run_bound(const std::string& ledger_id, const std::string& script);
  /// Whether the last script ended in an error.
  bool failed() const { return failed_; }

 private:
  void add_result(const PGresult* result);
  static void on_notice(void* session, const PGresult* result);

  PGconn* connection_ = nullptr;
  std::string said_;
  bool failed_ = false;
};

}  // namespace reeve::testing
