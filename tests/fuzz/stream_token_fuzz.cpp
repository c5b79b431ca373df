#include "core/base/check.h"
#include "core/media/access/stream_token.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;

// What a client shows: a query with credentials, checked as a digest token or as a JSON Web Token; the first byte
// chooses. Whatever it is, nobody comes in without the key.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    static const JwtCheck check({JwtAlgorithm::Hs256, {}, "a secret that no input has"});
    fuzz::FuzzInput input(bytes, size);
    const std::uint8_t choice = input.byte();
    AccessRequest request;
    request.role = choice % 2 == 0 ? SessionRole::Viewer : SessionRole::Publisher;
    request.path = "live/show";
    request.peer = "127.0.0.1:1";
    const std::string_view text = input.text();
    readCredentials(text, request.credentials);
    if (choice % 4 < 2)
        request.credentials.token = text;
    HG_CHECK(!checkDigestToken(request, "a secret that no input has", fromEpochMs(0)).has_value());
    HG_CHECK(!check.check(request, fromEpochMs(0)).has_value());
    return 0;
}
