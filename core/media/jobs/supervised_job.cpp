#include "core/media/jobs/supervised_job.h"

#include "core/wire/stream_manager_provisions.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace headgate {

namespace {

constexpr Duration longestPause{60'000};
constexpr Duration steadyTime{10'000};  // who was live for so long did not fail at once

// Where from or where to, without what must not be told.
std::string targetOf(const JobOrders& orders)
{
    if (orders.protocol == JobProtocol::Files) {
        std::string names;
        for (const std::string& file : orders.files)
            names.append(names.empty() ? "" : ", ").append(file);
        return names;
    }
    const bool isBare = orders.url.find_first_of("/?@", orders.url.find("://") + 3) == std::string::npos;
    return isBare ? orders.url : stream_manager::masked(orders.url);
}

std::string hostText(const std::string& host)
{
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

TimePoint systemTime()
{
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

}  // namespace

SupervisedJob::SupervisedJob(const JobContext& context, DocumentJob job, std::uint64_t seed)
    : m_context(context), m_job(std::move(job)), m_random(seed), m_nextAttempt(context.loop.now())
{
    m_report.id = m_job.id;
    m_report.kind = m_job.kind;
    m_report.stream = m_job.stream;
    m_report.since = systemTime();
    if (!m_job.orders) {
        const Error& error = m_job.orders.error();
        setState(JobState::Failed, error.message + (error.remedy.empty() ? "" : " " + error.remedy));
    } else if (m_context.program.empty()) {
        setState(JobState::Failed, "The program headgate-remux is not beside headgate-node. Install it.");
    } else {
        m_report.target = targetOf(*m_job.orders);
        return;
    }
    m_nextAttempt.reset();
}

SupervisedJob::~SupervisedJob()
{
    m_context.gate.takeBackPass(m_pass);
}

bool SupervisedJob::isOf(const DocumentJob& job) const
{
    if (m_job.id != job.id || m_job.orders.has_value() != job.orders.has_value())
        return false;
    return job.orders ? *m_job.orders == *job.orders : m_job.orders.error() == job.orders.error();
}

bool SupervisedJob::isStreamLive() const
{
    return m_context.hub.find(m_job.stream) != nullptr || m_context.relay.isOffered(m_job.stream);
}

void SupervisedJob::tick()
{
    if (m_connection) {
        send("\n");
        return;
    }
    if (m_isFinishing || !m_nextAttempt || m_context.loop.now() < *m_nextAttempt)
        return;
    if (m_job.kind == JobKind::Push && !isStreamLive())
        return setState(JobState::Waiting, "The stream is not live.");
    begin();
}

RemuxOrders SupervisedJob::ordersHere()
{
    RemuxOrders orders{*m_job.orders, {}, m_context.folder};
    const NodeEndpoints& at = m_context.endpoints;
    const bool isPush = m_job.kind == JobKind::Push;
    m_pass = m_context.gate.issuePass({isPush ? SessionRole::Viewer : SessionRole::Publisher, m_job.stream, m_job.id});
    const bool isTransportStream = orders.job.protocol == JobProtocol::Srt;
    orders.hubUrl = std::string(isPush ? "http" : "rtmp") + "://" + hostText(at.address) + ":" +
                    std::to_string(isPush ? at.httpPort : at.rtmpPort) + "/" + m_job.stream.path() +
                    (!isPush             ? ""
                     : isTransportStream ? ".ts"
                                         : ".flv") +
                    "?token=" + m_pass;
    if (const auto host = orders.job.url.find("://:"); host != std::string::npos)
        orders.job.url.insert(host + 3, hostText(at.address));
    return orders;
}

void SupervisedJob::begin()
{
    m_nextAttempt.reset();
    auto started = ChildProcess::start(m_context.loop, m_context.program, {0, 1}, "headgate-remux");
    ++m_report.attempts;
    m_report.bytes = m_report.bitsPerSecond = m_measuredBytes = 0;
    m_measuredAt = m_context.loop.now();
    if (!started)
        return attemptEnded({RemuxPhase::Broken, 0, started.error().message});
    m_process = std::move(started->process);
    m_connection = std::make_unique<Connection>(m_context.loop, std::move(started->socket),
                                                Connection::Origin::Accepted, static_cast<ConnectionOwner&>(*this));
    send(encodeRemuxOrders(ordersHere()) + "\n");
}

void SupervisedJob::send(std::string_view line)
{
    const ByteView view = viewOf(line);
    m_connection->send(Bytes(view.begin(), view.end()));
}

void SupervisedJob::bytesReceived(ByteView bytes)
{
    m_received.append(textOf(bytes));
    while (m_connection) {
        const auto end = m_received.find('\n');
        if (end == std::string::npos)
            break;
        const auto status = decodeRemuxStatus(std::string_view(m_received).substr(0, end));
        m_received.erase(0, end + 1);
        if (status)
            take(*status);
    }
    if (m_connection && m_received.size() > RemuxStatus::mostBytes)
        connectionEnded("it told too much");
}

void SupervisedJob::connectionEnded(std::string_view)
{
    attemptEnded({RemuxPhase::Broken, m_report.bytes, "The program that carries it ended."});
}

void SupervisedJob::take(const RemuxStatus& status)
{
    const MonotonicTime now = m_context.loop.now();
    m_report.bytes = status.bytes;
    if (const auto passed = std::chrono::duration_cast<Duration>(now - m_measuredAt); passed >= Duration(900)) {
        m_report.bitsPerSecond = (status.bytes - m_measuredBytes) * 8000 / passed.count();
        m_measuredAt = now;
        m_measuredBytes = status.bytes;
    }
    if (status.isLast())
        return attemptEnded(status);
    if (status.phase == RemuxPhase::Live) {
        if (!m_liveSince)
            m_liveSince = now;
        return setState(JobState::Live, {});
    }
    const bool isListening = m_job.orders->isListening || m_job.orders->protocol == JobProtocol::MpegTs;
    setState(m_failures > 0 && !isListening ? JobState::Retrying : JobState::Waiting,
             isListening ? "Nobody sends to it yet." : "It connects.");
}

void SupervisedJob::letGo()
{
    m_context.gate.takeBackPass(m_pass);
    m_pass.clear();
    m_received.clear();
    m_process.reset();
    if (!m_connection)
        return;
    m_connection->close();
    m_context.loop.retire(std::move(m_connection));
}

void SupervisedJob::attemptEnded(const RemuxStatus& status)
{
    const MonotonicTime now = m_context.loop.now();
    const bool wasSteady = m_liveSince && now - *m_liveSince >= steadyTime;
    m_liveSince.reset();
    m_report.bitsPerSecond = 0;
    letGo();
    if (m_isFinishing)
        return;
    if (wasSteady || status.phase == RemuxPhase::Over)
        m_failures = m_report.attempts = 0;
    switch (status.phase) {
    case RemuxPhase::Done:
        return setState(JobState::Ended, status.reason);
    case RemuxPhase::Useless:
        return setState(JobState::Failed, status.reason);
    case RemuxPhase::Over:
        m_nextAttempt = now + Duration(1000);
        return setState(JobState::Waiting, "The stream is not live.");
    default:
        break;
    }
    ++m_failures;
    const JobOrders& orders = *m_job.orders;
    if (orders.attempts > 0 && m_failures >= orders.attempts)
        return setState(JobState::Failed, status.reason + " It gave up after " + std::to_string(m_failures) +
                                              (m_failures == 1 ? " attempt." : " attempts."));
    const Duration pause = orders.delaySeconds > 0
                               ? Duration(orders.delaySeconds * 1000)
                               : std::min(longestPause, Duration(1000 * (1 << std::min(m_failures - 1, 6))));
    // A little apart, so that what failed together does not come back together.
    m_nextAttempt = now + pause + Duration(static_cast<Duration::rep>(m_random.below(1 + pause.count() / 5)));
    setState(JobState::Retrying, status.reason);
}

void SupervisedJob::finish()
{
    m_isFinishing = true;
    if (m_process)
        m_process->askToEnd();
}

void SupervisedJob::setState(JobState state, std::string reason)
{
    if (state == m_report.state && reason == m_report.reason)
        return;
    if (state != m_report.state)
        m_report.since = systemTime();
    m_report.state = state;
    m_report.reason = std::move(reason);
    m_context.log.client("job " + m_report.id + ": " + (state == JobState::Live ? "live" : m_report.reason));
}

}  // namespace headgate
