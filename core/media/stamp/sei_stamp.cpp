#include "core/media/stamp/sei_stamp.h"

#include <algorithm>
#include <iterator>

namespace headgate {

namespace {

constexpr std::uint8_t stampUuid[] = {0x34, 0xf2, 0x2d, 0x7f, 0x86, 0xbd, 0x4b, 0x3e,
                                      0xa4, 0x48, 0x5b, 0x11, 0xd1, 0x4b, 0x63, 0x9e};

}  // namespace

Bytes makeSeiStamp(TimePoint time)
{
    const auto ms = static_cast<std::uint64_t>(toEpochMs(time));
    Bytes stamp(std::begin(stampUuid), std::end(stampUuid));
    appendU32(stamp, static_cast<std::uint32_t>(ms >> 32));
    appendU32(stamp, static_cast<std::uint32_t>(ms));
    return stamp;
}

std::optional<TimePoint> timeOfSeiStamp(ByteView userData)
{
    ByteReader reader(userData);
    if (!std::ranges::equal(reader.take(std::size(stampUuid)), stampUuid))
        return std::nullopt;
    const std::uint64_t high = reader.u32();
    const std::uint64_t ms = high << 32 | reader.u32();
    // Beyond the 42 bits that the picture has for it, it is none.
    if (!reader.ok() || ms >> 42 != 0)
        return std::nullopt;
    return fromEpochMs(static_cast<std::int64_t>(ms));
}

}  // namespace headgate
