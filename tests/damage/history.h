#pragma once
/// A place with something of everything in it, small enough to be read as a whole in a few milliseconds.

#include <string>
#include <vector>

#include "etalon/definition.h"
#include "etalon/object.h"

namespace etalon::damage {

/// The two layouts of the struct `Sensor`, between which rules lead.
[[nodiscard]] StructDefinition sensor1();
[[nodiscard]] StructDefinition sensor2();

/// The objects of the place: of several structs, in columns and as bytes, referring to one another.
[[nodiscard]] std::vector<ObjectPut> objects();

/// Makes the place below (or above) the one that is damaged; it stays whole.
void fill_second(const std::string& url);
/// Makes the place that is damaged. `second` is the place of fill_second.
void fill_main(const std::string& url, const std::string& second);

}  // namespace etalon::damage
