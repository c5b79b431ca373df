#include "core/media/recording/flv_cutter.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace headgate::recording {

namespace {

// The difference holds over the wrap-around.
Duration since(std::uint32_t start, std::uint32_t end)
{
    return Duration(std::max(static_cast<std::int32_t>(end - start), 0));
}

}  // namespace

bool FlvCutter::isCut(const MediaFrame& frame, Duration length) const
{
    const bool isStart = m_hasVideo ? frame.isKeyFrame() : frame.kind() == FrameKind::Audio;
    return (isStart && length >= Duration(m_pace.segmentMs)) || m_segmentBytes > m_pace.mostSegmentBytes;
}

void FlvCutter::begin(const MediaFrame& frame, TimePoint arrived)
{
    auto init = std::make_shared<hls::Init>();
    Bytes head;
    appendFlvFileHeader(head, m_hasVideo && m_format.audioHeader() ? FlvContent::Both
                              : m_hasVideo                         ? FlvContent::Video
                                                                   : FlvContent::Audio);
    for (const SharedFrame& essential : m_format.essentials())
        appendFlvTag(head, tagTypeOf(essential->kind()), frame.timestampMs(), essential->body());
    init->bytes = std::make_shared<const Bytes>(std::move(head));
    m_sink.segmentBegan({std::move(init), arrived, false});
    m_isOpen = true;
    m_segmentStart = m_partStart = frame.timestampMs();
    m_segmentBytes = 0;
}

void FlvCutter::push(const SharedFrame& frame, TimePoint arrived)
{
    constexpr Duration partLength{1000};
    if (frame->isEssential())
        m_format.add(frame);
    if (frame->kind() == FrameKind::Video)
        m_hasVideo = true;
    const std::uint32_t now = frame->timestampMs();
    if (!m_isOpen) {
        const bool isStart = m_hasVideo ? frame->isKeyFrame() : frame->kind() == FrameKind::Audio;
        if (!isStart || frame->isEssential())
            return;
        begin(*frame, arrived);
    } else if (!frame->isEssential()) {
        if (isCut(*frame, since(m_segmentStart, now))) {
            endPart(now);
            m_sink.segmentEnded();
            begin(*frame, arrived);
        } else if (since(m_partStart, now) >= partLength) {
            endPart(now);
        }
    }
    if (m_part.empty())
        m_isPartIndependent = frame->isKeyFrame();
    const std::size_t before = m_part.size();
    appendFlvTag(m_part, tagTypeOf(frame->kind()), now, frame->body());
    m_segmentBytes += m_part.size() - before;
    m_last = now;
}

void FlvCutter::endPart(std::uint32_t timestampMs)
{
    if (m_part.empty())
        return;
    m_sink.partMade({static_cast<int>(since(m_partStart, timestampMs).count()), m_isPartIndependent,
                     std::make_shared<const Bytes>(std::exchange(m_part, {}))});
    m_partStart = timestampMs;
}

void FlvCutter::finish()
{
    if (!std::exchange(m_isOpen, false))
        return;
    endPart(m_last);
    m_sink.segmentEnded();
}

}  // namespace headgate::recording
