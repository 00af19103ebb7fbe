// URLs of places: any bytes are an Error(Usage), or a place.
#include <cstdlib>

#include "backends/port.h"
#include "etalon/error.h"

using namespace etalon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const auto place = backends::parse_place_url(text);
        if (place.kind == backends::PlaceKind::File && place.target.empty()) std::abort();
        if (place.target.find('\0') != std::string::npos) std::abort();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Usage) std::abort();
    }
    return 0;
}
