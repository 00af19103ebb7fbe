// The readers of parameter sets: any bytes are an Error, or a set that comes back from its stored text.
#include <cstdlib>

#include "etalon/error.h"
#include "params/canonical.h"
#include "params/input.h"

using namespace etalon;

namespace {

void check(const ParameterSet& set) {
    const auto text = params::to_canonical(set);
    if (params::to_canonical(params::from_canonical(text, "again")) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    try {
        switch (data[0] % 3) {
            case 0:
                check(params::read_json(text, "fuzz"));
                break;
            case 1:
                check(params::from_canonical(text, "fuzz"));
                break;
            default: {
                const auto [name, value] = params::read_assignment(text);
                ParameterSet set;
                set.set(name, value);
                check(set);
            }
        }
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Internal) std::abort();
    }
    return 0;
}
