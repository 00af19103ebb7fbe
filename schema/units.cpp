#include "schema/units.h"

#include <udunits2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/mutex.h"
#include "base/nearest.h"
#include "base/number_text.h"
#include "etalon/error.h"
#include "schema/unit_reader.h"

namespace etalon::schema {
namespace {

/// Pi to 60 digits: what is computed with it is right to the last bit of a double.
const char* const kPi = "3.14159265358979323846264338327950288419716939937510582097494";

struct FreeUnit {
    void operator()(ut_unit* unit) const noexcept { ut_free(unit); }
};
struct FreeSystem {
    void operator()(ut_system* system) const noexcept { ut_free_system(system); }
};
struct FreeConverter {
    void operator()(cv_converter* converter) const noexcept { cv_free(converter); }
};
using Unit = std::unique_ptr<ut_unit, FreeUnit>;

/// UDUNITS-2 parses and reports through variables of the process: one call at a time, of all unit systems.
Mutex& library_mutex() {
    static Mutex mutex;
    return mutex;
}

/// Dates (`seconds since 2000-01-01`) and logarithms (`lg(re 1 mW)`), as UDUNITS-2 reads them.
class Udunits {
public:
    Udunits() {
        const MutexLock lock(library_mutex());
        ut_set_error_message_handler(ut_ignore);  // the status is what counts; the library would print
        system_.reset(ut_read_xml(nullptr));
        if (!system_) {
            throw Error(ErrorCode::Internal, {"the unit database of UDUNITS-2 cannot be read", "", "", "",
                                              "install libudunits2-data or set UDUNITS2_XML_PATH"});
        }
    }

    ~Udunits() {
        const MutexLock lock(library_mutex());
        system_.reset();
    }
    Udunits(const Udunits&) = delete;
    Udunits& operator=(const Udunits&) = delete;

    [[nodiscard]] std::optional<UnitConversion> conversion(std::string_view from, std::string_view to) const {
        const MutexLock lock(library_mutex());
        const Unit source = parse(from);
        const Unit target = parse(to);
        if (!source || !target || !ut_are_convertible(source.get(), target.get())) return std::nullopt;
        const std::unique_ptr<cv_converter, FreeConverter> converter(ut_get_converter(source.get(), target.get()));
        if (!converter) return std::nullopt;
        const auto at = [&](double value) { return cv_convert_double(converter.get(), value); };
        const double offset = at(0);
        // A far point: the offset must not eat the digits of the factor.
        constexpr double kFar = 1099511627776.0;
        const double scale = offset == 0 ? at(1) : (at(kFar) - offset) / kFar;
        if (!std::isfinite(offset) || !std::isfinite(scale) || scale == 0) return std::nullopt;
        for (const double probe : {-3.0, 1.0, 1000.0}) {
            const double linear = probe * scale + offset;
            if (!(std::abs(at(probe) - linear) <= 1e-9 * (std::abs(probe * scale) + std::abs(offset))))
                return std::nullopt;
        }
        return UnitConversion{scale, offset, false, nullptr};
    }

    [[nodiscard]] bool knows(std::string_view unit) const {
        const MutexLock lock(library_mutex());
        return parse(unit) != nullptr;
    }

private:
    Unit parse(std::string_view text) const ETALON_REQUIRES(library_mutex()) {
        if (text.find('\0') != std::string_view::npos) return nullptr;
        std::string copy(text);
        ut_trim(copy.data(), UT_UTF8);
        return Unit(ut_parse(system_.get(), copy.c_str(), is_utf8(text) ? UT_UTF8 : UT_LATIN1));
    }

