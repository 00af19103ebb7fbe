#include "base/json_reason.h"

namespace etalon {

std::string json_reason(std::string_view message) {
    // `[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing value - invalid
    // literal; last read: 'x'; expected '['`
    if (const auto id = message.find("] "); message.starts_with("[json.") && id != std::string_view::npos)
        message.remove_prefix(id + 2);
    if (message.starts_with("parse error")) {
        if (const auto colon = message.find(": "); colon != std::string_view::npos) message.remove_prefix(colon + 2);
    }
    for (const std::string_view before : {"; last read: '", " parsing '"}) {
        const auto begin = message.find(before);
        if (begin == std::string_view::npos) continue;
        // What is repeated may have quotes itself; what is expected then stands at the end.
        const auto expected = message.rfind("'; expected ");
        std::string reason(message.substr(0, begin));
        if (expected != std::string_view::npos && expected >= begin) reason += message.substr(expected + 1);
        return reason;
    }
    return std::string(message);
}

}  // namespace etalon
