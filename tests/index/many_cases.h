#pragma once
/// rapidcheck with a number of cases of its own.

#include <rapidcheck.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <utility>

namespace etalon::test {

/// As rc::check, with `cases` cases unless RC_PARAMS asks for another number than rapidcheck's own 100; for properties
/// whose cases are long.
template <class Testable>
bool check_some(const std::string& what, int cases, Testable&& testable) {
    const rc::detail::TestMetadata metadata{what, what};
    auto params = rc::detail::configuration().testParams;
    if (params.maxSuccess == 100) params.maxSuccess = cases;
    const auto result = rc::detail::checkTestable(std::forward<Testable>(testable), metadata, params);
    std::cerr << "- " << what << '\n';
    rc::detail::printResultMessage(result, std::cerr);
    std::cerr << '\n';
    return result.template is<rc::detail::SuccessResult>();
}

/// As rc::check, with at least `cases` cases. The seed is printed by rapidcheck; RC_PARAMS repeats a failure.
template <class Testable>
bool check_many(const std::string& what, int cases, Testable&& testable) {
    const rc::detail::TestMetadata metadata{what, what};
    auto params = rc::detail::configuration().testParams;
    params.maxSuccess = std::max(params.maxSuccess, cases);
    const auto result = rc::detail::checkTestable(std::forward<Testable>(testable), metadata, params);
    std::cerr << "- " << what << '\n';
    rc::detail::printResultMessage(result, std::cerr);
    std::cerr << '\n';
    return result.template is<rc::detail::SuccessResult>();
}

}  // namespace etalon::test
