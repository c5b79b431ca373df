#pragma once

#include "core/media/hls/packager.h"
#include "core/media/hub/hub.h"
#include "core/media/hub/loop_group.h"
#include "core/media/hub/reception.h"
#include "core/media/hub/session_gate.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace headgate::hls {

struct Options
{
    Packager::Settings packaging;
    std::size_t mostBytes = 1024 * 1024 * 1024;  // of all segments of the node, as long as it has few streams
    bool isAlways = false;                       // also of streams that nobody watches
};

// Where all requests for HLS come to:
//   /{scope}/{name}.m3u8                       the multivariant playlist: lets a viewer in, and names its session
//   /{scope}/{name}/{packager}/media.m3u8      the media playlist, with ?session=
//   /{scope}/{name}/{packager}/12.m4s          segments, 12.3.m4s parts of them, init0.mp4 init segments
// A packager's name is not to be guessed, so that who has not been let in has no addresses, while what they stand for
// is the same for all and may be kept by caches. Belongs to the main loop's thread.
class Desk
{
public:
    struct Context
    {
        LoopGroup& loops;
        Hub& hub;
        SessionGate& gate;
        Reception& reception;
        const Log& log;
    };
    // Each packager may have so much, however many there are.
    static constexpr std::size_t leastBytes = 8 * 1024 * 1024;
    static constexpr std::size_t mostBytesOfOne = 256 * 1024 * 1024;

    Desk(const Context& context, Options options);

    // None: as the node was started. For streams of which HLS begins to be made.
    void setWindow(std::optional<int> seconds);

    static bool isWanted(std::string_view path);

    // The answer; null: `asker` gets it later, unless it is gone by then.
    http_flv::SharedReply ask(const http_flv::Request& request, const std::string& peer,
                              const std::weak_ptr<http_flv::Asker>& asker);

    struct Figures
    {
        int viewers = 0;
        int streams = 0;
        std::size_t bytes = 0;
        std::size_t waiting = 0;     // requests
        std::uint64_t requests = 0;  // since the start of the node
    };
    Figures figures() const;

private:
    http_flv::SharedReply askPackager(Packager& packager, std::string_view file, const http_flv::Request& request,
                                      const std::string& peer, const std::weak_ptr<http_flv::Asker>& asker);
    http_flv::SharedReply letIn(const std::string& path, const http_flv::Request& request, const std::string& peer,
                                const std::weak_ptr<http_flv::Asker>& asker);
    http_flv::SharedReply admit(Viewer& viewer, const std::string& path, std::unique_ptr<AccessPass> pass,
                                const std::weak_ptr<http_flv::Asker>& asker);
    Result<Packager*> packagerOf(Stream& stream);
    void shareMemory();
    void tick();

    Context m_context;
    Options m_options;
    std::optional<Duration> m_window;                                           // if the group of the node says so
    std::map<std::string, std::unique_ptr<Packager>, std::less<>> m_packagers;  // by folder
    std::map<StreamKey, Packager*> m_live;
    std::uint64_t m_requests = 0;
    Timer m_timer;
};

}  // namespace headgate::hls
