#pragma once

#include "core/media/http/reply.h"
#include "core/media/recording/joined_file.h"
#include "core/media/recording/shelf_reader.h"

#include <functional>
#include <memory>
#include <string>

namespace headgate::recording {

// A recording on its way to somebody as one file: a piece at a time is read and changed by a thread of the reader's.
class Download final : public http_flv::BodySource
{
public:
    static constexpr std::int64_t pieceBytes = 512 * 1024;

    // What it needs of the desk, on the main loop.
    struct Ways
    {
        // False: whoever asked is not let in any more. Called for each piece.
        std::function<bool()> mayGoOn;
        // Has it read by a thread of the reader's; false: too many wait. `done` is called on the main loop.
        std::function<bool(std::function<SharedBytes(ShelfReader&)> read, std::function<void(SharedBytes)> done)> read;
        std::shared_ptr<void> place{};  // among the downloads of the desk
    };

    // By a thread of the reader's: all of it, or one of several files, counted from 1.
    static Result<http_flv::SharedReply> reply(ShelfReader& reader, const SharedManifest& manifest, std::size_t part,
                                               Ways ways);

    Download(SharedManifest manifest, Ways ways);

    std::size_t size() const;
    // Of what was made of it so far; the same bytes have the same.
    std::string etag() const;

    // Segments before it are not read, but for the first one's head.
    void limitTo(const http_flv::ByteRange& range) override;
    void next(const std::weak_ptr<http_flv::Asker>& asker) override;

private:
    // Of one thread at a time.
    struct Progress
    {
        explicit Progress(SharedManifest of)
            : manifest(std::move(of)), file(manifest->format), stretches(JoinedFile::stretchesOf(*manifest))
        {}
        SharedBytes readOn(ShelfReader& reader);
        // The next piece of the file, of whatever size; none if it cannot be read.
        std::optional<Bytes> readPiece(ShelfReader& reader);
        bool prime(ShelfReader& reader);

        SharedManifest manifest;
        JoinedFile file;
        std::vector<JoinedFile::Stretch> stretches;
        std::size_t stretch = 0;
        std::int64_t done = 0;          // of it
        std::size_t unwanted = 0;       // of what comes next
        std::size_t wanted = SIZE_MAX;  // after that
        std::unique_ptr<S3Client> client{};
    };

    const Ways m_ways;
    std::shared_ptr<Progress> m_progress;
};

}  // namespace headgate::recording
