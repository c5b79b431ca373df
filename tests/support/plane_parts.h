#pragma once

#include "core/domain/node_group.h"
#include "core/plane/engine_host.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <utility>

// What tests of the control plane's parts share.
namespace headgate::test {

// Loopback addresses of this test process alone, so that tests can run beside each other.
inline std::string ownNetwork()
{
    const int pid = ::getpid();
    return "127." + std::to_string(90 + pid / 256 % 120) + "." + std::to_string(pid % 256) + ".0/24";
}

inline std::string builtProgram(const std::string& name)
{
    const char* folder = std::getenv("HEADGATE_BIN_DIR");
    return std::string(folder == nullptr ? "bin" : folder) + "/" + name;
}

// Looks every 10 ms until `condition` holds or the time is over.
inline bool waitFor(const std::function<bool()>& condition, std::chrono::milliseconds limit = std::chrono::seconds(30))
{
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

// One subgroup, an origin role and an edge role of so many nodes.
inline NodeGroup sampleGroup(const std::string& name, int origins, int edges)
{
    NodeGroup group;
    group.name = NodeGroupName(name);
    group.description = "A group of a test.";
    group.cloudPlatform = "LOCAL";
    NodeImage image;
    image.name = "node";
    image.image = "node-0.1";
    group.images = {image};
    Role edge;
    edge.name = "edge";
    edge.imageName = "node";
    edge.parentRoleName = "origin";
    edge.capabilities = {Capability::Subscribe};
    Role origin;
    origin.name = "origin";
    origin.imageName = "node";
    origin.capabilities = {Capability::Publish};
    group.roles = {edge, origin};
    Subgroup subgroup;
    subgroup.name = "here";
    subgroup.cloudProperties = "region=here";
    ScaleRule edgeRule;
    edgeRule.roleName = "edge";
    edgeRule.min = edges;
    edgeRule.max = edges;
    ScaleRule originRule;
    originRule.roleName = "origin";
    originRule.min = origins;
    originRule.max = origins;
    subgroup.rules = {edgeRule, originRule};
    group.subgroups = {subgroup};
    return group;
}

inline CommandRequest requestOf(Command command)
{
    CommandRequest request;
    request.command = std::move(command);
    request.actor = Actor{"tester"};
    request.requestId = RequestId("request-1");
    return request;
}

inline Result<CommandOutcome> submitAndWait(EngineHost& host, CommandRequest request)
{
    std::promise<Result<CommandOutcome>> answer;
    auto future = answer.get_future();
    host.submit(std::move(request),
                [&answer](Result<CommandOutcome> outcome) { answer.set_value(std::move(outcome)); });
    return future.get();
}

}  // namespace headgate::test
