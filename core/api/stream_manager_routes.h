#pragma once

#include "core/api/api_context.h"
#include "core/wire/stream_manager_servlets.h"

#include <span>
#include <string>
#include <string_view>

namespace headgate {

// The calls of WHIP and WHEP below /as/v1/proxy, among which OPTIONS is one.
bool isSignallingPath(std::string_view path);

// Everything below /as/v1: the calls of Stream Manager 2.0 and the plain forms beside them. Any thread.
class StreamManagerRoutes
{
public:
    explicit StreamManagerRoutes(const ApiContext& context) : m_context(context) {}

    http::Answer answer(const http::Request& request, const RequestId& requestId) const;

private:
    // Decoded path segments after /as/v1, query and who asked.
    struct Call;
    struct ListForm;
    using Segments = std::span<const std::string>;

    // As what the caller may act; of signalling the token may be that of the stream, which the node judges.
    tl::expected<Caller, CallRefusal> admit(const http::Request& request, const AccessRule& rule) const;
    http::Answer dispatch(const Call& call) const;
    // As call.snapshot: what the caller may see.
    StoredPlanPtr planFor(const Call& call) const;
    http::Answer signIn(const Call& call) const;
    http::Answer submit(const Call& call, Command command, http::Response done, const std::string& ifMatch = {}) const;
    http::Answer description(const Call& call, const std::string& service) const;

    // --- admin/nodegroup ---
    http::Answer nodeGroups(Call call, Segments rest) const;
    http::Answer nodeGroupStatus(const Call& call, const std::string& name) const;
    http::Answer plainNodeGroups(const Call& call, Segments rest) const;

    http::Answer scaling(const Call& call, Segments rest) const;
    http::Answer scalePool(const Call& call, const NodeGroupStatus& group, const std::string& subgroup,
                           const std::string& role) const;
    http::Answer moveNode(const Call& call, const NodeGroupStatus& group, const NodeId& id) const;
    http::Answer change(const Call& call, Command command, std::uint64_t version) const;

    // --- NodeGroupConfig documents: node groups with their schedules, and configuration overlays ---
    http::Answer listDocuments(const Call& call) const;
    http::Answer listScheduled(const Call& call, Segments rest) const;
    http::Answer readDocument(const Call& call, const std::string& name) const;
    http::Answer createDocument(const Call& call) const;
    http::Answer replaceDocument(const Call& call) const;
    http::Answer deleteDocument(const Call& call, const std::string& name) const;
    http::Answer write(const Call& call, Command command) const;

    // --- admin/evaluate ---
    http::Answer evaluate(const Call& call, Segments rest) const;

    // --- admin/terraform ---
    http::Answer terraform(const Call& call, Segments rest) const;

    // --- proxy ---
    http::Answer forward(const Call& call) const;
    // What is asked of a node at a path of Stream Manager, and answered here.
    enum class Form
    {
        One,
        List
    };
    http::Answer serve(const Call& call, const ForwardTarget& target, const NodeStatus& node,
                       const stream_manager::ServletPlace& place) const;
    http::Answer servePushes(const Call& call, const NodeGroupName& group, const std::string& word) const;
    http::Answer serveRestreams(const Call& call, const NodeGroupName& group, const std::string& word) const;
    http::Answer carryOut(const Call& call, const NodeGroupName& group, stream_manager::ServletAction action,
                          std::vector<stream_manager::ServletOrder> orders, Form form) const;
    http::Answer listOrders(const Call& call, const NodeGroupName& group, const char* member,
                            nlohmann::json (*shownOf)(const nlohmann::json&)) const;
    http::Answer listRecordings(const Call& call, const ForwardTarget& target, const NodeGroupName& group,
                                const stream_manager::ServletPlace& place) const;
    http::Answer signal(const Call& call, RoutePurpose purpose, Segments guid) const;
    tl::expected<NodeEndpoints, http::Response> signalledNode(const Call& call, RoutePurpose purpose,
                                                              Segments guid) const;
    static ForwardTarget targetAt(const Call& call, const NodeEndpoints& node, std::string path);
    http::Answer talk(const Call& call, RoutePurpose purpose, Segments guid) const;
    http::Answer proxiedSessions(const Call& call, Segments rest) const;

    // --- streams/provision ---
    http::Answer provisions(const Call& call, Segments rest) const;
    http::Answer readProvision(const Call& call, const ProvisionKey& key) const;
    http::Answer putProvisions(const Call& call, const NodeGroupName& group, PutMode mode) const;
    http::Answer distribute(const Call& call, const ProvisionKey& key) const;
    void distributeFor(const Call& call, const NodeGroupName& group, const StreamKey& stream) const;
    // Distributes provisions that have jobs, and answers where these run. `provisions` are sealed.
    http::Answer restream(const Call& call, const NodeGroupName& group, std::vector<Provision> provisions,
                          int statusWithoutNode) const;
    http::Answer restreamOf(const Call& call, const NodeGroupName& group, const StreamKey& stream) const;

    // --- streams/mixer, streams/images ---
    http::Answer mixerEvents(const Call& call, Segments rest) const;
    http::Answer mixerImages(const Call& call, Segments rest) const;

    // --- streams ---
    http::Answer streams(const Call& call, Segments rest) const;
    http::Answer streamsOfGroup(const Call& call, Segments rest) const;
    http::Answer listStreams(const Call& call, const NodeGroupStatus& group) const;
    http::Answer readStream(const Call& call, const NodeGroupStatus& group, Segments guid) const;
    http::Answer locate(const Call& call, const NodeGroupStatus& group, RoutePurpose purpose, Segments guid) const;
    // Unauthenticated if who asks shows no token and the group, null if there is none, is not for everybody.
    Result<void> checkRouting(const Call& call, const NodeGroupStatus* group) const;
    // Whether who asks may know the address of a node.
    bool isTold(const Call& call, const NodeEndpoints& endpoints) const;
    bool isTold(Standing standing, const NodeEndpoints& endpoints) const;
    nlohmann::json locationsOf(const StreamStatus& stream, const ListForm& form) const;
    http::Answer plainStreams(const Call& call) const;
    http::Answer plainLocation(const Call& call, Segments rest) const;

    ApiContext m_context;
};

}  // namespace headgate
