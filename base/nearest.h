#pragma once
/// "Did you mean ...": the known words nearest to an unknown one.

#include <string>
#include <string_view>
#include <vector>

namespace etalon {

/// At most `most` of `known`, nearest first by edit distance (ignoring case), none farther than a third of the length
/// plus one.
[[nodiscard]] std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& known,
                                               std::size_t most);

/// `did you mean 'a' or 'b'?`, empty when there is nothing near.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace etalon
