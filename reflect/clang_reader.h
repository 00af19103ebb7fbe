#pragma once
/// The one door to Clang: source text in, plain records out. In a library of its own (clang_module.h).

#include <memory>
#include <string>
#include <vector>

#include "reflect/clang_module.h"

namespace etalon::reflect {

class ClangReader final : public HeaderParser {
public:
    /// `headers`: all that the user named, for what locations call them.
    explicit ClangReader(const std::vector<NamedHeader>& headers);
    ~ClangReader() override;
    ClangReader(const ClangReader&) = delete;
    ClangReader& operator=(const ClangReader&) = delete;

    [[nodiscard]] RawUnit read(const NamedHeader& header, bool as_c, const std::vector<std::string>& arguments,
                               ReadingPlace& place) override;

private:
    struct Shared;
    std::unique_ptr<Shared> shared_;
};

}  // namespace etalon::reflect
