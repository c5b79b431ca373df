#include "core/media/preview/stream_player.h"

#include "core/media/preview/frame_scaler.h"
#include "core/media/preview/playout_clock.h"
#include "core/media/preview/sound_output.h"
#include "core/media/preview/stream_input.h"
#include "core/media/stamp/picture_stamp.h"
#include "core/media/stamp/sei_stamp.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace headgate {

namespace {

using Steady = std::chrono::steady_clock;
using Microseconds = std::chrono::microseconds;

constexpr std::chrono::milliseconds tooLate{60};
constexpr std::chrono::milliseconds longestHold{250};  // a late picture is better than none for so long
constexpr std::chrono::milliseconds longestCatchUp{1000};
constexpr std::chrono::milliseconds burst{300};  // the cached pictures are there by then

TimePoint wallTime()
{
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

int milliseconds(Microseconds time)
{
    return std::max(0, static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()));
}

// So many decoded pictures of that size may wait.
std::size_t mostWaiting(const AVFrame& frame)
{
    constexpr std::size_t mostBytes = 256 * 1024 * 1024;
    constexpr std::size_t fewest = 8;
    constexpr std::size_t most = 240;
    std::size_t bytes = 1;
    for (const AVBufferRef* const buffer : frame.buf)
        bytes += buffer ? buffer->size : 0;
    return std::clamp(mostBytes / bytes, fewest, most);
}

// From the SEI stamp to now.
std::optional<Duration> transportOf(const AVFrame& frame)
{
    for (int i = 0; i < frame.nb_side_data; ++i) {
        const AVFrameSideData& side = *frame.side_data[i];
        if (side.type != AV_FRAME_DATA_SEI_UNREGISTERED)
            continue;
        if (const auto stampedAt = timeOfSeiStamp({side.data, side.size}))
            return wallTime() - *stampedAt;
    }
    return std::nullopt;
}

}  // namespace

// From start() to stop(): one thread reads and decodes, one shows.
class StreamPlayer::Session
{
public:
    Session(const Options& options, const Callbacks& callbacks, std::string url)
        : m_callbacks(callbacks),
          m_url(std::move(url)),
          m_authoritiesFile(options.authoritiesFile),
          m_buffer(options.buffer),
          m_clock(options.buffer),
          m_scaler(options.maxWidth, options.maxHeight),
          m_reader([this] { readAll(); }),
          m_shower([this] { showAll(); })
    {}

    ~Session()
    {
        {
            const std::lock_guard lock(m_mutex);
            m_stop = true;
        }
        m_wake.notify_all();
        m_reader.join();
        m_shower.join();
    }

    SoundOutput& sound() { return m_sound; }

private:
    struct Picture
    {
        FramePtr frame;
        Microseconds time{0};
        PictureStamps stamps;
    };

    void readAll();
    Result<void> playConnection();
    Result<void> take(StreamInput& input, const CodedPacket& packet);
    void enqueue(FramePtr frame, Microseconds time);
    void showAll();
    std::optional<Picture> nextPicture(Steady::time_point until);
    void show(const Picture& picture);
    void report();

    const Callbacks& m_callbacks;
    const std::string m_url;
    const std::string m_authoritiesFile;
    const std::chrono::milliseconds m_buffer;

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::atomic<bool> m_stop = false;
    PlayoutClock m_clock;  // by m_mutex, as all down to m_statistics
    std::deque<Picture> m_queue;
    std::int64_t m_bytesRead = 0;
    bool m_hasShown = false;     // of this connection
    bool m_hasCaughtUp = false;  // the first picture in time was there: later losses count
    bool m_hasPlayed = false;    // media came on this connection
    StreamPlayerStatistics m_statistics;

    // Of the showing thread.
    FrameScaler m_scaler;
    Steady::time_point m_lastShown;
    Steady::time_point m_lastReport;
    int m_shownSinceReport = 0;

    SoundOutput m_sound;
    std::thread m_reader;  // last: they use all of the above
    std::thread m_shower;
};

void StreamPlayer::Session::readAll()
{
    constexpr std::chrono::milliseconds firstPause{500};
    constexpr std::chrono::milliseconds longestPause{5000};
    auto pause = firstPause;
    while (!m_stop) {
        const auto played = playConnection();
        if (m_stop)
            return;
        if (m_callbacks.onFailed)
            m_callbacks.onFailed(played.error());
        std::unique_lock lock(m_mutex);
        if (std::exchange(m_hasPlayed, false))
            pause = firstPause;
        m_wake.wait_for(lock, pause, [this] { return m_stop.load(); });
        pause = std::min(pause * 2, longestPause);
    }
}

// Comes back only with the reason why it could not go on.
Result<void> StreamPlayer::Session::playConnection()
{
    auto input = StreamInput::open(m_url, m_authoritiesFile, m_stop);
    if (!input)
        return tl::unexpected(input.error());
    {
        const std::lock_guard lock(m_mutex);
        m_clock = PlayoutClock(m_buffer);
        m_queue.clear();
        m_hasShown = false;
        m_hasCaughtUp = false;
        m_statistics.videoFormat.clear();
        m_statistics.audioFormat.clear();
    }
    for (;;) {
        const auto packet = (*input)->read();
        if (!packet)
            return tl::unexpected(packet.error());
        if (auto taken = take(**input, *packet); !taken)
            return taken;
        const std::lock_guard lock(m_mutex);
        m_hasPlayed = m_hasPlayed || !packet->isConfiguration;
        m_statistics.videoFormat = (*input)->videoFormat();
        m_statistics.audioFormat = (*input)->audioFormat();
        m_statistics.soundProblem = (*input)->soundProblem();
    }
}

