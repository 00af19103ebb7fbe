#pragma once
/// Which names structs and named references may have.

#include <string_view>

namespace etalon::place {

/// Throws Error(BadInput) when a name is empty or has white space, control characters, quotes, ',' or '/'. `what` is
/// `struct` or `named reference`.
void check_name(std::string_view name, const char* what);

}  // namespace etalon::place
