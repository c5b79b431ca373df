#include "core/media/http/metrics_page.h"

#include "core/media/hls/desk.h"
#include "core/media/net/process_usage.h"
#include "core/media/recording/desk.h"
#include "core/media/recording/vod_desk.h"

#include <cstdio>
#include <utility>

namespace headgate {

namespace {

using Seconds = std::chrono::duration<double>;

class Text
{
public:
    void gauge(const char* name, const char* help, double value) { add(name, help, "gauge", value); }
    void counter(const char* name, const char* help, double value) { add(name, help, "counter", value); }
    std::string take() { return std::move(m_text); }

private:
    void add(const char* name, const char* help, const char* type, double value)
    {
        char number[40];
        std::snprintf(number, sizeof number, "%.15g", value);
        m_text.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name);
        m_text.append(" ").append(type).append("\n").append(name).append(" ").append(number).append("\n");
    }

    std::string m_text;
};

}  // namespace

MetricsPage::MetricsPage(Sources sources, std::string controlHost)
    : m_sources(sources), m_controlHost(std::move(controlHost))
{}

bool MetricsPage::isFor(std::string_view host) const
{
    constexpr std::string_view asIpv6 = "::ffff:";
    if (host.starts_with(asIpv6))
        host.remove_prefix(asIpv6.size());
    return host.starts_with("127.") || host == "::1" || (!m_controlHost.empty() && host == m_controlHost);
}

std::string MetricsPage::text() const
{
    constexpr double millisecondsOfSecond = 1000;
    const EventLoop::Traffic traffic = m_sources.loops.traffic();
    Text text;
    text.gauge("headgate_node_viewers", "Viewers that the node serves.",
               m_sources.hub.subscriberCount(Subscriber::Kind::Viewer));
    text.gauge("headgate_node_children", "Nodes that pull streams from the node.",
               m_sources.hub.subscriberCount(Subscriber::Kind::Child));
    text.gauge("headgate_node_publishers", "Publishers that are connected to the node.",
               m_sources.hub.publisherCount());
    text.gauge("headgate_node_streams", "Streams that the node carries.",
               static_cast<double>(m_sources.hub.streams().size()));
    text.gauge("headgate_node_sessions", "Connections of clients, those included that said nothing yet.",
               static_cast<double>(m_sources.loops.sessionCount()));
    text.gauge("headgate_node_draining", "1 if the node takes no new sessions, else 0.",
               m_sources.gate.isDraining() ? 1 : 0);
    text.counter("headgate_node_receive_bytes_total", "Bytes received of clients and parents.",
                 static_cast<double>(traffic.bytesReceived));
    text.counter("headgate_node_transmit_bytes_total", "Bytes sent to clients and children.",
                 static_cast<double>(traffic.bytesSent));
    const AccessControl::Figures access = m_sources.access.figures();
    text.counter("headgate_node_sessions_granted_total", "Publishers and viewers that were let in.",
                 static_cast<double>(access.granted));
    text.counter("headgate_node_sessions_denied_total", "Publishers and viewers whose credentials did not hold.",
                 static_cast<double>(access.refused));
    text.counter("headgate_node_sessions_undecided_total", "Those refused because nobody could tell.",
                 static_cast<double>(access.undecided));
    text.gauge("headgate_node_webhooks_waiting", "Webhooks and ends of sessions that are still to be told.",
               static_cast<double>(access.calls.waiting));
    text.counter("headgate_node_webhooks_delivered_total", "Those that a service took.",
                 static_cast<double>(access.calls.delivered));
    text.counter("headgate_node_webhooks_failed_total", "Tries that no service took.",
                 static_cast<double>(access.calls.failures));
    text.counter("headgate_node_webhooks_dropped_total", "Those that were given up.",
                 static_cast<double>(access.calls.dropped));
    const SrtFigures srt = m_sources.srt ? m_sources.srt() : SrtFigures{};
    text.gauge("headgate_node_srt_connections", "SRT connections of publishers and viewers.", srt.sessions);
    text.gauge("headgate_node_srt_round_trip_seconds", "Mean round trip of those connections.",
               srt.roundTripMs / millisecondsOfSecond);
    text.counter("headgate_node_srt_packets_received_total", "SRT packets received.",
                 static_cast<double>(srt.packetsReceived));
    text.counter("headgate_node_srt_packets_sent_total", "SRT packets sent, the repeated ones included.",
                 static_cast<double>(srt.packetsSent));
    text.counter("headgate_node_srt_packets_lost_total", "SRT packets lost on their way in; most of them come again.",
                 static_cast<double>(srt.packetsLost));
    text.counter("headgate_node_srt_packets_retransmitted_total", "SRT packets that were sent again.",
                 static_cast<double>(srt.packetsRetransmitted));
    text.counter("headgate_node_srt_packets_dropped_total", "SRT packets that came, or would have gone, too late.",
                 static_cast<double>(srt.packetsDropped));
    const hls::Desk::Figures hls = m_sources.hls ? m_sources.hls->figures() : hls::Desk::Figures{};
    text.gauge("headgate_node_hls_viewers", "Viewers of HLS.", hls.viewers);
    text.gauge("headgate_node_hls_streams", "Streams of which HLS is made.", hls.streams);
    text.gauge("headgate_node_hls_segment_bytes", "Memory of the segments of HLS.", static_cast<double>(hls.bytes));
    text.gauge("headgate_node_hls_waiting_requests", "Requests that wait for a part or a playlist of LL-HLS.",
               static_cast<double>(hls.waiting));
    text.counter("headgate_node_hls_requests_total", "Requests for playlists, segments and parts of HLS.",
                 static_cast<double>(hls.requests));
    const auto vod = m_sources.vod ? m_sources.vod->figures() : recording::VodDesk::Figures{};
    text.gauge("headgate_node_vod_viewers", "Viewers of recordings, those who download included.", vod.viewers);
    text.gauge("headgate_node_vod_downloads", "Recordings that are downloaded as one file.", vod.downloads);
    text.counter("headgate_node_vod_requests_total", "Requests for recordings.", static_cast<double>(vod.requests));
    const auto kept = m_sources.recording ? m_sources.recording->figures() : recording::Desk::Figures{};
    text.gauge("headgate_node_recordings", "Streams that are recorded.", kept.recordings);
    text.gauge("headgate_node_recording_waiting_bytes", "Of recordings, what waits for the disk.",
               static_cast<double>(kept.waitingBytes));
    text.counter("headgate_node_recording_written_bytes_total", "Of recordings, what was written to the disk.",
                 static_cast<double>(kept.bytesWritten));
    text.counter("headgate_node_recordings_saved_total", "Recordings that are whole where the group keeps them.",
                 static_cast<double>(kept.saved));
    text.counter("headgate_node_recordings_failed_total", "Recordings that a disk or a store did not take.",
                 static_cast<double>(kept.failed));
    text.counter("process_cpu_seconds_total", "Processor time of the process.", Seconds(processorTime()).count());
    text.gauge("process_resident_memory_bytes", "Memory of the process.", static_cast<double>(residentBytes()));
    text.gauge("process_start_time_seconds", "When the node started, since 1970.",
               Seconds(m_startedAt.time_since_epoch()).count());
    text.gauge("process_open_fds", "Descriptors that are open.", openDescriptors());
    text.gauge("process_max_fds", "Descriptors that may be open.", mostDescriptors());
    return text.take();
}

}  // namespace headgate
