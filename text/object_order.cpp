// The text form of orders of objects.

#include "etalon/error.h"
#include "etalon/object.h"
#include "schema/value_text.h"

namespace etalon {

std::string format_object_order(const ObjectOrder& order) {
    if (order.path.empty()) return order.descending ? "" : ":asc";
    return order.path + (order.descending ? ":desc" : "");
}

ObjectOrder parse_object_order(std::string_view text) {
    // A path has no colon but in the names of C++, which stand in pairs.
    const auto colon = text.ends_with(":asc")    ? text.size() - 4
                       : text.ends_with(":desc") ? text.size() - 5
                                                 : text.size();
    ObjectOrder order;
    order.path = text.substr(0, colon);
    const auto direction = text.substr(colon);
    order.descending = direction.empty() ? order.path.empty() : direction == ":desc";
    if (order.path.find(':') == std::string::npos && order.path.find_first_of(" \t\r\n") == std::string::npos)
        return order;
    throw Error(ErrorCode::Usage,
                {"no order of objects", "order " + schema::shown(text),
                 "PATH, PATH:desc, or :asc and :desc for the order by commit", schema::shown(text), ""});
}

}  // namespace etalon
