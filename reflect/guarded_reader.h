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

/// What reading one header may take.
struct ReadingLimits {
    std::uint64_t memory = std::uint64_t{2} << 30;  ///< bytes that a process has in use at once
    std::chrono::seconds processor{120};
    std::chrono::seconds clock{600};  ///< also while it waits, for example for a pipe that is included
};

/// One header to parse, and how.
struct ParseTask {
    std::size_t header = 0;  ///< index of a named header
    bool as_c = false;
    std::vector<std::string> arguments;  ///< of Clang, without program and input
};

/// The result of each task, by ClangReader, in child processes (as many as there are processors) that end with the
/// parses, and with them whatever the headers made of them. Throws Error(BadInput) that names the header, the line
/// where that is known, and the limit when a parse needs more than it may, or ends otherwise without an answer.
[[nodiscard]] std::vector<RawUnit> read_guarded(const std::vector<NamedHeader>& headers,
                                                const std::vector<ParseTask>& tasks, const ReadingLimits& limits = {});

/// A RawUnit as bytes, and back; for handing it from one process to another of the same program.
[[nodiscard]] std::string to_bytes(const RawUnit& unit);
/// Throws Error(Internal) when these are not the bytes of one.
[[nodiscard]] RawUnit from_bytes(std::string_view bytes);

}  // namespace etalon::reflect
