// What people write in one line: times, positions, elements, places, conditions, names. Any bytes are an error of
// bad input, or a value whose text reads back to the same; nothing that is shown steers a terminal.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "backends/relation_list.h"
#include "base/name_text.h"
#include "base/passwords.h"
#include "base/printable.h"
#include "etalon/error.h"
#include "etalon/history.h"
#include "etalon/reference.h"
#include "etalon/request.h"
#include "etalon/time.h"

using namespace etalon;

namespace {

void require(bool held) {
    if (!held) std::abort();
}

void check_times(std::string_view text) {
    const auto time = parse_time(text);
    require(parse_time(format_time(time)).ns == time.ns);
}

void check_position(Axis axis, std::string_view text) {
    const auto position = parse_position(axis, text);
    const auto again = parse_position(axis, format_position(position));
    require(again.axis == axis && again.value == position.value);
}

void check_elements(std::string_view text) {
    const auto elements = parse_elements(text);
    require(parse_elements(format_elements(elements)) == elements);
}

void check_filter(std::string_view text) {
    const auto condition = parse_condition(text);
    require(parse_condition(format_condition(condition)) == condition);
}

void check_shown(std::string_view text) {
    for (const auto& shown :
         {printable(text), excerpt(text), printable(without_passwords(text)), printable(shown_place(text))}) {
        for (const char c : shown) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
        require(printable(shown) == shown);
    }
    if (const auto fault = find_name_fault(text, "name")) require(!std::string_view(fault->what()).empty());
    if (const auto composed = find_composed(text)) require(!find_composed(*composed));
}

void check_relations(std::string_view text) {
    (void)backends::find_tables(text);
    (void)backends::find_trigger_texts(text);
}

constexpr std::array kChecks{
    +[](std::string_view text) { check_times(text); },
    +[](std::string_view text) { check_position(Axis::Time, text); },
    +[](std::string_view text) { check_position(Axis::Run, text); },
    +[](std::string_view text) { check_elements(text); },
    +[](std::string_view text) { check_filter(text); },
    +[](std::string_view text) { check_shown(text); },
    +[](std::string_view text) { check_relations(text); },
    +[](std::string_view text) { (void)parse_coverage(text); },
    +[](std::string_view text) { (void)parse_as_of(text); },
    +[](std::string_view text) { (void)parse_commit(text); },
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    try {
        kChecks[data[0] % kChecks.size()](text);
    } catch (const Error& error) {
        require(error.code() == ErrorCode::BadInput || error.code() == ErrorCode::Usage);
    }
    return 0;
}
