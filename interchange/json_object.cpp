#include "interchange/json_object.h"

#include "interchange/records.h"

namespace etalon::interchange {

JsonObject& JsonObject::add(std::string_view key, std::string_view json) {
    text_ += text_.empty() ? "{" : between_;
    text_ += json_quote(key);
    text_ += ':';
    text_ += json;
    return *this;
}

JsonObject& JsonObject::add_text(std::string_view key, std::string_view text) {
    return add(key, json_quote(text));
}

}  // namespace etalon::interchange
