#include "backends/care.h"

namespace etalon::backends {

void leave_untouched(Connection& connection, bool untouched) noexcept {
    if (auto* file = dynamic_cast<FileCare*>(&connection)) file->leave_untouched(untouched);
}

void check_cells(Connection& connection, bool checked) {
    if (auto* file = dynamic_cast<FileCare*>(&connection)) file->check_cells(checked);
}

void distrust_schema(Connection& connection) noexcept {
    if (auto* file = dynamic_cast<FileCare*>(&connection)) file->distrust_schema();
}

}  // namespace etalon::backends
