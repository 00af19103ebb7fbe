#include "backends/port.h"
#include "etalon/error.h"

namespace etalon::backends {

void Cursor::read_record(int column, std::span<const RecordField> fields) const {
    throw Error(ErrorCode::Internal, {"this engine has no row values", "column " + std::to_string(column), "",
                                      std::to_string(fields.size()) + " fields", ""});
}

}  // namespace etalon::backends
