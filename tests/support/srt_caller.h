#pragma once

#include <QString>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <srt/srt.h>

#include <algorithm>
#include <vector>

namespace headgate::test {

// A caller that says just what a test wants.
class SrtCaller
{
public:
    SrtCaller()
    {
        ::srt_startup();
        ::srt_setloglevel(2);  // critical
        m_socket = ::srt_create_socket();
    }
    ~SrtCaller()
    {
        ::srt_close(m_socket);
        ::srt_cleanup();
    }
    SrtCaller(const SrtCaller&) = delete;
    SrtCaller& operator=(const SrtCaller&) = delete;

    // 0, or why it was not let in: libsrt's reason, of the server's own those from 1000 on.
    int call(const QString& address, quint16 port, const QByteArray& streamId, const QByteArray& passphrase = {})
    {
        ::srt_setsockflag(m_socket, SRTO_STREAMID, streamId.data(), static_cast<int>(streamId.size()));
        if (!passphrase.isEmpty())
            ::srt_setsockflag(m_socket, SRTO_PASSPHRASE, passphrase.data(), static_cast<int>(passphrase.size()));
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        ::inet_pton(AF_INET, address.toLatin1().data(), &to.sin_addr);
        if (::srt_connect(m_socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0)
            return 0;
        return ::srt_getrejectreason(m_socket);
    }

    // What the other side takes to repair loss, in ms, as was agreed on.
    int peerLatency() const
    {
        int latencyMs = 0;
        int size = sizeof latencyMs;
        ::srt_getsockflag(m_socket, SRTO_PEERLATENCY, &latencyMs, &size);
        return latencyMs;
    }

    // Until the other side ends it; false if it does not within the time.
    bool isEnded(int timeoutMs)
    {
        ::srt_setsockflag(m_socket, SRTO_RCVTIMEO, &timeoutMs, sizeof timeoutMs);
        char message[1500];
        while (::srt_recvmsg(m_socket, message, sizeof message) > 0) {
        }
        return ::srt_getlasterror(nullptr) != SRT_ETIMEOUT;
    }

    void send(QByteArrayView packets)
    {
        constexpr qsizetype messageSize = 1316;
        for (qsizetype at = 0; at < packets.size(); at += messageSize) {
            const QByteArrayView part = packets.sliced(at, std::min(messageSize, packets.size() - at));
            ::srt_sendmsg(m_socket, part.data(), static_cast<int>(part.size()), -1, 1);
        }
    }

private:
    SRTSOCKET m_socket;
};

}  // namespace headgate::test
