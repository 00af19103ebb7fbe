#pragma once
/// A JSON object as text, member by member. For documents whose line ends are part of what they promise.

#include <string>
#include <string_view>

namespace etalon::interchange {

class JsonObject {
public:
    /// `between` stands between members: a comma, and what lays the document out.
    explicit JsonObject(std::string_view between = ",") : between_(between) {}

    /// `json` is a JSON value.
    JsonObject& add(std::string_view key, std::string_view json);
    /// A string; bytes that are not UTF-8 become U+FFFD.
    JsonObject& add_text(std::string_view key, std::string_view text);
    [[nodiscard]] std::string text() const { return text_.empty() ? "{}" : text_ + "}"; }

private:
    std::string between_;
    std::string text_;
};

}  // namespace etalon::interchange
