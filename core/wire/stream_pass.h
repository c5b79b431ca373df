#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/node.h"
#include "core/domain/route.h"
#include "core/wire/native_routes.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace headgate {

// The leave to publish or to watch one stream at one node, for whom the control plane's roles let, whatever else
// decides there.
struct StreamPassWish
{
    RoutePurpose purpose = RoutePurpose::Subscribe;
    NodeGroupName nodeGroup;
    StreamKey stream;
    NodeId node;
};

struct StreamPass
{
    std::string token;
    std::chrono::seconds expiresIn{0};

    bool operator==(const StreamPass&) const = default;
};

// A session may begin with it within this time, and go on as long as it likes.
inline constexpr std::chrono::seconds streamPassLifetime{300};

// What it begins with; the rest is a JSON Web Token as of JwtAlgorithm::Hs256, whose secret is streamPassKey().
inline constexpr std::string_view streamPassPrefix = "headgate-pass.";

// Of what the control plane and the node alone know.
std::string streamPassKey(std::string_view nodeCredential);

StreamPass makeStreamPass(const StreamPassWish& wish, const std::string& user, std::string_view nodeCredential,
                          TimePoint now);

namespace native {

HttpCall callFor(const StreamPassWish& wish);
nlohmann::json toJson(const StreamPass& pass);
Result<StreamPass> streamPassFromJson(const nlohmann::json& json);

}  // namespace native

}  // namespace headgate
