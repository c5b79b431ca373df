#include "core/api/native_call.h"
#include "core/wire/native_codec.h"
#include "core/wire/provision_document.h"

namespace headgate {

http::Answer NativeRoutes::readRecordings(const Call& call) const
{
    const auto limit = call.query.number("limit", 100, 1, RecordingQuery::most);
    if (!limit)
        return call.failure(limit.error());
    RecordingQuery query{NodeGroupName(call.query.value("nodeGroup")), call.query.value("stream"),
                         call.query.value("cursor"), static_cast<int>(*limit)};
    return later(
        m_context.storage, call.requestId,
        [&host = m_context.host, snapshot = snapshotFor(call), query = std::move(query), requestId = call.requestId] {
            const auto page = host.readRecordings(*snapshot, query);
            if (!page)
                return nativeFailure(page.error(), requestId);
            native::Json document = native::toJson(*page);
            if (page->next.empty())
                document.erase("nextCursor");
            return jsonResponse(200, document);
        });
}

http::Answer NativeRoutes::deleteRecording(const Call& call) const
{
    if (call.query.find("dryRun"))
        return call.failure(
            Error{ErrorCode::InvalidArgument, "Recordings are deleted without a dry run.", "Leave dryRun out.", {}});
    // Ids have no slash.
    const std::size_t slash = call.parameter.rfind('/');
    if (slash == std::string::npos)
        return call.failure(noSuch("recording", call.parameter));
    RecordingKey key{NodeGroupName(call.parameter.substr(0, slash)), call.parameter.substr(slash + 1)};
    return later(m_context.storage, call.requestId,
                 [&host = m_context.host, snapshot = snapshotFor(call), key = std::move(key), actor = call.caller.actor,
                  requestId = call.requestId] {
                     const auto done = host.deleteRecording(*snapshot, key, actor, requestId);
                     return done ? jsonResponse(200, native::Json::object()) : nativeFailure(done.error(), requestId);
                 });
}

http::Answer NativeRoutes::testStore(const Call& call) const
{
    if (!snapshotFor(call)->findNodeGroup(NodeGroupName(call.parameter)))
        return call.failure(noSuch("node group", call.parameter));
    const auto json = native::parse(call.request.body);
    auto store = json ? native::s3SettingsFromJson(*json) : tl::unexpected(json.error());
    if (!store)
        return call.failure(store.error());
    return later(m_context.storage, call.requestId,
                 [&host = m_context.host, snapshot = snapshotFor(call), group = NodeGroupName(call.parameter),
                  store = std::move(*store), requestId = call.requestId] {
                     const auto done = host.testStore(*snapshot, group, store);
                     return done ? jsonResponse(200, native::Json::object()) : nativeFailure(done.error(), requestId);
                 });
}

}  // namespace headgate
