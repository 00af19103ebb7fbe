#pragma once
/// Run maps: which run was taken when. They lead from the run axis to the time axis and back, always explicitly.

#include <cstdint>
#include <optional>
#include <string>

#include "etalon/answer.h"
#include "etalon/interval.h"
#include "etalon/time.h"

namespace etalon {

/// One run and its time [begin, end). Without an end the run goes on until another one begins.
struct RunSpan {
    Run run;
    Time begin;
    std::optional<Time> end;
    friend bool operator==(const RunSpan&, const RunSpan&) = default;
};

/// What a run map says of a run, or of a time.
struct RunAnswer {
    std::optional<RunSpan> span;           ///< no value: no such run, or no run at that time
    Interval validity;                     ///< on the asked axis, where the answer stays the same
    std::optional<Provenance> provenance;  ///< of the record of the run, when there is one
};

}  // namespace etalon
