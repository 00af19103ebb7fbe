#pragma once
/// The readers over a source that is open already. Private to schema/.

#include <cstdint>
#include <memory>

#include "text/source.h"
#include "text/text.h"

namespace etalon::text {

[[nodiscard]] std::unique_ptr<RowReader> make_csv_reader(TextSource source, const CsvOptions& options);
/// What of a JSON input has to be kept at once, in bytes: more is an Error(BadInput).
struct JsonLimits {
    std::uint64_t token = std::uint64_t{64} << 20;       ///< a text, a number, or the white space between two
    std::uint64_t first_row = std::uint64_t{256} << 20;  ///< it says which columns there are
};
[[nodiscard]] std::unique_ptr<RowReader> make_json_reader(TextSource source, const JsonLimits& limits = {});

}  // namespace etalon::text
