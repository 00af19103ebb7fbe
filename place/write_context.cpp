#include "place/write_context.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>

#include "backends/ddl.h"
#include "backends/relations.h"
#include "base/name_text.h"
#include "base/passwords.h"
#include "base/printable.h"
#include "base/user_name.h"
#include "index/tables.h"

namespace etalon::place {

Time now() {
    return Time{
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count()};
}

CommitInfo WriteContext::who() const {
    auto who = info;
    // What the machine says is taken as far as it is text.
    if (who.author.empty()) {
        who.author = printable(find_user_name(geteuid()).value_or(fmt::format("uid {}", geteuid())));
    }
    if (who.host.empty()) {
        std::array<char, 256> host{};
        if (gethostname(host.data(), host.size() - 1) == 0) who.host = printable(host.data());
    }
    if (who.program.empty()) who.program = printable(program_invocation_short_name);
    for (const auto& [text, what] : {std::pair(&who.author, "commit's author"), std::pair(&who.host, "commit's host"),
                                     std::pair(&who.program, "commit's program"), std::pair(&who.reason, "reason")}) {
        check_free_text(*text, what);
        *text = without_passwords(*text);
    }
    return who;
}

namespace {

void renew_trigger_functions(backends::Connection& connection) {
    if (connection.engine() == backends::Engine::Sqlite) return;
    if (!backends::has_old_trigger_functions(*connection.begin(backends::TransactionMode::Single))) return;
    const auto tx = connection.begin(backends::TransactionMode::Write);
    // Alone: two that replace one function at the same time get in each other's way.
    index::lock_tables(*tx, index::TableUse::Change);
    tx->execute_script(backends::immutability_functions(connection.engine()) +
                       index::trigger_functions(connection.engine()));
    tx->commit();
}

}  // namespace

std::unique_ptr<backends::Transaction> begin_write(backends::Connection& connection, index::TableUse use) {
    renew_trigger_functions(connection);
    auto tx = connection.begin(backends::TransactionMode::Write);
    index::lock_tables(*tx, use);
    return tx;
}

Commit::Commit(Place& place, const WriteContext& context, index::TableUse use)
    : context_(context), tx_(begin_write(place.connection(), use)) {}

const index::CommitStamp& Commit::take_number() {
    return stamp_ = index::begin_commit(*tx_, context_.clock());
}

std::int64_t Commit::finish() {
    index::write_commit_log(*tx_, stamp_, context_.who());
    tx_->commit();
    return stamp_.seq;
}

}  // namespace etalon::place
