#include "vectors/sentence_encoder.h"

#include "vectors/matrix.h"
#include "vectors/sentence_tokenizer.h"
#include "vectors/similarity.h"

#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <random>
#include <sstream>

namespace reeve::vectors {
namespace {

std::string read(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// What the encoder's own program gives (npm's @energetic-ai/embeddings 0.2.0, by node).
struct Reference {
  std::string text;
  std::size_t pieces;
  std::array<float, 8> first;  ///< components
  double sum;                  ///< of all components
  double weighted;             ///< of component i times (i modulo 7 - 3)
};

/// Read once: it is large.
SentenceEncoder& shared_encoder() {
  static SentenceEncoder encoder;
  return encoder;
}

std::vector<Reference> references() {
  std::string long_text;
  for (int i = 0; i < 200; ++i) long_text += i == 0 ? "long words repeat" : " long words repeat";
  return {
      {"hello",
       2,
       {0.041678268F, -0.022362586F, -0.047607515F, -0.049278781F, 0.045071114F, -0.048594039F, 0.049342405F,
        0.014943965F},
       -0.236126771,
       -0.100459099},
      {"The dragon sleeps under the mountain.",
       9,
       {0.030929433F, 0.046675928F, -0.044569582F, 0.047987029F, -0.019593703F, 0.050736450F, 0.045124650F,
        -0.050079577F},
       0.810840743,
       -0.616948008},
      {"Below the peak, a wyrm is dreaming",
       12,
       {-0.035174605F, 0.065348834F, 0.045327298F, -0.006647783F, -0.051358312F, -0.022376236F, 0.034448124F,
        -0.033971149F},
       1.186335422,
       0.277436830},
      {"na\xc3"
       "\xaf"
       "ve caf\xc3"
       "\xa9"
       "\xe2"
       "\x80"
       "\xa6"
       " \xc2"
       "\xbd"
       " \xef"
       "\xac"
       "\x81"
       "ne\xc2"
       "\xa0"
       "text",
       12,
       {0.030272596F, -0.049077179F, -0.015630176F, 0.007074452F, -0.055020276F, 0.035381500F, 0.010392319F,
        -0.061876465F},
       0.798765250,
       0.065413115},
      {"\xe6"
       "\x97"
       "\xa5"
       "\xe6"
       "\x9c"
       "\xac"
       " x \xe8"
       "\xaa"
       "\x9e"
       "\xe8"
       "\xaa"
       "\x9e"
       " unknown",
       6,
       {-0.048170511F, -0.057690330F, 0.023955980F, 0.017706871F, 0.052785806F, -0.026846109F, 0.057253644F,
        -0.059465390F},
       -1.294630097,
       0.551453688},
      {"  two  spaces ",
       7,
       {0.048237465F, -0.054375529F, 0.054055009F, 0.050113719F, 0.052122034F, -0.054197032F, 0.051835466F,
        -0.054157712F},
       -0.584898660,
       1.569701618},
      {"lo-fi 80's drum-machine loops @ 120 bpm!",
       19,
       {-0.007994280F, -0.028413927F, 0.006233149F, -0.023515981F, -0.016523024F, -0.022848578F, 0.048669145F,
        -0.058755040F},
       -0.463564856,
       -1.788499727},
      {long_text,
       600,
       {-0.012624920F, -0.063223980F, 0.008092990F, 0.055329081F, -0.026886562F, -0.024509141F, 0.041025758F,
        0.034707714F},
       -0.308750532,
       0.820938138},
      {".",
       2,
       {-0.005258167F, -0.022596341F, 0.049801074F, 0.046591934F, 0.037520189F, -0.038686696F, 0.050975244F,
        -0.042975668F},
       0.895609802,
       1.875475639},
      {"e\xcc"
       "\x81"
       "\xcc"
       "\xa3"
       " \xe2"
       "\x84"
       "\xab"
       " \xef"
       "\xbc"
       "\xa1"
       "",
       6,
       {-0.042370532F, 0.005078983F, 0.016633339F, 0.055951692F, -0.035850618F, -0.016684381F, 0.051318441F,
        -0.057296738F},
       2.152201990,
       1.035647962},
  };
}

class sentence_encoder : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(sentence_encoder_folder() / "model.json")) {
      GTEST_SKIP() << "left out: no weights in " << sentence_encoder_folder()
                   << "; `./dev setup` fetches them";
    }
  }
};

