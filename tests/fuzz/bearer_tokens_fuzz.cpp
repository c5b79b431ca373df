#include "core/api/bearer_tokens.h"
#include "core/base/check.h"
#include "core/base/digest.h"
#include "core/wire/base64.h"
#include "core/wire/native_codec.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;
using nlohmann::json;

namespace {

const TimePoint now = fromEpochMs(1'800'000'000'000);
const std::string sharedSecret = "a secret that two programs share";

// An account with one session, the signer that made its tokens, and one who verifies.
struct Bench
{
    AccountSession session{"0123456789abcdef0123456789abcdef", now, now, now + std::chrono::hours(1), 1, "127.0.0.1"};
    AccountPtr account = [this] {
        Account anna{"anna", "$argon2id$", now, AccountRole::Operator};
        anna.sessions = {session};
        anna.tokens = {{"0123456789abcdef", "ci", toHex(sha256("secret")), AccountRole::Viewer, now, {}, now}};
        return std::make_shared<const Account>(anna);
    }();
    std::shared_ptr<TokenSigner> signer =
        std::make_shared<TokenSigner>([](const std::string& name) { return sha256(name); }, sharedSecret);
    BearerTokens tokens{signer,
                        {},
                        {[this](const std::string& name) { return name == "anna" ? account : nullptr; },
                         [this](const std::string& id) { return id == "0123456789abcdef" ? account : nullptr; },
                         [](const std::string&, const std::string&) {}}};
};

std::string base64Url(const std::string& bytes)
{
    std::string text = base64Encoded(bytes);
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text.substr(0, text.find('='));
}

// Whoever is let in is anna, and has no more rights than she has.
bool isLetIn(Bench& bench, std::string_view token)
{
    const auto caller = bench.tokens.verify(token, now);
    HG_CHECK(!caller || (caller->actor.name == "anna" && caller->role != AccountRole::Admin));
    HG_CHECK(caller || caller.error().code == ErrorCode::Unauthenticated);
    const auto claim = bench.tokens.openRefresh(token, now);
    HG_CHECK(!claim || !caller);  // no token is both
    return caller.has_value();
}

// A token that holds, with bytes of it exchanged, left out or put in.
std::string edited(std::string token, fuzz::FuzzInput& input)
{
    while (!input.isEmpty()) {
        const std::size_t at = (std::size_t{input.byte()} << 8 | input.byte()) % (token.size() + 1);
        const std::uint8_t how = input.byte();
        const char with = static_cast<char>(input.byte());
        if (how % 3 == 0 && at < token.size())
            token[at] = with;
        else if (how % 3 == 1)
            token.insert(at, 1, with);
        else
            token.erase(at, 1);
    }
    return token;
}

// Signed by who may: what it claims is all that counts.
void claim(Bench& bench, std::string_view text, bool isShared)
{
    const auto claims = native::parse(text);
    if (isShared) {
        const json header{{"alg", "HS256"}, {"kid", TokenSigner::sharedKeyId}, {"typ", "at+jwt"}};
        const std::string signedText = base64Url(header.dump()) + "." + base64Url(std::string(text));
        isLetIn(bench, signedText + "." + base64Url(hmacSha256(sharedSecret, signedText)));
        return;
    }
    if (!claims)
        return;
    const bool isIn = isLetIn(bench, bench.signer->sign(*claims, "at+jwt", now));
    HG_CHECK(!isIn || ((*claims)["sub"] == "anna" && (*claims)["sid"] == bench.session.id));
    HG_CHECK(!isLetIn(bench, bench.signer->sign(*claims, "JWT", now)));
}

// A header of one's own choice over claims that would do, with the signature of a token that holds.
void choose(Bench& bench, std::string_view header, const std::string& good)
{
    const auto first = good.find('.');
    const std::string token = base64Url(std::string(header)) + good.substr(first);
    HG_CHECK(!isLetIn(bench, token) || token == good);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    Bench bench;
    fuzz::FuzzInput input(bytes, size);
    const std::string good = bench.tokens.access("anna", bench.session, std::chrono::minutes(15), now);
    switch (input.byte() % 5) {
    case 0:
        isLetIn(bench, input.text());
        break;
    case 1: {
        const std::string token = edited(good, input);
        HG_CHECK(isLetIn(bench, token) == (token == good));
        break;
    }
    case 2:
        claim(bench, input.text(), false);
        break;
    case 3:
        claim(bench, input.text(), true);
        break;
    default:
        choose(bench, input.text(), good);
    }
    return 0;
}
