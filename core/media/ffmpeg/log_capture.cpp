#include "core/media/ffmpeg/log_capture.h"

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <string_view>

extern "C" {
#include <libavutil/avutil.h>
#include <libavutil/error.h>
#include <libavutil/log.h>
}

namespace headgate {

namespace {

// FFmpeg knows one log function for the whole process and gives it no place for a context of ours.
thread_local FfmpegLogCapture* current = nullptr;

void onFfmpegLog(void*, int level, const char* format, va_list arguments)
{
    if (!current || level > AV_LOG_ERROR)
        return;
    std::array<char, 512> line{};
    std::vsnprintf(line.data(), line.size(), format, arguments);
    std::string text(line.data());
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.pop_back();
    if (!text.empty())
        current->keep(std::move(text));
}

// What a server said when it refused, without full stop; empty if it said nothing. These numbers stand for every
// refusal; its own words are in the log.
std::string serverWords(int error, const FfmpegLogCapture& capture)
{
    if (error != AVERROR_UNKNOWN && error != AVERROR(EPERM) && error != AVERROR(EIO))
        return {};
    std::string words = capture.lastError();
    constexpr std::string_view prefix = "Server error: ";
    if (words.starts_with(prefix))
        words.erase(0, prefix.size());
    while (words.ends_with('.'))
        words.pop_back();
    return words;
}

}  // namespace

FfmpegLogCapture::FfmpegLogCapture()
{
    current = this;
    av_log_set_callback(onFfmpegLog);
}

FfmpegLogCapture::~FfmpegLogCapture()
{
    current = nullptr;
}

std::string describeFfmpegError(int error, const FfmpegLogCapture& capture)
{
    if (error == AVERROR_EXIT)
        return "no answer in time";
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(error, text.data(), text.size());
    const std::string words = serverWords(error, capture);
    return words.empty() ? text.data() : words;
}

std::string ffmpegVersion()
{
    const std::string text = av_version_info();
    return "FFmpeg " + text.substr(0, text.find('-'));
}

}  // namespace headgate
