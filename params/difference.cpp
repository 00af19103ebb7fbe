#include "params/difference.h"

namespace etalon::params {

std::vector<Difference> differences(const ParameterSet& before, const ParameterSet& after) {
    std::vector<Difference> found;
    auto a = before.begin();
    auto b = after.begin();
    while (a != before.end() || b != after.end()) {
        if (b == after.end() || (a != before.end() && a->first < b->first)) {
            found.push_back({a->first, a->second, std::nullopt});
            ++a;
        } else if (a == before.end() || b->first < a->first) {
            found.push_back({b->first, std::nullopt, b->second});
            ++b;
        } else {
            if (!same_value(a->second, b->second)) found.push_back({a->first, a->second, b->second});
            ++a;
            ++b;
        }
    }
    return found;
}

}  // namespace etalon::params
