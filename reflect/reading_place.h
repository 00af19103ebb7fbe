#pragma once
/// How far the parse of a header has come, readable when the process that parses is gone.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace etalon::reflect {

/// A file and an offset in it, as plain memory that two processes may share: one writes, the other reads when that has
/// ended. Locations of the writer are numbers that count on from the start of a file.
class ReadingPlace {
public:
    /// Nothing is read yet.
    void begin() noexcept {
        name_[0] = '\0';
        start_ = offset_ = 0;
    }
    /// The file begins at the location `start`, the parse goes on at `at` in it. Names that are too long are cut.
    void enter(std::string_view name, std::uint32_t start, std::uint32_t at) noexcept {
        const auto size = std::min(name.size(), name_.size() - 1);
        std::copy_n(name.begin(), size, name_.begin());
        name_[size] = '\0';
        start_ = start;
        move(at);
    }
    /// Locations before the start of the file are ignored.
    void move(std::uint32_t at) noexcept {
        if (at >= start_) offset_ = at - start_;
    }
    [[nodiscard]] std::string name() const { return name_.data(); }  ///< empty: none
    [[nodiscard]] std::uint32_t offset() const noexcept { return offset_; }

private:
    std::array<char, 1024> name_{};
    std::uint32_t start_ = 0;
    std::uint32_t offset_ = 0;
};

}  // namespace etalon::reflect
