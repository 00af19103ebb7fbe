#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/number_text.h"
#include "base/numbers.h"
#include "conversion/plan_program.h"
#include "conversion/stream_copy.h"
#include "etalon/error.h"

namespace etalon::conversion {
namespace {

/// Rows of both sides that are worked on step by step together: they stay in the first-level cache, and the next ones
/// arrive meanwhile.
constexpr std::uint64_t kBlockBytes = 4 * 1024;
constexpr std::uint64_t kMaxBlockRows = 256;
/// Results as large as this are out of the caches before anybody reads them.
constexpr std::uint64_t kStreamBytes = 16 * 1024 * 1024;

std::string value_text(const ConvertStep& step, const std::byte* from) {
    std::string text;
    if (step.kind == ConvertKind::Text) {
        const auto* chars = reinterpret_cast<const char*>(from);
        const std::size_t length = strnlen(chars, step.from_capacity);
        text = '"';
        for (std::size_t i = 0; i < std::min<std::size_t>(length, 60); ++i) {
            const auto byte = static_cast<unsigned char>(chars[i]);
            if (byte < 0x20 || byte > 0x7e) {
                text += fmt::format("\\x{:02x}", byte);
            } else {
                text += chars[i];
            }
        }
        return text + (length > 60 ? "...\"" : "\"") + fmt::format(" ({} bytes)", length);
    }
    with_number_type(step.from_type, [&]<class T>(T) {
        if constexpr (std::is_floating_point_v<T>) {
            append_float(text, load_number<T>(from));
        } else if constexpr (std::is_same_v<T, bool>) {
            text += load_number<T>(from) ? "true" : "false";
        } else {
            append_integer(text, load_number<T>(from));
        }
    });
    return text + fmt::format(" ({})", name_of(step.from_type));
}

std::string expectation(const ConvertStep& step) {
    switch (step.kind) {
        case ConvertKind::Text:
            return fmt::format("text of at most {} bytes (char[{}])", step.to_capacity, step.to_capacity);
        case ConvertKind::Enumerator:
            return fmt::format("a value whose name the asked enumeration has ({})", name_of(step.to_type));
        case ConvertKind::Unit:
            return fmt::format("a value that {} holds in the asked unit", name_of(step.to_type));
        case ConvertKind::Number:
            break;
    }
    if (step.to_type == ScalarType::Float32 && is_float(step.from_type)) return "a value within the range of float32";
    return fmt::format("a value that {} holds exactly", name_of(step.to_type));
}

/// `gain[1][2]`
std::string place_of(const Culprit& culprit, std::uint64_t offset) {
    std::uint64_t index = (offset - culprit.offset) / culprit.value_bytes;
    std::string indices;
    for (auto dim = culprit.dims.rbegin(); dim != culprit.dims.rend(); ++dim) {
        indices = fmt::format("[{}]", index % *dim) + indices;
        index /= *dim;
    }
    return culprit.path + indices;
}

bool fails(const ConvertStep& step, bool lenient) {
    return !(lenient || step.may_lose) || step.kind == ConvertKind::Enumerator;
}

/// Asks for the lines of the next block while this one is worked on: within a block, rows are read in the order of the
/// asked elements, which the processor does not foresee.
void prefetch(const std::byte* from, std::uint64_t bytes) noexcept {
    constexpr std::uint64_t kLine = 64;
    for (std::uint64_t at = 0; at < bytes; at += kLine) __builtin_prefetch(from + at);
}

}  // namespace

std::uint64_t ConversionPlan::Program::run_step(const ConvertStep& step, const std::byte* from, std::byte* to,
                                                std::size_t rows) const {
    const Strided at{from + step.from, to + step.to, from_size, to_size, rows, step.count};
    switch (step.kind) {
        case ConvertKind::Number:
            return step.kernel(at);
        case ConvertKind::Unit:
            return convert_units(at, step.from_type, step.to_type, units[step.table]);
        case ConvertKind::Enumerator:
            return convert_enumerators(at, step.from_type, step.to_type, enum_maps[step.table]);
        case ConvertKind::Text:
            return convert_text(at, step.from_capacity, step.to_capacity);
    }
    return 0;
}

void ConversionPlan::Program::report(const std::byte* from, std::byte* to, std::size_t rows,
                                     std::uint64_t first_row) const {
    for (std::size_t row = 0; row < rows; ++row) {
        for (const auto& whole : steps) {
            if (!fails(whole, lenient)) continue;
            ConvertStep step = whole;
            step.count = 1;
            for (std::uint64_t i = 0; i < whole.count; ++i) {
                step.from = whole.from + i * whole.from_capacity;
                step.to = whole.to + i * whole.to_capacity;
                if (run_step(step, from + row * from_size, to + row * to_size, 1) == 0) continue;
                const auto next = std::ranges::upper_bound(culprits, step.to, {}, &Culprit::offset);
                const std::string place = place_of(*(next - 1), step.to);
                std::string advice;
                if (step.kind != ConvertKind::Enumerator)
                    advice = "read it in the stored schema, or allow the loss by a rule or as lenient";
                throw Error(ErrorCode::Conversion,
                            {"a stored value does not fit the asked layout",
                             fmt::format("struct {}, element {}, row {}", struct_name, place, first_row + row),
                             expectation(step), value_text(step, from + row * from_size + step.from), advice});
            }
        }
    }
    throw Error(ErrorCode::Internal,
                {"a conversion failed without a value that fails", "struct " + struct_name, "", "", ""});
}

void ConversionPlan::Program::run_block(const std::byte* from, std::byte* to, std::size_t rows, std::uint64_t first_row,
                                        ConversionCount& count) const {
    const auto note = [&](std::uint64_t lost, bool failure) {
        if (lost != 0 && failure) report(from, to, rows, first_row);
        count.losses += lost;
    };
    if (block_copy && shuffle_groups.empty()) {
        std::memcpy(to, from, rows * to_size);
    } else {
        for (const auto& group : shuffle_groups) shuffle(group, from, from_size, to, to_size, rows);
        for (const auto& run : copy_runs)
            copy_strided(from + run.from, from_size, to + run.to, to_size, run.length, rows);
    }
    for (const auto& run : fill_runs)
        copy_strided(background.data() + run.from, 0, to + run.to, to_size, run.length, rows);
    for (const auto& step : step_runs) note(run_step(step, from, to, rows), fails(step, lenient));
    for (const auto& group : step_groups) {
        note(group.kernel({from, to, from_size, to_size, rows, group.moves.size()}, group.moves.data()), !lenient);
    }
}

ConversionCount ConversionPlan::run(const std::byte* from, std::byte* to, std::uint64_t num_rows,
                                    std::uint64_t first_row) const {
    ConversionCount count;
    const Program& program = *program_;
    if (num_rows == 0) return count;
    if (is_copy()) {
        std::memcpy(to, from, num_rows * program.to_size);
        return count;
    }
    // Narrow rows go block by block, each step over the whole block; wide rows come out as one row per block.
    const std::uint64_t block =
        std::clamp<std::uint64_t>(kBlockBytes / (program.from_size + program.to_size), 1, kMaxBlockRows);
    const auto for_each_block = [&](auto use) {
        for (std::uint64_t row = 0; row < num_rows; row += block) {
            use(row, std::min(block, num_rows - row));
        }
    };
    const auto convert = [&](std::uint64_t row, std::uint64_t rows, std::byte* out) {
        program.run_block(from + row * program.from_size, out, rows, first_row + row, count);
    };
    if (has_stream_copy() && num_rows * program.to_size >= kStreamBytes &&
        block * program.to_size <= StreamWriter::kMaxBytes) {
        StreamWriter writer(to);
        for_each_block([&](std::uint64_t row, std::uint64_t rows) {
            const std::uint64_t next = row + rows;
            const std::uint64_t bytes = std::min(block, num_rows - next) * program.from_size;
            prefetch(from + next * program.from_size, std::min(bytes, kBlockBytes));
            convert(row, rows, writer.room());
            writer.written(rows * program.to_size);
        });
    } else {
        for_each_block([&](std::uint64_t row, std::uint64_t rows) { convert(row, rows, to + row * program.to_size); });
    }
    return count;
}

bool ConversionPlan::is_copy() const noexcept {
    return program_->block_copy && program_->fills.empty() && program_->steps.empty();
}

}  // namespace etalon::conversion
