#include "core/media/hub/hub.h"

#include "core/base/check.h"

namespace headgate {

Result<Stream*> Hub::open(const StreamKey& key, StreamSource source, MonotonicTime now)
{
    const auto [place, isNew] = m_streams.try_emplace(key);
    if (!isNew)
        return fail(ErrorCode::AlreadyExists, "The stream " + key.path() + " is already live.",
                    "Publish under another name, or end the other publisher first.");
    if (m_streams.size() > mostStreams) {
        m_streams.erase(place);
        return fail(ErrorCode::ResourceExhausted,
                    "This node carries " + std::to_string(mostStreams) + " streams already.",
                    "Ask the control plane for another node.");
    }
    place->second = std::make_unique<Stream>(key, std::move(source), now);
    ++m_revision;
    return place->second.get();
}

Stream* Hub::find(const StreamKey& key)
{
    const auto found = m_streams.find(key);
    return found == m_streams.end() ? nullptr : found->second.get();
}

void Hub::end(Stream& stream)
{
    auto node = m_streams.extract(stream.key());
    HG_CHECK(!node.empty() && node.mapped().get() == &stream);
    ++m_revision;
    node.mapped()->end();
}

int Hub::publisherCount() const
{
    int count = 0;
    for (const auto& [key, stream] : m_streams)
        count += stream->source().isPublishedHere ? 1 : 0;
    return count;
}

int Hub::subscriberCount(Subscriber::Kind kind) const
{
    int count = 0;
    for (const auto& [key, stream] : m_streams)
        count += stream->count(kind);
    return count;
}

}  // namespace headgate
