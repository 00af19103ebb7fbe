#pragma once
/// How a benchmark ends that cannot go on: what it measured would mean nothing.

#include <string>

namespace etalon::bench {

/// Ends the program with status 3.
[[noreturn]] void give_up(const std::string& what);

}  // namespace etalon::bench
