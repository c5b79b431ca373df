#pragma once

#include "core/media/hub/access_pass.h"

#include <string>
#include <string_view>

namespace headgate::srt {

// What a caller wants, by its stream id.
struct StreamWish
{
    SessionRole role = SessionRole::Viewer;
    std::string path;  // not checked
    Credentials credentials{};
    std::string credential{};          // for PublishRequest, as RTMP has it behind the stream's name
    SoundForm sound = SoundForm::Aac;  // of what it watches

    bool operator==(const StreamWish&) const = default;
};

struct Refusal
{
    int code = 0;  // of libsrt's access_control.h
    std::string why;
};

// "#!::r=live/show,m=publish,u=ann,token=t" (SRT access control), also as "%23!::..." with its values percent-encoded,
// since FFmpeg sends what an address has as it stands; or "publish/live/show?token=t", "play/live/show", "live/show".
tl::expected<StreamWish, Refusal> parseStreamId(std::string_view text);

}  // namespace headgate::srt
