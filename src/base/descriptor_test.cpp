#include "base/descriptor.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace reeve {
namespace {

bool is_open_in_the_process(int number) { return ::fcntl(number, F_GETFD) != -1; }

TEST(descriptor, is_closed_once_by_its_last_owner) {
  int number = -1;
  {
    Descriptor owner(::open("/dev/null", O_RDWR | O_CLOEXEC));
    number = owner.number();
    ASSERT_TRUE(owner.is_open());
    Descriptor next(std::move(owner));
    EXPECT_FALSE(owner.is_open());  // NOLINT(bugprone-use-after-move): what is left of it is promised
    EXPECT_EQ(next.number(), number);
    owner = std::move(next);
    owner.close();
    EXPECT_FALSE(is_open_in_the_process(number));
    owner.close();
    owner = Descriptor(::open("/dev/null", O_RDWR | O_CLOEXEC));
    number = owner.number();
    EXPECT_TRUE(is_open_in_the_process(number));
  }
  EXPECT_FALSE(is_open_in_the_process(number));
  EXPECT_FALSE(Descriptor().is_open());
}

TEST(write_all, writes_all_of_it_or_says_that_it_did_not) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  const Descriptor reading(ends[0]);
  const Descriptor writing(ends[1]);
  EXPECT_TRUE(write_all(writing, ""));
  EXPECT_TRUE(write_all(writing, "all of it"));
  std::array<char, 16> read{};
  EXPECT_EQ(::read(reading.number(), read.data(), read.size()), 9);
  EXPECT_EQ(std::string(read.data()), "all of it");
  // More than a pipe holds: some of it is written, not all.
  EXPECT_FALSE(write_all(writing, std::string(4 * 1024 * 1024, 'x')));
  EXPECT_EQ(errno, EAGAIN);
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.is_open());
  EXPECT_FALSE(write_all(full, "x"));
  EXPECT_EQ(errno, ENOSPC);
}

}  // namespace
}  // namespace reeve
