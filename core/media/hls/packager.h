#pragma once

#include "core/media/hls/playlist.h"
#include "core/media/hls/viewer.h"
#include "core/media/http/reply.h"
#include "core/media/hub/stream.h"
#include "core/media/net/log.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headgate::hls {

// What is asked of a packager, and what has to be there before it can be answered.
struct Wish
{
    enum class Kind
    {
        Multivariant,
        Playlist,
        Part
    };

    Kind kind = Kind::Playlist;
    std::optional<Place> place{};  // none: of a playlist the first complete segment
    Extent extent = Extent::Whole;
    std::string viewer{};  // Viewer::name(), for the multivariant playlist
};

// Makes HLS of one stream while somebody watches it: its segments and playlists, who watches, and who waits for what is
// to come. To the stream it is a follower on behalf of its viewers. Belongs to the main loop's thread.
class Packager final : private StreamFollower, private TurnEndTask
{
public:
    static constexpr std::size_t mostWaiting = 20'000;
    // A stream that was found and of which nothing comes is given up after so long.
    static constexpr Duration startPatience{10'000};
    // Kept so long for those who come back, and after the stream's end for those who are behind.
    static constexpr Duration linger{10'000};
    static constexpr Duration endLinger{30'000};

    struct Settings
    {
        int segmentMs = 2000;
        Duration window{30'000};
    };

    // `name` is a part of all addresses; who knows it has been let in.
    Packager(EventLoop& loop, const Log& log, Stream& stream, std::string name, Settings settings);
    ~Packager() override;

    const std::string& folder() const { return m_folder; }  // of its addresses, with the slashes around it
    const Stream* stream() const { return m_stream; }       // null after its end
    const StreamKey& key() const { return m_key; }
    const Shelf& shelf() const { return m_shelf; }
    const Pace& pace() const { return m_pace; }

    // The answer; null: `asker` gets it later.
    http_flv::SharedReply ask(Wish wish, const std::weak_ptr<http_flv::Asker>& asker);

    // A segment, a part that is there, or an init segment by the name in its address; null if there is none.
    http_flv::SharedReply find(std::string_view file) const;

    void join(Viewer& viewer) { m_viewers.emplace(viewer.name(), &viewer); }
    void leave(const Viewer& viewer, std::string_view reason = "left");
    Viewer* viewer(std::string_view name) const;
    std::size_t viewerCount() const { return m_viewers.size(); }
    std::size_t waitingCount() const { return m_waiting.size(); }

    void setMostBytes(std::size_t bytes) { m_mostBytes = bytes; }

    // About twice a second: ends viewers who ask for nothing, and answers those who waited for too long.
    void tick();

    // Nobody needs it any more.
    bool isOver() const;
    void endViewers(std::string_view reason);

private:
    struct Waiting
    {
        std::weak_ptr<http_flv::Asker> asker;
        Wish wish;
        MonotonicTime until;
    };

    void framePushed(const SharedFrame& frame) override;
    void sourceChanged(const StreamSource&) override {}
    void streamRestarted(const StreamSource& source) override;
    void streamEnded() override;
    int count(Subscriber::Kind kind) const override;
    std::uint64_t skips() const override { return 0; }
    std::uint64_t framesSkipped() const override { return 0; }
    void turnEnded() override;

    void shelfChanged();
    void takeCache(const GopCache& cache);
    bool canAnswer(const Wish& wish) const;
    std::optional<Error> faultOf(const Wish& wish) const;
    http_flv::SharedReply answerTo(const Wish& wish);
    http_flv::SharedReply playlist(const Wish& wish);
    http_flv::SharedReply multivariant(const std::string& viewer);
    Error silence() const;

    EventLoop& m_loop;
    const Log& m_log;
    Stream* m_stream;
    StreamKey m_key;
    std::string m_name;
    std::string m_folder;
    Pace m_pace;
    Shelf m_shelf;
    Segmenter m_segmenter;
    Place m_shown;                                          // the next place when the playlists were made
    http_flv::SharedReply m_playlists[2][2];                // by extent, and by whether it was waited for
    std::map<std::string, Viewer*, std::less<>> m_viewers;  // by name
    std::vector<Waiting> m_waiting;
    std::size_t m_mostBytes = 64 * 1024 * 1024;
    MonotonicTime m_lastViewer;  // when there was one
    std::optional<MonotonicTime> m_endedAt;
};

}  // namespace headgate::hls
