#pragma once

#include "core/media/hub/hub.h"
#include "core/media/recording/keeper.h"
#include "core/media/recording/recorder.h"
#include "core/media/recording/uploader.h"
#include "core/media/thumbnail/thumbnail_maker.h"
#include "core/wire/node_protocol.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace headgate::recording {

struct Options
{
    std::string folder;          // empty: nothing is recorded here
    RecordingSettings settings;  // until somebody tells others
};

// Decides which of the streams that are published here are recorded: when they begin, by what the group and its
// provisions say then. Belongs to the main loop's thread.
class Desk
{
public:
    static constexpr Duration longestRecording{24 * 3'600'000};  // then another one goes on
    static constexpr Duration retryPause{10'000};

    struct Context
    {
        EventLoop& loop;
        Hub& hub;
        ThumbnailMaker& thumbnails;
        NodeId node;
        const Log& log;
        std::function<void(const RecordingEvent&)> tell{};  // by the main loop
    };

    Desk(const Context& context, Options options);
    ~Desk();

    void apply(const RecordingSettings& settings);
    void setProvisions(const std::vector<node_protocol::NodeProvision>& provisions);

    // Of what is being recorded, or is to be; at most mostReports.
    static constexpr std::size_t mostReports = 200;
    std::vector<JobReport> reports() const;

    // What was recorded so far is on the disk, or failed.
    bool isIdle() const { return !m_writer || m_writer->isIdle(); }

    // Since the start of the node.
    struct Figures
    {
        int recordings = 0;  // of this moment
        std::int64_t bytesWritten = 0;
        std::int64_t waitingBytes = 0;
        std::uint64_t saved = 0;
        std::uint64_t failed = 0;
    };
    Figures figures() const;

private:
    struct Job
    {
        std::unique_ptr<Recorder> recorder;  // null: it failed, and is tried again
        Error failure{};
        MonotonicTime failedAt{};
        TimePoint failedSince{};
        int attempts = 0;
        bool hasThumbnail = false;
    };
    using StayKey = std::pair<StreamKey, std::uint64_t>;  // stream and epoch

    bool isWanted(const StreamKey& stream) const;
    void look();
    void care(const StayKey& stay, Stream& stream, Job& job);
    void begin(const StayKey& stay, Stream& stream, Job& job);
    void paint(Stream& stream, Job& job);
    void measure();
    TellRecording teller();
    void told(const RecordingEvent& event);

    Context m_context;
    const std::string m_folder;
    RecordingSettings m_settings;
    std::map<StreamKey, StorePlace> m_provisioned;
    std::unique_ptr<TapeWriter> m_writer;
    std::unique_ptr<Keeper> m_keeper;
    std::unique_ptr<Uploader> m_uploader;
    std::map<StayKey, Job> m_jobs;
    std::set<StayKey> m_passed;     // that are not recorded
    std::set<StreamKey> m_failing;  // whose failure was told
    std::uint64_t m_saved = 0;
    std::uint64_t m_failed = 0;
    std::uint64_t m_seenRevision = ~std::uint64_t{0};
    std::shared_ptr<Desk*> m_self = std::make_shared<Desk*>(this);  // for answers that may come too late
    Timer m_turn;
    Timer m_second;
};

// Which streams provisions want recorded: those with "record": true, or with parameters of a store, which say where.
std::map<StreamKey, StorePlace> streamsToRecord(const std::vector<node_protocol::NodeProvision>& provisions);

}  // namespace headgate::recording
