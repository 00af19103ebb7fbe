#pragma once
/// How an engine that keeps its place in a file treats that file. Others (PostgreSQL) have nothing to do here.

#include "backends/port.h"

namespace etalon::backends {

/// What a connection to a file can be told.
class FileCare {
public:
    virtual ~FileCare() = default;
    /// See below.
    virtual void leave_untouched(bool untouched) noexcept = 0;
    virtual void check_cells(bool checked) = 0;
    virtual void distrust_schema() noexcept = 0;
};

/// While true, closing leaves a place as it was found, whatever would be tidied up (SQLite: a write-ahead log and the
/// journal mode): for what may be somebody else's.
void leave_untouched(Connection& connection, bool untouched) noexcept;
/// Whether the engine looks for damage in every page that it loads, as it does after opening and from the first write
/// on (SQLite: cell_size_check); false for reads that prove what they use. Throws Error(Backend).
void check_cells(Connection& connection, bool checked);

/// From now on no SQL of the file itself calls a function that is not harmless (SQLite: trusted_schema=OFF, with which
/// SQLite 3.40 also refuses JSON functions in views): for whoever reads no views.
void distrust_schema(Connection& connection) noexcept;

}  // namespace etalon::backends
