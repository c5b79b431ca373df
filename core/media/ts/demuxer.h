#pragma once

#include "core/media/ts/transport.h"

#include <functional>
#include <optional>
#include <vector>

namespace headgate::ts {

// The payload of a whole PES packet (ISO 13818-1, 2.4.3.6).
struct ElementaryUnit
{
    Codec codec = Codec::Avc;
    std::optional<std::uint64_t> showAt;    // PTS
    std::optional<std::uint64_t> decodeAt;  // DTS; none: as showAt
    ByteView bytes;
};

// Takes PES packets out of a transport stream: the first program, of it the first picture and the first sound whose
// codecs are known. What lost a packet is left out. Needs no thread and never waits, which is why it is not FFmpeg's:
// that reads until it has what it wants, and takes "nothing yet" for an end.
class Demuxer
{
public:
    using Use = std::function<void(const ElementaryUnit& unit)>;

    explicit Demuxer(Use use) : m_use(std::move(use)) {}

    // In pieces of any size. What stands between packets is skipped.
    void append(ByteView bytes);

    // Of the last table of the program: in its order, those that are taken.
    const std::vector<Codec>& codecs() const { return m_codecs; }
    bool hasProgram() const { return m_hasProgram; }

private:
    // An elementary stream, or one of tables.
    struct Track
    {
        std::uint16_t pid = 0;
        Codec codec = Codec::Avc;
        std::optional<std::uint32_t> counter;
        bool isOpen = false;
        Bytes unit;
    };

    void takeAll(ByteView bytes);
    void takePacket(ByteView packet);
    bool followsOn(Track& track, ByteView packet);
    void takeSection(Track& track, ByteView payload, bool isStart, void (Demuxer::*use)(ByteView));
    void takeUnitPart(Track& track, ByteView payload, bool isStart);
    void finish(Track& track);
    void readPrograms(ByteView section);
    void readProgram(ByteView section);

    Use m_use;
    Bytes m_rest;  // a packet at most
    bool m_isInStep = false;
    Track m_programs;
    Track m_program;
    Bytes m_lastProgram;  // as read
    bool m_hasProgram = false;
    std::vector<Track> m_tracks;
    std::vector<Codec> m_codecs;
};

}  // namespace headgate::ts
