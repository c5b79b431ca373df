#pragma once

#include "tests/support/media_tools.h"

#include <QByteArray>
#include <QList>
#include <QString>

#include <compare>

namespace headgate::test {

// One coded frame as a reader gets it: decoding time in the stream's own ticks, hash of its bytes.
struct FrameMark
{
    qint64 time = 0;
    QByteArray hash;

    auto operator<=>(const FrameMark&) const = default;
};

struct StreamRecord
{
    QList<FrameMark> video;
    QList<FrameMark> audio;
};

// ffprobe's arguments that print every packet of `input` with its hash as it comes.
inline QStringList recordArguments(const QString& input)
{
    return {"-v",
            "error",
            "-show_packets",
            "-show_data_hash",
            "MD5",
            "-show_entries",
            "packet=codec_type,dts,data_hash",
            "-of",
            "compact=nokey=1",
            input};
}

// Lines as "packet|video|2021|MD5:0123...".
inline StreamRecord parseRecord(const QByteArray& text)
{
    StreamRecord record;
    const QList<QByteArray> lines = text.split('\n');
    for (const QByteArray& line : lines) {
        const QList<QByteArray> fields = line.trimmed().split('|');
        // The last line of a reader that was ended may be torn.
        if (fields.size() != 4 || fields[3].size() != 36)
            continue;
        const FrameMark mark{fields[2].toLongLong(), fields[3]};
        if (fields[1] == "video")
            record.video.append(mark);
        else if (fields[1] == "audio")
            record.audio.append(mark);
    }
    return record;
}

// Where `part` stands in `whole` without a gap; -1 if it does not.
inline qsizetype placeIn(const QList<FrameMark>& whole, const QList<FrameMark>& part)
{
    if (part.isEmpty())
        return -1;
    const qsizetype start = whole.indexOf(part.first());
    return start >= 0 && whole.mid(start, part.size()) == part ? start : -1;
}

// Says where the two part ways, for a failed check's message.
inline QByteArray firstDifference(const QList<FrameMark>& whole, const QList<FrameMark>& part)
{
    if (part.isEmpty())
        return "nothing was received";
    const qsizetype start = whole.indexOf(part.first());
    if (start < 0)
        return "the first frame received, at " + QByteArray::number(part.first().time) + ", is not of the source";
    for (qsizetype i = 0; i < part.size(); ++i) {
        if (start + i >= whole.size())
            return "more frames were received than sent";
        if (whole[start + i] != part[i])
            return "frame " + QByteArray::number(i) + " at " + QByteArray::number(part[i].time) + " should be at " +
                   QByteArray::number(whole[start + i].time);
    }
    return "none";
}

// Makes `file`: H.264 with a key frame each second and AAC, `seconds` long.
inline bool makeSource(const QString& file, int seconds)
{
    const QString length = QString::number(seconds);
    return runTool("ffmpeg",
                   {"-v",      "error",   "-y",        "-f",           "lavfi", "-i",   "testsrc2=s=320x180:r=25",
                    "-f",      "lavfi",   "-i",        "sine=r=44100", "-t",    length, "-c:v",
                    "libx264", "-preset", "ultrafast", "-g",           "25",    "-bf",  "0",
                    "-b:v",    "300k",    "-c:a",      "aac",          "-b:a",  "64k",  file},
                   120'000)
               .exitCode == 0;
}

// Publishes `file` in real time, unchanged.
inline QStringList publishFileArguments(const QString& file, const QString& url)
{
    return {"-v", "error", "-re", "-i", file, "-map", "0", "-c", "copy", "-f", "flv", url};
}

// Publishes a moving picture and a tone until ended.
inline QStringList publishArguments(const QString& url)
{
    return {"-v",
            "error",
            "-re",
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=320x180:r=25",
            "-re",
            "-f",
            "lavfi",
            "-i",
            "sine=r=44100:f=440",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-tune",
            "zerolatency",
            "-g",
            "25",
            "-b:v",
            "300k",
            "-c:a",
            "aac",
            "-b:a",
            "64k",
            "-f",
            "flv",
            url};
}

// Plays `url` until ended and decodes nothing.
inline QStringList playArguments(const QString& url)
{
    return {"-v", "error", "-i", url, "-c", "copy", "-f", "null", "-"};
}

}  // namespace headgate::test
