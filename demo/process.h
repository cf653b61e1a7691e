#pragma once
// A second process.

#include <map>
#include <string>
#include <vector>

namespace demo {

struct Ran {
  int exit_code = 0;
  std::string output;  ///< what it wrote to its standard output
};

/// Runs a program and waits for it. Its environment is this one's with `environment` set over it; its standard
/// error is this one's. Throws std::system_error if it can't be started.
Ran run(const std::string& program, const std::vector<std::string>& arguments,
        const std::map<std::string, std::string>& environment);

/// The path of the program that runs.
std::string own_path();

}  // namespace demo
