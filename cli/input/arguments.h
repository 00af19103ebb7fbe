#pragma once
/// What stands on the command line, made ready for the parser.

#include <cstddef>
#include <string>
#include <vector>

namespace etalon::cli {

struct Arguments {
    std::string command;                  ///< the first argument that is no global option; empty when there is none
    std::vector<std::string> args;        ///< for the parser, without the program's name
    std::size_t command_index = 0;        ///< of the command in args; their number when there is none
    std::vector<std::string> clang_args;  ///< what follows `--` of a command that reads headers
};

/// Takes the arguments behind `--` away from `register`, `check` and `traits`, and joins an option that has a time or a
/// number to a value that begins with a minus (`--begin -inf` becomes `--begin=-inf`), which would else look like an
/// option.
[[nodiscard]] Arguments prepare_arguments(std::vector<std::string> args);

}  // namespace etalon::cli
