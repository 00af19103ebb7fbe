#pragma once
/// Points of an axis as people write them for a named reference.

#include <string_view>

#include "etalon/reference.h"
#include "etalon/time.h"

namespace etalon::interchange {

/// A point as parse_position reads it; on the time axis also `now`.
[[nodiscard]] Position parse_request(Axis axis, std::string_view text);
/// A point on the axis of `name`. `where` says for errors what was read (an option, a column); Error(WrongAxis) for a
/// time where runs are, or the reverse, with the advice when there is one.
[[nodiscard]] Position read_position(const NameInfo& name, std::string_view where, std::string_view text,
                                     std::string_view other_axis_advice = {});
/// A point of the axis that the text tells: an integer is a run, anything else a time.
[[nodiscard]] Position read_position(std::string_view where, std::string_view text);

}  // namespace etalon::interchange
