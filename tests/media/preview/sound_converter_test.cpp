#include "core/media/preview/sound_converter.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstdlib>

using namespace headgate;

namespace {

constexpr int samplesOfAFrame = 1024;
constexpr double pi = 3.14159265358979;

// Of a tone of 440 Hz, as AAC is decoded.
FramePtr toneAt(std::int64_t position, int rate)
{
    FramePtr frame(av_frame_alloc());
    frame->format = AV_SAMPLE_FMT_FLTP;
    frame->sample_rate = rate;
    frame->nb_samples = samplesOfAFrame;
    av_channel_layout_default(&frame->ch_layout, 2);
    av_frame_get_buffer(frame.get(), 0);
    for (int channel = 0; channel < 2; ++channel) {
        auto* samples = reinterpret_cast<float*>(frame->extended_data[channel]);
        for (int i = 0; i < samplesOfAFrame; ++i)
            samples[i] = static_cast<float>(0.5 * std::sin(2 * pi * 440 * static_cast<double>(position + i) / rate));
    }
    return frame;
}

struct Heard
{
    int samples = 0;      // of one channel
    int crossings = 0;    // of zero, from below
    int largestStep = 0;  // between neighbours: a click is a large one
};

// Converts a tone that goes on from call to call.
class Listener
{
public:
    Heard hear(int frames, double speed, int rate)
    {
        Heard heard;
        std::int16_t last = 0;
        for (int i = 0; i < frames; ++i, m_position += samplesOfAFrame) {
            const FramePtr frame = toneAt(m_position, rate);
            const auto samples = m_converter.convert(*frame, speed);
            for (std::size_t at = 0; at < samples.size(); at += SoundConverter::channels) {
                heard.crossings += last < 0 && samples[at] >= 0 ? 1 : 0;
                if (heard.samples++ > 0)
                    heard.largestStep = std::max(heard.largestStep, std::abs(samples[at] - last));
                last = samples[at];
            }
        }
        return heard;
    }

private:
    SoundConverter m_converter;
    std::int64_t m_position = 0;
};

bool isAbout(int value, double expected)
{
    return std::abs(value - expected) <= expected / 100;
}

}  // namespace

class SoundConverterTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void speedIsAsAskedWithoutClicks_data()
    {
        QTest::addColumn<int>("rate");
        QTest::newRow("same rate") << 48'000;
        QTest::newRow("other rate") << 44'100;
    }

    void speedIsAsAskedWithoutClicks()
    {
        constexpr int frames = 600;  // longer than the resampler is told to be faster at once
        QFETCH(const int, rate);
        Listener listener;
        const double seconds = static_cast<double>(frames) * samplesOfAFrame / rate;
        for (const double speed : {1.0, 1.05, 1.0}) {
            const Heard heard = listener.hear(frames, speed, rate);
            QVERIFY2(isAbout(heard.samples, seconds * SoundConverter::sampleRate / speed),
                     qPrintable(QString::number(heard.samples)));
            QVERIFY2(isAbout(heard.crossings, seconds * 440), qPrintable(QString::number(heard.crossings)));
            // A tone of half the volume moves by 990 from one sample to the next.
            QVERIFY2(heard.largestStep < 1500, qPrintable(QString::number(heard.largestStep)));
        }
    }

    void formsMayChange()
    {
        Listener listener;
        QVERIFY(listener.hear(10, 1.05, 48'000).samples > 0);
        QVERIFY(listener.hear(10, 1.05, 22'050).samples > 0);
        QVERIFY(listener.hear(10, 1, 44'100).samples > 0);
    }
};

QTEST_GUILESS_MAIN(SoundConverterTest)
#include "sound_converter_test.moc"
