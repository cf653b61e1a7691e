#include "sql/md5.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace reeve::sql {
namespace {

constexpr std::array<int, 16> shifts = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};

std::uint32_t constant(int i) {
  return static_cast<std::uint32_t>(std::floor(std::fabs(std::sin(i + 1.0)) * 4294967296.0));
}

void mix(std::array<std::uint32_t, 4>& state, std::string_view block,
         const std::array<std::uint32_t, 64>& constants) {
  std::array<std::uint32_t, 16> words{};
  for (std::size_t i = 0; i < 64; ++i)
    words[i / 4] |= std::uint32_t{static_cast<unsigned char>(block[i])} << (i % 4 * 8);
  auto [a, b, c, d] = state;
  for (std::size_t i = 0; i < 64; ++i) {
    std::uint32_t f = 0;
    std::size_t word = 0;
    switch (i / 16) {
      case 0:
        f = (b & c) | (~b & d);
        word = i;
        break;
      case 1:
        f = (d & b) | (~d & c);
        word = (5 * i + 1) % 16;
        break;
      case 2:
        f = b ^ c ^ d;
        word = (3 * i + 5) % 16;
        break;
      default:
        f = c ^ (b | ~d);
        word = (7 * i) % 16;
        break;
    }
    const std::uint32_t turned = std::rotl(a + f + constants[i] + words[word], shifts[i / 16 * 4 + i % 4]);
    a = d;
    d = c;
    c = b;
    b += turned;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

}  // namespace

std::string md5(std::string_view text) {
  static const std::array<std::uint32_t, 64> constants = [] {
    std::array<std::uint32_t, 64> out{};
    for (int i = 0; i < 64; ++i) out[static_cast<std::size_t>(i)] = constant(i);
    return out;
  }();
  std::array<std::uint32_t, 4> state = {0x67452301U, 0xefcdab89U, 0x98badcfeU, 0x10325476U};
  std::string padded(text);
  padded += static_cast<char>(0x80);
  while (padded.size() % 64 != 56) padded += '\0';
  const std::uint64_t bits = std::uint64_t{text.size()} * 8;
  for (unsigned i = 0; i < 8; ++i) padded += static_cast<char>(bits >> (i * 8));
  for (std::size_t i = 0; i < padded.size(); i += 64)
    mix(state, std::string_view(padded).substr(i, 64), constants);
  std::string out;
  for (const std::uint32_t word : state)
    for (unsigned i = 0; i < 4; ++i) out += static_cast<char>(word >> (i * 8));
  return out;
}

}  // namespace reeve::sql
