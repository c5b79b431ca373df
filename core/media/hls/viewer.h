#pragma once

#include "core/media/hub/access_pass.h"
#include "core/media/hub/session.h"

#include <memory>
#include <string>

namespace headgate::hls {

class Packager;

// A viewer of HLS: not a connection, but who asks for playlists with one session's name. It lives on the main loop.
class Viewer final : public Session
{
public:
    Viewer(std::string name, std::string peer) : m_name(std::move(name)), m_peer(std::move(peer)) {}
    ~Viewer() override;

    const std::string& name() const { return m_name; }  // what nobody else can know
    const std::string& peer() const { return m_peer; }

    // It is admitted: from now on it watches.
    void watch(Packager& packager, std::unique_ptr<AccessPass> pass);

    // The stream is over; its last segments may still be asked for.
    void streamEnded() { m_pass.reset(); }
    void packagerGone() { m_packager = nullptr; }

    void asked(const std::string& peer, MonotonicTime now);
    MonotonicTime lastAsked() const { return m_lastAsked; }

    std::optional<StreamViewer> viewing(const StreamKey& stream) override;
    bool isViewer() const override { return m_packager != nullptr; }
    void disconnect(std::string_view reason) override;

private:
    void moveTo(EventLoop& to) override;
    void arrived(Stream* stream) override;

    std::string m_name;
    std::string m_peer;
    TimePoint m_since = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    MonotonicTime m_lastAsked;
    Packager* m_packager = nullptr;
    std::unique_ptr<AccessPass> m_pass;
};

}  // namespace headgate::hls
