#pragma once
/// The reader of headers as a library of its own, which is loaded when headers are read and not before: Clang takes 70
/// MB and 40 ms of every process that it is linked to.

#include <memory>
#include <string>
#include <vector>

#include "reflect/reading_place.h"
#include "reflect/records.h"

namespace etalon::reflect {

/// Parses headers, each as a translation unit of its own: nothing of one reaches another. Not thread-safe.
class HeaderParser {
public:
    virtual ~HeaderParser() = default;
    /// `arguments` are complete Clang arguments (language, standard, resource directory) without program and input;
    /// `place` always tells how far the parse has come. Never throws through Clang; compiler errors are in the result,
    /// and records that they leave incomplete are left out.
    [[nodiscard]] virtual RawUnit read(const NamedHeader& header, bool as_c, const std::vector<std::string>& arguments,
                                       ReadingPlace& place) = 0;
};

/// Where the library is: `lib/etalon/libetalon_headers.so` beside or above the folder of the program. Throws
/// Error(Internal) that says where it was looked for.
[[nodiscard]] std::string find_clang_module();
/// Loads it, for the rest of the process. `headers`: all that the user named, for what locations call them. Null when
/// it cannot be loaded: `why` says it then.
[[nodiscard]] std::unique_ptr<HeaderParser> load_header_parser(const std::string& module,
                                                               const std::vector<NamedHeader>& headers,
                                                               std::string& why);

/// What the library offers, by this name. Program and library are built together: C++ types pass between them.
inline constexpr const char* kMakeHeaderParser = "etalon_make_header_parser";
using MakeHeaderParser = HeaderParser* (*)(const std::vector<NamedHeader>& headers);

}  // namespace etalon::reflect
