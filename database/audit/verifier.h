#pragma once
/// Database::verify.

#include <cstdint>
#include <string>
#include <vector>

#include "etalon/progress.h"
#include "etalon/ref.h"
#include "etalon/verify.h"

namespace etalon::layers {
class LayerStack;
}

namespace etalon::database {

/// A reference to an object that a place has not.
struct DanglingReference {
    std::string layer;
    std::string table;
    std::string key;     ///< the column with the first of the rows
    std::string target;  ///< the struct that is referred to; empty: any
    ObjectId id{};
    std::uint64_t count = 0;
};
/// Those that are found go to `dangling`: whether other places have these objects is to be asked of them.
[[nodiscard]] VerifyReport verify(layers::LayerStack& stack, const VerifyOptions& options, const Progress& progress,
                                  std::vector<DanglingReference>& dangling);

}  // namespace etalon::database
