#pragma once
/// The readers over a source that is open already. Private to schema/.

#include <memory>

#include "text/source.h"
#include "text/text.h"

namespace etalon::text {

[[nodiscard]] std::unique_ptr<RowReader> make_csv_reader(TextSource source, const CsvOptions& options);
[[nodiscard]] std::unique_ptr<RowReader> make_json_reader(TextSource source);

}  // namespace etalon::text
