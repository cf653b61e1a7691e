#pragma once
// Vectors of the rows that have none of their text: asked of a model while no transaction is open, stored by events.

#include "state/query.h"

#include <reeve/ledger.h>

#include <string_view>

namespace reeve::state {

/// `readers` are the ledger's. Throws Error as Ledger::embed.
EmbedReport embed(Ledger& ledger, ReaderPool& readers, std::string_view index,
                  const EmbeddingEndpoint& endpoint, const EmbedOptions& options);
EmbeddingStatus embedding_status(ReaderPool& readers, std::string_view index, std::size_t keys);

}  // namespace reeve::state
