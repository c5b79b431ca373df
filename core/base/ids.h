#pragma once

#include <string>
#include <utility>

namespace headgate {

// A string that means one kind of thing: a NodeId cannot be passed where a StreamKey is wanted.
template <typename Tag>
struct Id
{
    std::string value;

    Id() = default;
    explicit Id(std::string text) : value(std::move(text)) {}
    bool isEmpty() const { return value.empty(); }
    auto operator<=>(const Id&) const = default;
};

using NodeId = Id<struct NodeIdTag>;            // 10 alphanumerics, chosen by the engine
using NodeGroupName = Id<struct NodeGroupTag>;  // 1 to 16 of [A-Za-z0-9_.-], not "default"
using RequestId = Id<struct RequestIdTag>;      // chosen by the caller or the API, at most 64 characters

}  // namespace headgate
