#pragma once
/// The SQLite adapter's door.

#include <memory>

#include "backends/port.h"

namespace etalon::backends::sqlite {

/// See backends::open_connection.
[[nodiscard]] std::unique_ptr<Connection> open(const PlaceUrl& place, OpenMode mode, Waiting waiting = {});

}  // namespace etalon::backends::sqlite
