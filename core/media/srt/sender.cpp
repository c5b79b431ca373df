#include "core/media/srt/sender.h"

#include "core/media/ts/transport.h"

#include <srt/srt.h>

#include <algorithm>
#include <array>

namespace headgate::srt {

namespace {

constexpr std::size_t messageSize = 7 * ts::packetSize;
// At once, so that a joiner's start does not fill the queues on its way; and in libsrt's hands, which is 2.7 MB.
constexpr int mostAtOnce = 128;
constexpr std::size_t mostUnderWay = 2048;

}  // namespace

void Sender::append(SharedBytes packets, MonotonicTime now)
{
    m_size += packets->size();
    m_slices.push_back(Slice{std::move(packets), 0, now});
}

Sender::State Sender::send(SrtSocket::Id socket)
{
    return sendDown(socket, messageSize - 1);
}

Sender::State Sender::flush(SrtSocket::Id socket)
{
    return sendDown(socket, 0);
}

Sender::State Sender::sendDown(SrtSocket::Id socket, std::size_t left)
{
    if (m_size <= left)
        return State::Done;
    std::size_t underWay = 0;
    if (::srt_getsndbuffer(socket, &underWay, nullptr) == SRT_ERROR)
        return State::Broken;
    for (int i = 0; i < mostAtOnce && underWay < mostUnderWay && m_size > left; ++i, ++underWay) {
        if (!sendMessage(socket, std::min(m_size, messageSize)))
            return ::srt_getlasterror(nullptr) == SRT_EASYNCSND ? State::Blocked : State::Broken;
    }
    return m_size > left ? State::Blocked : State::Done;
}

bool Sender::sendMessage(SrtSocket::Id socket, std::size_t size)
{
    const auto give = [&](const std::uint8_t* bytes) {
        return ::srt_sendmsg(socket, reinterpret_cast<const char*>(bytes), static_cast<int>(size), -1, 1) >= 0;
    };
    const Slice& first = m_slices.front();
    if (first.bytes->size() - first.offset >= size) {
        if (!give(first.bytes->data() + first.offset))
            return false;
    } else {
        std::array<std::uint8_t, messageSize> gathered;
        std::size_t filled = 0;
        for (auto slice = m_slices.begin(); filled < size; ++slice) {
            const std::size_t part = std::min(size - filled, slice->bytes->size() - slice->offset);
            std::copy_n(slice->bytes->data() + slice->offset, part, gathered.data() + filled);
            filled += part;
        }
        if (!give(gathered.data()))
            return false;
    }
    consume(size);
    return true;
}

void Sender::consume(std::size_t size)
{
    m_size -= size;
    m_sent += size;
    while (size > 0) {
        Slice& first = m_slices.front();
        const std::size_t part = std::min(size, first.bytes->size() - first.offset);
        first.offset += part;
        size -= part;
        if (first.offset == first.bytes->size())
            m_slices.pop_front();
    }
}

Duration Sender::waitingTime(MonotonicTime now) const
{
    return m_size < messageSize ? Duration(0) : std::chrono::duration_cast<Duration>(now - m_slices.front().since);
}

std::size_t Sender::dropWaiting()
{
    const std::size_t dropped = m_slices.size();
    m_slices.clear();
    m_size = 0;
    return dropped;
}

}  // namespace headgate::srt
