#pragma once
// Which vector instructions there are. Code that has a form for each kind of processor takes the best by default;
// tests take each. All forms give the same results.

#include <cstdint>
#include <vector>

#if defined(__x86_64__) && defined(__GNUC__)
#define REEVE_X86 1
#define REEVE_AVX2 [[gnu::target("avx2")]]
#define REEVE_AVX512 [[gnu::target("arch=x86-64-v4")]]
#else
#define REEVE_X86 0
#define REEVE_AVX2
#define REEVE_AVX512
#endif

namespace reeve {

enum class Processor : std::uint8_t { any, avx2, avx512 };

/// What x86-64-v4 has, by its parts: clang 16 doesn't know the name here.
inline bool has_avx512() {
#if REEVE_X86
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512cd") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0;
#else
  return false;
#endif
}

/// Those whose instructions can run here, the best first.
inline std::vector<Processor> processors() {
  std::vector<Processor> all;
#if REEVE_X86
  if (has_avx512()) all.push_back(Processor::avx512);
  if (__builtin_cpu_supports("avx2") != 0) all.push_back(Processor::avx2);
#endif
  all.push_back(Processor::any);
  return all;
}

inline Processor best_processor() {
  static const Processor best = processors().front();
  return best;
}

}  // namespace reeve
