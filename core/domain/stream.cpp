#include "core/domain/stream.h"

#include <algorithm>

namespace headgate {

namespace {

constexpr std::size_t maxSegments = 8;
constexpr std::size_t maxSegmentLength = 128;

bool isSegmentCharacter(char c)
{
    const bool isAlphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return isAlphanumeric || c == '.' || c == '_' || c == '~' || c == '-';
}

tl::unexpected<Error> badPath(std::string_view path, const std::string& why)
{
    // A path that is far too long would only fill the log.
    const std::string shown(path.substr(0, 200));
    return fail(ErrorCode::InvalidArgument, "\"" + shown + "\" is no stream: " + why,
                "Write scope and name, for example live/show1.");
}

}  // namespace

Result<StreamKey> StreamKey::parse(std::string_view path)
{
    std::size_t segments = 0;
    std::size_t begin = 0;
    for (;;) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view segment = path.substr(begin, end - begin);
        if (segment.empty())
            return badPath(path, "a part between slashes is empty.");
        if (segment.size() > maxSegmentLength)
            return badPath(path, "a part is longer than 128 characters.");
        if (segment == "." || segment == "..")
            return badPath(path, "a part must not be \".\" or \"..\".");
        if (!std::all_of(segment.begin(), segment.end(), isSegmentCharacter))
            return badPath(path, "only letters, digits and . _ ~ - may stand between slashes.");
        if (++segments > maxSegments)
            return badPath(path, "it has more than 8 parts.");
        if (end == path.size())
            break;
        begin = end + 1;
    }
    if (segments < 2)
        return badPath(path, "the scope is missing.");
    return StreamKey{std::string(path.substr(0, begin - 1)), std::string(path.substr(begin))};
}

}  // namespace headgate
