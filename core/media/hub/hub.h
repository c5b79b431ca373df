#pragma once

#include "core/media/hub/stream.h"

#include <map>
#include <memory>

namespace headgate {

// The streams that this node carries. Belongs to one event loop's thread.
class Hub
{
public:
    // So many, with the longest names, fit into a heartbeat.
    static constexpr std::size_t mostStreams = 2000;

    // AlreadyExists if the name is taken, ResourceExhausted. The stream lives until end().
    Result<Stream*> open(const StreamKey& key, StreamSource source, MonotonicTime now);

    Stream* find(const StreamKey& key);

    // Its subscribers are told; the reference is dead afterwards. Not from within Stream::push().
    void end(Stream& stream);

    const std::map<StreamKey, std::unique_ptr<Stream>>& streams() const { return m_streams; }

    // Grows whenever a stream comes or goes, or its publisher does.
    std::uint64_t revision() const { return m_revision; }
    void publisherChanged() { ++m_revision; }

    int publisherCount() const;
    int subscriberCount(Subscriber::Kind kind) const;

private:
    std::map<StreamKey, std::unique_ptr<Stream>> m_streams;
    std::uint64_t m_revision = 0;
};

}  // namespace headgate
