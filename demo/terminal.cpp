#include "terminal.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace demo {

namespace {

constexpr std::int64_t bar_width = 32;

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(std::string_view text, std::size_t width, bool right) {
  const std::size_t used = count_code_points(text);
  const std::string fill(width > used ? width - used : 0, ' ');
  return right ? fill + std::string(text) : std::string(text) + fill;
}

void print_row(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
               const std::vector<std::size_t>& right) {
  std::string line = " ";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool flush_right = std::find(right.begin(), right.end(), i) != right.end();
    line += " " + padded(cells[i], widths[i], flush_right) + " ";
  }
  line.erase(line.find_last_not_of(' ') + 1);
  fmt::print("{}\n", line);
}

}  // namespace

Progress::Progress(std::string title, std::int64_t total)
    : title_(std::move(title)), total_(total), terminal_(::isatty(STDOUT_FILENO) == 1) {}

void Progress::show(std::int64_t done, std::string_view what) {
  if (terminal_) {
    const std::int64_t filled = total_ > 0 ? std::min(bar_width, done * bar_width / total_) : 0;
    const std::string bar = std::string(static_cast<std::size_t>(filled), '#') +
                            std::string(static_cast<std::size_t>(bar_width - filled), '.');
    fmt::print("\r{} [{}] {}\x1b[K", title_, bar, what);
    std::fflush(stdout);
  } else if (total_ == 0 || (done * 8 / total_) > (shown_ * 8 / total_)) {
    fmt::print("{}: {}\n", title_, what);
    std::fflush(stdout);
    shown_ = done;
  }
}

void Progress::end(std::string_view what) {
  fmt::print("{}{}: {}{}\n", terminal_ ? "\r" : "", title_, what, terminal_ ? "\x1b[K" : "");
  std::fflush(stdout);
}

void print_title(std::string_view title) {
  fmt::print("\n{}\n{}\n", title, std::string(count_code_points(title), '='));
}

void print_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows,
                 const std::vector<std::size_t>& right) {
  std::vector<std::size_t> widths(head.size());
  for (std::size_t i = 0; i < head.size(); ++i) {
    widths[i] = count_code_points(head[i]);
    for (const auto& row : rows) widths[i] = std::max(widths[i], count_code_points(row[i]));
  }
  print_row(head, widths, right);
  for (const auto& row : rows) print_row(row, widths, right);
}

std::string shorten(std::string_view text, std::size_t width) {
  if (count_code_points(text) <= width) return std::string(text);
  std::size_t place = 0;
  for (std::size_t points = 0; points + 1 < width; ++points) {
    ++place;
    while (place < text.size() && (static_cast<unsigned char>(text[place]) & 0xC0) == 0x80) ++place;
  }
  return std::string(text.substr(0, place)) + "…";
}

}  // namespace demo
