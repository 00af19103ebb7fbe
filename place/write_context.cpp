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

namespace {

std::string user_name() {
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    const auto id = geteuid();
    if (getpwuid_r(id, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->pw_name;
    return fmt::format("uid {}", id);
}

}  // namespace

CommitInfo WriteContext::who() const {
    auto who = info;
    if (who.author.empty()) who.author = user_name();
    if (who.host.empty()) {
        std::array<char, 256> host{};
        if (gethostname(host.data(), host.size() - 1) == 0) who.host = host.data();
    }
    if (who.program.empty()) who.program = program_invocation_short_name;
    return who;
}

Commit::Commit(Place& place, const WriteContext& context, index::TableUse use)
    : context_(context), tx_(place.connection().begin(backends::TransactionMode::Write)) {
    index::lock_tables(*tx_, use);
}

const index::CommitStamp& Commit::take_number() {
    return stamp_ = index::begin_commit(*tx_, context_.clock());
}

std::int64_t Commit::finish() {
    index::write_commit_log(*tx_, stamp_, context_.who());
    tx_->commit();
    return stamp_.seq;
}

}  // namespace etalon::place
