#include "core/media/agent/self_test.h"

#include "core/media/rtmp/handshake.h"

#include <utility>

namespace headgate {

namespace {

constexpr Duration tickPeriod{50};
constexpr Duration retryPeriod{250};  // until all was well once, and after a failure
constexpr Duration calmPeriod{10'000};
constexpr Duration patience{2'000};       // of one try
constexpr Duration tablePatience{1'000};  // a control plane that has something to say of streams says it at once
constexpr Duration pullPatience{3'000};   // of one stream; then the next one is tried
constexpr Duration longestPull{30'000};   // of all of them together
constexpr int toleratedFailures = 1;      // in a row, of a node that was well

Bytes rtmpGreeting()
{
    Bytes greeting = rtmp::plainHello();
    greeting.insert(greeting.begin(), rtmp::protocolVersion);
    return greeting;
}

Bytes httpGreeting()
{
    const ByteView text = viewOf("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return {text.begin(), text.end()};
}

}  // namespace

SelfTest::SelfTest(const Parts& parts, const NodeEndpoints& own, bool pulls, std::function<void()> onChange)
    : m_parts(parts), m_own(own), m_onChange(std::move(onChange)), m_hasPulled(!pulls), m_timer(parts.loop)
{
    m_timer.startRepeating(tickPeriod, [this] { tick(); });
}

SelfTest::~SelfTest() = default;

void SelfTest::welcomed()
{
    if (!m_welcomedAt)
        m_welcomedAt = m_parts.loop.now();
}

void SelfTest::setTable(const node_protocol::AssignParents& table)
{
    if (!m_hasPulled)
        m_table = table.streams;
}

void SelfTest::tick()
{
    if (m_round && isRoundOver())
        endRound();
    else if (!m_round && m_parts.loop.now() >= m_nextRound)
        beginRound();
}

void SelfTest::beginRound()
{
    m_round.emplace().loopsThere = std::make_shared<int>(0);
    m_round->since = m_parts.loop.now();
    m_round->rtmp =
        std::make_unique<PortProbe>(m_parts.loop, SocketAddress{m_own.address, m_own.rtmpPort, {}}, rtmpGreeting());
    m_round->http =
        std::make_unique<PortProbe>(m_parts.loop, SocketAddress{m_own.address, m_own.httpPort, {}}, httpGreeting());
    m_parts.loops.forEachHost([&loops = m_parts.loops, there = m_round->loopsThere](SessionHost&) {
        loops.atHome([there](LoopGroup&) { ++*there; });
    });
}

bool SelfTest::isRoundOver() const
{
    const auto isWaiting = [](const PortProbe& probe) { return probe.state() == PortProbe::State::Waiting; };
    const bool isWaited =
        isWaiting(*m_round->rtmp) || isWaiting(*m_round->http) || *m_round->loopsThere < m_parts.loops.count();
    return !isWaited || m_parts.loop.now() - m_round->since > patience;
}

void SelfTest::endRound()
{
    std::string fault = findFault();
    m_parts.loop.retire(std::move(m_round->rtmp));
    m_parts.loop.retire(std::move(m_round->http));
    m_round.reset();
    m_failures = fault.empty() ? 0 : m_failures + 1;
    if (fault.empty())
        fault = tryPull();
    if (!m_wasReady || m_failures == 0 || m_failures > toleratedFailures)
        setUnready(fault);
    m_nextRound = m_parts.loop.now() + (fault.empty() ? calmPeriod : retryPeriod);
}

std::string SelfTest::findFault() const
{
    const auto silent = [](const char* port, std::uint16_t number) {
        return "Its " + std::string(port) + " port " + std::to_string(number) + " does not answer.";
    };
    if (m_round->rtmp->state() != PortProbe::State::Answered)
        return silent("RTMP", m_own.rtmpPort);
    if (m_round->http->state() != PortProbe::State::Answered)
        return silent("HTTP", m_own.httpPort);
    if (const int stuck = m_parts.loops.count() - *m_round->loopsThere; stuck > 0)
        return std::to_string(stuck) + " of its " + std::to_string(m_parts.loops.count()) + " loops stand still.";
    return {};
}

// Why it got nothing yet; empty when it did, or if there is nothing to be had.
std::string SelfTest::tryPull()
{
    const MonotonicTime now = m_parts.loop.now();
    const auto waited = m_welcomedAt ? now - *m_welcomedAt : MonotonicTime::duration(0);
    const bool isNobodyTelling = !m_table && waited > tablePatience;
    if (m_hasPulled || isNobodyTelling || waited > longestPull || (m_table && m_table->empty())) {
        m_hasPulled = true;
        m_table.reset();
        return {};
    }
    if (!m_table)
        return "It has not been told of streams yet.";
    if (m_placeSince == MonotonicTime() || now - m_placeSince > pullPatience) {
        m_place = m_placeSince == MonotonicTime() ? 0 : m_place + 1;
        m_placeSince = now;
    }
    const node_protocol::StreamParents& wanted = (*m_table)[m_place % m_table->size()];
    Stream* stream = m_parts.hub.find(wanted.stream);
    if (!stream)
        stream = m_parts.relay.fetch(wanted.stream).value_or(nullptr);
    if (stream && stream->cache().hasAnything()) {
        m_hasPulled = true;
        m_table.reset();
        return {};
    }
    return "It gets nothing of " + wanted.stream.path() + " from node " + wanted.primary.node.value + ".";
}

void SelfTest::setUnready(std::string why)
{
    m_wasReady = m_wasReady || why.empty();
    if (m_unready == why)
        return;
    m_unready = std::move(why);
    m_onChange();
}

}  // namespace headgate
