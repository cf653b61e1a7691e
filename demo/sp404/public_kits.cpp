#include "sp404/public_kits.h"

#include <blueprints/sp404mk2.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <set>

namespace sp404 {

namespace {

using nlohmann::json;
namespace queries = sp404mk2::queries;

}  // namespace

std::size_t write_public_kits(std::span<reeve::Ledger* const> libraries, const std::filesystem::path& out) {
  std::filesystem::create_directories(out);
  std::ofstream kits(out / "public_kits.ndjson");
  std::ofstream pads(out / "public_kit_pads.ndjson");
  std::set<std::string> written;
  for (reeve::Ledger* library : libraries) {
    for (const auto& kit : reeve::query_all(*library, queries::kits_to_publish{})) {
      if (!written.insert(kit.kit_id).second) continue;
      kits << json{{"kit_id", kit.kit_id},
                   {"owner", kit.owner},
                   {"name", kit.name},
                   {"description", kit.description}}
                  .dump()
           << "\n";
      for (const auto& pad : reeve::query(*library, queries::pads_to_publish{.kit_id = kit.kit_id})) {
        json row{{"kit_id", kit.kit_id}, {"pad_bank", pad.pad_bank}, {"pad_number", pad.pad_number},
                 {"title", pad.title},   {"volume", pad.volume},     {"pitch_shift", pad.pitch_shift}};
        if (pad.content_hash) row["content_hash"] = *pad.content_hash;
        pads << row.dump() << "\n";
      }
    }
  }
  if (!kits.flush() || !pads.flush())
    throw reeve::Error(reeve::ErrorCode::unavailable, out.string() + " can't be written");
  return written.size();
}

}  // namespace sp404
