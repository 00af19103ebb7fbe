#include "damage/campaign.h"
#include "etalon/database.h"
#include "etalon/lint.h"
#include "etalon/verify.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace etalon::damage {
namespace {

/// The part of a text where it begins to differ from another one.
std::string around_difference(const std::string& text, const std::string& other) {
    const auto at = static_cast<std::size_t>(std::mismatch(text.begin(), text.end(), other.begin(), other.end()).first -
                                             text.begin());
    const auto from = at < 60 ? 0 : at - 60;
    auto part = text.substr(from, 160);
    std::replace(part.begin(), part.end(), '\n', '|');
    return (from == 0 ? "" : "...") + part + (from + 160 < text.size() ? "..." : "");
}

Outcome compare(const Campaign& campaign, const std::vector<Got>& now, const GroupSet& asked) {
    Outcome outcome;
    for (std::size_t i = 0; i < now.size(); ++i) {
        if (!asked.contains(campaign.questions[i].group)) continue;
        const auto& before = campaign.right[i];
        if (now[i].is_error && (!now[i].is_wrong || (before.is_wrong && before.code() == now[i].code()))) {
            if (!before.is_error || before.code() != now[i].code()) {
                ++outcome.errors;
                ++outcome.codes[now[i].code()];
            }
            continue;
        }
        if (!now[i].is_error && !before.is_error && now[i].text == before.text) continue;
        outcome.differences.push_back({campaign.questions[i].text, around_difference(before.text, now[i].text),
                                       around_difference(now[i].text, before.text)});
    }
    outcome.kind = !outcome.differences.empty() ? Outcome::Kind::Silent
                   : outcome.errors != 0        ? Outcome::Kind::Errors
                                                : Outcome::Kind::Same;
    return outcome;
}

nlohmann::json note_of(std::size_t number, const Outcome& outcome) {
    nlohmann::json note{{"damage", number},
                        {"kind", static_cast<int>(outcome.kind)},
                        {"words", outcome.words},
                        {"errors", outcome.errors},
                        {"codes", outcome.codes},
                        {"found_nothing", outcome.found_nothing},
                        {"differences", nlohmann::json::array()}};
    for (const auto& one : outcome.differences) note["differences"].push_back({one.question, one.before, one.after});
    return note;
}

/// The process of one worker: does the damages of `numbers` in turn and notes what came of each.
class Worker {
public:
    Worker(const Campaign& campaign, std::size_t worker, const std::string& notes)
        : campaign_(campaign), notes_(notes, std::ios::app), medium_(campaign.make_medium(worker)) {}

    void run(const std::vector<std::size_t>& numbers) {
        std::size_t done = 0;
        for (const auto number : numbers) {
            limit_time();
            write({{"begun", number}});
            write(note_of(number, damage(campaign_.damages[number])));
            if (++done % 64 == 0) check_restored();
        }
        check_restored();
    }

private:
    static constexpr unsigned kLimitSeconds = 60;  ///< of the processor, for one damage
    static constexpr unsigned kLimitOfWaiting = 600;

    /// Ends this process when a damage makes it run, or wait, without end.
    static void limit_time() {
        const itimerval limit{{0, 0}, {kLimitSeconds, 0}};
        setitimer(ITIMER_PROF, &limit, nullptr);
        alarm(kLimitOfWaiting);
    }

    Outcome damage(const Damage& damage) {
        Outcome outcome;
        try {
            medium_->damage(damage);
        } catch (const Impossible& why) {
            outcome.kind = Outcome::Kind::Impossible;
            outcome.words = why.what();
            medium_->restore();
            return outcome;
        }
        outcome = ask(groups_of(damage));
        if (damage.kind != Damage::Kind::File && damage.kind != Damage::Kind::Index) {
            const auto findings = count_findings(medium_->url());
            // The numbers of chunks' rows say nothing, nor does white space in the JSON text of an array.
            const bool says_nothing =
                outcome.kind == Outcome::Kind::Same &&
                (damage.place == "bytes.ID" || damage.text.find("became text [") != std::string::npos);
            outcome.found_nothing = findings && *findings == 0 && !says_nothing;
        }
        medium_->restore();
        return outcome;
    }

    Outcome ask(const GroupSet& groups) {
        return compare(campaign_, ask_all({medium_->url(), campaign_.second}, campaign_.questions, groups), groups);
    }

    /// In a quick run: every other damage over the second place, every other one below it, and the large values only
    /// where binary data may be hit.
    GroupSet groups_of(const Damage& damage) {
        if (campaign_.everything) return kAllGroups;
        GroupSet groups{Group::Main, is_over_ ? Group::Over : Group::Under};
        is_over_ = !is_over_;
        if (damage.hits_blobs) groups.insert(Group::Heavy);
        return groups;
    }

