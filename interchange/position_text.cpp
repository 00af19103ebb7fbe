#include "interchange/position_text.h"

#include <string>

#include "base/number_text.h"
#include "etalon/error.h"
#include "place/write_context.h"

namespace etalon::interchange {
namespace {

bool is_integer(std::string_view text) {
    return parse_integer<std::int64_t>(text).has_value();
}

bool is_time(std::string_view text) {
    if (text == "now") return true;
    try {
        (void)parse_time(text);
        return true;
    } catch (const Error&) {
        return false;
    }
}

}  // namespace

Position parse_request(Axis axis, std::string_view text) {
    if (axis == Axis::Time && text == "now") return Position(place::now());
    return parse_position(axis, text);
}

Position read_position(const NameInfo& name, std::string_view where, std::string_view text,
                       std::string_view other_axis_advice) {
    const bool infinite = text == "-inf" || text == "inf" || text == "+inf";
    if (!infinite && name.axis == Axis::Time && is_integer(text) && !is_time(text)) {
        throw Error(
            ErrorCode::WrongAxis,
            {"a run number for a reference that is valid by time", std::string(where) + " of " + name.name,
             "a time such as 2019-06-09T13:20:47Z", std::string(text),
             integer_time_advice(text) + (other_axis_advice.empty() ? "" : "; " + std::string(other_axis_advice))});
    }
    if (!infinite && name.axis == Axis::Run && !is_integer(text) && is_time(text)) {
        throw Error(ErrorCode::WrongAxis,
                    {"a time for a reference that is valid by run", std::string(where) + " of " + name.name,
                     "a run number", std::string(text), std::string(other_axis_advice)});
    }
    try {
        return parse_request(name.axis, text);
    } catch (const Error& error) {
        throw error.within(std::string(where) + " of " + name.name, ", ");
    }
}

Position read_position(std::string_view where, std::string_view text) {
    NameInfo any;
    any.name = "the request";
    any.axis = is_integer(text) ? Axis::Run : Axis::Time;
    return read_position(any, where, text);
}

}  // namespace etalon::interchange
