#pragma once
// Values as engines store them: NULL, 64-bit integers, doubles, text, bytes.

#include <reeve/value.h>
