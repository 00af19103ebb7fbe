#pragma once
/// The one door to Clang: source text in, plain records out.

#include <memory>
#include <string>
#include <vector>

#include "reflect/reading_place.h"
#include "reflect/records.h"

namespace etalon::reflect {

/// Parses headers, each as a translation unit of its own: nothing of one reaches another. Not thread-safe.
class ClangReader {
public:
    /// `headers`: all that the user named, for what locations call them.
    explicit ClangReader(const std::vector<NamedHeader>& headers);
    ~ClangReader();
    ClangReader(const ClangReader&) = delete;
    ClangReader& operator=(const ClangReader&) = delete;

    /// `arguments` are complete Clang arguments (language, standard, resource directory) without program and input;
    /// `place` always tells how far the parse has come. Never throws through Clang; compiler errors are in the result,
    /// and records that they leave incomplete are left out.
    [[nodiscard]] RawUnit read(const NamedHeader& header, bool as_c, const std::vector<std::string>& arguments,
                               ReadingPlace& place);

private:
    struct Shared;
    std::unique_ptr<Shared> shared_;
};

}  // namespace etalon::reflect
