#pragma once
/// `init --upgrade`: from every format 1.x, and 2.0, to the newest.

#include <string>
#include <vector>

#include "backends/port.h"
#include "etalon/progress.h"

namespace etalon::place {

/// Brings a place to the newest format; nothing when it has it. Until the last transaction, which takes the commit lock
/// and catches up, the place stays what it is to readers and writers, and a kill at any moment leaves it so. Returns
/// what was found damaged on the way: those payloads are kept, and every read of them is Error(Corrupt).
std::vector<std::string> upgrade_format(backends::Connection& connection, const Progress& progress);

}  // namespace etalon::place
