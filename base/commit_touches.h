#pragma once
/// What commits touched, put together from the tables of several rooms.

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "etalon/commit.h"

namespace etalon {

/// The commits of a range, both ends included.
struct CommitRange {
    std::int64_t first = 0;
    std::int64_t last = 0;
};

class CommitTouches {
public:
    /// What is known of a thing that a commit touched, to be added to.
    CommitTouch& at(std::int64_t commit, Touched kind, std::string name) {
        auto& touch = touches_[{commit, kind, name}];
        touch.kind = kind;
        touch.name = std::move(name);
        return touch;
    }
    /// Of one commit, in order of kind and name.
    [[nodiscard]] std::vector<CommitTouch> of(std::int64_t commit) const {
        std::vector<CommitTouch> found;
        for (auto it = touches_.lower_bound({commit, Touched::Reference, ""});
             it != touches_.end() && std::get<0>(it->first) == commit; ++it) {
            found.push_back(it->second);
        }
        return found;
    }

private:
    std::map<std::tuple<std::int64_t, Touched, std::string>, CommitTouch> touches_;
};

}  // namespace etalon
