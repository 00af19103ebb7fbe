// The decoder of binary rows and the conversion of whatever it gives: damaged chunks are Error(Corrupt), values that do
// not fit Error(Conversion), never anything else.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "conversion/canonical.h"
#include "conversion/plan.h"
#include "etalon/error.h"
#include "schema/definition.h"
#include "schema/rows.h"
#include "store/chunk.h"
#include "tests/fuzz/layouts.h"

using namespace etalon;

namespace {

void decode(const StructDefinition& canonical, std::span<const std::byte> bytes) {
    const std::size_t rows = bytes.empty() ? 0 : static_cast<std::size_t>(bytes[0]) % 16;
    std::vector<std::byte> raw(canonical.size * rows);
    const auto encoded = bytes.subspan(std::min<std::size_t>(1, bytes.size()));
    try {
        store::decode_chunk(canonical, 0, encoded, raw);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Corrupt) std::abort();
    }
    // What was encoded comes back.
    std::vector<std::byte> own(canonical.size * (rows + 1));
    for (std::size_t i = 0; i < own.size() && !encoded.empty(); ++i) own[i] = encoded[i % encoded.size()];
    const auto chunk = store::encode_chunk(canonical, 0, own);
    std::vector<std::byte> back(own.size());
    store::decode_chunk(canonical, 0, chunk, back);
    if (back != own) std::abort();
}

void convert(const StructDefinition& stored, const StructDefinition& asked, std::span<const std::byte> bytes) {
    const std::size_t rows = std::min<std::size_t>(bytes.size() / stored.size, 40);
    std::vector<std::byte> to(asked.size * rows);
    for (const bool lenient : {false, true}) {
        conversion::PlanOptions options;
        options.lenient = lenient;
        const auto plan = conversion::ConversionPlan::make(stored, asked, options);
        try {
            (void)plan->run(bytes.data(), to.data(), rows);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Conversion) std::abort();
        }
    }
    (void)schema::content_hash(conversion::to_canonical(stored, bytes.first(stored.size * rows), rows));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // Units need UDUNITS-2, which is slow to read and not what is tried here.
    static const auto kWithoutUnits = [](StructDefinition layout) {
        for (auto& element : layout.elements) element.unit.clear();
        return layout;
    };
    static const auto kOlder = kWithoutUnits(fuzz::older_layout());
    static const auto kNewer = kWithoutUnits(fuzz::newer_layout());
    static const auto kCanonical = schema::packed(kOlder);
    const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
    decode(kCanonical, bytes);
    convert(kOlder, kNewer, bytes);
    convert(kNewer, kOlder, bytes);
    return 0;
}