    /// What was restored answers as before: no damage leaks into the next.
    void check_restored() {
        const auto outcome = ask(kAllGroups);
        if (outcome.kind == Outcome::Kind::Same) return;
        std::string words = "a restored place does not answer as before";
        for (const auto& one : outcome.differences)
            words += "\n" + one.question + ": " + one.before + " -> " + one.after;
        throw std::logic_error(words);
    }

    void write(const nlohmann::json& note) {
        notes_ << note.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n' << std::flush;
    }

    const Campaign& campaign_;
    std::ofstream notes_;
    std::unique_ptr<Medium> medium_;
    bool is_over_ = true;
};

/// What all processes that have ended took of the processors.
double seconds_of_children() {
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// A size that is damaged must not take the memory of the machine.
void limit_memory() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    const rlimit limit{rlim_t{6} << 30, rlim_t{6} << 30};
    setrlimit(RLIMIT_AS, &limit);
#endif
}

/// Reads what a worker noted; returns the damages that are done, and the one that it had begun when it ended.
std::pair<std::set<std::size_t>, std::optional<std::size_t>> read_notes(const std::string& path,
                                                                        std::vector<Outcome>& outcomes) {
    std::optional<std::size_t> open;
    std::set<std::size_t> done;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        const auto note = nlohmann::json::parse(line);
        if (note.contains("begun")) {
            open = note.at("begun");
            continue;
        }
        open.reset();
        const std::size_t number = note.at("damage");
        done.insert(number);
        auto& outcome = outcomes.at(number);
        outcome.kind = static_cast<Outcome::Kind>(note.at("kind").get<int>());
        outcome.words = note.at("words");
        outcome.errors = note.at("errors");
        outcome.codes = note.at("codes");
        outcome.found_nothing = note.at("found_nothing");
        outcome.differences.clear();
        for (const auto& one : note.at("differences")) outcome.differences.push_back({one.at(0), one.at(1), one.at(2)});
    }
    return {std::move(done), open};
}

}  // namespace

std::optional<std::size_t> count_findings(const std::string& url) {
    OpenOptions opening;
    opening.examine = true;
    VerifyOptions all;
    all.deep = true;
    try {
        return Database::open(url, opening).verify(all).findings.size();
    } catch (const Error&) {
        // Not even that much can be opened, and it says so.
        return 1;
    }
}

std::vector<Outcome> run(const Campaign& campaign) {
    std::vector<Outcome> outcomes(campaign.damages.size());
    const auto workers =
        std::min<std::size_t>({std::max(1U, std::thread::hardware_concurrency()), 8, campaign.damages.size()});
    std::vector<std::vector<std::size_t>> numbers(workers);
    for (std::size_t i = 0; i < outcomes.size(); ++i) numbers[i % workers].push_back(i);
    const auto notes_of = [&](std::size_t worker) { return fmt::format("{}/notes_{}", campaign.folder, worker); };
    std::map<pid_t, std::size_t> running;
    const auto start = [&](std::size_t worker) {
        const auto id = fork();
        REQUIRE(id >= 0);
        if (id != 0) {
            running[id] = worker;
            return;
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (const int deadly : {SIGSEGV, SIGABRT, SIGFPE, SIGILL, SIGBUS, SIGTERM}) signal(deadly, SIG_DFL);
        limit_memory();
        int status = 0;
        try {
            Worker(campaign, worker, notes_of(worker)).run(numbers[worker]);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "worker %zu: %s\n", worker, error.what());
            status = 1;
        }
        _exit(status);
    };
    for (std::size_t worker = 0; worker < workers; ++worker) start(worker);
    while (!running.empty()) {
        int status = 0;
        const auto ended = running.find(waitpid(-1, &status, 0));
        if (ended == running.end()) continue;
        const auto worker = ended->second;
        running.erase(ended);
        auto [done, open] = read_notes(notes_of(worker), outcomes);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
        if (!WIFSIGNALED(status) || !open) {
            FAIL_CHECK("worker ", worker, " gave up");  // it has said why
            continue;
        }
        auto& outcome = outcomes.at(*open);
        outcome.kind = Outcome::Kind::Crash;
        outcome.words = strsignal(WTERMSIG(status));
        done.insert(*open);
        std::ofstream(notes_of(worker), std::ios::app) << note_of(*open, outcome).dump() << '\n';
        std::erase_if(numbers[worker], [&done = done](std::size_t number) { return done.contains(number); });
        start(worker);
    }
    return outcomes;
}

