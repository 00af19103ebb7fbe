// The small parts of answers.

#include "etalon/answer.h"

#include <fmt/format.h>

#include <cstring>

#include "etalon/rows.h"

namespace etalon {

namespace {

std::vector<std::int64_t> elements_with(const AnswerData& answer, Status status) {
    std::vector<std::int64_t> elements;
    for (const auto& one : answer.elements) {
        if (one.status == status) elements.push_back(one.element);
    }
    return elements;
}

}  // namespace

std::vector<std::int64_t> Answer::missing() const {
    return elements_with(*data_, Status::Gap);
}
std::vector<std::int64_t> Answer::holes() const {
    return elements_with(*data_, Status::Hole);
}

namespace detail {

void throw_no_rows(const AnswerData& answer) {
    const auto& validity = answer.validity;
    throw Error(ErrorCode::Unknown,
                {fmt::format("no rows: the answer is a {}", name_of(answer.status)), answer.name, "rows",
                 fmt::format("none in [{}, {})", format_position({validity.axis, validity.begin}),
                             validity.end ? format_position({validity.axis, *validity.end}) : "until superseded"),
                 "ask status() first"});
}

void throw_bad_index(const AnswerData& answer, std::size_t index) {
    throw Error(ErrorCode::Usage, {"row index out of range", answer.name, fmt::format("less than {}", answer.num_rows),
                                   std::to_string(index), ""});
}

bool rows_differ(const AnswerData& a, const AnswerData& b) noexcept {
    if (a.status != b.status || a.num_rows != b.num_rows || a.elements.size() != b.elements.size() ||
        a.absent != b.absent || a.truncated != b.truncated) {
        return true;
    }
    for (std::size_t i = 0; i < a.elements.size(); ++i) {
        const auto& one = a.elements[i];
        const auto& other = b.elements[i];
        if (one.status != other.status || one.num_rows != other.num_rows || one.absent != other.absent ||
            one.truncated != other.truncated) {
            return true;
        }
    }
    if (a.num_rows == 0) return false;
    return a.layout->size != b.layout->size ||
           std::memcmp(a.data.get(), b.data.get(), a.layout->size * a.num_rows) != 0;
}

}  // namespace detail
}  // namespace etalon
