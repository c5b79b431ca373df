#pragma once

#include "core/media/hub/media_frame.h"

#include <array>

namespace headgate {

// Lets the pictures of each layer pass from its next key frame on, so that none comes without what it builds on.
class LayerGate
{
public:
    void close() { m_isOpen = {}; }

    // Of a layer.
    bool passes(const MediaFrame& frame)
    {
        bool& isOpen = m_isOpen.at(static_cast<std::size_t>(frame.layer() - 1));
        isOpen = isOpen || frame.isTrackStart();
        return isOpen || frame.isEssential();
    }

private:
    std::array<bool, mostLayers> m_isOpen{};
};

}  // namespace headgate
