#pragma once
/// Differences, printed.

#include <functional>

#include "cli/input/difference_options.h"
#include "cli/invocation.h"
#include "etalon/diff.h"
#include "interchange/differences.h"

namespace etalon::cli {

/// A comparison that is ready to run.
using Compare = std::function<DiffReport(const DiffVisitor&, const Progress&)>;

/// Runs it and prints what comes of it in the format of the invocation. Returns the exit status: 0 equal, 1 different.
/// Nothing is printed when it throws.
int print_differences(Invocation& invocation, const interchange::DifferenceContext& context,
                      const DifferenceOptions& options, const Compare& compare);

}  // namespace etalon::cli
