#pragma once

#include "core/media/hls/segmenter.h"
#include "core/media/http/reply.h"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace headgate::hls {

// A part as it is sent.
struct ShelvedPart
{
    int durationMs = 0;
    bool isIndependent = false;
    http_flv::SharedReply reply;
};

// What is sent for an init segment; the number is of its name.
struct ShelvedInit
{
    std::uint64_t number = 0;
    SharedInit init;
    http_flv::SharedReply reply;
};

struct Segment
{
    std::uint64_t number = 0;
    TimePoint at;
    bool isDiscontinuity = false;
    std::uint64_t discontinuities = 0;  // of the stream up to this one and with it
    std::shared_ptr<const ShelvedInit> init;
    std::vector<ShelvedPart> parts;
    int durationMs = 0;
    std::size_t bytes = 0;
    bool isComplete = false;
    http_flv::SharedReply reply;  // when complete
};

// A place in the sequence of parts: of those that are there the newest, or one that is to come.
struct Place
{
    std::uint64_t segment = 0;
    std::size_t part = 0;

    auto operator<=>(const Place&) const = default;
};

// The segments of one stream that can be had: those in the playlist, which lasts for a window of time, and those that
// left it not longer ago than it lasts (RFC 8216, 6.2.2). Bounded in bytes, with which both may get shorter.
class Shelf final : public SegmentSink
{
public:
    // At least so many segments stay in the playlist; not more than the window has half seconds, however short they
    // are.
    static constexpr std::size_t leastListed = 3;

    // `tag` makes the ETags of this shelf differ from those of others.
    Shelf(Duration window, std::string tag) : m_window(window), m_tag(std::move(tag)) {}

    void segmentBegan(const SegmentStart& start) override;
    void partMade(Part part) override;
    void segmentEnded() override;

    // Leaves out what is too old, or too much.
    void trim(std::size_t mostBytes);

    const std::deque<Segment>& segments() const { return m_segments; }  // oldest first; the last may be under way
    std::size_t firstListed() const { return m_firstListed; }           // an index; its number grows
    const Segment* find(std::uint64_t number) const;
    http_flv::SharedReply initReply(std::uint64_t number) const;
    const SharedInit& init() const { return m_init->init; }  // the newest; once there is a segment

    // The next part to come.
    Place next() const { return m_next; }
    bool hasSegment() const { return !m_segments.empty() && m_segments.front().isComplete; }
    std::size_t bytes() const { return m_bytes; }
    const std::string& tag() const { return m_tag; }

private:
    void removeFirst();

    Duration m_window;
    std::string m_tag;
    std::deque<Segment> m_segments;
    std::size_t m_firstListed = 0;
    std::shared_ptr<const ShelvedInit> m_init;
    std::uint64_t m_discontinuities = 0;
    Place m_next;
    std::size_t m_bytes = 0;
};

}  // namespace headgate::hls
