// What people write on a command line and what stands in URLs and cells: any bytes are an Error of theirs, or a value
// that comes back from its text.
#include <cstdlib>
#include <functional>

#include "etalon/error.h"
#include "etalon/history.h"
#include "etalon/reference.h"
#include "etalon/request.h"
#include "etalon/time.h"

using namespace etalon;

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

const std::function<void(std::string_view)> kReaders[] = {
    [](std::string_view text) {
        const auto time = parse_time(text);
        check(parse_time(format_time(time)) == time);
    },
    [](std::string_view text) {
        const auto position = parse_position(Axis::Run, text);
        check(parse_position(Axis::Run, format_position(Axis::Run, position.value)).value == position.value);
    },
    [](std::string_view text) { (void)parse_as_of(text); },
    [](std::string_view text) {
        const auto elements = parse_elements(text);
        check(parse_elements(format_elements(elements)) == elements);
    },
    [](std::string_view text) {
        const auto coverage = parse_coverage(text);
        check(format_coverage(parse_coverage(format_coverage(coverage))) == format_coverage(coverage));
    },
    [](std::string_view text) {
        const auto written = format_value_filter(parse_value_filter(text));
        check(format_value_filter(parse_value_filter(written)) == written);
    },
    [](std::string_view text) { (void)parse_relation(text); },
    [](std::string_view text) { (void)parse_history_order(text); },
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    try {
        kReaders[data[0] % std::size(kReaders)](text);
    } catch (const Error& error) {
        check(error.code() == ErrorCode::BadInput || error.code() == ErrorCode::Usage);
    }
    return 0;
}
