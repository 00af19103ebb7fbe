#include "place/write_context.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>

namespace etalon::place {

Time now() {
    return Time{
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count()};
}

WriteContext::WriteContext(CommitInfo who) : info(std::move(who)) {
    if (info.author.empty()) {
        const auto* user = getpwuid(geteuid());
        info.author = user != nullptr ? user->pw_name : fmt::format("uid {}", geteuid());
    }
    if (info.host.empty()) {
        std::array<char, 256> host{};
        if (gethostname(host.data(), host.size() - 1) == 0) info.host = host.data();
    }
    if (info.program.empty()) info.program = program_invocation_short_name;
}

Commit::Commit(Place& place, const WriteContext& context, index::TableUse use)
    : context_(context), tx_(place.connection().begin(backends::TransactionMode::Write)) {
    index::lock_tables(*tx_, use);
}

const index::CommitStamp& Commit::take_number() {
    return stamp_ = index::begin_commit(*tx_, context_.clock());
}

std::int64_t Commit::finish() {
    index::write_commit_log(*tx_, stamp_, context_.info);
    tx_->commit();
    return stamp_.seq;
}

}  // namespace etalon::place
