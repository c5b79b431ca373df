#include "core/media/recording/desk.h"

#include "core/wire/native_codec.h"

#include <algorithm>
#include <chrono>

namespace headgate::recording {

namespace {

TimePoint wallClock()
{
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

}  // namespace

std::map<StreamKey, StorePlace> streamsToRecord(const std::vector<node_protocol::NodeProvision>& provisions)
{
    std::map<StreamKey, StorePlace> streams;
    for (const node_protocol::NodeProvision& provision : provisions) {
        const auto document = native::parse(provision.document);
        const auto list =
            document && document->is_object() ? document->find("streams") : nlohmann::json::const_iterator();
        if (!document || !document->is_object() || list == document->end() || !list->is_array())
            continue;
        for (const nlohmann::json& stream : *list) {
            if (!stream.is_object() || !stream.contains("streamGuid") || !stream["streamGuid"].is_string())
                continue;
            const auto key = StreamKey::parse(stream["streamGuid"].get<std::string>());
            const bool isAsked = stream.contains("record") && stream["record"] == true;
            const bool hasStore = stream.contains("cloudParams") && stream["cloudParams"].is_object();
            if (key && (isAsked || hasStore))
                streams[*key] = hasStore ? storePlaceOf(stream["cloudParams"]).value_or(StorePlace()) : StorePlace();
        }
    }
    return streams;
}

Desk::Desk(const Context& context, Options options)
    : m_context(context),
      m_folder(std::move(options.folder)),
      m_settings(std::move(options.settings)),
      m_turn(context.loop),
      m_second(context.loop)
{
    if (m_folder.empty())
        return;
    constexpr Duration turn{20};
    constexpr Duration second{1000};
    m_writer = std::make_unique<TapeWriter>();
    m_keeper = std::make_unique<Keeper>(m_folder, context.log, teller());
    m_uploader = std::make_unique<Uploader>(m_folder, context.log, teller());
    apply(m_settings);
    m_turn.startRepeating(turn, [this] {
        if (m_seenRevision != m_context.hub.revision())
            look();
    });
    m_second.startRepeating(second, [this] { measure(); });
}

Desk::~Desk() = default;

void Desk::apply(const RecordingSettings& settings)
{
    m_settings = settings;
    if (m_folder.empty())
        return;
    m_keeper->apply(settings);
    m_uploader->apply(settings);
}

void Desk::setProvisions(const std::vector<node_protocol::NodeProvision>& provisions)
{
    m_provisioned = streamsToRecord(provisions);
}

TellRecording Desk::teller()
{
    return [&loop = m_context.loop, self = std::weak_ptr(m_self)](const RecordingEvent& event) {
        loop.post([self, event] {
            if (const auto desk = self.lock())
                (*desk)->told(event);
        });
    };
}

void Desk::told(const RecordingEvent& event)
{
    const bool isSaved = event.kind == RecordingEvent::Kind::Saved;
    // It goes on to the store, and is saved when it is there.
    if (isSaved && event.error.empty() && event.bucket.empty() && m_settings.store)
        return;
    if (isSaved)
        ++(event.error.empty() ? m_saved : m_failed);
    if (event.error.empty())
        m_failing.erase(event.stream);
    else if (!m_failing.insert(event.stream).second)
        return;
    if (m_context.tell)
        m_context.tell(event);
}

Desk::Figures Desk::figures() const
{
    Figures figures;
    figures.saved = m_saved;
    figures.failed = m_failed;
    if (!m_writer)
        return figures;
    figures.bytesWritten = m_writer->bytesWritten();
    figures.waitingBytes = static_cast<std::int64_t>(m_writer->waitingBytes());
    for (const auto& [stay, job] : m_jobs)
        figures.recordings += job.recorder ? 1 : 0;
    return figures;
}

bool Desk::isWanted(const StreamKey& stream) const
{
    return m_settings.isOn || m_provisioned.contains(stream);
}

void Desk::look()
{
    m_seenRevision = m_context.hub.revision();
    std::map<StayKey, Stream*> present;
    for (const auto& [key, stream] : m_context.hub.streams()) {
        if (stream->source().isPublishedHere)
            present.emplace(StayKey(key, stream->source().epoch), stream.get());
    }
    std::erase_if(m_passed, [&](const StayKey& stay) { return !present.contains(stay); });
    std::erase_if(m_jobs, [&](const auto& entry) { return !present.contains(entry.first); });
    for (const auto& [stay, stream] : present) {
        if (m_passed.contains(stay))
            continue;
        const auto known = m_jobs.find(stay);
        if (known != m_jobs.end())
            care(stay, *stream, known->second);
        else if (isWanted(stay.first))
            begin(stay, *stream, m_jobs[stay]);
        else
            m_passed.insert(stay);
    }
}

void Desk::care(const StayKey& stay, Stream& stream, Job& job)
{
    const MonotonicTime now = m_context.loop.now();
    if (!job.recorder) {
        if (now - job.failedAt >= retryPause)
            begin(stay, stream, job);
        return;
    }
    if (const auto failure = job.recorder->tape().failure()) {
        m_context.log.warning("recording " + job.recorder->id() + ": " + failure->message + " " + failure->remedy);
        job.failure = *failure;
        job.failedAt = now;
        job.failedSince = wallClock();
        job.recorder.reset();
        return;
    }
    const bool isFull =
        job.recorder->length() >= longestRecording ||
        job.recorder->segments() >= static_cast<int>(RecordingManifest::mostSegments) ||
        (m_settings.mostBytes && job.recorder->tape().bytes() >= std::max<std::int64_t>(*m_settings.mostBytes / 4, 1));
    if (isFull)
        begin(stay, stream, job);
    else if (!job.hasThumbnail && stream.cache().hasKeyFrame())
        paint(stream, job);
}

void Desk::begin(const StayKey& stay, Stream& stream, Job& job)
{
    job.recorder.reset();
    job.hasThumbnail = false;
    ++job.attempts;
    RecordingManifest manifest;
    manifest.stream = stay.first;
    manifest.epoch = stay.second;
    manifest.node = m_context.node;
    manifest.format = m_settings.format;
    if (const auto provisioned = m_provisioned.find(stay.first); provisioned != m_provisioned.end())
        manifest.place = provisioned->second;
    manifest.startedAt = wallClock();
    manifest.id = recordingIdOf(stay.first, stay.second, m_context.node, manifest.startedAt, job.attempts);
    m_context.log.info("recording " + manifest.id + ": begins");
    auto tape = std::make_shared<Tape>(m_folder, manifest, teller());
    job.recorder = std::make_unique<Recorder>(Recorder::Context{m_context.loop, *m_writer}, stream, std::move(tape),
                                              manifest, m_settings.segmentSeconds);
}

void Desk::paint(Stream& stream, Job& job)
{
    constexpr int width = 320;
    job.hasThumbnail = true;
    m_context.thumbnails.ask(stream, width,
                             [self = std::weak_ptr(m_self), id = job.recorder->id()](const Result<Thumbnail>& picture) {
                                 const auto desk = self.lock();
                                 if (!desk || !picture || picture->jpeg.empty())
                                     return;
                                 for (auto& [stay, present] : (*desk)->m_jobs) {
                                     if (present.recorder && present.recorder->id() == id)
                                         present.recorder->put(SetThumbnail{picture->jpeg});
                                 }
                             });
}

void Desk::measure()
{
    look();
    for (auto& [stay, job] : m_jobs) {
        if (job.recorder)
            job.recorder->measure();
    }
}

std::vector<JobReport> Desk::reports() const
{
    std::vector<JobReport> reports;
    for (const auto& [stay, job] : m_jobs) {
        if (reports.size() == mostReports)
            break;
        if (job.recorder) {
            reports.push_back(job.recorder->report());
            reports.back().attempts = job.attempts;
            continue;
        }
        JobReport report;
        report.id = "recording-" + stay.first.path() + "-" + std::to_string(stay.second);
        report.kind = JobKind::Recording;
        report.state = JobState::Retrying;
        report.stream = stay.first;
        report.target = "disk";
        report.reason = job.failure.message;
        report.since = job.failedSince;
        report.attempts = job.attempts;
        reports.push_back(std::move(report));
    }
    return reports;
}

}  // namespace headgate::recording
