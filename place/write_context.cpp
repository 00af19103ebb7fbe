#include "place/write_context.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>

#include "base/user_name.h"

namespace etalon::place {

Time now() {
    return Time{
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count()};
}

CommitInfo WriteContext::who() const {
    auto who = info;
    if (who.author.empty()) who.author = find_user_name(geteuid()).value_or(fmt::format("uid {}", geteuid()));
    if (who.host.empty()) {
        std::array<char, 256> host{};
        if (gethostname(host.data(), host.size() - 1) == 0) who.host = host.data();
    }
    if (who.program.empty()) who.program = program_invocation_short_name;
    return who;
}

Commit::Commit(Place& place, const WriteContext& context, index::TableUse use)
    : context_(context), tx_(place.begin_write(use)) {}

const index::CommitStamp& Commit::take_number() {
    return stamp_ = index::begin_commit(*tx_, context_.clock());
}

std::int64_t Commit::finish() {
    index::write_commit_log(*tx_, stamp_, context_.who());
    tx_->commit();
    return stamp_.seq;
}

}  // namespace etalon::place
