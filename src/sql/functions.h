#pragma once
// PostgreSQL's functions that SQLite lacks or answers otherwise, as pure C++ over values. The engine
// registers each under its SQLite name; docs/dialect.md is written from the same table.

#include "base/value.h"

#include <span>
#include <string_view>

namespace reeve::sql {

struct ScalarFunction {
  std::string_view sqlite_name;  ///< `reeve_...`: what the translation writes
  int arguments = 0;             ///< -1: any number
  /// Throws Error (invalid_input, type_mismatch) where PostgreSQL raises an error; its message becomes the
  /// statement's. Text and bytes in the result are copied by the engine. All are deterministic.
  Value (*call)(std::span<const ValueView> arguments);
};

std::span<const ScalarFunction> scalar_functions();

/// Aggregates that SQLite lacks or answers otherwise (checked sum of integers, jsonb_agg, string_agg, ...).
struct AggregateFunction {
  std::string_view sqlite_name;
  int arguments = 0;
  void* (*create)();
  void (*step)(void* state, std::span<const ValueView> arguments);
  Value (*result)(const void* state);  ///< state may be null: no row
  void (*destroy)(void* state);
};

std::span<const AggregateFunction> aggregate_functions();

}  // namespace reeve::sql
