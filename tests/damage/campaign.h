#pragma once
/// Does one damage after the other in processes of their own, asks all questions, and tells what came of it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "damage/questions.h"
#include "damage/stored.h"

namespace etalon::damage {

/// How many findings `verify --deep` has about a place; nothing as long as there is no such check. To be filled in with
/// Database::verify: it must find something after every damage to a table, and nothing before.
[[nodiscard]] std::optional<std::size_t> count_findings(const std::string& url);

/// What one damage did.
struct Outcome {
    enum class Kind : std::uint8_t { NotAsked, Impossible, Same, Errors, Silent, Crash };
    struct Difference {
        std::string question;
        std::string before;
        std::string after;
    };
    Kind kind = Kind::NotAsked;
    std::string words;                         ///< why it was impossible, or how it crashed
    std::size_t errors = 0;                    ///< questions that were answered by an error only now
    std::map<std::string, std::size_t> codes;  ///< of these errors
    std::vector<Difference> differences;
    bool found_nothing = false;  ///< `verify` saw nothing
};

/// What is to be done and what is right.
struct Campaign {
    std::vector<Question> questions;
    std::vector<Got> right;
    std::vector<Damage> damages;
    bool everything = false;  ///< all questions after every damage
    std::string second;       ///< the place that stays whole
    std::string folder;       ///< for the notes of the workers
    std::function<std::unique_ptr<Medium>(std::size_t worker)> make_medium;
};

/// Asks the undamaged place twice; what is not the same then cannot be judged.
[[nodiscard]] std::vector<Got> ask_twice(const Places& places, const std::vector<Question>& questions);

/// Keeps only the damages whose text begins as ETALON_DAMAGE_ONLY says.
void keep_wanted(std::vector<Damage>& damages);

/// Does all damages. A process that crashes costs one of them: another one goes on. Holds no database while it forks.
[[nodiscard]] std::vector<Outcome> run(const Campaign& campaign);

/// Tells people; fails when anything was silent, crashed, or could not be done because something of Etalon's was in the
/// way.
void report(const Campaign& campaign, const std::vector<Outcome>& outcomes, const std::string& title, double seconds);

/// True when the environment sets it to anything but nothing and 0.
[[nodiscard]] bool is_set(const char* name);

}  // namespace etalon::damage
