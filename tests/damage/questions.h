#pragma once
/// A fixed list of questions to a place, alone and in stacks, with answers as text.

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace etalon::damage {

/// The places that are asked.
struct Places {
    std::string main;
    std::string second;
};

/// Kinds of questions: to the place alone, over the second one, below it, and for large values. Those beside the main
/// ones are left out of some damages, to save time.
enum class Group : std::uint8_t { Main, Over, Under, Heavy };
using GroupSet = std::set<Group>;
inline const GroupSet kAllGroups{Group::Main, Group::Over, Group::Under, Group::Heavy};

class Session;

struct Question {
    std::string text;
    std::function<std::string(Session&)> ask;
    Group group = Group::Main;
};

/// What one question got: an answer, or the code of an Error and its words.
struct Got {
    std::string text;
    bool is_error = false;
    bool is_wrong = false;  ///< an exception that is none of ours, or Error(Usage)

    /// Of an error: the name of its code.
    [[nodiscard]] std::string code() const { return text.substr(0, text.find(':')); }
};

/// All questions; what they ask for is taken from the place, which must be whole.
[[nodiscard]] std::vector<Question> make_questions(const Places& places);

/// Opens anew and asks all questions of these groups; the others get an empty answer. When the places cannot be opened
/// every question gets that error.
[[nodiscard]] std::vector<Got> ask_all(const Places& places, const std::vector<Question>& questions,
                                       const GroupSet& wanted = kAllGroups);

}  // namespace etalon::damage
