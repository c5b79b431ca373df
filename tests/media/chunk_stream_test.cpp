#include "core/base/random.h"
#include "core/media/rtmp/chunk_stream.h"

#include <QTest>

#include <deque>

using namespace headgate;
using namespace headgate::rtmp;

namespace {

Message randomMessage(Random& random, std::uint32_t timestampMs)
{
    constexpr MessageType types[] = {MessageType::Audio, MessageType::Video, MessageType::ScriptAmf0,
                                     MessageType::CommandAmf0};
    Message message;
    message.type = types[random.below(4)];
    message.streamId = static_cast<std::uint32_t>(random.below(3));
    message.timestampMs = timestampMs;
    message.payload.resize(random.below(5) == 0 ? random.below(9000) : random.below(5) * 100);
    for (std::uint8_t& byte : message.payload)
        byte = static_cast<std::uint8_t>(random.next());
    return message;
}

Bytes chunkSizeMessage(std::uint32_t size)
{
    Bytes payload;
    appendU32(payload, size);
    return payload;
}

// Feeds the bytes in random pieces.
Result<std::vector<Message>> readAll(const Bytes& bytes, Random& random)
{
    ChunkReader reader;
    std::vector<Message> messages;
    ByteView left = bytes;
    while (!left.empty()) {
        const std::size_t size = std::min<std::size_t>(left.size(), 1 + random.below(random.below(2) == 0 ? 7 : 3000));
        const auto read = reader.read(left.first(size), [&](Message message) {
            messages.push_back(std::move(message));
            return true;
        });
        if (!read)
            return tl::unexpected(read.error());
        left = left.subspan(size);
    }
    return messages;
}

// An encoder of its own that interleaves the chunks of several chunk streams, with whole headers.
class Interleaver
{
public:
    explicit Interleaver(std::uint32_t chunkSize) : m_chunkSize(chunkSize) {}

    void add(std::uint32_t chunkStream, const Message& message)
    {
        Bytes whole;
        appendWhole(whole, {chunkStream, message.type, message.streamId, message.timestampMs, message.payload},
                    m_chunkSize);
        const std::size_t extended = message.timestampMs >= 0xFFFFFF ? 4 : 0;
        std::deque<Bytes>& pieces = m_pieces.emplace_back();
        std::size_t begin = 0;
        std::size_t end = 12 + extended + std::min<std::size_t>(m_chunkSize, message.payload.size());
        while (begin < whole.size()) {
            end = std::min(end, whole.size());
            pieces.emplace_back(whole.begin() + static_cast<std::ptrdiff_t>(begin),
                                whole.begin() + static_cast<std::ptrdiff_t>(end));
            begin = end;
            end = begin + 1 + extended + m_chunkSize;
        }
    }

    Bytes mixed(Random& random)
    {
        Bytes out;
        while (!m_pieces.empty()) {
            const std::size_t which = random.below(m_pieces.size());
            appendView(out, m_pieces[which].front());
            m_pieces[which].pop_front();
            if (m_pieces[which].empty())
                m_pieces.erase(m_pieces.begin() + static_cast<std::ptrdiff_t>(which));
        }
        return out;
    }

private:
    std::uint32_t m_chunkSize;
    std::vector<std::deque<Bytes>> m_pieces;
};

}  // namespace

class ChunkStreamTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void largerMessagesThanAllowedAreRefused()
    {
        Bytes bytes;
        ChunkWriter writer;
        writer.append(bytes, commandChunkStream, Message{MessageType::Video, 1, 0, Bytes(1000)});
        int count = 0;
        const auto read = [&](std::uint32_t largest) {
            ChunkReader reader;
            reader.setLargestMessage(largest);
            return reader.read(bytes, [&count](const Message&) { return ++count > 0; });
        };
        QVERIFY(read(1000).has_value());
        QCOMPARE(count, 1);
        const auto refused = read(999);
        QVERIFY(!refused && refused.error().code == ErrorCode::ResourceExhausted);
        QCOMPARE(count, 1);
    }

    void whatIsWrittenIsRead()
    {
        for (std::uint64_t seed = 1; seed <= 60; ++seed) {
            Random random(seed);
            ChunkWriter writer;
            Bytes bytes;
            std::vector<Message> sent;
            auto timestamp = static_cast<std::uint32_t>(random.below(3) == 0 ? 0xFFFFF0 : random.below(100));
            const std::uint32_t ids[] = {3, 4, 63, 64, 319, 320, 65'000};
            for (int i = 0; i < 60; ++i) {
                if (random.below(8) == 0) {
                    const auto size = static_cast<std::uint32_t>(1 + random.below(5000));
                    sent.push_back(Message{MessageType::SetChunkSize, 0, 0, chunkSizeMessage(size)});
                    writer.append(bytes, 2, sent.back());
                    writer.setChunkSize(size);
                }
                timestamp += static_cast<std::uint32_t>(random.below(4) == 0 ? random.below(20'000'000) : 40);
                sent.push_back(randomMessage(random, timestamp));
                writer.append(bytes, ids[random.below(7)], sent.back());
            }
            const auto received = readAll(bytes, random);
            QVERIFY2(received.has_value(), std::to_string(seed).c_str());
            QVERIFY2(*received == sent, std::to_string(seed).c_str());
        }
    }

    void interleavedMessagesAreSortedOut()
    {
        for (std::uint64_t seed = 1; seed <= 60; ++seed) {
            Random random(seed);
            Interleaver interleaver(128);
            std::vector<Message> sent;
            for (std::uint32_t stream = 3; stream < 11; ++stream) {
                const bool isExtended = random.below(2) == 0;
                sent.push_back(randomMessage(random, isExtended ? 0x1000000 + stream : stream));
                interleaver.add(stream, sent.back());
            }
            auto received = readAll(interleaver.mixed(random), random);
            QVERIFY(received.has_value());
            QCOMPARE(received->size(), sent.size());
            for (const Message& message : sent)
                QVERIFY(std::find(received->begin(), received->end(), message) != received->end());
        }
    }

    void aTypeThreeHeaderAfterTypeZeroRepeatsTheTimestampAsDelta()
    {
        Bytes bytes{0x03, 0, 0, 10, 0, 0, 1, 8, 1, 0, 0, 0, 0xAA};
        appendView(bytes, Bytes{0xC3, 0xBB});
        Random random(1);
        const auto received = readAll(bytes, random);
        QVERIFY(received.has_value());
        QCOMPARE(received->size(), std::size_t{2});
        QCOMPARE((*received)[1].timestampMs, 20u);
    }

    void anExtendedTimestampNeedNotBeRepeatedWithinAMessage()
    {
        const Message message{MessageType::Video, 1, 0x2000000, Bytes(300, 0x55)};
        Bytes whole;
        appendWhole(whole, {6, message.type, message.streamId, message.timestampMs, message.payload}, 128);
        // Without the four bytes after each header of type 3.
        const std::size_t second = 16 + 128 + 1;
        const std::size_t third = second + 4 + 128 + 1;
        whole.erase(whole.begin() + static_cast<std::ptrdiff_t>(third),
                    whole.begin() + static_cast<std::ptrdiff_t>(third) + 4);
        whole.erase(whole.begin() + static_cast<std::ptrdiff_t>(second),
                    whole.begin() + static_cast<std::ptrdiff_t>(second) + 4);
        Random random(1);
        const auto received = readAll(whole, random);
        QVERIFY(received.has_value());
        QVERIFY(*received == std::vector<Message>{message});
    }

    void abortForgetsTheUnfinishedMessage()
    {
        Bytes bytes;
        appendWhole(bytes, {5, MessageType::Video, 1, 7, Bytes(200, 1)}, 128);
        bytes.resize(12 + 128);
        const Message abort{MessageType::Abort, 0, 0, {0, 0, 0, 5}};
        appendWhole(bytes, {2, abort.type, 0, 0, abort.payload}, 128);
        const Message next{MessageType::Video, 1, 9, Bytes(10, 2)};
        appendWhole(bytes, {5, next.type, 1, 9, next.payload}, 128);
        Random random(1);
        const auto received = readAll(bytes, random);
        QVERIFY(received.has_value());
        QVERIFY((*received == std::vector<Message>{abort, next}));
    }

    void nonsenseIsRefused()
    {
        Random random(1);
        QVERIFY(!readAll(Bytes{0xC3, 1, 2, 3}, random).has_value());
        QVERIFY(!readAll(Bytes{0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0}, random).has_value());
        Bytes many;
        for (std::uint32_t stream = 3; stream < 200; ++stream)
            appendWhole(many, {stream, MessageType::Audio, 1, 0, Bytes{1}}, 128);
        QVERIFY(!readAll(many, random).has_value());
        Bytes unfinished;
        for (std::uint32_t stream = 3; stream < 40; ++stream) {
            Bytes whole;
            appendWhole(whole, {stream, MessageType::Video, 1, 0, Bytes(2'000'000, 1)}, 1'500'000);
            whole.resize(12 + 1'500'000);
            appendView(unfinished, whole);
        }
        Bytes announced;
        appendWhole(announced, {2, MessageType::SetChunkSize, 0, 0, chunkSizeMessage(1'500'000)}, 128);
        appendView(announced, unfinished);
        QVERIFY(!readAll(announced, random).has_value());
    }

    void brokenBytesNeverCrash()
    {
        for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
            Random random(seed);
            ChunkWriter writer;
            Bytes bytes;
            for (int i = 0; i < 6; ++i)
                writer.append(bytes, 3 + static_cast<std::uint32_t>(random.below(4)),
                              randomMessage(random, static_cast<std::uint32_t>(i * 40)));
            bytes.resize(random.below(bytes.size() + 1));
            for (std::uint64_t flips = random.below(6); flips > 0 && !bytes.empty(); --flips)
                bytes[random.below(bytes.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
            const auto received = readAll(bytes, random);
            QVERIFY(!received || received->size() < 1000);
        }
    }
};

QTEST_GUILESS_MAIN(ChunkStreamTest)
#include "chunk_stream_test.moc"
