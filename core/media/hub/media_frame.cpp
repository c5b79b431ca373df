#include "core/media/hub/media_frame.h"

#include "core/base/check.h"
#include "core/media/flv/tag_body.h"

#include <algorithm>

namespace headgate {

namespace {

// An AMF0 string marker, its length and the name.
bool startsWithOnMetaData(const Bytes& body)
{
    constexpr std::string_view start("\x02\x00\x0AonMetaData", 13);
    return textOf(body).starts_with(start);
}

}  // namespace

TagType tagTypeOf(FrameKind kind)
{
    switch (kind) {
    case FrameKind::Audio:
        return TagType::Audio;
    case FrameKind::Video:
        return TagType::Video;
    case FrameKind::Script:
        return TagType::Script;
    }
    unreachable();
}

MediaFrame::MediaFrame(FrameKind kind, std::uint32_t timestampMs, Bytes body)
    : m_kind(kind), m_timestampMs(timestampMs), m_body(std::move(body))
{
    if (m_kind == FrameKind::Script) {
        m_isMetadata = startsWithOnMetaData(m_body);
        return;
    }
    const BodyDescription description =
        m_kind == FrameKind::Video ? describeVideoBody(m_body) : describeAudioBody(m_body);
    m_compositionOffsetMs = description.compositionOffsetMs;
    m_isTrackStart = description.isKeyFrame;
    m_isKeyFrame = m_isTrackStart && description.track == 0;
    m_isSequenceHeader = description.isSequenceHeader;
    m_isVideoMetadata = description.isVideoMetadata;
    m_track = description.track;
}

const SharedBytes& MediaFrame::encoded(WireForm form, Encode encode) const
{
    const auto index = static_cast<std::size_t>(form);
    std::call_once(m_encodedOnce[index], [&] { m_encoded[index] = std::make_shared<const Bytes>(encode(*this)); });
    return m_encoded[index];
}

}  // namespace headgate
