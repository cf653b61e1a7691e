#include "shared/vector_peers.h"
#include "shared/npm.h"

#include "shared/support.h"

#include <reeve/error.h>

#include <fmt/format.h>
#include <sqlite3.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace bench {

namespace {

void write_floats(const std::filesystem::path& file, const VectorList& vectors) {
  std::ofstream stream(file, std::ios::binary);
  for (const std::vector<float>& vector : vectors) {
    stream.write(reinterpret_cast<const char*>(vector.data()),
                 static_cast<std::streamsize>(vector.size() * sizeof(float)));
  }
}

using Database = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;
using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

Statement prepare_statement(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(database));
  }
  return {statement, &sqlite3_finalize};
}

void run_sql(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(database));
}

void bind_vector(sqlite3_stmt* statement, int place, const std::vector<float>& vector) {
  sqlite3_bind_blob(statement, place, vector.data(), static_cast<int>(vector.size() * sizeof(float)),
                    SQLITE_STATIC);
}

}  // namespace

bool VectorPeers::prepare(std::string& why) {
  const auto folder = npm_folder("vector_peers", why);
  folder_ = folder.value_or("");
  return folder.has_value();
}

double VectorPeers::sqlite_vec(const VectorList& rows, const VectorList& queries, const Truth& truth) const {
  sqlite3* opened = nullptr;
  if (sqlite3_open(":memory:", &opened) != SQLITE_OK) throw std::runtime_error("no database in memory");
  const Database database(opened, &sqlite3_close);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, nullptr);
  const std::filesystem::path library = folder_ / "node_modules" / "sqlite-vec-linux-x64" / "vec0.so";
  char* said = nullptr;
  if (sqlite3_load_extension(opened, library.c_str(), "sqlite3_vec_init", &said) != SQLITE_OK) {
    throw std::runtime_error(said != nullptr ? said : "sqlite-vec can't be loaded");
  }
  run_sql(opened, fmt::format("CREATE VIRTUAL TABLE t USING vec0(v float[{}] distance_metric=cosine)",
                              rows.front().size())
                      .c_str());
  run_sql(opened, "BEGIN");
  {
    const Statement insert = prepare_statement(opened, "INSERT INTO t(rowid, v) VALUES (?1, ?2)");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      sqlite3_bind_int64(insert.get(), 1, static_cast<std::int64_t>(i));
      bind_vector(insert.get(), 2, rows[i]);
      if (sqlite3_step(insert.get()) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(opened));
      sqlite3_reset(insert.get());
    }
  }
  run_sql(opened, "COMMIT");
  const Statement ask =
      prepare_statement(opened, "SELECT rowid FROM t WHERE v MATCH ?1 AND k = 10 ORDER BY distance");
  std::size_t found = 0;
  const Spent spent = measure([&] {
    for (std::size_t i = 0; i < queries.size(); ++i) {
      bind_vector(ask.get(), 1, queries[i]);
      while (sqlite3_step(ask.get()) == SQLITE_ROW) {
        found += static_cast<std::size_t>(
            std::count(truth[i].begin(), truth[i].end(), sqlite3_column_int64(ask.get(), 0)));
      }
      sqlite3_reset(ask.get());
    }
  });
  // Of floats that differ in their last bits, another order may be right too.
  reeve::ensure(found * 1000 >= queries.size() * 10 * 995, "sqlite-vec's exact answers are the truth");
  return static_cast<double>(queries.size()) / spent.thread_cpu;
}

VectorPeers::Pgvector VectorPeers::pgvector(const VectorList& rows, const VectorList& queries,
                                            const Truth& all, const Truth& filtered) const {
  write_floats(folder_ / "rows.f32", rows);
  write_floats(folder_ / "queries.f32", queries);
  std::ofstream(folder_ / "truth.json")
      << nlohmann::json{{"dimensions", rows.front().size()}, {"all", all}, {"filtered", filtered}};
  const std::string command =
      fmt::format("cd '{0}' && node pgvector.mjs . >answer.json 2>node.log", folder_.string());
  const int status = std::system(command.c_str());
  std::filesystem::remove(folder_ / "rows.f32");
  reeve::ensure(status == 0, "pgvector's side runs (node.log in the build folder's bench/vector_peers)");
  std::ifstream stream(folder_ / "answer.json");
  const nlohmann::json answer = nlohmann::json::parse(stream);
  const nlohmann::json& plain = answer["unfiltered"];
  const nlohmann::json& hundredth = answer["hundredth"];
  return {answer["build"],     plain["per_second"],     plain["recall"],
          plain["candidates"], hundredth["per_second"], hundredth["recall"]};
}

}  // namespace bench
