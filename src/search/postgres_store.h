#pragma once
// Entries in a PostgreSQL schema: a row for each term of each document (docs/search.md says why it is no tsvector).

#include "search/store.h"

#include <map>

namespace reeve::search {

class PostgresStore : public Store {
 public:
  explicit PostgresStore(engine::Connection& connection) : connection_(connection) {}

  bool has_tables() override;
  void create_tables() override;
  std::vector<StoredIndex> indexes() override;
  std::int64_t create(const Definition& definition, std::int64_t number) override;
  void drop(std::int64_t number) override;
  void write(const Definition& definition, std::int64_t number, const std::vector<std::string>& gone,
             const std::vector<Document>& come) override;
  void set_place(std::int64_t sequence, const Digest& chain_hash) override;
  void read_term(std::int64_t number, std::string_view term, std::vector<Occurrence>& found) override;
  void read_prefix(std::int64_t number, std::string_view prefix, std::vector<Occurrence>& found) override;
  std::vector<std::optional<std::string>> keys_of(std::int64_t number,
                                                  const std::vector<std::int64_t>& entries) override;
  std::vector<std::int64_t> entries_of(std::int64_t number, const std::vector<std::string>& keys) override;
  void each_document(std::int64_t number, const TakeDocument& take) override;
  void each_occurrence(std::int64_t number, const TakeOccurrence& take) override;

 private:
  /// With the connection's ledger as its first parameter.
  engine::Statement& statement(std::string_view sql);
  void insert(std::int64_t number, const std::vector<Document>& come);

  engine::Connection& connection_;
  std::map<std::string_view, engine::Statement> statements_;
};

}  // namespace reeve::search
