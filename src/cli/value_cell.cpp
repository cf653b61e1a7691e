#include "cli/value_cell.h"

#include "base/json.h"
#include "journal/changeset.h"

namespace reeve::cli {

Cell value_cell(std::string_view type, const ValueView& value) {
  switch (value.kind()) {
    case ValueView::Kind::null: return Cell::null();
    case ValueView::Kind::integer:
      return type == "boolean" ? Cell::boolean(value.integer() != 0) : Cell::number(value.integer());
    case ValueView::Kind::real: {
      Cell cell{Cell::Kind::number, {}};
      json::append_canonical_number(value.real(), cell.text);
      return cell;
    }
    case ValueView::Kind::text: return type == "jsonb" ? Cell::json(value.text()) : Cell::of(value.text());
    case ValueView::Kind::bytes: break;
  }
  std::string quoted;
  journal::append_value_json(sql::Type::bytea, value, quoted);
  return Cell::of(std::string_view(quoted).substr(1, quoted.size() - 2));
}

}  // namespace reeve::cli
