#pragma once

#include "core/media/hub/media_frame.h"
#include "core/media/ts/transport.h"

#include <cstdint>
#include <optional>
#include <string>

namespace headgate::ts {

// Writes the frames of a stream as a transport stream of one program (ISO 13818-1): each frame as a PES packet of its
// own, tables before each key frame and at least twice a second, so that a receiver may begin at any of them. H.264,
// HEVC, AAC and Opus of the leading tracks; what else comes is left out.
class Muxer
{
public:
    // Whole packets; none for what is no media, or cannot be carried.
    Bytes add(const MediaFrame& frame);

private:
    struct Video
    {
        Codec codec = Codec::Avc;
        std::size_t lengthSize = 4;
        Bytes sets;
        bool operator==(const Video&) const = default;
    };
    struct Audio
    {
        Codec codec = Codec::Aac;
        std::uint32_t objectType = 0;  // of AAC
        std::uint32_t rateIndex = 0;
        std::uint32_t channels = 0;
        bool operator==(const Audio&) const = default;
    };
    struct Unit
    {
        std::uint16_t pid = 0;
        std::uint8_t streamId = 0;
        std::uint8_t* counter = nullptr;
        bool isKeyFrame = false;
        std::uint64_t decodeAt = 0;
        std::uint64_t showAt = 0;
    };

    void configureVideo(const MediaFrame& frame);
    void configureAudio(const MediaFrame& frame);
    Bytes pictureOf(const MediaFrame& frame) const;
    Bytes soundOf(const MediaFrame& frame) const;
    void appendTables(Bytes& out);
    void appendSection(Bytes& out, std::uint16_t pid, std::uint8_t& counter, Bytes section) const;
    void appendUnit(Bytes& out, const Unit& unit, ByteView content) const;

    std::optional<Video> m_video;
    std::optional<Audio> m_audio;
    std::uint8_t m_version = 0;  // of the program's table
    bool m_areTablesDue = true;
    std::uint32_t m_tablesAtMs = 0;
    std::uint8_t m_programsCounter = 0;
    std::uint8_t m_programCounter = 0;
    std::uint8_t m_videoCounter = 0;
    std::uint8_t m_audioCounter = 0;
};

// What is said of a viewer who gets that header; empty if the pictures that it announces are carried.
std::string leftOutWith(const MediaFrame& header);

}  // namespace headgate::ts
