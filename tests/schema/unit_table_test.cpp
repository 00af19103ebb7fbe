#include "schema/unit_table.h"

#include <doctest/doctest.h>
#include <udunits2.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "schema/unit_reader.h"
#include "schema/units.h"

using namespace etalon::schema;

namespace {

std::vector<std::string> words_of(std::string_view words) {
    std::vector<std::string> all;
    while (!words.empty()) {
        const auto end = std::min(words.find(' '), words.size());
        auto word = words.substr(0, end);
        if (word.ends_with('!')) word.remove_suffix(1);
        for (auto at = word.find('~'); at != std::string_view::npos; at = word.find('~')) {
            all.emplace_back(word.substr(0, at));
            word.remove_prefix(at + 1);
        }
        all.emplace_back(word);
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return all;
}

struct FreeSystem {
    void operator()(ut_system* system) const { ut_free_system(system); }
};
struct FreeUnit {
    void operator()(ut_unit* unit) const { ut_free(unit); }
};

/// A unit of UDUNITS-2 in terms of the SI: `9.81 m.s-2`; empty when it does not know it.
std::string in_si(ut_system* system, const std::string& unit, double& factor) {
    const std::unique_ptr<ut_unit, FreeUnit> parsed(ut_parse(system, unit.c_str(), UT_UTF8));
    if (!parsed) return {};
    char buffer[200];
    if (ut_format(parsed.get(), buffer, sizeof buffer, UT_ASCII | UT_DEFINITION) < 0) return {};
    std::string text = buffer;
    factor = 1;
    if (const auto at = text.find(" @ "); at != std::string::npos) text = text.substr(0, at);
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (end != text.c_str()) {
        factor = number;
        text = text.substr(static_cast<std::size_t>(end - text.c_str()));
        if (!text.empty() && text.front() == ' ') text.erase(0, 1);
    }
    return text.empty() ? "1" : text;
}

}  // namespace

TEST_CASE("every entry of the table is a unit, and no name stands in it twice") {
    const UnitReader reader;
    std::set<std::string> seen;
    for (const auto& entries : {standard_units(), counted_units()}) {
        for (const auto& entry : entries) {
            for (const auto& list : {words_of(entry.names), words_of(entry.symbols)}) {
                for (const auto& word : list) {
                    CAPTURE(word);
                    CHECK(reader.read(word));
                    CHECK(seen.insert(word).second);
                }
            }
        }
    }
    CHECK(seen.size() > 500);
}

TEST_CASE("what UDUNITS-2 knows by name is known, and worth the same but where its digits end early") {
    ut_set_error_message_handler(ut_ignore);
    const std::unique_ptr<ut_system, FreeSystem> system(ut_read_xml(nullptr));
    REQUIRE(system);
    const UnitReader reader;
    // Measured again, or defined exactly, since the database of UDUNITS-2 was written; all others to the last digits.
    const std::set<std::string> revised{"eV", "electronvolt", "electron_volt", "e", "u", "unified_atomic_mass_unit",
                                        "atomic_mass_unit", "atomicmassunit", "amu", "avogadro_constant", "molecule",
                                        "molec", "nucleon", "nuc", "bev",
                                        // Two digits of its exponent are missing there.
                                        "footcandle"};
    int compared = 0;
    int rounded = 0;
    for (const auto& entry : standard_units()) {
        for (const auto& list : {words_of(entry.names), words_of(entry.symbols)}) {
            for (const auto& word : list) {
                double factor = 1;
                const auto si = in_si(system.get(), word, factor);
                if (si.empty()) continue;
                CAPTURE(word);
                const auto value = reader.read(word);
                REQUIRE(value);
                const double own = nearest_double(value->factor) * std::pow(3.141592653589793, value->half_pi / 2);
                // Cycles, counts and the like have their own base units here: their factor there is another matter.
                const bool is_kind = std::ranges::any_of(value->half_powers, [](const auto& one) {
                    static const std::set<std::string> kOwn{"cycle", "count", "symbol", "bel",   "BW",        "Bm",
                                                            "BV",    "Bv",    "BZ",     "B_SPL", "B\xC2\xB5V"};
                    return kOwn.contains(one.first);
                });
                if (is_kind) continue;
                ++compared;
                const double tolerance = word == "footcandle" ? 100 : revised.contains(word) ? 1e-5 : 1e-6;
                CHECK(std::abs(own / factor - 1) < tolerance);
                if (std::abs(own / factor - 1) > 1e-12) ++rounded;
            }
        }
    }
    CHECK(compared > 400);
    CHECK(rounded < 120);
}
