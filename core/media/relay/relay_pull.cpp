#include "core/media/relay/relay_pull.h"

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

// A connection on which nothing comes may be dead without a sign; a new pull costs little.
constexpr Duration mostSilenceOfConnection{10'000};

// What another parent gives is held back no longer, and no more of it.
constexpr Duration longestHold{10'000};
constexpr Duration mostLateness{2000};
constexpr std::size_t mostHeldBytes = 32 * 1024 * 1024;
constexpr std::size_t mostHeldFrames = 10'000;

Duration pauseAfter(int failures, Duration shortest, Duration longest)
{
    return std::min(longest, shortest * (1 << std::min(failures, 8)));
}

}  // namespace

RelayPull::RelayPull(RelayContext context, Stream& stream, std::optional<node_protocol::StreamParents> parents)
    : m_context(std::move(context)),
      m_stream(stream),
      m_parents(std::move(parents)),
      m_retry(m_context.loop),
      m_besideRetry(m_context.loop),
      m_begin(m_context.loop.now()),
      m_lastFrame(m_begin),
      m_lastConnect(m_begin),
      m_lastSubscriber(m_begin)
{
    m_stream.setParentWishes({[this](int layer) {
                                  if (m_link && m_link->isStarted())
                                      m_link->wantKeyFrame(layer);
                              },
                              [this] {
                                  if (m_link && m_link->isStarted())
                                      m_link->wantLayers();
                              }});
    if (m_parents)
        connect();
}

RelayPull::~RelayPull()
{
    if (m_pulledEpoch != 0)  // else it is a name that somebody made up
        say("no longer pulled");
    retire(m_link);
    retire(m_beside);
    m_context.hub.end(m_stream);
}

void RelayPull::say(std::string_view what) const
{
    m_context.log.info("relay: " + m_stream.key().path() + ": " + std::string(what));
}

bool RelayPull::isNews(std::string_view what)
{
    constexpr std::size_t most = 32;
    return m_said.size() < most && m_said.emplace(what).second;
}

void RelayPull::sayNews(std::string_view what)
{
    if (isNews(what))
        say(what);
}

// --- The present parent. ---

std::unique_ptr<ParentLink> RelayPull::openTo(const node_protocol::Parent& parent)
{
    auto link = ParentLink::open(m_context, m_stream.key(), parent, *this);
    if (link)
        return std::move(*link);
    if (isNews(link.error().message))
        m_context.log.warning("relay: " + m_stream.key().path() + ": " + link.error().message);
    return nullptr;
}

void RelayPull::retire(std::unique_ptr<ParentLink>& link)
{
    if (!link)
        return;
    link->close();
    m_context.loop.retire(std::move(link));
}

// The one that was not tried last, the primary first; null if there is none to be asked.
const node_protocol::Parent* RelayPull::nextParent() const
{
    const node_protocol::Parent* next = &m_parents->primary;
    const node_protocol::Parent* other = m_parents->backup ? &*m_parents->backup : next;
    if (m_tried == next->node || m_turnedAwayBy.contains(next->node))
        std::swap(next, other);
    if (m_turnedAwayBy.contains(next->node))
        next = other;
    return m_turnedAwayBy.contains(next->node) ? nullptr : next;
}

void RelayPull::connect()
{
    m_retry.stop();
    const node_protocol::Parent* const parent = nextParent();
    if (parent == nullptr)
        return;
    m_lastConnect = m_context.loop.now();
    m_tried = parent->node;
    m_link = openTo(*parent);
    if (!m_link)
        retryLater();
}

// The first repair is made at once: the other parent has what this one had.
void RelayPull::retryLater()
{
    const int failures = m_failures++;
    const bool isRepair = failures == 0 && m_pulledEpoch != 0 && !m_isSaidOver;
    const Duration pause = isRepair ? Duration(0) : pauseAfter(failures, Duration(100), Duration(2000));
    m_retry.start(pause, [this] { connect(); });
}

void RelayPull::setParents(const std::optional<node_protocol::StreamParents>& parents)
{
    m_isInTable = parents.has_value();
    if (!parents || parents == m_parents || parents->primary.node == m_context.self)
        return;
    // Of a publisher that was replaced since: a control plane that comes back may not know it yet.
    if (m_parents && parents->epoch < m_parents->epoch)
        return;
    m_parents = parents;
    m_turnedAwayBy.clear();
    m_said.clear();
    m_failures = 0;
    m_besideFailures = 0;
    if (!m_link) {
        m_isSaidOver = false;
        m_tried = {};
        connect();
    } else if (m_link->parent().node == parents->primary.node) {
        dropBeside();
    } else if (!m_beside || m_beside->parent().node != parents->primary.node) {
        tryBeside(parents->primary, Reason::Told);
    }
}

bool RelayPull::isOver()
{
    const MonotonicTime now = m_context.loop.now();
    if (m_stream.subscriberCount() > 0)
        m_lastSubscriber = now;
    if (now - m_lastSubscriber > linger || now - m_lastFrame > mostSilence)
        return true;
    if (!m_parents)
        return now - m_begin > m_context.unknownPatience;
    if (m_isSaidOver && !m_isInTable)
        return true;
    watchSilence(now);
    return false;
}

// Makes what the link gives the stream's.
void RelayPull::begin(std::optional<std::uint32_t> shiftMs)
{
    const std::uint64_t epoch = m_link->epoch() != 0 ? m_link->epoch() : std::max(m_parents->epoch, m_pulledEpoch);
    StreamSource source{false, m_link->address(), "rtmp", epoch};
    m_isSaidOver = false;
    sayNews("pulled from " + m_link->url());
    const bool isOther = m_pulledEpoch != 0 && epoch > m_pulledEpoch;
    m_pulledEpoch = epoch;
    if (isOther) {
        m_filter.startSource(0);
        m_stream.restart(std::move(source), SourceTime::StartsAnew, m_context.loop.now());
    } else {
        m_filter.startPull(shiftMs);
        m_stream.setSource(std::move(source));
    }
}

void RelayPull::take(const SharedFrame& frame)
{
    const MonotonicTime now = m_context.loop.now();
    const SharedFrame taken = m_filter.take(frame, now);
    if (!taken)
        return;
    if (!taken->isEssential()) {
        if (m_failures > 0 || isSilent(now))
            m_said.clear();
        const auto gap = std::chrono::duration_cast<Duration>(now - m_lastFrame);
        m_longestGap = std::max(gap, m_longestGap * 7 / 8);
        m_lastFrame = now;
        m_failures = 0;
    }
    m_stream.push(taken, now);
}

// --- What links tell. ---

void RelayPull::linkStarted(ParentLink& link)
{
    const bool isBeside = &link == m_beside.get();
    if (link.epoch() != 0 && link.epoch() < m_pulledEpoch) {
        sayNews(link.url() + " has an older publisher's");
        retire(isBeside ? m_beside : m_link);
        if (isBeside)
            besideFailed();
        else
            retryLater();
        return;
    }
    if (!isBeside)
        begin({});
}

void RelayPull::sourceChanged(ParentLink& link)
{
    if (&link == m_beside.get()) {
        m_held.clear();
        m_heldBytes = 0;
        return;
    }
    if (link.epoch() <= m_pulledEpoch)
        return;
    say("another publisher goes on");
    m_pulledEpoch = link.epoch();
    dropOlderBeside();
    // The parent has put the new publisher's time behind the old one's.
    m_filter.startSource(m_filter.shiftMs());
    m_stream.restart(StreamSource{false, link.address(), "rtmp", link.epoch()}, SourceTime::Continues,
                     m_context.loop.now());
}

void RelayPull::frameReceived(ParentLink& link, const SharedFrame& frame)
{
    if (&link == m_beside.get()) {
        hold(frame);
    } else {
        if (m_beside && m_besideReason == Reason::Silence && m_filter.isNewer(*frame, m_filter.shiftMs()))
            dropBeside();
        take(frame);
    }
    if (m_beside && canSwitch())
        switchOver();
}

void RelayPull::linkEnded(ParentLink& link, rtmp::PullEnd end, std::string_view reason)
{
    if (&link == m_link.get() && m_failures == 0)
        m_said.clear();
    sayNews("the pull from " + link.url() + " ended: " + std::string(reason));
    if (end == rtmp::PullEnd::TurnedAway)
        m_turnedAwayBy.insert(link.parent().node);
    if (&link == m_beside.get()) {
        retire(m_beside);
        besideFailed();
        return;
    }
    m_isSaidOver = end != rtmp::PullEnd::Broken;
    retire(m_link);
    dropOlderBeside();
    if (m_beside)
        switchOver();
    else
        retryLater();
}

// --- Another parent beside the present one. ---

void RelayPull::tryBeside(const node_protocol::Parent& parent, Reason reason)
{
    dropBeside();
    if (m_turnedAwayBy.contains(parent.node))
        return;
    m_besideReason = reason;
    m_beside = openTo(parent);
    if (!m_beside)
        besideFailed();
}

void RelayPull::dropBeside()
{
    m_besideRetry.stop();
    retire(m_beside);
    m_held.clear();
    m_heldBytes = 0;
}

// It started before the present parent told of a newer publisher.
void RelayPull::dropOlderBeside()
{
    if (!m_beside || !m_beside->isStarted() || m_beside->epoch() == 0 || m_beside->epoch() >= m_pulledEpoch)
        return;
    retire(m_beside);
    besideFailed();
}

void RelayPull::besideFailed()
{
    m_held.clear();
    m_heldBytes = 0;
    const Duration pause = pauseAfter(m_besideFailures++, Duration(200), Duration(10'000));
    m_besideRetry.start(pause, [this] {
        // What was tried because of silence is tried again by watchSilence().
        if (m_besideReason == Reason::Told)
            tryBeside(m_parents->primary, Reason::Told);
    });
}

void RelayPull::hold(const SharedFrame& frame)
{
    if (m_held.empty())
        m_heldSince = m_context.loop.now();
    m_held.push_back(frame);
    m_heldBytes += frame->body().size();
}

std::optional<ResumeFilter::Place> RelayPull::placeOfHeld() const
{
    return m_filter.placeOf(m_held, m_heldSince, m_context.loop.now());
}

bool RelayPull::canSwitch() const
{
    const auto isMedia = [](const SharedFrame& frame) { return !frame->isEssential(); };
    if (m_heldBytes > mostHeldBytes || m_held.size() > mostHeldFrames)
        return true;
    const auto first = std::find_if(m_held.begin(), m_held.end(), isMedia);
    if (first == m_held.end())
        return false;
    const bool isOther = m_beside->epoch() > m_pulledEpoch;
    if (isOther || m_context.loop.now() - m_heldSince > longestHold)
        return true;
    const auto place = placeOfHeld();
    const bool reachesBack = m_filter.hasKeyFrame() ? place && place->isSure : !m_filter.isNewer(**first, 0);
    const bool isAlone = isSilent(m_context.loop.now());
    if (!isAlone && m_besideReason == Reason::Told)
        return reachesBack;
    // A parent that is late rather than dead still has the frames that the other one began after.
    const bool isPatient = !reachesBack && m_context.loop.now() - m_heldSince < mostLateness;
    return m_filter.isNewer(*m_held.back(), place ? place->shiftMs : 0) && !isPatient;
}

void RelayPull::switchOver()
{
    m_retry.stop();
    m_besideRetry.stop();
    const auto place = placeOfHeld();
    m_besideFailures = 0;
    retire(m_link);
    m_link = std::move(m_beside);
    m_tried = m_link->parent().node;
    m_lastConnect = m_context.loop.now();
    const std::vector<SharedFrame> held = std::exchange(m_held, {});
    m_heldBytes = 0;
    if (m_link->isStarted())
        begin(place ? std::optional(place->shiftMs) : std::nullopt);
    for (const SharedFrame& frame : held)
        take(frame);
}

bool RelayPull::isSilent(MonotonicTime now) const
{
    constexpr Duration least{1000};
    return now - m_lastFrame > std::max(least, 3 * m_longestGap);
}

void RelayPull::watchSilence(MonotonicTime now)
{
    if (!m_link)
        return;
    const bool isLong = now - m_lastFrame > mostSilenceOfConnection && now - m_lastConnect > mostSilenceOfConnection;
    if (isLong && !m_beside) {
        sayNews("nothing came for 10 s, pulled anew");
        retire(m_link);
        retryLater();
        return;
    }
    if (m_beside || m_besideRetry.isRunning() || !isSilent(now) || now - m_lastConnect < Duration(1000))
        return;
    const bool isBackup = m_parents->backup && m_link->parent().node == m_parents->primary.node;
    const node_protocol::Parent& other = isBackup ? *m_parents->backup : m_parents->primary;
    if (other.node == m_link->parent().node || m_turnedAwayBy.contains(other.node))
        return;
    sayNews("nothing comes from " + m_link->url() + ", the other parent is tried");
    tryBeside(other, Reason::Silence);
}

}  // namespace headgate
