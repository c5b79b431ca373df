#include "core/media/hls/viewer.h"

#include "core/base/check.h"
#include "core/media/hls/packager.h"

namespace headgate::hls {

Viewer::~Viewer()
{
    if (m_packager != nullptr)
        m_packager->leave(*this);
}

void Viewer::watch(Packager& packager, std::unique_ptr<AccessPass> pass)
{
    m_packager = &packager;
    m_pass = std::move(pass);
    m_lastAsked = host().loop().now();
    packager.join(*this);
}

void Viewer::asked(const std::string& peer, MonotonicTime now)
{
    m_lastAsked = now;
    if (m_peer != peer)
        m_peer = peer;
}

std::optional<StreamViewer> Viewer::viewing(const StreamKey& stream)
{
    if (m_packager == nullptr || m_packager->stream() == nullptr || m_packager->stream()->key() != stream)
        return std::nullopt;
    StreamViewer viewer;
    viewer.id = id();
    viewer.protocol = "hls";
    viewer.address = m_peer;
    viewer.connectedAt = m_since;
    return viewer;
}

void Viewer::disconnect(std::string_view reason)
{
    if (m_packager != nullptr)
        m_packager->leave(*this, reason);
    m_packager = nullptr;
    m_pass.reset();
    host().remove(*this);
}

// Only the main loop has playlists.
void Viewer::moveTo(EventLoop&)
{
    unreachable();
}

void Viewer::arrived(Stream*)
{
    unreachable();
}

}  // namespace headgate::hls
