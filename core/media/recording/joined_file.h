#pragma once

#include "core/media/net/bytes.h"
#include "core/storage/recording_manifest.h"

#include <map>
#include <optional>
#include <vector>

namespace headgate::recording {

// Makes one file of a recording's segments as they are read one after the other: times begin at 0 and go on, heads that
// were needed once are left out. What is given comes out again with as many bytes, at most a few of them later.
class JoinedFile
{
public:
    // What is taken of one segment, from an offset to its end.
    struct Stretch
    {
        std::string file;
        std::int64_t offset = 0;
        std::int64_t bytes = 0;
    };
    static std::vector<Stretch> stretchesOf(const RecordingManifest& manifest);

    explicit JoinedFile(RecordingFormat format) : m_format(format) {}

    // InvalidArgument for what no recorder of ours wrote.
    Result<Bytes> take(ByteView bytes);

    // Enough was given to know where times begin.
    bool isPrimed() const { return m_format == RecordingFormat::Flv ? m_firstMs.has_value() : m_isStarted; }

    // Goes on with a stretch, by its place among all, of which others may be left out when this is primed. What comes
    // out depends on nothing else.
    void enter(std::size_t stretch);

    // At the end of each stretch nothing may be held back.
    bool isWhole() const { return m_held.empty() && m_toPass == 0; }

private:
    struct Track
    {
        std::uint32_t timescale = 0;
        std::uint64_t begin = 0;  // what is 0 in the file
    };

    std::size_t wanted() const;
    bool readHeld();
    bool readBox();
    bool readTag();
    bool readMovie(ByteView movie);
    bool changeFragment();
    bool setBegin(ByteView fragment);

    const RecordingFormat m_format;
    Bytes m_held;
    std::uint64_t m_toPass = 0;  // bytes that go on unchanged
    bool m_isStarted = false;
    std::optional<std::uint32_t> m_firstMs;   // FLV
    std::map<std::uint32_t, Track> m_tracks;  // fMP4
    std::uint32_t m_sequence = 0;
};

}  // namespace headgate::recording
