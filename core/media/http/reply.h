#pragma once

#include "core/base/result.h"
#include "core/media/http/request.h"
#include "core/media/net/connection.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headgate::http_flv {

std::string_view reasonOf(int status);
int statusOf(ErrorCode code);

// The body of a refusal: what happened and what to do.
std::string sentencesOf(const Error& error);

class Asker;

// The part of a body that a Range field asks for, if it is one part; without bytes if none of it is there. None: the
// whole body is sent.
struct ByteRange
{
    std::size_t offset = 0;
    std::size_t size = 0;

    bool operator==(const ByteRange&) const = default;
};
std::optional<ByteRange> rangeOf(std::string_view field, std::size_t size);

// A body that is made piece by piece for one who asks, as fast as the connection takes it.
class BodySource
{
public:
    virtual ~BodySource() = default;
    // What is wanted of it; before the first piece.
    virtual void limitTo(const ByteRange& range) = 0;
    // The next piece, for Asker::continued(); one at a time.
    virtual void next(const std::weak_ptr<Asker>& asker) = 0;
};

// An answer whose length is known, made once and sent to all who ask for the same thing; the connection stays open.
struct Reply
{
    int status = 200;
    SharedBytes head;
    std::vector<SharedBytes> body;
    SharedBytes whole{};                   // head and body in one piece, if they are small
    std::shared_ptr<BodySource> source{};  // in place of the body
    std::size_t size = 0;                  // of the body
    std::string fields;                    // of the head, those that a part of the body has as well
    std::string etag;                      // with its quotes; empty if there is none
};
using SharedReply = std::shared_ptr<const Reply>;

// `fields` are whole lines, as "Cache-Control: no-store\r\n".
SharedReply makeReply(int status, std::string_view fields, std::vector<SharedBytes> body, std::string etag = {});
SharedReply makeReply(const Error& error, std::string_view fields = {});
SharedReply makeReply(std::string_view fields, std::shared_ptr<BodySource> source, std::size_t size, std::string etag);

// As the request asks: without the body, a part of it (RFC 9110, 13.1.5 and 14), or only that it is what the client has
// (13.1.2). Tells how many bytes are to come from the reply's source.
std::size_t sendReply(Connection& connection, const Request& request, const Reply& reply);

// Who waits for an answer; it gets one, at once or later.
class Asker
{
public:
    virtual void answered(const SharedReply& reply) = 0;
    // Of a body with a source; null: there is no more of it, although there should be.
    virtual void continued(const SharedBytes& piece) { static_cast<void>(piece); }

protected:
    ~Asker() = default;
};

}  // namespace headgate::http_flv
