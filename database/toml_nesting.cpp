#include "database/toml_nesting.h"

#include <algorithm>

#include "base/passwords.h"
#include "etalon/error.h"

namespace etalon {
namespace {

constexpr std::size_t kDeepest = 32;

/// Walks over the text; what stands in texts and comments counts for nothing.
class Scanner {
public:
    Scanner(std::string_view text, const std::string& path) : text_(text), path_(path) {}

    void run() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"' || c == '\'') {
                skip_text(c);
                continue;
            }
            if (c == '#') {
                at_ = std::min(text_.find('\n', at_), text_.size());
                continue;
            }
            ++at_;
            if (c == '\n') ++line_;
            if (c == '.') {
                if (++dots_ >= kDeepest) refuse("a key with too many parts");
            } else if (c == '[' || c == '{') {
                if (++depth_ > kDeepest) refuse("arrays and tables that nest too deep");
                dots_ = 0;
            } else if (c == ']' || c == '}') {
                if (depth_ > 0) --depth_;
                dots_ = 0;
            } else if (c == '=' || c == ',' || c == '\n') {
                dots_ = 0;
            }
        }
    }

private:
    [[noreturn]] void refuse(const std::string& what) const {
        throw Error(ErrorCode::BadInput,
                    {what, path_ + ":" + std::to_string(line_), "at most " + std::to_string(kDeepest), "more", ""});
    }

    /// A text in one or three quotes; one that does not end on its line, or at all, is the parser's business.
    void skip_text(char quote) {
        const std::string three(3, quote);
        const bool is_long = text_.substr(at_, 3) == three;
        at_ += is_long ? 3 : 1;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '\n') {
                if (!is_long) return;
                ++line_;
            }
            if (c == '\\' && quote == '"') {
                if (at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++line_;
                at_ += 2;
                continue;
            }
            if (c == quote && (!is_long || text_.substr(at_, 3) == three)) {
                at_ += is_long ? 3 : 1;
                return;
            }
            ++at_;
        }
    }

    std::string_view text_;
    const std::string& path_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::size_t dots_ = 0;   // since the key began
    std::size_t depth_ = 0;  // brackets that are open
};

}  // namespace

void check_toml_nesting(std::string_view text, const std::string& path) {
    Scanner(text, path).run();
}

std::string toml_reason(std::string_view description) {
    return without_quoted(description.substr(0, description.find(", saw ")), '\'', "...");
}

}  // namespace etalon
