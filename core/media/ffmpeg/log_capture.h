#pragma once

#include <string>

namespace headgate {

// While it lives, FFmpeg's messages of this thread are kept here instead of being printed. FFmpeg returns numbers only;
// what a server answered ("NetStream.Publish.BadName") is told nowhere but in its log. One a thread at a time.
class FfmpegLogCapture
{
public:
    FfmpegLogCapture();
    ~FfmpegLogCapture();
    FfmpegLogCapture(const FfmpegLogCapture&) = delete;
    FfmpegLogCapture& operator=(const FfmpegLogCapture&) = delete;

    void clear() { m_lastError.clear(); }

    // The newest message of level error, without line end; empty if there was none.
    const std::string& lastError() const { return m_lastError; }
    void keep(std::string text) { m_lastError = std::move(text); }

private:
    std::string m_lastError;
};

// Words for FFmpeg's error number, without full stop; `capture`'s last message where the number says nothing.
std::string describeFfmpegError(int error, const FfmpegLogCapture& capture);

// "FFmpeg 5.1.9", as linked at run time.
std::string ffmpegVersion();

}  // namespace headgate
