#include "vectors/sentence_encoder.h"

#include "base/hash.h"
#include "base/json.h"
#include "vectors/matrix.h"
#include "vectors/sentence_tokenizer.h"

#include <fmt/format.h>

#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace reeve::vectors {

namespace {

constexpr std::size_t pieces_max = 128;
constexpr std::size_t heads = 4;
constexpr std::size_t embedding_size = 256;
constexpr std::size_t size = 512;
constexpr float epsilon = 1e-6F;
constexpr std::size_t file_bytes_max = 64 * 1024 * 1024;
constexpr const char* remedy = "fetch it (./dev setup), or name its folder in REEVE_SENTENCE_ENCODER";

std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  if (!stream)
    throw Error(ErrorCode::not_found, fmt::format("the sentence encoder's {} is not there", file.string()),
                remedy);
  const std::streamoff bytes = stream.tellg();
  if (bytes < 0 || static_cast<std::size_t>(bytes) > file_bytes_max) {
    throw Error(ErrorCode::corrupt, fmt::format("{} is no file of the sentence encoder", file.string()),
                remedy);
  }
  std::string content(static_cast<std::size_t>(bytes), '\0');
  stream.seekg(0);
  if (!stream.read(content.data(), bytes))
    throw Error(ErrorCode::unavailable, fmt::format("{} can't be read", file.string()));
  return content;
}

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::corrupt, "the sentence encoder's weights are of another model: " + what, remedy);
}

/// The weights of TensorFlow.js: a manifest of names and shapes, and the numbers in their order.
class Weights {
 public:
  explicit Weights(const std::filesystem::path& folder) {
    const std::string manifest = read_file(folder / "model.json");
    json::Reader reader({.bytes_max = file_bytes_max});
    simdjson::dom::array groups;
    if (reader.read(manifest)["weightsManifest"].get(groups) != simdjson::SUCCESS) refuse("no manifest");
    for (const simdjson::dom::element group : groups) add_group(folder, group);
  }
  /// The one whose name ends so. Throws Error corrupt unless there is one of `count` numbers.
  std::span<const float> named(std::string_view end, std::size_t count) const {
    const Entry* found = nullptr;
    for (const Entry& entry : entries_) {
      if (!std::string_view(entry.name).ends_with(end)) continue;
      if (found != nullptr) refuse(fmt::format("{} twice", end));
      found = &entry;
    }
    if (found == nullptr || found->count != count)
      refuse(fmt::format("{} is not there with {} numbers", end, count));
    return std::span(numbers_).subspan(found->offset, count);
  }
  std::string digest() const {
    Hasher hasher("reeve.sentence_encoder.1");
    hasher.raw(numbers_.data(), numbers_.size() * sizeof(float));
    return to_hex(hasher.finish()).substr(0, 12);
  }

 private:
  struct Entry {
    std::string name;
    std::size_t offset;
    std::size_t count;
  };

  void add_group(const std::filesystem::path& folder, simdjson::dom::element group) {
    simdjson::dom::array paths;
    simdjson::dom::array weights;
    if (group["paths"].get(paths) != simdjson::SUCCESS ||
        group["weights"].get(weights) != simdjson::SUCCESS) {
      refuse("its manifest");
    }
    std::size_t offset = numbers_.size();
    std::string bytes;
    for (const simdjson::dom::element path : paths) {
      std::string_view name;
      if (path.get(name) != simdjson::SUCCESS || name.find('/') != std::string_view::npos)
        refuse("its manifest");
      bytes += read_file(folder / name);
      if (bytes.size() > file_bytes_max) refuse("its size");
    }
    numbers_.resize(offset + bytes.size() / sizeof(float));
    std::memcpy(numbers_.data() + offset, bytes.data(), bytes.size() / sizeof(float) * sizeof(float));
    for (const simdjson::dom::element weight : weights) {
      std::string_view name;
      simdjson::dom::array shape;
      if (weight["name"].get(name) != simdjson::SUCCESS || weight["shape"].get(shape) != simdjson::SUCCESS) {
        refuse("its manifest");
      }
      std::uint64_t count = 1;
      for (const simdjson::dom::element length : shape) {
        std::uint64_t number = 0;
        if (length.get(number) != simdjson::SUCCESS || number > file_bytes_max) refuse("its manifest");
        count = std::min<std::uint64_t>(count * number, file_bytes_max);
      }
      if (count > numbers_.size() - offset) refuse("its size");
      entries_.push_back({std::string(name), offset, count});
      offset += count;
    }
    if (offset != numbers_.size()) refuse("its size");
  }

  std::vector<float> numbers_;
  std::vector<Entry> entries_;
};

