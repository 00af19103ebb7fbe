// The reader of definitions: any bytes are an Error(BadInput), or a definition that is sound and comes back from its
// text.
#include <cstdlib>

#include "conversion/plan.h"
#include "etalon/error.h"
#include "schema/definition.h"

using namespace etalon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const auto definition = schema::from_json(text, "fuzz");
        if (!schema::validate(definition).empty()) std::abort();
        const auto again = schema::to_json(definition);
        if (schema::to_json(schema::from_json(again, "again")) != again) std::abort();
        (void)schema::layout_hash(definition);
        if (definition.size > 1 << 16) return 0;
        (void)schema::packed(definition);
        if (evolution::worst(evolution::judge(definition, definition)) != evolution::Verdict::Identical) std::abort();
        (void)conversion::ConversionPlan::make(definition, schema::packed(definition))->explain();
        (void)schema::to_c_header(definition);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Internal) std::abort();
    }
    return 0;
}
