#pragma once
/// The PostgreSQL adapter's door.

#include <memory>
#include <string>
#include <string_view>

#include "backends/port.h"

namespace etalon::backends::postgres {

/// See backends::open_connection.
[[nodiscard]] std::unique_ptr<Connection> open(const PlaceUrl& place, OpenMode mode, Waiting waiting = {});

/// The URL with every password taken out (user:password@ and password=...).
[[nodiscard]] std::string without_password(std::string_view url);

}  // namespace etalon::backends::postgres
