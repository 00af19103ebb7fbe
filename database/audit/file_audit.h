#pragma once
/// The files outside that rows name, and whether they are there.

#include <cstdint>
#include <string>
#include <vector>

#include "etalon/files.h"
#include "etalon/verify.h"

namespace etalon::layers {
class LayerStack;
}

namespace etalon::database {

/// What becomes of rows that are damaged.
enum class Damage : std::uint8_t {
    Throws,
    LeftOut,  ///< and what comes behind them, when the engine does not go on
};
/// The files that rows of the layers that last name, those of superseded and retired records included: each file once
/// for a payload and member. Linear in the payloads of structs with files.
[[nodiscard]] std::vector<FileReference> list_files(layers::LayerStack& stack, Damage damage);

/// Adds to the report of a place which of its files are missing or (`deep`: all contents are read) damaged, and tells
/// what lies in the folders besides.
void check_files(const FileStore& store, const std::string& place, const std::vector<FileReference>& references,
                 bool deep, VerifyReport& report);

}  // namespace etalon::database