    std::unique_ptr<ut_system, FreeSystem> system_;
};

/// True for a text that only UDUNITS-2 may read.
bool is_date_or_logarithm(std::string_view unit) {
    static constexpr std::array<std::string_view, 8> kMarks{"since ", "after ", "from ", "ref ",
                                                            "@",      "lg(",    "ln(",   "lb("};
    return std::ranges::any_of(kMarks,
                               [&](std::string_view mark) { return unit.find(mark) != std::string_view::npos; });
}

/// What a unit measures, for people: `K m^-1`.
std::string kind_text(const UnitValue& value) {
    std::string text;
    for (const auto& [name, half] : value.half_powers) {
        text += (text.empty() ? "" : " ") + name;
        if (half % 2 != 0) {
            text += "^(" + std::to_string(half) + "/2)";
        } else if (half != 2) {
            text += "^" + std::to_string(half / 2);
        }
    }
    return text.empty() ? "a plain number" : text;
}

/// A slip of the pen, and not another word of a few letters.
bool is_likely(const std::string& word, const std::string& near) {
    const auto longer = std::max(word.size(), near.size());
    return longer - std::min(word.size(), near.size()) <= 1 + longer / 6;
}

/// The table never changes, and takes longer to arrange than most programs need to convert.
const UnitReader& table_reader() {
    static const UnitReader reader;
    return reader;
}

class TableUnits final : public UnitSystem {
public:
    std::optional<UnitConversion> conversion(std::string_view from, std::string_view to) const override {
        const auto source = reader_.read(from);
        const auto target = reader_.read(to);
        if (!source || !target) {
            const bool both = !source && !target && is_date_or_logarithm(from) && is_date_or_logarithm(to);
            return both ? udunits().conversion(from, to) : std::nullopt;
        }
        if (source->half_powers != target->half_powers || are_point_and_difference(*source, *target))
            return std::nullopt;
        Rational scale = source->factor / target->factor;
        const int half_pi = source->half_pi - target->half_pi;
        const Rational offset = (source->origin - target->origin) / target->factor;
        const Rational root = source->root / target->root;
        const auto square = exact_root(root);
        scale *= square ? *square : nearly_root(root);
        const Rational pi = *parse_rational(kPi);
        scale *= power(pi, half_pi / 2);
        if (half_pi % 2 != 0) scale *= half_pi > 0 ? nearly_root(pi) : Rational(1 / nearly_root(pi));
        const bool is_rational = half_pi == 0 && square;
        auto made = UnitConversion::make(make_exact_scale(scale, is_rational ? offset : Rational(0), is_rational));
        if (!std::isfinite(made.scale) || made.scale == 0 || !std::isfinite(made.offset)) return std::nullopt;
        return made;
    }

    bool knows(std::string_view unit) const override {
        return reader_.read(unit) || (is_date_or_logarithm(unit) && udunits().knows(unit));
    }

    std::string difference(std::string_view from, std::string_view to) const override {
        const auto source = reader_.read(from);
        const auto target = reader_.read(to);
        if (!source || !target) return {};
        if (source->half_powers != target->half_powers) {
            return "[" + std::string(from) + "] measures " + kind_text(*source) + ", [" + std::string(to) + "] " +
                   kind_text(*target);
        }
        if (are_point_and_difference(*source, *target)) {
            return source->is_point ? "[" + std::string(from) + "] is a point of its scale, [" + std::string(to) +
                                          "] a difference between two"
                                    : "[" + std::string(from) + "] is a difference between two points of a scale, [" +
                                          std::string(to) + "] a point";
        }
        return {};
    }

    bool has_offset(std::string_view unit) const override {
        const auto value = reader_.read(unit);
        return value && value->is_point;
    }

    std::string nearest(std::string_view unit) const override {
        std::vector<std::string> unknown;
        auto text = std::string(unit.substr(0, std::min(unit.size(), std::size_t{200})));
        const auto known = reader_.spellings();
        // Each reading finds one unknown name.
        for (int i = 0; i < 4; ++i) {
            unknown.clear();
            if (reader_.read(text, &unknown)) return i == 0 ? std::string() : text;
            if (unknown.empty()) return {};
            const auto at = text.find(unknown.front());
            const auto near = etalon::nearest(unknown.front(), known, 1);
            if (at == std::string::npos || near.empty() || !is_likely(unknown.front(), near.front())) return {};
            text.replace(at, unknown.front().size(), near.front());
        }
        return {};
    }

private:
    static bool are_point_and_difference(const UnitValue& a, const UnitValue& b) {
        return (a.is_point && b.is_difference) || (a.is_difference && b.is_point);
    }

    const Udunits& udunits() const {
        std::call_once(once_, [this] { udunits_ = std::make_unique<Udunits>(); });
        return *udunits_;
    }

    const UnitReader& reader_ = table_reader();
    mutable std::once_flag once_;
    mutable std::unique_ptr<Udunits> udunits_;
};

}  // namespace

UnitConversion UnitConversion::make(std::shared_ptr<const ExactScale> exact) {
    UnitConversion made{exact->factor(), exact->offset(), false, std::move(exact)};
    return made;
}

UnitConversion UnitConversion::reversed() const {
    return exact ? make(exact->reversed()) : UnitConversion{scale, offset, !is_reversed, nullptr};
}

double UnitConversion::apply(double value) const noexcept {
    if (exact) return exact->apply(value);
    double divisor = 1;
    if (std::abs(scale) < 1) {
        divisor = std::round(1 / scale);
        if (1 / divisor != scale) divisor = 1;
    }
    if (is_reversed) {
        const double shifted = offset == 0 ? value : value - offset;
        return divisor == 1 ? shifted / scale : shifted * divisor;
    }
    const double scaled = divisor == 1 ? value * scale : value / divisor;
    return offset == 0 ? scaled : scaled + offset;  // -0.0 + 0.0 would be 0.0
}

UnitConversion UnitConversion::flat() const noexcept {
    if (!is_reversed) return *this;
    const double back = -offset / scale;
    return {1 / scale, back == 0 ? 0 : back, false, nullptr};  // no -0
}

std::unique_ptr<UnitSystem> make_units() {
    return std::make_unique<TableUnits>();
}

}  // namespace etalon::schema
