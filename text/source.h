#pragma once
/// The characters of an input, and which reader they ask for. Private to schema/.

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

namespace etalon::text {

/// Reads an input in large pieces. The stream must outlive it; failures are Errors that name the input.
class TextSource {
public:
    TextSource(std::istream& in, std::string name);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// The next line without its end (LF or CRLF); nothing behind the last one. Valid until the next call.
    [[nodiscard]] std::optional<std::string_view> next_line();
    /// Number of the line that next_line gave last, from 1.
    [[nodiscard]] std::uint64_t line() const noexcept { return line_; }
    /// What comes next, of any length; empty at the end. Valid until the next call.
    [[nodiscard]] std::string_view next_piece();
    /// What was read already and not given out: at the beginning, the first of the input.
    [[nodiscard]] std::string_view beginning() const noexcept { return std::string_view(buffer_).substr(begin_); }
    /// The first character that is not white space, without taking anything; nothing when there is none.
    [[nodiscard]] std::optional<char> peek_significant();

private:
    /// Reads one more piece; false at the end.
    bool fill();

    std::istream& in_;
    std::string name_;
    std::string buffer_;
    std::size_t begin_ = 0;  // of what was not given out yet
    std::uint64_t line_ = 0;
    bool at_end_ = false;
};

}  // namespace etalon::text
