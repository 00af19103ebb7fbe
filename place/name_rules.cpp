#include "place/name_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "etalon/error.h"

namespace etalon::place {

void check_name(std::string_view name, const char* what) {
    const bool bad = name.empty() || std::any_of(name.begin(), name.end(), [](unsigned char c) {
                         return c <= 0x20 || c == 0x7f || c == '/' || c == '"' || c == '\'' || c == ',';
                     });
    if (!bad) return;
    throw Error(ErrorCode::BadInput, {fmt::format("bad name of a {}", what), fmt::format("'{}'", name),
                                      "a name without white space, quotes, ',' or '/'", "", ""});
}

}  // namespace etalon::place
