#include "core/media/thumbnail/thumbnail_maker.h"

#include <algorithm>

namespace headgate {

namespace {

Result<ThumbnailTask> taskOf(const Stream& stream, int width)
{
    const SharedFrame keyFrame = stream.cache().keyFrame();
    if (!keyFrame && !stream.cache().hasVideo())
        return fail(ErrorCode::Unsupported, "The stream has no picture.");
    if (!keyFrame)
        return fail(ErrorCode::Unavailable, "No key frame of the stream came yet.", "Try again in a few seconds.");
    const auto payload = [](const MediaFrame& frame) {
        const BodyDescription description = describeVideoBody(frame.body());
        const ByteView part = ByteView(frame.body()).subspan(description.headerSize, description.payloadSize);
        return Bytes(part.begin(), part.end());
    };
    ThumbnailTask task;
    task.codec = describeVideoBody(keyFrame->body()).codec;
    task.width = width;
    if (const SharedFrame& header = stream.cache().videoHeader())
        task.configuration = payload(*header);
    task.keyFrame = payload(*keyFrame);
    if (task.configuration.size() + task.keyFrame.size() > ThumbnailTask::mostBytes)
        return fail(ErrorCode::Unsupported, "The stream's key frame is larger than 4 MiB.");
    return task;
}

std::string tagOf(const Stream& stream, int width)
{
    const SharedFrame keyFrame = stream.cache().keyFrame();
    return std::to_string(stream.source().epoch) + "-" + std::to_string(keyFrame ? keyFrame->timestampMs() : 0) + "-" +
           std::to_string(width);
}

}  // namespace

ThumbnailMaker::ThumbnailMaker(EventLoop& loop, const Log& log, std::string program)
    : m_loop(loop), m_log(log), m_program(std::move(program)), m_pause(loop), m_limit(loop)
{}

ThumbnailMaker::~ThumbnailMaker() = default;

void ThumbnailMaker::ask(const Stream& stream, int width, Done done)
{
    if (m_program.empty())
        return done(fail(ErrorCode::Unsupported, "This node makes no thumbnails."));
    const Key key{stream.key(), std::clamp(width, Thumbnail::leastWidth, Thumbnail::mostWidth)};
    const std::string tag = tagOf(stream, key.second);
    if (const auto known = find(key, tag))
        return done(*known);
    if (m_current && m_current->key == key) {
        m_current->done.push_back(std::move(done));
        return;
    }
    const auto waiting = std::ranges::find(m_waiting, key, &Job::key);
    if (waiting != m_waiting.end()) {
        waiting->done.push_back(std::move(done));
        return;
    }
    if (m_waiting.size() >= mostWaiting)
        return done(fail(ErrorCode::ResourceExhausted, "Too many pictures are waiting to be made on this node.",
                         "Try again in a few seconds."));
    auto task = taskOf(stream, key.second);
    if (!task)
        return done(tl::unexpected(std::move(task.error())));
    m_waiting.push_back(Job{key, tag, std::move(*task), {std::move(done)}});
    work();
}

std::optional<Result<Thumbnail>> ThumbnailMaker::find(const Key& key, const std::string& tag) const
{
    const auto failure = m_failures.find(key.first);
    if (failure != m_failures.end() && m_loop.now() - failure->second.at < failureTime)
        return tl::unexpected<Error>(failure->second.error);
    const auto kept = m_kept.find(key);
    if (kept == m_kept.end())
        return std::nullopt;
    const bool isFresh = kept->second.picture.tag == tag || m_loop.now() - kept->second.madeAt < freshTime;
    return isFresh ? std::optional<Result<Thumbnail>>(kept->second.picture) : std::nullopt;
}

void ThumbnailMaker::work()
{
    if (m_current || m_waiting.empty() || m_pause.isRunning())
        return;
    const auto sinceStart = std::chrono::duration_cast<Duration>(m_loop.now() - m_lastStart);
    if (sinceStart < leastPause)
        m_pause.start(leastPause - sinceStart, [this] { start(); });
    else
        start();
}

void ThumbnailMaker::start()
{
    m_lastStart = m_loop.now();
    m_current = std::move(m_waiting.front());
    m_waiting.pop_front();
    if (!m_process) {
        auto process =
            ThumbnailProcess::start(m_loop, m_program, [this](Result<Bytes> outcome) { finish(std::move(outcome)); });
        if (!process)
            return finish(tl::unexpected(std::move(process.error())));
        m_process = std::move(*process);
    }
    m_process->give(m_current->task);
    m_limit.start(longestWork, [this] {
        finish(fail(ErrorCode::Unavailable, "The stream's key frame could not be decoded within 2 s."));
    });
}

void ThumbnailMaker::finish(Result<Bytes> outcome)
{
    m_limit.stop();
    const bool isProcessOver = !outcome && outcome.error().code == ErrorCode::Unavailable;
    if (isProcessOver)
        endProcess();
    if (!m_current)
        return;
    const Job job = std::move(*m_current);
    m_current.reset();
    const Result<Thumbnail> picture = keep(job, std::move(outcome));
    for (const Done& done : job.done)
        done(picture);
    if (m_process)
        m_limit.start(idleTime, [this] { endProcess(); });
    work();
}

void ThumbnailMaker::endProcess()
{
    if (!m_process)
        return;
    m_process->close();
    m_loop.retire(std::move(m_process));
}

Result<Thumbnail> ThumbnailMaker::keep(const Job& job, Result<Bytes> outcome)
{
    const auto forgetOldest = [](auto& entries, auto instant) {
        if (entries.size() > mostKept)
            entries.erase(
                std::ranges::min_element(entries, {}, [&](const auto& entry) { return entry.second.*instant; }));
    };
    const StreamKey& stream = job.key.first;
    if (!outcome) {
        m_log.warning("thumbnail of " + stream.path() + ": " + outcome.error().message);
        m_failures.insert_or_assign(stream, Failure{outcome.error(), m_loop.now()});
        forgetOldest(m_failures, &Failure::at);
        return tl::unexpected(std::move(outcome.error()));
    }
    const Thumbnail picture{job.tag, std::string(outcome->begin(), outcome->end())};
    m_failures.erase(stream);
    m_kept.insert_or_assign(job.key, Kept{picture, m_loop.now()});
    forgetOldest(m_kept, &Kept::madeAt);
    return picture;
}

}  // namespace headgate
