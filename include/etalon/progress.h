#pragma once
/// How long work tells how far it is.

#include <cstdint>
#include <functional>

namespace etalon {

/// Called as work goes on: done of total (units of the caller's business); may throw to stop.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

}  // namespace etalon
