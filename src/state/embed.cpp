#include "state/embed.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/json.h"
#include "search/embedders.h"
#include "search/embedding.h"
#include "vectors/stored_vector.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

namespace reeve::state {

namespace {

constexpr std::size_t batch_max = 2'048;
constexpr std::size_t failure_bytes_max = 1'000;

struct Text {
  std::string key;
  std::string text;
  std::string text_hash;
};

/// Runs of one call.
class EmbedRun {
 public:
  EmbedRun(Ledger& ledger, ReaderPool& readers, const blueprint::SearchIndex& index,
           vectors::Embedder& embedder, const EmbedOptions& options)
      : ledger_(ledger),
        readers_(readers),
        index_(index),
        embedder_(embedder),
        options_(options),
        model_(search::stored_model(embedder.model())) {}

  EmbedReport run() {
    const std::vector<std::string> keys = wanted();
    report_.wanted = static_cast<std::int64_t>(keys.size());
    for (std::size_t begin = 0; begin < keys.size(); begin += options_.batch) {
      const std::size_t end = std::min(keys.size(), begin + options_.batch);
      const bool answered = batch({keys.begin() + static_cast<std::ptrdiff_t>(begin),
                                   keys.begin() + static_cast<std::ptrdiff_t>(end)});
      const bool goes_on =
          !options_.progress || options_.progress(static_cast<std::int64_t>(end), report_.wanted);
      if (!answered || !goes_on) break;
    }
    report_.left = report_.wanted - report_.stored - report_.failed;
    return std::move(report_);
  }

 private:
  /// Those without a vector first, then those of another text.
  std::vector<std::string> wanted() {
    std::vector<std::string> missing;
    std::vector<std::string> stale;
    std::vector<std::string> failed;
    readers_.each_embedded_row(index_.name, model_, [&](const search::EmbeddedRow& row) {
      switch (row.freshness) {
        case search::Freshness::fresh: break;
        case search::Freshness::missing: missing.emplace_back(row.key); break;
        case search::Freshness::stale: stale.emplace_back(row.key); break;
        case search::Freshness::failed:
          if (options_.retry_failed) failed.emplace_back(row.key);
          break;
      }
    });
    for (std::vector<std::string>* more : {&stale, &failed}) {
      std::move(more->begin(), more->end(), std::back_inserter(missing));
    }
    if (options_.rows_max > 0 && missing.size() > static_cast<std::size_t>(options_.rows_max)) {
      missing.resize(static_cast<std::size_t>(options_.rows_max));
    }
    return missing;
  }

  void complain(std::string_view reason) {
    if (report_.failure.empty()) report_.failure = reason;
  }

  /// False when the model answered nothing: it is out.
  bool batch(const std::vector<std::string>& keys) {
    std::vector<Text> texts;
    readers_.each_embedded_text(index_.name, keys, [&](std::string_view key, std::string text) {
      std::string hash = search::hash_of_text(text);
      texts.push_back({std::string(key), std::move(text), std::move(hash)});
    });
    std::vector<std::string_view> views;
    for (const Text& text : texts) views.emplace_back(text.text);
    const std::vector<vectors::Embedding> embeddings = embedder_.embed(views);
    for (const vectors::Embedding& embedding : embeddings) {
      if (!embedding.failure.empty()) complain(embedding.failure);
    }
    const bool are_refused =
        std::all_of(embeddings.begin(), embeddings.end(), [](const vectors::Embedding& embedding) {
          return !embedding.failure.empty() && embedding.is_lasting;
        });
    if (are_refused && embeddings.size() > 1 && report_.stored == 0) {
      return false;  // it is the endpoint or its settings, and not the texts: nothing is held against them
    }
    std::vector<std::future<Outcome>> outcomes;
    std::vector<bool> has_failed;
    bool answered = texts.empty();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const vectors::Embedding& embedding = embeddings[i];
      if (!embedding.failure.empty() && !embedding.is_lasting) continue;
      answered = true;
      has_failed.push_back(!embedding.failure.empty());
      outcomes.push_back(
          ledger_.submit(index_.embedding->event, payload(texts[i], embedding), {.actor = options_.actor}));
    }
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const Outcome outcome = outcomes[i].get();
      if (!outcome) {
        complain(outcome.rejection().reason);
      } else {
        ++(has_failed[i] ? report_.failed : report_.stored);
      }
    }
    return answered;
  }

  std::string payload(const Text& text, const vectors::Embedding& embedding) const {
    const auto member = [](std::string_view name, std::string_view value, std::string& out) {
      out += ",";
      json::append_canonical_string(name, out);
      out += ":";
      json::append_canonical_string(value, out);
    };
    std::string out = readers_.key_object(index_.name, text.key);
    out.pop_back();
    member("model", model_, out);
    member("text_hash", text.text_hash, out);
    if (embedding.failure.empty()) {
      member("embedding", to_base64(vectors::encode_vector(embedding.vector)), out);
    } else {
      member("failure", std::string_view(embedding.failure).substr(0, failure_bytes_max), out);
    }
    return out + "}";
  }

  Ledger& ledger_;
  ReaderPool& readers_;
  const blueprint::SearchIndex& index_;
  vectors::Embedder& embedder_;
  const EmbedOptions& options_;
  std::string model_;
  EmbedReport report_;
};

}  // namespace

EmbedReport embed(Ledger& ledger, ReaderPool& readers, std::string_view index,
                  const EmbeddingEndpoint& endpoint, const EmbedOptions& options) {
  if (options.batch < 1 || options.batch > batch_max || options.rows_max < 0) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("{} texts at once, {} rows", options.batch, options.rows_max),
                "a model is given 1 to 2,048 texts at once");
  }
  const auto epoch = readers.last_epoch();
  const blueprint::SearchIndex& declared = search::declared(*epoch->blueprint, index);
  const auto embedder = search::make_embedder(declared, endpoint, system_random());
  EmbedReport report = EmbedRun(ledger, readers, declared, *embedder, options).run();
  readers.make_graph(index, search::stored_model(embedder->model()));
  return report;
}

EmbeddingStatus embedding_status(ReaderPool& readers, std::string_view index, std::size_t keys) {
  const auto epoch = readers.last_epoch();
  const blueprint::SearchIndex& declared = search::declared(*epoch->blueprint, index);
  const vectors::Model model = search::model_of(declared, system_random());
  EmbeddingStatus status;
  status.index = declared.name;
  status.model = search::stored_model(model);
  status.is_semantic = model.is_semantic;
  readers.each_embedded_row(index, status.model, [&](const search::EmbeddedRow& row) {
    ++status.rows;
    const auto count = [&](std::int64_t& rows, std::vector<std::string>& named) {
      ++rows;
      if (named.size() < keys) named.push_back(readers.key_object(index, row.key));
    };
    switch (row.freshness) {
      case search::Freshness::fresh: ++status.fresh; break;
      case search::Freshness::missing: count(status.missing, status.missing_keys); break;
      case search::Freshness::stale: count(status.stale, status.stale_keys); break;
      case search::Freshness::failed: count(status.failed, status.failed_keys); break;
    }
  });
  return status;
}

}  // namespace reeve::state