void report(const Campaign& campaign, const std::vector<Outcome>& outcomes, const std::string& title, double seconds) {
    struct Count {
        std::size_t all = 0, impossible = 0, same = 0, errors = 0, silent = 0, crash = 0, unverified = 0;
    };
    const auto count = [](Count& to, const Outcome& outcome) {
        ++to.all;
        to.impossible += outcome.kind == Outcome::Kind::Impossible ? 1 : 0;
        to.same += outcome.kind == Outcome::Kind::Same ? 1 : 0;
        to.errors += outcome.kind == Outcome::Kind::Errors ? 1 : 0;
        to.silent += outcome.kind == Outcome::Kind::Silent ? 1 : 0;
        to.crash += outcome.kind == Outcome::Kind::Crash ? 1 : 0;
        to.unverified += outcome.found_nothing ? 1 : 0;
    };
    Count all;
    std::map<std::string, Count> by_place;
    std::map<std::string, std::size_t> codes;
    std::string lines;
    std::string details;
    std::size_t not_asked = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const auto& outcome = outcomes[i];
        const auto& damage = campaign.damages[i];
        count(all, outcome);
        count(by_place[damage.place], outcome);
        for (const auto& [code, number] : outcome.codes) codes[code] += number;
        INFO(damage.text);
        not_asked += outcome.kind == Outcome::Kind::NotAsked ? 1 : 0;
        if (outcome.kind == Outcome::Kind::Impossible) {
            CHECK(outcome.words.find("etalon:") == std::string::npos);  // a trigger was in the way
            continue;
        }
        if (outcome.kind == Outcome::Kind::Crash) lines += fmt::format("CRASH {}: {}\n", damage.text, outcome.words);
        if (outcome.found_nothing) lines += fmt::format("NOT VERIFIED {}\n", damage.text);
        if (outcome.kind != Outcome::Kind::Silent) continue;
        const auto& first = outcome.differences.front();
        lines += fmt::format("SILENT {}; {} questions, {} errors: {}\n    before {}\n    after  {}\n", damage.text,
                             outcome.differences.size(), outcome.errors, first.question, first.before, first.after);
        details += "SILENT " + damage.text + '\n';
        for (const auto& one : outcome.differences)
            details += fmt::format("  {}\n    before {}\n    after  {}\n", one.question, one.before, one.after);
    }
    std::string summary = fmt::format(
        "{}: {} questions; {} damages in {:.0f} s ({:.0f} s of processors): {} impossible, {} with the same answers, "
        "{} with errors, {} SILENT, {} "
        "crashes, {} not seen by verify\nerrors:",
        title, campaign.questions.size(), all.all, seconds, seconds_of_children(), all.impossible, all.same, all.errors,
        all.silent, all.crash, all.unverified);
    for (const auto& [code, number] : codes) summary += fmt::format(" {} {}", code, number);
    summary += '\n';
    for (const auto& [place, one] : by_place) {
        if (one.silent + one.crash + one.unverified == 0) continue;
        summary +=
            fmt::format("  {:44} {:5} damages, {:5} same, {:5} errors, {:5} SILENT, {} crashes, {} not verified\n",
                        place, one.all - one.impossible, one.same, one.errors, one.silent, one.crash, one.unverified);
    }
    // Everything goes to the file that ETALON_DAMAGE_REPORT names, else as much as can be read.
    if (const char* path = std::getenv("ETALON_DAMAGE_REPORT"); path != nullptr && *path != '\0') {
        std::ofstream(path, std::ios::app) << summary << lines << "ALL QUESTIONS\n" << details;
    } else if (lines.size() > 12'000) {
        lines = lines.substr(0, lines.rfind('\n', 12'000)) + "\n... the rest with ETALON_DAMAGE_REPORT=FILE\n";
    }
    std::fputs((summary + (std::getenv("ETALON_DAMAGE_REPORT") == nullptr ? lines : "")).c_str(), stderr);
    CHECK(not_asked == 0);
    CHECK(all.silent == 0);
    CHECK(all.crash == 0);
    CHECK(all.unverified == 0);
}

bool is_set(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0' && std::string_view(value) != "0";
}

void keep_wanted(std::vector<Damage>& damages) {
    const char* only = std::getenv("ETALON_DAMAGE_ONLY");
    if (only == nullptr || *only == '\0') return;
    std::erase_if(damages, [&](const Damage& damage) { return !damage.text.starts_with(only); });
}

std::vector<Got> ask_twice(const Places& places, const std::vector<Question>& questions) {
    auto first = ask_all(places, questions);
    const auto second = ask_all(places, questions);
    for (std::size_t i = 0; i < questions.size(); ++i) {
        INFO(questions[i].text);
        CHECK(first[i].text == second[i].text);
        CHECK(first[i].text.find("an exception that is no Error") == std::string::npos);
    }
    return first;
}

}  // namespace etalon::damage
