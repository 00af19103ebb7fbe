#include "conversion/canonical.h"

#include <fmt/format.h>

#include <cstring>

#include "conversion/plan.h"
#include "etalon/error.h"
#include "schema/definition.h"

namespace etalon::conversion {
namespace {

/// What follows the first NUL of a text is not data.
void clear_behind_text(schema::RowBlock& block) {
    for (const auto& element : block.layout->elements) {
        if (!element.is_text()) continue;
        const std::uint64_t capacity = element.dims.back();
        const std::uint64_t num_texts = element.count() / capacity;
        for (std::uint64_t row = 0; row < block.num_rows; ++row) {
            std::byte* text = block.row(row) + element.offset;
            for (std::uint64_t i = 0; i < num_texts; ++i, text += capacity) {
                auto* end = static_cast<std::byte*>(std::memchr(text, 0, capacity));
                if (end != nullptr) std::memset(end, 0, static_cast<std::size_t>(text + capacity - end));
            }
        }
    }
}

}  // namespace

schema::RowBlock to_canonical(const StructDefinition& layout, std::span<const std::byte> rows, std::uint64_t num_rows) {
    if (layout.size == 0 || num_rows > rows.size() / layout.size || rows.size() != num_rows * layout.size) {
        throw Error(ErrorCode::Usage, {"the rows have the wrong size", "struct " + layout.name,
                                       fmt::format("{} rows of {} bytes", num_rows, layout.size),
                                       fmt::format("{} bytes", rows.size()), ""});
    }
    schema::RowBlock block;
    block.layout = std::make_shared<const StructDefinition>(schema::packed(layout));
    block.num_rows = num_rows;
    block.data = AlignedBuffer(num_rows * block.layout->size);
    if (num_rows == 0) return block;
    // One definition on both sides: the plan only moves bytes.
    (void)ConversionPlan::make(layout, *block.layout)->run(rows.data(), block.data.data(), num_rows);
    clear_behind_text(block);
    return block;
}

}  // namespace etalon::conversion
