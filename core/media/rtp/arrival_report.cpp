#include "core/media/rtp/arrival_report.h"

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

constexpr std::int64_t tick = 250;              // microseconds
constexpr std::int64_t ticksOfReference = 256;  // 64 ms

enum Status : std::uint32_t
{
    NotReceived = 0,
    SmallDelta = 1,
    LargeDelta = 2
};

// The status of each packet, out of runs and vectors of one or two bits.
std::vector<std::uint32_t> readStatuses(ByteReader& reader, std::size_t count)
{
    std::vector<std::uint32_t> statuses;
    statuses.reserve(count);
    while (statuses.size() < count && reader.ok()) {
        const std::uint32_t chunk = reader.u16();
        const bool isRun = (chunk & 0x8000) == 0;
        const std::uint32_t bits = (chunk & 0x4000) == 0 ? 1 : 2;
        const std::size_t length = isRun ? chunk & 0x1FFF : 14 / bits;
        for (std::size_t i = 0; i < length && statuses.size() < count; ++i)
            statuses.push_back(isRun
                                   ? chunk >> 13 & 3
                                   : chunk >> (14 - bits * (static_cast<std::uint32_t>(i) + 1)) & (bits == 1 ? 1 : 3));
    }
    return statuses;
}

}  // namespace

std::vector<PacketArrival> readArrivals(ByteReader reader)
{
    const std::uint32_t first = reader.u16();
    const std::size_t count = reader.u16();
    const std::int64_t reference = reader.u24();
    reader.u8();
    if (count > mostArrivals)
        return {};
    std::vector<PacketArrival> arrivals;
    arrivals.reserve(count);
    std::int64_t at = reference * ticksOfReference;
    for (const std::uint32_t status : readStatuses(reader, count)) {
        PacketArrival arrival{static_cast<std::uint16_t>(first + arrivals.size())};
        if (status != NotReceived) {
            at +=
                status == SmallDelta ? static_cast<std::int64_t>(reader.u8()) : static_cast<std::int16_t>(reader.u16());
            arrival.atUs = at * tick;
        }
        arrivals.push_back(arrival);
    }
    return reader.ok() ? arrivals : std::vector<PacketArrival>();
}

void ArrivalReport::add(std::uint16_t sequence, std::chrono::microseconds at)
{
    if (!m_next)
        m_next = sequence;
    const std::int64_t reference = m_arrivals.empty() ? *m_next : m_arrivals.rbegin()->first;
    const std::int64_t number = reference + static_cast<std::int16_t>(sequence - static_cast<std::uint16_t>(reference));
    if (number < *m_next - mostLate)
        return;
    if (number - *m_next >= mostPackets) {
        m_arrivals.clear();
        m_next = number;
    }
    if (!m_arrivals.emplace(number, at.count() / tick).second)
        return;
    m_next = std::min(*m_next, number);
    m_hasNews = true;
}

Bytes ArrivalReport::take(std::uint32_t mediaSsrc)
{
    constexpr std::uint32_t ourSsrc = 1;
    constexpr int symbolsOfChunk = 7;
    Bytes out;
    if (!std::exchange(m_hasNews, false))
        return out;
    const std::int64_t newest = m_arrivals.rbegin()->first;
    const std::int64_t first = *std::exchange(m_next, newest + 1);
    const std::int64_t count = newest - first + 1;
    const std::int64_t start = m_arrivals.lower_bound(first)->second / ticksOfReference;
    Bytes chunks;
    Bytes deltas;
    std::int64_t last = start * ticksOfReference;
    for (std::int64_t at = 0; at < count; at += symbolsOfChunk) {
        std::uint32_t chunk = 0xC000;  // seven symbols of two bits
        for (int i = 0; i < symbolsOfChunk; ++i) {
            const auto arrival = m_arrivals.find(first + at + i);
            if (arrival == m_arrivals.end())
                continue;
            const std::int64_t delta = std::clamp<std::int64_t>(arrival->second - last, -0x8000, 0x7FFF);
            last += delta;
            const bool isSmall = delta >= 0 && delta <= 0xFF;
            chunk |= (isSmall ? SmallDelta : LargeDelta) << (2 * (symbolsOfChunk - 1 - i));
            if (isSmall)
                appendU8(deltas, static_cast<std::uint32_t>(delta));
            else
                appendU16(deltas, static_cast<std::uint32_t>(delta));
        }
        appendU16(chunks, chunk);
    }
    m_arrivals.erase(m_arrivals.begin(), m_arrivals.lower_bound(newest - mostLate));
    const std::size_t size = 20 + chunks.size() + deltas.size();
    const std::size_t words = (size + 3) / 4;
    appendU8(out, 0x80 | 15);
    appendU8(out, 205);
    appendU16(out, static_cast<std::uint32_t>(words - 1));
    appendU32(out, ourSsrc);
    appendU32(out, mediaSsrc);
    appendU16(out, static_cast<std::uint32_t>(first));
    appendU16(out, static_cast<std::uint32_t>(count));
    appendU24(out, static_cast<std::uint32_t>(start));
    appendU8(out, m_count++);
    appendView(out, chunks);
    appendView(out, deltas);
    out.resize(words * 4);
    if (out.size() > size) {
        out[0] |= 0x20;  // padding, whose last byte counts it
        out.back() = static_cast<std::uint8_t>(out.size() - size);
    }
    return out;
}

}  // namespace headgate
