#pragma once
/// Answers over several layers: asked from the top, the first with a record wins, and the gaps of those above trim its
/// interval (docs/layers.md).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "etalon/answer.h"
#include "etalon/request.h"
#include "layers/stack.h"
#include "place/place.h"

namespace etalon::layers {

/// What is asked of all layers: one answer. Read as of what commits_of() says of its name.
struct LayeredRequest {
    std::string name;
    std::string version;  ///< chain; empty: default
    std::vector<std::int64_t> elements;
    std::optional<std::int64_t> time;  ///< for a reference on the time axis
    std::optional<std::int64_t> run;   ///< for one on the run axis
    bool any_position = false;         ///< a baseLine read: needs no position
    std::string where;                 ///< who asks, for errors; empty: the reference itself
    Condition condition = {};          ///< FetchOptions::where
};

/// Answers several requests, each as of its commits; one transaction a layer. Of the context, snapshot and rules are
/// filled in here. Throws Error(Unknown) for a name that no layer knows, Error(Refused) where layers disagree on what
/// it is, Error(WrongAxis) without a position on its axis.
[[nodiscard]] std::vector<Answer> ask_layers(LayerStack& stack, const std::vector<LayeredRequest>& requests,
                                             const std::vector<LayerCommits>& commits, LayerUnit unit,
                                             const place::ReadContext& context);

}  // namespace etalon::layers