TEST_F(sentence_encoder, gives_what_the_original_gives) {
  SentenceEncoder& encoder = shared_encoder();
  const SentenceTokenizer tokenizer(read(sentence_encoder_folder() / "vocab.json"));
  EXPECT_EQ(encoder.model().dimensions, 512U);
  EXPECT_TRUE(encoder.model().is_semantic);
  for (const Reference& reference : references()) {
    EXPECT_EQ(tokenizer.pieces(reference.text).size(), reference.pieces) << reference.text;
    const Embedding made = encoder.embed_one(reference.text);
    ASSERT_EQ(made.vector.size(), 512U) << made.failure;
    double sum = 0;
    double weighted = 0;
    for (std::size_t i = 0; i < made.vector.size(); ++i) {
      if (i < 8) {
        EXPECT_NEAR(made.vector[i], reference.first[i], 2e-6F) << reference.text;
      }
      sum += static_cast<double>(made.vector[i]);
      weighted += static_cast<double>(made.vector[i]) * (static_cast<double>(i % 7) - 3);
    }
    EXPECT_NEAR(sum, reference.sum, 1e-4) << reference.text;
    EXPECT_NEAR(weighted, reference.weighted, 1e-4) << reference.text;
  }
}

TEST_F(sentence_encoder, puts_the_same_meaning_in_other_words_nearer_than_another_meaning) {
  SentenceEncoder& encoder = shared_encoder();
  const std::string_view texts[] = {"The dragon sleeps under the mountain.",
                                    "Below the peak, a wyrm is dreaming",
                                    "Please pay the invoice by Friday."};
  const std::vector<Embedding> made = encoder.embed(texts);
  const Query query(Metric::cosine, made[0].vector);
  EXPECT_GT(query.exact(encode_vector(made[1].vector)), query.exact(encode_vector(made[2].vector)));
}

TEST_F(sentence_encoder, fails_bad_texts_alone) {
  SentenceEncoder& encoder = shared_encoder();
  const std::string_view texts[] = {"", "\xff", "fine", " ", "\xf0\x9f\x90\x89"};
  const std::vector<Embedding> made = encoder.embed(texts);
  for (const std::size_t i : {0U, 1U, 3U}) EXPECT_TRUE(made[i].is_lasting) << i;
  for (const std::size_t i : {2U, 4U}) EXPECT_EQ(made[i].vector.size(), 512U) << made[i].failure;
}

TEST_F(sentence_encoder, of_a_folder_that_is_missing_cut_or_another_model_is_an_error) {
  const auto code_of = [](const std::filesystem::path& folder) {
    try {
      const SentenceEncoder encoder(folder);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::internal;
  };
  EXPECT_EQ(code_of("/nowhere"), ErrorCode::not_found);
  std::string pattern = ::testing::TempDir() + "/encoder_XXXXXX";
  const std::filesystem::path folder = mkdtemp(pattern.data());
  const auto fresh = [&] {
    std::filesystem::remove_all(folder);
    std::filesystem::copy(sentence_encoder_folder(), folder);
  };
  fresh();
  EXPECT_EQ(code_of(folder), ErrorCode::internal);  // that is: none
  std::filesystem::resize_file(folder / "group1-shard7of7", 1'000);
  EXPECT_EQ(code_of(folder), ErrorCode::corrupt);
  std::filesystem::remove(folder / "group1-shard7of7");
  EXPECT_EQ(code_of(folder), ErrorCode::not_found);
  fresh();
  std::ofstream(folder / "vocab.json") << "[[\"a\",0]]";
  EXPECT_EQ(code_of(folder), ErrorCode::corrupt);
  fresh();
  std::ofstream(folder / "model.json") << "{\"weightsManifest\":[{\"paths\":[\"../x\"],\"weights\":[]}]}";
  EXPECT_EQ(code_of(folder), ErrorCode::corrupt);
  std::filesystem::remove_all(folder);
}

TEST(dense, multiplies_to_the_same_bits_for_every_processor) {
  std::mt19937_64 random(31);
  const auto numbers = [&](std::size_t count) {
    std::vector<float> all(count);
    for (float& value : all)
      value = static_cast<float>(static_cast<std::int64_t>(random() % 2001) - 1000) / 777.0F;
    return all;
  };
  const Dense dense(numbers(40 * 64), numbers(64));
  for (const std::size_t rows : {1U, 3U, 4U, 9U}) {
    Matrix input(rows, 40);
    input.values = numbers(rows * 40);
    const Matrix expected = dense(input, Processor::any);
    for (const Processor processor : processors()) {
      const Matrix output = dense(input, processor);
      EXPECT_EQ(
          std::memcmp(output.values.data(), expected.values.data(), output.values.size() * sizeof(float)), 0);
    }
  }
}

}  // namespace
}  // namespace reeve::vectors