Result<void> StreamPlayer::Session::take(StreamInput& input, const CodedPacket& packet)
{
    const bool isVideo = packet.kind == CodedPacket::Kind::Video;
    if (!packet.isConfiguration) {
        const std::lock_guard lock(m_mutex);
        const auto now = Steady::now();
        if (m_clock.packetArrived(packet.decodingTime, now))
            m_queue.clear();
        m_bytesRead += static_cast<std::int64_t>(packet.bytes.size());
        // While muted, sound is decoded until its format is known.
        if (!isVideo && m_sound.isMuted() && !m_statistics.audioFormat.empty())
            return {};
        if (m_hasCaughtUp)
            m_clock.waitFor(packet.decodingTime, now);
    }
    return input.decode(packet, [&](FramePtr frame, Microseconds time) {
        if (isVideo) {
            enqueue(std::move(frame), time);
            return;
        }
        std::unique_lock lock(m_mutex);
        const Steady::time_point due = m_clock.dueAt(time);
        const double speed = m_clock.speedAt(due);
        lock.unlock();
        m_sound.play(std::move(frame), due, speed);
    });
}

void StreamPlayer::Session::enqueue(FramePtr frame, Microseconds time)
{
    PictureStamps stamps;
    stamps.transport = transportOf(*frame);
    {
        const std::lock_guard lock(m_mutex);
        const bool isFull = m_queue.size() >= mostWaiting(*frame);
        m_queue.push_back({std::move(frame), time, stamps});
        if (isFull) {
            m_queue.pop_front();
            m_clock.skipTo(m_queue.front().time, Steady::now());
            m_statistics.droppedFrames += m_hasCaughtUp ? 1 : 0;
        }
    }
    m_wake.notify_all();
}

// The next picture that is due and worth showing, none when `until` comes first or the player stops.
std::optional<StreamPlayer::Session::Picture> StreamPlayer::Session::nextPicture(Steady::time_point until)
{
    std::unique_lock lock(m_mutex);
    while (!m_stop && Steady::now() < until) {
        if (m_queue.empty()) {
            m_wake.wait_until(lock, until);
            continue;
        }
        const auto now = Steady::now();
        const auto due = m_clock.dueAt(m_queue.front().time);
        // The first picture at once; then the live one, instead of the cached ones in quick motion.
        const auto start = !m_hasShown ? now : m_hasCaughtUp ? due : std::max(due, m_lastShown + burst);
        if (start > now) {
            m_wake.wait_until(lock, std::min(start, until));
            continue;
        }
        Picture picture = std::move(m_queue.front());
        m_queue.pop_front();
        const bool isLate = now - due > tooLate;
        if (m_hasShown && isLate && now - m_lastShown < (m_hasCaughtUp ? longestHold : longestCatchUp)) {
            m_statistics.droppedFrames += m_hasCaughtUp ? 1 : 0;
            continue;
        }
        m_hasCaughtUp = m_hasCaughtUp || (m_hasShown && !isLate);
        m_hasShown = true;
        picture.stamps.isLive = m_hasCaughtUp;
        m_statistics.delayBehindLiveMs = milliseconds(m_clock.newest() - picture.time);
        m_statistics.bufferedMs = m_queue.empty() ? 0 : milliseconds(m_queue.back().time - picture.time);
        return picture;
    }
    return std::nullopt;
}

void StreamPlayer::Session::showAll()
{
    m_lastReport = Steady::now();
    while (!m_stop) {
        if (const auto picture = nextPicture(m_lastReport + std::chrono::seconds(1)))
            show(*picture);
        report();
    }
}

void StreamPlayer::Session::show(const Picture& picture)
{
    m_lastShown = Steady::now();
    ++m_shownSinceReport;
    const auto shown = m_scaler.scale(*picture.frame, picture.time);
    if (!shown || !m_callbacks.onFrame)
        return;
    shown->stamps = picture.stamps;
    shown->stamps.drawnAt = PictureStamp::read(shown->pixels, shown->width, shown->height);
    m_callbacks.onFrame(shown);
}

void StreamPlayer::Session::report()
{
    const auto now = Steady::now();
    if (m_stop || now - m_lastReport < std::chrono::seconds(1))
        return;
    const double seconds = std::chrono::duration<double>(now - m_lastReport).count();
    m_lastReport = now;
    StreamPlayerStatistics statistics;
    {
        const std::lock_guard lock(m_mutex);
        m_statistics.framesPerSecond = std::exchange(m_shownSinceReport, 0) / seconds;
        m_statistics.bitsPerSecond = static_cast<double>(std::exchange(m_bytesRead, 0)) * 8 / seconds;
        if (now - m_lastShown > std::chrono::seconds(2))
            m_statistics.delayBehindLiveMs = -1;
        statistics = m_statistics;
    }
    if (const std::string problem = m_sound.problem(); !problem.empty())
        statistics.soundProblem = problem;
    if (m_callbacks.onStatistics)
        m_callbacks.onStatistics(statistics);
}

StreamPlayer::StreamPlayer(Options options, Callbacks callbacks) : m_options(options), m_callbacks(std::move(callbacks))
{}

StreamPlayer::~StreamPlayer() = default;

void StreamPlayer::start(const std::string& url)
{
    stop();
    m_session = std::make_unique<Session>(m_options, m_callbacks, url);
    m_session->sound().setVolume(m_volume);
    m_session->sound().setMuted(m_isMuted);
}

void StreamPlayer::stop()
{
    m_session.reset();
}

void StreamPlayer::setMuted(bool muted)
{
    m_isMuted = muted;
    if (m_session)
        m_session->sound().setMuted(muted);
}

void StreamPlayer::setVolume(double volume)
{
    m_volume = std::clamp(volume, 0.0, 1.0);
    if (m_session)
        m_session->sound().setVolume(m_volume);
}

}  // namespace headgate
