#include "text/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "etalon/error.h"

namespace etalon::text {
namespace {

constexpr std::size_t kPiece = 256 * 1024;
constexpr std::size_t kLongestLine = std::size_t{32} << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

TextSource::TextSource(std::istream& in, std::string name) : in_(in), name_(std::move(name)) {
    while (buffer_.size() < kByteOrderMark.size() && fill()) {
    }
    if (std::string_view(buffer_).starts_with(kByteOrderMark)) begin_ = kByteOrderMark.size();
}

bool TextSource::fill() {
    if (at_end_) return false;
    if (begin_ != 0) {
        buffer_.erase(0, begin_);
        begin_ = 0;
    }
    const std::size_t used = buffer_.size();
    // Pieces grow with the line, so that a long one is not moved too often.
    const std::size_t wanted = std::max(kPiece, used);
    buffer_.resize(used + wanted);
    std::streamsize got = 0;
    if (in_.good()) {
        in_.read(buffer_.data() + used, static_cast<std::streamsize>(wanted));
        got = in_.gcount();
    }
    buffer_.resize(used + static_cast<std::size_t>(got));
    if (in_.bad() || (in_.fail() && !in_.eof())) {
        throw Error(ErrorCode::BadInput, {"cannot read the input", name_, {}, {}, {}});
    }
    at_end_ = in_.eof();
    return got > 0;
}

std::optional<std::string_view> TextSource::next_line() {
    std::size_t searched = 0;
    for (;;) {
        const char* const from = buffer_.data() + begin_;
        const std::size_t left = buffer_.size() - begin_;
        const void* const end = left == searched ? nullptr : std::memchr(from + searched, '\n', left - searched);
        if (end != nullptr) {
            auto length = static_cast<std::size_t>(static_cast<const char*>(end) - from);
            begin_ += length + 1;
            if (length != 0 && from[length - 1] == '\r') --length;
            ++line_;
            return std::string_view(from, length);
        }
        searched = left;
        if (left > kLongestLine) {
            throw Error(ErrorCode::BadInput,
                        {"the line is too long", fmt::format("{}:{}", name_, line_ + 1),
                         fmt::format("at most {} MB in a line", kLongestLine >> 20), "more",
                         "a CSV file has a row on each line; larger rows are put as JSON, or from a program"});
        }
        if (fill()) continue;
        if (left == 0) return std::nullopt;
        // A last line without its end. (A failed fill may have moved the buffer.)
        std::string_view last(buffer_.data() + begin_, buffer_.size() - begin_);
        begin_ = buffer_.size();
        if (last.ends_with('\r')) last.remove_suffix(1);
        ++line_;
        return last;
    }
}

std::string_view TextSource::next_piece() {
    while (begin_ == buffer_.size()) {
        if (!fill()) return {};
    }
    const auto piece = std::string_view(buffer_).substr(begin_);
    begin_ = buffer_.size();
    return piece;
}

std::optional<char> TextSource::peek_significant() {
    std::size_t searched = 0;
    for (;;) {
        const auto at = buffer_.find_first_not_of(" \t\r\n", begin_ + searched);
        if (at != std::string::npos) return buffer_[at];
        searched = buffer_.size() - begin_;
        if (searched > kLongestLine) {
            throw Error(ErrorCode::BadInput, {"the input begins with nothing but white space", name_, "CSV or JSON",
                                              fmt::format("{} MB of it", kLongestLine >> 20), ""});
        }
        if (!fill()) return std::nullopt;
    }
}

}  // namespace etalon::text
