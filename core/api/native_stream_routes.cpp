#include "core/api/native_call.h"
#include "core/wire/native_codec.h"

#include <utility>

namespace headgate {

namespace {

http::Response pictureResponse(Thumbnail picture)
{
    http::Response response;
    response.headers = {{"ETag", native::entityTagOf(picture.tag)}, {"Cache-Control", "private, max-age=2"}};
    if (picture.jpeg.empty()) {
        response.status = 304;
        return response;
    }
    response.contentType = "image/jpeg";
    response.body = std::move(picture.jpeg);
    return response;
}

}  // namespace

http::Answer NativeRoutes::readStream(const Call& call) const
{
    auto stream = StreamKey::parse(call.query.value("stream"));
    if (!stream)
        return call.failure(stream.error());
    const auto offset = call.query.number("viewerOffset", 0, 0, INT32_MAX);
    if (!offset)
        return call.failure(offset.error());
    const auto limit = call.query.number("viewerLimit", 100, 0, StreamQuery::mostViewers);
    if (!limit)
        return call.failure(limit.error());
    StreamQuery query{NodeGroupName(call.query.value("nodeGroup")), std::move(*stream),
                      NodeId(call.query.value("node")), static_cast<int>(*offset), static_cast<int>(*limit)};
    if (call.caller.isScoped() && !snapshotFor(call)->findStream(query.nodeGroup, query.stream))
        return call.failure(noSuch("stream", query.stream.path()));
    return http::Deferred{[&host = m_context.host, query = std::move(query),
                           requestId = call.requestId](const http::Reply& reply) {
        host.readStream(query, [reply, requestId](const Result<StreamDetails>& details) {
            reply(details ? jsonResponse(200, native::toJson(*details)) : nativeFailure(details.error(), requestId));
        });
    }};
}

http::Answer NativeRoutes::readThumbnail(const Call& call) const
{
    auto stream = StreamKey::parse(call.query.value("stream"));
    if (!stream)
        return call.failure(stream.error());
    const auto width = call.query.number("width", 320, Thumbnail::leastWidth, Thumbnail::mostWidth);
    if (!width)
        return call.failure(width.error());
    constexpr std::size_t longestTag = 100;
    std::string known(native::tagOfEntityTag(call.request.ifNoneMatch));
    if (known.size() > longestTag)
        known.clear();  // none of ours
    ThumbnailQuery query{NodeGroupName(call.query.value("nodeGroup")), std::move(*stream),
                         NodeId(call.query.value("node")), static_cast<int>(*width), std::move(known)};
    if (call.caller.isScoped() && !snapshotFor(call)->findStream(query.nodeGroup, query.stream))
        return call.failure(noSuch("stream", query.stream.path()));
    return http::Deferred{
        [&host = m_context.host, query = std::move(query), requestId = call.requestId](const http::Reply& reply) {
            host.readThumbnail(query, [reply, requestId](Result<Thumbnail> picture) {
                reply(picture ? pictureResponse(std::move(*picture)) : nativeFailure(picture.error(), requestId));
            });
        }};
}

}  // namespace headgate
