#pragma once

#include "core/media/http/reply.h"
#include "core/media/hub/loop_group.h"
#include "core/media/hub/reception.h"
#include "core/media/hub/session_gate.h"
#include "core/media/recording/shelf_reader.h"

#include <map>
#include <memory>
#include <string>

namespace headgate::recording {

// Where all requests for recordings come to:
//   /vod/{scope}/{name}/{id}/index.m3u8     a playlist that names the others; lets a viewer in, as the stream does
//   /vod/{scope}/{name}/{id}/play/{ticket}/media.m3u8, 0.m4s, init0.mp4, thumbnail.jpg
//   /vod/{scope}/{name}/{id}/download.mp4   all of it as one file, of FLV .flv; whoever downloads is a viewer;
//                                           with ?part=2 where the format changes within it
// A ticket is not to be guessed. Who asks for nothing for a while is no viewer any more, and becomes one by asking
// again. Belongs to the main loop's thread.
class VodDesk
{
public:
    static constexpr Duration mostIdle{60'000};
    static constexpr Duration ticketTime{12 * 3'600'000};
    static constexpr std::size_t mostTickets = 50'000;
    static constexpr int mostDownloads = 100;  // at a time

    struct Context
    {
        LoopGroup& loops;
        SessionGate& gate;
        Reception& reception;
        const Log& log;
    };

    VodDesk(const Context& context, std::string folder);
    ~VodDesk();

    // Live streams may have such paths too.
    static bool isWanted(std::string_view path)
    {
        return path.starts_with("/vod/") &&
               (path.ends_with("/index.m3u8") || path.ends_with("/download.mp4") || path.ends_with("/download.flv") ||
                path.find("/play/") != std::string_view::npos);
    }

    void apply(const RecordingSettings& settings);

    // Answered later, unless the asker is gone by then.
    void ask(const http_flv::Request& request, const std::string& peer, const std::weak_ptr<http_flv::Asker>& asker);

    int viewerCount() const { return *m_viewers; }

    struct Figures
    {
        int viewers = 0;  // those who download included
        int downloads = 0;
        std::uint64_t requests = 0;  // since the start of the node
    };
    Figures figures() const { return {*m_viewers, m_downloads, m_requests}; }

private:
    class Viewer;
    using Serve = std::function<void()>;
    using AskerPtr = std::weak_ptr<http_flv::Asker>;

    struct Ticket
    {
        std::string id;        // of the recording
        AccessRequest wish{};  // as which it was let in
        Session::Id viewer = 0;
        MonotonicTime lastAsked{};
    };

    // What a recording is asked for as.
    struct Wanted
    {
        std::string path;  // of the stream
        std::string id;
        std::string file;
        std::size_t part = 0;  // of several files; 0: none is named
    };
    void open(const Wanted& wanted, const http_flv::Request& request, const std::string& peer, const AskerPtr& asker);
    void letIn(const std::string& name, const AskerPtr& asker, Serve serve);
    void download(const Wanted& wanted, const std::string& name, const AskerPtr& asker);
    bool mayGoOn(const std::string& ticket);
    // Does what has to be done on the main loop, unless this object is gone by then. From any thread.
    void later(std::function<void(VodDesk&)> call) const;
    void answer(const AskerPtr& asker, http_flv::SharedReply reply) const;
    // A ticket that is named goes with an answer that is a refusal.
    void read(const AskerPtr& asker, std::function<http_flv::SharedReply(ShelfReader&)> make,
              const std::string& ticket = {});
    // That went to whoever has the ticket.
    void count(const std::string& ticket, std::size_t bytes);
    void drop(const std::string& ticket);
    void tick(Duration longestKept);

    Context m_context;
    std::shared_ptr<int> m_viewers = std::make_shared<int>(0);  // sessions may end later than this object
    std::shared_ptr<VodDesk*> m_self = std::make_shared<VodDesk*>(this);
    std::map<std::string, Ticket> m_tickets;
    int m_downloads = 0;
    std::uint64_t m_requests = 0;
    std::unique_ptr<ShelfReader> m_reader;  // null: nothing is kept here
    Timer m_timer;
};

// The playlist of a recording's segments.
std::string vodPlaylistOf(const RecordingManifest& manifest);

}  // namespace headgate::recording
