#include "core/media/hub/loop_group.h"

#include <sched.h>

#include <algorithm>

namespace headgate {

int usableProcessors()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    return ::sched_getaffinity(0, sizeof set, &set) == 0 ? std::max(1, CPU_COUNT(&set)) : 1;
}

LoopGroup::LoopGroup(EventLoop& mainLoop, const LoopOptions& options) : m_home(mainLoop), m_mostAhead(options.mostAhead)
{
    mainLoop.setMergeWindow(options.mergeWindow);
    std::vector<EventLoop*> helpers;
    for (int i = 1; i < options.count; ++i) {
        m_others.push_back(std::make_unique<FanOutLoop>(mainLoop, options.mergeWindow));
        helpers.push_back(&m_others.back()->loop());
    }
    mainLoop.setHelpers(std::move(helpers));
}

LoopGroup::~LoopGroup()
{
    m_home.loop().setHelpers({});
    // All threads first: then nothing happens any more but what is done here.
    for (const auto& other : m_others)
        other->stop();
    m_others.clear();
    m_home.clear();
}

void LoopGroup::add(std::unique_ptr<Session> session, std::unique_ptr<Seat> seat)
{
    session->m_id = ++m_lastSession;
    session->m_seat = std::move(seat);
    m_home.add(std::move(session));
}

std::size_t LoopGroup::sessionCount() const
{
    std::size_t count = m_home.size();
    for (const auto& other : m_others)
        count += static_cast<std::size_t>(other->seatCount());
    return count;
}

FanOutLoop* LoopGroup::choose(const Stream& stream) const
{
    // The main loop has every stream, and the publishers to take care of.
    FanOutLoop* carrier = nullptr;
    FanOutLoop* idlest = nullptr;
    int carrierSeats = m_homeSeats + 1;
    int idlestSeats = carrierSeats;
    for (const auto& other : m_others) {
        const int seats = other->seatCount();
        if (seats < idlestSeats) {
            idlest = other.get();
            idlestSeats = seats;
        }
        if (seats < carrierSeats && other->carries(stream)) {
            carrier = other.get();
            carrierSeats = seats;
        }
    }
    return carrierSeats > idlestSeats + m_mostAhead ? idlest : carrier;
}

bool LoopGroup::sendAway(Session& session, Stream& stream, Subscriber::Kind kind)
{
    FanOutLoop* const next = choose(stream);
    if (next == nullptr) {
        ++m_homeSeats;
        session.m_seat = makeSeat([](LoopGroup& group) { --group.m_homeSeats; });
        return false;
    }
    const FanOutLoop::FeedId feed = next->enter(stream, kind);
    session.m_seat = makeSeat([next, feed, kind](LoopGroup&) { next->leave(feed, kind); });
    m_home.release(session, next->loop(),
                   [next, feed](std::unique_ptr<Session> moving) { next->take(std::move(moving), feed); });
    return true;
}

void LoopGroup::sendHome(Session& session)
{
    session.host().release(session, m_home.loop(), [this](std::unique_ptr<Session> moving) {
        moving->leaveSeat();
        atHome([box = std::make_shared<std::unique_ptr<Session>>(std::move(moving))](LoopGroup& group) {
            group.m_home.receive(std::move(*box), nullptr);
        });
    });
}

void LoopGroup::forEachHost(const std::function<void(SessionHost&)>& use)
{
    use(m_home);
    for (const auto& other : m_others)
        other->send([use, &host = other->host()] { use(host); });
}

void LoopGroup::apply(const MediaSettings& settings)
{
    const auto& wanted = settings.mergeWindow.milliseconds;
    const auto window = wanted ? std::optional(Duration(*wanted)) : std::nullopt;
    forEachHost([window, latency = settings.latency](SessionHost& host) {
        host.loop().setMergeWindow(window);
        host.setJoinLatency(latency);
    });
}

EventLoop::Traffic LoopGroup::traffic() const
{
    EventLoop::Traffic total = m_home.loop().traffic();
    for (const auto& other : m_others) {
        const EventLoop::Traffic traffic = other->loop().traffic();
        total.bytesReceived += traffic.bytesReceived;
        total.bytesSent += traffic.bytesSent;
    }
    return total;
}

void LoopGroup::post(EventLoop& home, std::weak_ptr<LoopGroup> group, std::function<void(LoopGroup&)> call)
{
    home.post([group = std::move(group), call = std::move(call)] {
        if (const auto alive = group.lock())
            call(*alive);
    });
}

std::unique_ptr<Seat> LoopGroup::makeSeat(std::function<void(LoopGroup&)> onFree) const
{
    return std::make_unique<Seat>([&home = m_home.loop(), group = std::weak_ptr(m_self), onFree = std::move(onFree)] {
        post(home, group, onFree);
    });
}

}  // namespace headgate
