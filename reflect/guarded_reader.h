#pragma once
/// Reads headers with Clang where it can do no harm: what nests or expands without end overflows Clang's stack, fills
/// the memory or never ends, and Clang has limits for some of that only.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reflect/records.h"

namespace etalon::reflect {

/// What reading headers may take.
struct ReadingLimits {
    std::uint64_t memory = std::uint64_t{2} << 30;  ///< bytes that are in use at once
    std::chrono::seconds processor{120};
    std::chrono::seconds clock{600};  ///< also while it waits, for example for a pipe that is included
};

/// As read_with_clang, in a child process that ends with the parse, and with it whatever the headers made of it. Throws
/// Error(BadInput) that names the header and the limit when the parse needs more than it may, or ends otherwise without
/// an answer.
[[nodiscard]] RawUnit read_guarded(const std::vector<NamedHeader>& headers, bool as_c,
                                   const std::vector<std::string>& arguments, const ReadingLimits& limits = {});

/// A RawUnit as bytes, and back; for handing it from one process to another of the same program.
[[nodiscard]] std::string to_bytes(const RawUnit& unit);
/// Throws Error(Internal) when these are not the bytes of one.
[[nodiscard]] RawUnit from_bytes(std::string_view bytes);

}  // namespace etalon::reflect
