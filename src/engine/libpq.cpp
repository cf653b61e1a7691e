// libpq, loaded when the first session of a PostgreSQL server is asked for. It brings twenty libraries with it (TLS, Kerberos,
// LDAP), and loading those takes most of the time in which the command starts: who keeps a file needs none of them.

#include <reeve/error.h>

#include <dlfcn.h>
#include <libpq-fe.h>

#include <string>

namespace {

void* library() {
  // With everything bound at once: what is missing shows here, and not in the middle of a transaction.
  static void* handle = nullptr;
  static const std::string fault = [] {
    handle = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    const char* const said = handle == nullptr ? dlerror() : nullptr;
    return std::string(said != nullptr ? said : "");
  }();
  if (handle == nullptr) {
    throw reeve::Error(reeve::ErrorCode::unavailable, "PostgreSQL's client library can't be loaded: " + fault,
                       "install libpq (Debian: libpq5)");
  }
  return handle;
}

template <typename Function>
Function* function_named(const char* name) {
  void* const found = dlsym(library(), name);
  if (found == nullptr) {
    throw reeve::Error(reeve::ErrorCode::unavailable,
                       std::string("PostgreSQL's client library has no function ") + name,
                       "install libpq 14 or newer (Debian: libpq5)");
  }
  return reinterpret_cast<Function*>(found);
}

}  // namespace

/// Defines libpq's function as a call of the one in the library. Hidden: a program that links libpq itself keeps its own.
#define LIBPQ(Result, name, parameters, arguments)                          \
  extern "C" __attribute__((visibility("hidden"))) Result name parameters { \
    static auto* const function = function_named<decltype(::name)>(#name);  \
    return function arguments;                                              \
  }

LIBPQ(int, PQcancel, (PGcancel * cancel, char* error, int size), (cancel, error, size))
LIBPQ(void, PQclear, (PGresult * result), (result))
LIBPQ(char*, PQcmdStatus, (PGresult * result), (result))
LIBPQ(char*, PQcmdTuples, (PGresult * result), (result))
LIBPQ(PostgresPollingStatusType, PQconnectPoll, (PGconn * session), (session))
LIBPQ(PGconn*, PQconnectStartParams,
      (const char* const* keywords, const char* const* values, int expand_dbname),
      (keywords, values, expand_dbname))
LIBPQ(void, PQconninfoFree, (PQconninfoOption * options), (options))
LIBPQ(PQconninfoOption*, PQconninfoParse, (const char* conninfo, char** error), (conninfo, error))
LIBPQ(int, PQenterPipelineMode, (PGconn * session), (session))
LIBPQ(char*, PQerrorMessage, (const PGconn* session), (session))
LIBPQ(int, PQexitPipelineMode, (PGconn * session), (session))
LIBPQ(void, PQfinish, (PGconn * session), (session))
LIBPQ(char*, PQfname, (const PGresult* result, int field_num), (result, field_num))
LIBPQ(void, PQfreeCancel, (PGcancel * cancel), (cancel))
LIBPQ(void, PQfreemem, (void* memory), (memory))
LIBPQ(Oid, PQftype, (const PGresult* result, int field_num), (result, field_num))
LIBPQ(PGcancel*, PQgetCancel, (PGconn * session), (session))
LIBPQ(int, PQgetCopyData, (PGconn * session, char** buffer, int async), (session, buffer, async))
LIBPQ(PGresult*, PQgetResult, (PGconn * session), (session))
LIBPQ(int, PQgetisnull, (const PGresult* result, int tup_num, int field_num), (result, tup_num, field_num))
LIBPQ(int, PQgetlength, (const PGresult* result, int tup_num, int field_num), (result, tup_num, field_num))
LIBPQ(char*, PQgetvalue, (const PGresult* result, int tup_num, int field_num), (result, tup_num, field_num))
LIBPQ(PGresult*, PQmakeEmptyPGresult, (PGconn * session, ExecStatusType status), (session, status))
LIBPQ(int, PQnfields, (const PGresult* result), (result))
LIBPQ(int, PQnparams, (const PGresult* result), (result))
LIBPQ(int, PQntuples, (const PGresult* result), (result))
LIBPQ(Oid, PQparamtype, (const PGresult* result, int param_num), (result, param_num))
LIBPQ(PGpipelineStatus, PQpipelineStatus, (const PGconn* session), (session))
LIBPQ(int, PQpipelineSync, (PGconn * session), (session))
LIBPQ(int, PQputCopyEnd, (PGconn * session, const char* error), (session, error))
LIBPQ(char*, PQresultErrorField, (const PGresult* result, int field), (result, field))
LIBPQ(ExecStatusType, PQresultStatus, (const PGresult* result), (result))
LIBPQ(int, PQsendDescribePrepared, (PGconn * session, const char* stmt), (session, stmt))
LIBPQ(int, PQsendPrepare,
      (PGconn * session, const char* name, const char* query, int count, const Oid* types),
      (session, name, query, count, types))
LIBPQ(int, PQsendQuery, (PGconn * session, const char* query), (session, query))
LIBPQ(int, PQsendQueryParams,
      (PGconn * session, const char* command, int count, const Oid* types, const char* const* values,
       const int* lengths, const int* formats, int result_format),
      (session, command, count, types, values, lengths, formats, result_format))
LIBPQ(int, PQsendQueryPrepared,
      (PGconn * session, const char* name, int count, const char* const* values, const int* lengths,
       const int* formats, int result_format),
      (session, name, count, values, lengths, formats, result_format))
LIBPQ(int, PQserverVersion, (const PGconn* session), (session))
LIBPQ(PGVerbosity, PQsetErrorVerbosity, (PGconn * session, PGVerbosity verbosity), (session, verbosity))
LIBPQ(PQnoticeReceiver, PQsetNoticeReceiver, (PGconn * session, PQnoticeReceiver receiver, void* argument),
      (session, receiver, argument))
LIBPQ(int, PQsetSingleRowMode, (PGconn * session), (session))
LIBPQ(int, PQconsumeInput, (PGconn * session), (session))
LIBPQ(int, PQsocket, (const PGconn* session), (session))
LIBPQ(ConnStatusType, PQstatus, (const PGconn* session), (session))
LIBPQ(PGTransactionStatusType, PQtransactionStatus, (const PGconn* session), (session))

#undef LIBPQ
