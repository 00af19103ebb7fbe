#include "schema/units.h"

#include <udunits2.h>

#include <cmath>
#include <string>

#include "base/mutex.h"
#include "base/number_text.h"
#include "etalon/error.h"

namespace etalon::schema {
namespace {

constexpr double kClose = 1e-13;  ///< relative; UDUNITS computes factors with a few roundings

/// The whole number that `value` is but for rounding, or nothing.
std::optional<double> nearly_whole(double value) noexcept {
    const double whole = std::round(value);
    if (whole == 0 || !std::isfinite(whole) || std::abs(value - whole) > kClose * std::abs(whole)) return std::nullopt;
    return whole;
}

double without_rounding_noise(double scale) noexcept {
    if (const auto whole = nearly_whole(scale)) return *whole;
    if (const auto whole = nearly_whole(1 / scale)) return 1 / *whole;
    return scale;
}

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

class Udunits final : public UnitSystem {
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

    ~Udunits() override {
        const MutexLock lock(library_mutex());
        system_.reset();
    }
    Udunits(const Udunits&) = delete;
    Udunits& operator=(const Udunits&) = delete;

    std::optional<UnitConversion> conversion(std::string_view from, std::string_view to) const override {
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
        return UnitConversion{without_rounding_noise(scale), offset};
    }

    bool knows(std::string_view unit) const override {
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

}  // namespace

double UnitConversion::apply(double value) const noexcept {
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
    return {1 / scale, back == 0 ? 0 : back, false};  // no -0
}

std::unique_ptr<UnitSystem> make_udunits() {
    return std::make_unique<Udunits>();
}

}  // namespace etalon::schema
