#include "etalon/error.h"

#include <string_view>
#include <utility>

#include "base/passwords.h"
#include "base/printable.h"

namespace etalon {
namespace {

std::string message_of(const ErrorInfo& info) {
    std::string text = info.what;
    const auto append = [&text](std::string_view separator, std::string_view part) {
        if (part.empty()) return;
        if (!text.empty()) text += separator;
        text += part;
    };
    append(", ", info.where);
    if (!info.expected.empty()) append("; ", "expected " + info.expected);
    if (!info.found.empty()) append(info.expected.empty() ? "; " : ", ", "found " + info.found);
    append("; ", info.advice);
    return text;
}

/// The parts as people may read them, wherever they come from: control and bidi characters and bytes that are no UTF-8
/// as visible escapes, and `***` for what may be a password.
ErrorInfo fit_for_people(ErrorInfo info) {
    for (auto* part : {&info.what, &info.where, &info.expected, &info.found, &info.advice}) {
        *part = printable(without_passwords(*part));
    }
    return info;
}

}  // namespace

Error::Error(ErrorCode code, ErrorInfo info)
    : std::runtime_error(message_of(fit_for_people(info))), code_(code), info_(fit_for_people(std::move(info))) {}

Error Error::told(ErrorInfo info) const {
    return Error(code_, std::move(info)).set_retryable(retryable_).set_obstacle(obstacle_);
}

Error Error::within(std::string_view where, std::string_view between) const {
    auto info = info_;
    info.where = std::string(where) + (info.where.empty() ? "" : std::string(between) + info.where);
    return told(std::move(info));
}

Error Error::at(std::string where) const {
    auto info = info_;
    info.where = std::move(where);
    return told(std::move(info));
}

Error Error::about(std::string_view what) const {
    auto info = info_;
    info.what = std::string(what) + ": " + info.what;
    return told(std::move(info));
}

Error Error::advised(std::string advice) const {
    auto info = info_;
    info.advice = std::move(advice);
    return told(std::move(info));
}

Error Error::as(ErrorCode code) const {
    return Error(code, info_).set_retryable(retryable_).set_obstacle(obstacle_);
}

int exit_status(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::Usage:
        case ErrorCode::BadInput:
        case ErrorCode::WrongAxis:
            return 2;
        case ErrorCode::Unknown:
        case ErrorCode::Conversion:
        case ErrorCode::Refused:
        case ErrorCode::Conflict:
        case ErrorCode::ReadOnly:
        case ErrorCode::Format:
        case ErrorCode::Corrupt:
        case ErrorCode::Backend:
        case ErrorCode::Internal:
            break;
    }
    return 3;
}

}  // namespace etalon
