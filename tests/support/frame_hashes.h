#pragma once

#include "tests/support/media_tools.h"

#include <QByteArrayList>

namespace headgate::test {

constexpr qsizetype enoughFrames = 100;

struct Hashes
{
    QByteArrayList video;
    QByteArrayList audio;
};

// Of one kind of a file's coded frames, without what a container puts in front: parameter sets, delimiters, ADTS.
inline QByteArrayList hashesOf(const QString& file, const QString& kind)
{
    const bool isPlain = !file.endsWith(".flv");
    const QString plain = isPlain ? "null" : "h264_mp4toannexb";
    const QString sound = isPlain ? "aac_adtstoasc" : "null";
    const ToolOutput read = runTool("ffmpeg", {"-v", "error", "-i", file, "-map", "0:" + kind, "-c", "copy", "-bsf:v",
                                               plain + ",filter_units=remove_types=7|8|9", "-bsf:a", sound, "-f",
                                               "framehash", "-hash", "md5", "-"});
    QByteArrayList hashes;
    const QList<QByteArray> lines = read.standardOutput.split('\n');
    for (const QByteArray& line : lines) {
        if (!line.isEmpty() && !line.startsWith('#'))
            hashes.append(line.split(',').value(5).trimmed());
    }
    return hashes;
}

// Of the coded frames of one kind as the container has them, which in FLV and MP4 is the same.
inline QByteArrayList packetHashes(const QString& source, const QString& kind, const QStringList& before = {},
                                   const QString& ffmpeg = QStringLiteral("ffmpeg"))
{
    const ToolOutput output =
        runTool(ffmpeg, QStringList{"-v", "error"} + before +
                            QStringList{"-i", source, "-map", "0:" + kind, "-c", "copy", "-f", "framemd5", "-"});
    if (output.exitCode != 0 || !output.standardError.isEmpty())
        qWarning("%s: %s", qPrintable(source), output.standardError.constData());
    QByteArrayList hashes;
    const QList<QByteArray> lines = output.standardOutput.split('\n');
    for (const QByteArray& line : lines) {
        if (!line.startsWith('#') && !line.isEmpty())
            hashes += line.split(',').last().trimmed();
    }
    return hashes;
}

inline Hashes hashesOf(const QString& file)
{
    return {hashesOf(file, "v"), hashesOf(file, "a")};
}

// What was seen stands in what was sent, whole and in order.
inline QByteArray difference(const QByteArrayList& sent, QByteArrayList seen)
{
    if (seen.size() < enoughFrames)
        return "only " + QByteArray::number(seen.size()) + " frames were seen";
    seen.removeLast();  // of a reader that was ended, it may be torn
    const qsizetype start = sent.indexOf(seen.first());
    if (start < 0)
        return "the first frame is not of the source";
    for (qsizetype i = 0; i < seen.size(); ++i) {
        if (start + i >= sent.size() || sent[start + i] != seen[i])
            return "frame " + QByteArray::number(i) + " of " + QByteArray::number(seen.size()) +
                   " is not the one that was sent";
    }
    return {};
}

inline QByteArray difference(const Hashes& sent, const Hashes& seen)
{
    const QByteArray video = difference(sent.video, seen.video);
    const QByteArray audio = difference(sent.audio, seen.audio);
    return video.isEmpty() && audio.isEmpty() ? QByteArray() : "video: " + video + "; audio: " + audio;
}

}  // namespace headgate::test
