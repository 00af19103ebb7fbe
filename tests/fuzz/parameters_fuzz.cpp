// The readers of parameters: any bytes are an error of their kind, or a set that comes back from its stored text.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "etalon/error.h"
#include "params/canonical.h"
#include "params/input.h"

using namespace etalon;

namespace {

void check_stored(const ParameterSet& set) {
    const auto text = params::to_canonical(set);
    const auto again = params::from_canonical(text, "again");
    if (!(again == set) || params::to_canonical(again) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    try {
        switch (data[0] % 3) {
            case 0:
                check_stored(params::read_json(text, "fuzz"));
                break;
            case 1:
                check_stored(params::from_canonical(text, "fuzz"));
                break;
            default:
                (void)params::read_assignment(text);
        }
    } catch (const Error& error) {
        const bool stored =
            data[0] % 3 == 1 && (error.code() == ErrorCode::Corrupt || error.code() == ErrorCode::Format);
        if (error.code() != ErrorCode::BadInput && !stored) std::abort();
    }
    return 0;
}
