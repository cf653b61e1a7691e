#include "sql/letters.h"

namespace reeve::sql {
namespace {

bool within(char32_t point, char32_t low, char32_t high) { return point >= low && point <= high; }

/// In Latin Extended-A most letters stand in pairs, the upper case first: at even places or at odd ones.
bool is_pair(char32_t point, bool upper) {
  if (within(point, 0x100, 0x137) && point != 0x130 && point != 0x131) return (point % 2 == 0) == upper;
  if (within(point, 0x139, 0x148)) return (point % 2 == 1) == upper;
  if (within(point, 0x14A, 0x177)) return (point % 2 == 0) == upper;
  if (within(point, 0x179, 0x17E)) return (point % 2 == 1) == upper;
  if (within(point, 0x460, 0x481) || within(point, 0x48A, 0x4BF) || within(point, 0x4D0, 0x52F))
    return (point % 2 == 0) == upper;
  return false;
}

}  // namespace

char32_t lower_letter(char32_t point) {
  if (point < 0x80) return within(point, 'A', 'Z') ? point + 32 : point;
  if (within(point, 0xC0, 0xDE) && point != 0xD7) return point + 32;
  if (point == 0x178) return 0xFF;
  if (point == 0x386) return 0x3AC;
  if (within(point, 0x388, 0x38A)) return point + 37;
  if (point == 0x38C) return 0x3CC;
  if (point == 0x38E || point == 0x38F) return point + 63;
  if (within(point, 0x391, 0x3AB) && point != 0x3A2) return point + 32;
  if (within(point, 0x410, 0x42F)) return point + 32;
  if (within(point, 0x400, 0x40F)) return point + 80;
  return is_pair(point, true) ? point + 1 : point;
}

char32_t upper_letter(char32_t point) {
  if (point < 0x80) return within(point, 'a', 'z') ? point - 32 : point;
  if (within(point, 0xE0, 0xFE) && point != 0xF7) return point - 32;
  if (point == 0xFF) return 0x178;
  if (point == 0xB5) return 0x39C;
  if (point == 0x3AC) return 0x386;
  if (within(point, 0x3AD, 0x3AF)) return point - 37;
  if (point == 0x3CC) return 0x38C;
  if (point == 0x3CD || point == 0x3CE) return point - 63;
  if (point == 0x3C2) return 0x3A3;
  if (within(point, 0x3B1, 0x3CB)) return point - 32;
  if (within(point, 0x430, 0x44F)) return point - 32;
  if (within(point, 0x450, 0x45F)) return point - 80;
  return is_pair(point, false) ? point - 1 : point;
}

}  // namespace reeve::sql
