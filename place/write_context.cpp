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
#include "etalon/error.h"
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
    backends::change_tables(connection, [&](backends::TableLocks& locks) {
        const auto tx = connection.begin(backends::TransactionMode::Write);
        // Alone: two that replace one function at the same time get in each other's way.
        index::lock_tables(*tx, index::TableUse::Change, locks.left());
        tx->execute_script(backends::immutability_functions(connection.engine()) +
                           index::trigger_functions(connection.engine()));
        tx->commit();
    });
}

}  // namespace

std::unique_ptr<backends::Transaction> begin_write(backends::Connection& connection) {
    renew_trigger_functions(connection);
    auto tx = connection.begin(backends::TransactionMode::Write);
    index::lock_tables(*tx, index::TableUse::Fill);
    return tx;
}

std::unique_ptr<backends::Transaction> begin_write(backends::Connection& connection, backends::TableLocks& locks) {
    renew_trigger_functions(connection);
    auto tx = connection.begin(backends::TransactionMode::Write);
    locks.want({});
    index::lock_tables(*tx, index::TableUse::Change, locks.left());
    return tx;
}

Commit::Commit(Place& place, const WriteContext& context)
    : place_(place), context_(context), tx_(begin_write(place.connection())) {}

Commit::Commit(Place& place, const WriteContext& context, backends::TableLocks& locks)
    : place_(place), context_(context), tx_(begin_write(place.connection(), locks)) {}

const index::CommitStamp& Commit::take_number() {
    return stamp_ = index::begin_commit(*tx_, context_.clock());
}

std::int64_t Commit::finish() {
    const auto commit = index::write_commit_log(*tx_, stamp_, context_.who());
    try {
        tx_->commit();
    } catch (const Error& error) {
        if (error.obstacle() != Obstacle::InDoubt || !was_made(commit)) throw;
    }
    place_.count_commit();
    return stamp_.seq;
}

bool Commit::was_made(const index::CommitHead& commit) {
    const auto name = fmt::format("{}-{}", commit.seq, commit.hash.substr(0, 16));
    const auto& shown = place_.connection().place();
    tx_.reset();
    bool is_there = false;
    try {
        // The session that was asked to commit holds the lock of writers until it is over, whatever became of it: who
        // has that lock alone sees the end. A new connection checks that the server has what was read before.
        const auto tx = place_.connection().begin(backends::TransactionMode::Write);
        index::lock_tables(*tx, index::TableUse::Change);
        is_there = index::has_commit(*tx, commit);
    } catch (const Error& error) {
        throw Error(ErrorCode::Backend,
                    {fmt::format("the connection was lost during COMMIT, so commit {} may or may not be there", name),
                     shown, "", fmt::format("when the server was asked again: {}", error.info().what),
                     fmt::format("look for it before repeating it: 'etalon --at-least {} log' shows it when it is "
                                 "there, and is refused when another one has its number",
                                 name)})
            .set_obstacle(Obstacle::InDoubt);
    }
    if (is_there) return true;
    throw Error(ErrorCode::Backend,
                {fmt::format("the connection was lost during COMMIT, and commit {} was not made", name), shown, "", "",
                 "nothing was written: repeat"})
        .set_retryable(true)
        .set_obstacle(Obstacle::Disconnected);
}

}  // namespace etalon::place
