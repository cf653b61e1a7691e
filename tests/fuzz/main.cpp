// One target under libFuzzer.

#include "fuzz/targets.h"
#include "sql/large_stack.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerRunDriver(int* argc, char*** argv,
                                   int (*run)(const std::uint8_t* data, std::size_t size));

namespace {

/// What is thrown ends the program where it is thrown, with the stack that led there.
int run_one(const std::uint8_t* data, std::size_t size) noexcept {
  reeve::fuzz::REEVE_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  int exit_code = 0;
  // All runs on one large stack: a stack of its own for each statement costs the address sanitizer milliseconds.
  reeve::sql::on_large_stack([&] { exit_code = LLVMFuzzerRunDriver(&argc, &argv, run_one); });
  return exit_code;
}
