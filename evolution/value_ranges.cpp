#include "evolution/value_ranges.h"

#include <fmt/format.h>

#include "evolution/matching.h"

namespace etalon::evolution {
namespace {

/// A block of values: from where to where in each of the first dimensions, everything in the others.
using Block = std::vector<ValueRange>;

/// The ranges as blocks of dimension `dim` and those behind it. Rows that have the same inner blocks are one.
std::vector<Block> blocks_of(const std::vector<ValueRange>& ranges, const std::vector<std::uint64_t>& dims,
                             std::size_t dim) {
    std::vector<Block> blocks;
    if (dim + 1 == dims.size()) {
        for (const auto& range : ranges) blocks.push_back({range});
        return blocks;
    }
    std::uint64_t stride = 1;
    for (std::size_t d = dim + 1; d < dims.size(); ++d) stride *= dims[d];
    struct Rows {
        ValueRange rows;
        std::vector<ValueRange> inner;  ///< of every one of them; none: all
    };
    std::vector<Rows> found;
    const auto add = [&](Rows next) {
        const bool continues =
            !found.empty() && found.back().rows.end == next.rows.begin && found.back().inner == next.inner;
        continues ? void(found.back().rows.end = next.rows.end) : found.push_back(std::move(next));
    };
    Rows part;  // the row that is only partly in the ranges
    const auto finish = [&] {
        if (!part.inner.empty()) add(std::move(part));
        part = {};
    };
    for (const auto& range : ranges) {
        for (auto at = range.begin; at < range.end;) {
            const auto row = at / stride;
            if (!part.inner.empty() && part.rows.begin != row) finish();
            if (at % stride == 0 && range.end - at >= stride) {
                const auto rows = (range.end - at) / stride;
                add({{row, row + rows}, {}});
                at += rows * stride;
            } else {
                const auto end = std::min(range.end, (row + 1) * stride);
                part.rows = {row, row + 1};
                part.inner.push_back({at - row * stride, end - row * stride});
                at = end;
            }
        }
    }
    finish();
    for (const auto& one : found) {
        if (one.inner.empty()) {
            blocks.push_back({one.rows});
            continue;
        }
        for (auto& inner : blocks_of(one.inner, dims, dim + 1)) {
            inner.insert(inner.begin(), one.rows);
            blocks.push_back(std::move(inner));
        }
    }
    return blocks;
}

/// `is_tail`: a last value alone is told as `[2:]`; else as `[2]`.
std::string text_of(const Block& block, const std::vector<std::uint64_t>& dims, bool is_tail) {
    std::string text;
    for (std::size_t d = 0; d < block.size(); ++d) {
        const auto [begin, end] = block[d];
        if (begin == 0 && end == dims[d]) {
            text += "[:]";
        } else if (end == dims[d] && (is_tail || end - begin > 1)) {
            text += fmt::format("[{}:]", begin);
        } else if (end - begin == 1) {
            text += fmt::format("[{}]", begin);
        } else {
            text += fmt::format("[{}:{}]", begin, end);
        }
    }
    return text;
}

}  // namespace

std::uint64_t number_of_values(const Element& element) {
    return element.is_text() ? element.count() / element.dims.back() : element.count();
}

std::vector<std::uint64_t> index_of(const Element& element, std::uint64_t value) {
    std::vector<std::uint64_t> index(array_rank(element));
    for (std::size_t d = index.size(); d-- > 0;) {
        index[d] = value % element.dims[d];
        value /= element.dims[d];
    }
    return index;
}

std::uint64_t value_at(const Element& element, const std::vector<std::uint64_t>& index) {
    if (index.size() != array_rank(element)) return number_of_values(element);
    std::uint64_t value = 0;
    for (std::size_t d = 0; d < index.size(); ++d) {
        if (index[d] >= element.dims[d]) return number_of_values(element);
        value = value * element.dims[d] + index[d];
    }
    return value;
}

std::vector<ValueRange> merged(std::vector<ValueRange> ranges) {
    std::erase_if(ranges, [](const ValueRange& range) { return range.begin >= range.end; });
    if (!std::ranges::is_sorted(ranges, {}, &ValueRange::begin)) std::ranges::sort(ranges, {}, &ValueRange::begin);
    std::vector<ValueRange> result;
    for (const auto& range : ranges) {
        if (!result.empty() && range.begin <= result.back().end) {
            result.back().end = std::max(result.back().end, range.end);
        } else {
            result.push_back(range);
        }
    }
    return result;
}

std::vector<ValueRange> others(std::vector<ValueRange> ranges, std::uint64_t count) {
    std::vector<ValueRange> result;
    std::uint64_t done = 0;
    for (const auto& range : merged(std::move(ranges))) {
        if (range.begin > done) result.push_back({done, range.begin});
        done = range.end;
    }
    if (done < count) result.push_back({done, count});
    return result;
}

std::vector<std::string> names_of(const Element& element, std::vector<ValueRange> ranges) {
    ranges = merged(std::move(ranges));
    if (ranges.empty()) return {};
    if (ranges.front() == ValueRange{0, number_of_values(element)}) return {element.path};
    std::vector<std::uint64_t> dims = element.dims;
    dims.resize(array_rank(element));
    std::vector<std::string> names;
    const auto blocks = blocks_of(ranges, dims, 0);
    for (const auto& block : blocks) names.push_back(element.path + text_of(block, dims, blocks.size() == 1));
    return names;
}

}  // namespace etalon::evolution
