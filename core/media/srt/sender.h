#pragma once

#include "core/media/net/bytes.h"
#include "core/media/net/event_loop.h"
#include "core/media/srt/library.h"

#include <deque>

namespace headgate::srt {

// What waits to be given to libsrt for one receiver: packets of MPEG-TS, seven in each message. What does not fill one
// waits for more, or for flush(). No more is given than the link can have under way, so that the rest can be dropped.
class Sender
{
public:
    enum class State
    {
        Done,     // less than a message is left
        Blocked,  // to be called again in a moment
        Broken    // the connection is gone
    };

    void append(SharedBytes packets, MonotonicTime now);
    State send(SrtSocket::Id socket);
    State flush(SrtSocket::Id socket);  // the last message too, however short

    bool isEmpty() const { return m_size == 0; }
    std::size_t waitingBytes() const { return m_size; }
    Duration waitingTime(MonotonicTime now) const;
    std::size_t dropWaiting();  // how many frames
    std::uint64_t bytesSent() const { return m_sent; }

private:
    struct Slice
    {
        SharedBytes bytes;
        std::size_t offset = 0;
        MonotonicTime since;
    };

    State sendDown(SrtSocket::Id socket, std::size_t left);
    bool sendMessage(SrtSocket::Id socket, std::size_t size);
    void consume(std::size_t size);

    std::deque<Slice> m_slices;
    std::size_t m_size = 0;
    std::uint64_t m_sent = 0;
};

}  // namespace headgate::srt
