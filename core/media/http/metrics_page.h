#pragma once

#include "core/domain/node.h"
#include "core/media/access/access_control.h"
#include "core/media/hub/loop_group.h"
#include "core/media/hub/session_gate.h"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace headgate {

namespace hls {
class Desk;
}
namespace recording {
class Desk;
class VodDesk;
}  // namespace recording

// What a node tells Prometheus of itself, in its text format; for the main loop's thread. Names and units follow its
// conventions: base units, counters end in _total. Only sums, since a series for each name that was ever live would be
// the end of the database that reads them.
class MetricsPage
{
public:
    struct Sources
    {
        const LoopGroup& loops;
        const Hub& hub;
        const SessionGate& gate;
        const AccessControl& access;
        std::function<SrtFigures()> srt{};  // none: the node does not speak it
        const hls::Desk* hls = nullptr;     // these may be made later than the page
        const recording::Desk* recording = nullptr;
        const recording::VodDesk* vod = nullptr;
    };

    // `controlHost` is where the control plane is, empty if that is this machine.
    MetricsPage(Sources sources, std::string controlHost);

    // Loopback addresses and the machine of the control plane; the page tells others how much a node is worth
    // attacking.
    bool isFor(std::string_view host) const;

    std::string text() const;

private:
    const Sources m_sources;
    const std::string m_controlHost;
    const std::chrono::system_clock::time_point m_startedAt = std::chrono::system_clock::now();
};

}  // namespace headgate
