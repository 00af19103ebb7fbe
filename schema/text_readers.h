#pragma once
/// The readers over a source that is open already. Private to schema/.

#include <memory>

#include "schema/text.h"
#include "schema/text_source.h"

namespace etalon::schema {

[[nodiscard]] std::unique_ptr<RowReader> make_csv_reader(TextSource source);
[[nodiscard]] std::unique_ptr<RowReader> make_json_reader(TextSource source);

}  // namespace etalon::schema