struct Norm {
  Norm(const Weights& weights, const std::string& name, std::size_t columns)
      : scale(copy(weights.named(
            name + "layer_prepostprocess/layer_norm/layer_norm_scale/ConcatPartitions/concat", columns))),
        bias(copy(weights.named(
            name + "layer_prepostprocess/layer_norm/layer_norm_bias/ConcatPartitions/concat", columns))) {}

  Matrix operator()(const Matrix& input) const {
    Matrix output(input.rows, input.columns);
    const auto count = static_cast<float>(input.columns);
    for (std::size_t row = 0; row < input.rows; ++row) {
      const float* const from = input.row(row);
      float* const to = output.row(row);
      float sum = 0;
      for (std::size_t i = 0; i < input.columns; ++i) sum += from[i];
      const float mean = sum / count;
      float squares = 0;
      for (std::size_t i = 0; i < input.columns; ++i) squares += (from[i] - mean) * (from[i] - mean);
      const float factor = 1 / std::sqrt(squares / count + epsilon);
      for (std::size_t i = 0; i < input.columns; ++i) to[i] = scale[i] * factor * (from[i] - mean) + bias[i];
    }
    return output;
  }

  static std::vector<float> copy(std::span<const float> values) { return {values.begin(), values.end()}; }
  std::vector<float> scale;
  std::vector<float> bias;
};

void add(Matrix& to, const Matrix& what) {
  for (std::size_t i = 0; i < to.values.size(); ++i) to.values[i] += what.values[i];
}

/// A layer of a transformer: attention and a network of two layers, each normed before and added to what came in.
struct Layer {
  Layer(const Weights& weights, int number, std::size_t inputs)
      : Layer(weights, fmt::format("Encode/Layer_{}/TransformerLayer/", number),
              fmt::format("TransformerStack/Layer_{}/TransformerLayer/FFN/", number), inputs) {}

  Layer(const Weights& weights, const std::string& name, const std::string& network, std::size_t inputs)
      : attention_norm(weights, name, inputs),
        query_key_value(dense(weights, name + "MultiheadAttention/qkv_transform_single/kernel/part_0",
                              name + "MultiheadAttention/qkv_transform_single/bias/ConcatPartitions/concat",
                              inputs, 3 * inputs)),
        output(dense(weights, name + "MultiheadAttention/output_transform_single/kernel/part_0",
                     name + "MultiheadAttention/output_transform_single/bias/ConcatPartitions/concat", inputs,
                     size)),
        network_norm(weights, name + "FFN/", size),
        first(dense(weights, network + "conv1/Tensordot/Reshape_1",
                    name + "FFN/conv1/bias/ConcatPartitions/concat", size, 3 * size)),
        second(dense(weights, network + "conv2/Tensordot/Reshape_1",
                     name + "FFN/conv2/bias/ConcatPartitions/concat", 3 * size, size)) {}

  static Dense dense(const Weights& weights, const std::string& kernel, const std::string& bias,
                     std::size_t inputs, std::size_t outputs) {
    return {weights.named(kernel, inputs * outputs), weights.named(bias, outputs)};
  }

  /// `residual` is what came in, in the size that goes out.
  Matrix operator()(const Matrix& input, const Matrix& residual) const {
    Matrix state = output(attend(query_key_value(attention_norm(input))));
    add(state, residual);
    Matrix hidden = first(network_norm(state));
    for (float& value : hidden.values) value = std::max(value, 0.0F);
    add(state, second(hidden));
    return state;
  }

  /// For each head and row, the values of all rows, by how much their keys are like its query.
  static Matrix attend(const Matrix& parts) {
    const std::size_t width = parts.columns / 3;
    const std::size_t head_width = width / heads;
    const float factor = 1 / std::sqrt(static_cast<float>(head_width));
    Matrix out(parts.rows, width);
    std::vector<float> shares(parts.rows);
    for (std::size_t head = 0; head < heads; ++head) {
      const std::size_t at = head * head_width;
      for (std::size_t row = 0; row < parts.rows; ++row) {
        const float* const query = parts.row(row) + at;
        float largest = -INFINITY;
        for (std::size_t other = 0; other < parts.rows; ++other) {
          const float* const key = parts.row(other) + width + at;
          float sum = 0;
          for (std::size_t i = 0; i < head_width; ++i) sum += query[i] * factor * key[i];
          shares[other] = sum;
          largest = std::max(largest, sum);
        }
        float whole = 0;
        for (float& share : shares) whole += share = std::exp(share - largest);
        float* const to = out.row(row) + at;
        for (std::size_t other = 0; other < parts.rows; ++other) {
          const float* const value = parts.row(other) + 2 * width + at;
          const float share = shares[other] / whole;
          for (std::size_t i = 0; i < head_width; ++i) to[i] += share * value[i];
        }
      }
    }
    return out;
  }

