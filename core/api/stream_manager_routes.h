#pragma once

#include "core/api/api_context.h"

#include <span>
#include <string>

namespace headgate {

// Everything below /as/v1: the calls of Stream Manager 2.0 and the plain forms beside them. Any thread.
class StreamManagerRoutes
{
public:
    explicit StreamManagerRoutes(const ApiContext& context) : m_context(context) {}

    http::Answer answer(const http::Request& request, const RequestId& requestId) const;

private:
    // Decoded path segments after /as/v1, query and who asked.
    struct Call;
    using Segments = std::span<const std::string>;

    http::Answer dispatch(const Call& call) const;
    http::Answer signIn(const Call& call) const;

    // --- admin/nodegroup ---
    http::Answer nodeGroups(Call call, Segments rest) const;
    http::Answer nodeGroupStatus(const Call& call, const std::string& name) const;
    http::Answer plainNodeGroups(const Call& call, Segments rest) const;

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

    // --- streams ---
    http::Answer streams(const Call& call, Segments rest) const;
    http::Answer streamsOfGroup(const Call& call, Segments rest) const;
    http::Answer listStreams(const Call& call, const NodeGroupStatus& group) const;
    http::Answer readStream(const Call& call, const NodeGroupStatus& group, Segments guid) const;
    http::Answer locate(const Call& call, const NodeGroupStatus& group, RoutePurpose purpose, Segments guid) const;
    http::Answer plainStreams(const Call& call) const;
    http::Answer plainLocation(const Call& call, Segments rest) const;

    ApiContext m_context;
};

}  // namespace headgate
