#include "vectors/stored_vector.h"

#include "base/hash.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <random>
#include <sstream>

namespace reeve::vectors {
namespace {

std::string hex(std::string_view bytes) {
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

ErrorCode code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::internal;
}

std::string document() {
  std::ifstream file(std::string(std::getenv("REEVE_SOURCE_DIR")) + "/docs/vectors.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

const std::vector<float> example = {0.5F, -1.0F, 0.25F, 0.0F, 1.0F};

TEST(stored_vector, is_what_the_document_shows) {
  const std::string text = document();
  for (const std::string& line :
       {"vector     " + hex(encode_vector(example)), "code       " + hex(encode_code(example)),
        "signature  " + hex(encode_signature(example))}) {
    EXPECT_NE(text.find("\n" + line + "\n"), std::string::npos) << line;
  }
}

TEST(stored_vector, comes_back_bit_by_bit) {
  std::mt19937_64 random(3);
  for (const std::size_t size : {1U, 2U, 255U, 256U, 768U, 4096U}) {
    std::vector<float> vector(size);
    for (float& value : vector)
      value = std::ldexp(static_cast<float>(static_cast<std::int32_t>(random())),
                         static_cast<int>(random() % 100) - 80);
    EXPECT_EQ(decode_vector(encode_vector(vector)), vector);
    EXPECT_EQ(decode_vector(encode_vector(vector), size), vector);
    EXPECT_EQ(encode_vector(vector).size(), stored_bytes(Kind::vector, size));
    EXPECT_EQ(encode_code(vector).size(), stored_bytes(Kind::code, size));
    EXPECT_EQ(encode_signature(vector).size(), stored_bytes(Kind::signature, size));
    EXPECT_NO_THROW(read_code(encode_code(vector), size, true));
  }
}

TEST(stored_vector, is_refused_when_empty_too_long_or_not_finite) {
  const float odd[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                       -std::numeric_limits<float>::infinity()};
  for (const float value : odd) {
    const std::vector<float> vector = {1, value, 2};
    EXPECT_EQ(code_of([&] { encode_vector(vector); }), ErrorCode::invalid_input);
    EXPECT_EQ(code_of([&] { encode_code(vector); }), ErrorCode::invalid_input);
    EXPECT_EQ(code_of([&] { encode_signature(vector); }), ErrorCode::invalid_input);
    std::string bytes = encode_vector(std::vector<float>{1, 3, 2});
    std::memcpy(bytes.data() + 8, &value, sizeof value);
    EXPECT_EQ(code_of([&] { decode_vector(bytes); }), ErrorCode::corrupt);
  }
  EXPECT_EQ(code_of([] { encode_vector({}); }), ErrorCode::invalid_input);
  EXPECT_EQ(code_of([] { encode_vector(std::vector<float>(4097, 1.0F)); }), ErrorCode::invalid_input);
}

TEST(stored_vector, with_any_byte_of_its_header_changed_or_cut_anywhere_is_corrupt) {
  const std::string vector = encode_vector(example);
  const std::string code = encode_code(example);
  const std::string signature = encode_signature(example);
  for (std::size_t at = 0; at < header_bytes; ++at) {
    for (int change = 1; change < 256; ++change) {
      const auto changed = [&](std::string bytes) {
        bytes[at] = static_cast<char>(bytes[at] ^ change);
        return bytes;
      };
      ASSERT_EQ(code_of([&] { decode_vector(changed(vector)); }), ErrorCode::corrupt) << at << " " << change;
      ASSERT_EQ(code_of([&] { read_code(changed(code), 5); }), ErrorCode::corrupt);
      ASSERT_EQ(code_of([&] { payload_of(changed(signature), Kind::signature, 5); }), ErrorCode::corrupt);
    }
  }
  for (std::size_t size = 0; size < vector.size(); ++size) {
    EXPECT_EQ(code_of([&] { decode_vector(vector.substr(0, size)); }), ErrorCode::corrupt) << size;
    EXPECT_EQ(code_of([&] { read_code(code.substr(0, std::min(size, code.size() - 1)), 5); }),
              ErrorCode::corrupt);
  }
  EXPECT_EQ(code_of([&] { decode_vector(vector + "x"); }), ErrorCode::corrupt);
  EXPECT_EQ(code_of([&] { decode_vector(vector, 4); }), ErrorCode::corrupt);
}

TEST(code, is_near_its_vector_and_a_changed_one_is_found_when_it_is_checked) {
  std::mt19937_64 random(4);
  std::vector<float> vector(768);
  for (float& value : vector)
    value = static_cast<float>(static_cast<std::int64_t>(random() % 2001) - 1000) / 1000.0F;
  std::string bytes = encode_code(vector);
  const Code code = read_code(bytes, 768, true);
  for (std::size_t i = 0; i < vector.size(); ++i) {
    EXPECT_NEAR(static_cast<float>(code.components[i]) * code.scale, vector[i], code.scale * 0.5001F);
  }
  bytes.back() = static_cast<char>(bytes.back() ^ 0x40);
  EXPECT_EQ(code_of([&] { read_code(bytes, 768, true); }), ErrorCode::corrupt);
  std::string scaled = encode_code(vector);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(scaled.data() + header_bytes, &nan, sizeof nan);
  EXPECT_EQ(code_of([&] { read_code(scaled, 768); }), ErrorCode::corrupt);
}

TEST(code, of_zeros_and_of_the_smallest_numbers_is_zero) {
  for (const float value : {0.0F, std::numeric_limits<float>::denorm_min()}) {
    const std::string bytes = encode_code(std::vector<float>(70, value));
    EXPECT_EQ(read_code(bytes, 70, true).square, 0U);
  }
  const float largest = std::numeric_limits<float>::max();
  const std::string bytes = encode_code(std::vector<float>{largest, -largest});
  EXPECT_EQ(read_code(bytes, 2, true).components[0], 127);
  EXPECT_EQ(read_code(bytes, 2, true).components[1], -127);
}

}  // namespace
}  // namespace reeve::vectors