  Norm attention_norm;
  Dense query_key_value;
  Dense output;
  Norm network_norm;
  Dense first;
  Dense second;
};

}  // namespace

class SentenceEncoder::Impl {
 public:
  explicit Impl(const std::filesystem::path& folder) : Impl(folder, Weights(folder)) {}

  Impl(const std::filesystem::path& folder, const Weights& weights)
      : tokenizer_(read_file(folder / "vocab.json")),
        embeddings_(Norm::copy(weights.named("module/Embeddings_en", vocabulary_size * embedding_size))),
        scales_(Norm::copy(weights.named("AddTimingSignal/TimingSignal/ExpandDims_1", embedding_size / 2))),
        widen_(Layer::dense(weights, "Encode/Layer_0/TransformerLayer/dense/kernel/ConcatPartitions/concat",
                            "Encode/Layer_0/TransformerLayer/dense/bias/ConcatPartitions/concat",
                            embedding_size, size)),
        first_(weights, 0, embedding_size),
        second_(weights, 1, size),
        last_(Layer::dense(weights, "hidden_layers/tanh_layer_0/weights", "hidden_layers/tanh_layer_0/bias",
                           size, size)),
        model_{"use-lite-en", "1-" + weights.digest(), size, true} {
    if (tokenizer_.size() > vocabulary_size) refuse("its vocabulary");
  }

  const Model& model() const { return model_; }

  Embedding embed(std::string_view text) const {
    if (std::string fault = fault_of_text(text); !fault.empty()) return lasting_failure(std::move(fault));
    std::vector<std::uint32_t> pieces = tokenizer_.pieces(text);
    if (pieces.empty()) return lasting_failure("the text is empty");
    pieces.resize(std::min(pieces.size(), pieces_max));
    const Matrix input = begin(pieces);
    const Matrix middle = first_(input, widen_(input));
    const Matrix state = second_(middle, middle);
    Matrix mean(1, size);
    for (std::size_t row = 0; row < state.rows; ++row) {
      for (std::size_t i = 0; i < size; ++i) mean.values[i] += state.row(row)[i];
    }
    for (float& value : mean.values) value /= static_cast<float>(state.rows);
    Embedding made;
    made.vector = last_(mean).values;
    for (float& value : made.vector) value = std::tanh(value);
    if (!normalize(made.vector)) return lasting_failure("the encoder gives no vector");
    return made;
  }

 private:
  static constexpr std::size_t vocabulary_size = 8002;

  /// The pieces' own vectors twice, and waves that say their places.
  Matrix begin(const std::vector<std::uint32_t>& pieces) const {
    Matrix state(pieces.size(), embedding_size);
    for (std::size_t row = 0; row < pieces.size(); ++row) {
      const float* const embedding = embeddings_.data() + pieces[row] * embedding_size;
      float* const to = state.row(row);
      for (std::size_t i = 0; i < scales_.size(); ++i) {
        const float angle = static_cast<float>(row) * scales_[i];
        to[i] = embedding[i] + (embedding[i] + std::sin(angle));
        const std::size_t other = i + scales_.size();
        to[other] = embedding[other] + (embedding[other] + std::cos(angle));
      }
    }
    return state;
  }

  SentenceTokenizer tokenizer_;
  std::vector<float> embeddings_;
  std::vector<float> scales_;
  Dense widen_;
  Layer first_;
  Layer second_;
  Dense last_;
  Model model_;
};

std::filesystem::path sentence_encoder_folder() {
  if (const char* const named = std::getenv("REEVE_SENTENCE_ENCODER"); named != nullptr && *named != '\0')
    return named;
  std::filesystem::path cache;
  if (geteuid() == 0) {
    cache = "/var/cache";
  } else if (const char* const folder = std::getenv("XDG_CACHE_HOME"); folder != nullptr && *folder != '\0') {
    cache = folder;
  } else if (const char* const home = std::getenv("HOME"); home != nullptr) {
    cache = std::filesystem::path(home) / ".cache";
  }
  return cache / "reeve" / "sentence_encoder";
}

SentenceEncoder::SentenceEncoder(const std::filesystem::path& folder)
    : impl_(std::make_unique<Impl>(folder)) {}
SentenceEncoder::~SentenceEncoder() = default;
const Model& SentenceEncoder::model() const { return impl_->model(); }

std::vector<Embedding> SentenceEncoder::embed(std::span<const std::string_view> texts) {
  std::vector<Embedding> all;
  all.reserve(texts.size());
  for (const std::string_view text : texts) all.push_back(impl_->embed(text));
  return all;
}

}  // namespace reeve::vectors
