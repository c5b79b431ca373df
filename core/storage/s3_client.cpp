#include "core/storage/s3_client.h"

#include "core/base/check.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <functional>
#include <map>
#include <thread>

namespace headgate {

namespace {

// What is on its way in.
struct Incoming
{
    std::string body;
    std::string etag;
    std::int64_t length = 0;
    bool isTooLong = false;
    std::function<bool()> isOver;
};

std::size_t takeBody(char* bytes, std::size_t size, std::size_t count, void* owner)
{
    auto& in = *static_cast<Incoming*>(owner);
    in.isTooLong = in.body.size() + size * count > S3Client::mostAnswerBytes;
    if (in.isTooLong)
        return 0;
    in.body.append(bytes, size * count);
    return size * count;
}

std::size_t takeHeader(char* bytes, std::size_t size, std::size_t count, void* owner)
{
    auto& in = *static_cast<Incoming*>(owner);
    const std::string_view line(bytes, size * count);
    const std::size_t colon = line.find(':');
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    std::string value(colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1));
    std::erase_if(value, [](char c) { return c == ' ' || c == '\r' || c == '\n' || c == '"'; });
    if (name == "etag")
        in.etag = value;
    else if (name == "content-length")
        std::from_chars(value.data(), value.data() + value.size(), in.length);
    return size * count;
}

int mayGoOn(void* owner, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    return static_cast<Incoming*>(owner)->isOver() ? 1 : 0;
}

bool isForNow(const Error& error)
{
    return error.code == ErrorCode::Unavailable;
}

}  // namespace

struct S3Client::Easy
{
    Easy() : handle(curl_easy_init()) { HG_CHECK(handle != nullptr); }
    ~Easy() { curl_easy_cleanup(handle); }
    Easy(const Easy&) = delete;
    Easy& operator=(const Easy&) = delete;

    template <typename Value>
    void set(CURLoption option, Value value)
    {
        HG_CHECK(curl_easy_setopt(handle, option, value) == CURLE_OK);
    }

    CURL* handle;
};

S3Client::S3Client(S3Settings store, Patience patience)
    : m_store(std::move(store)), m_patience(patience), m_easy(std::make_unique<Easy>())
{}

S3Client::~S3Client() = default;

Result<S3Client::Answer> S3Client::callOnce(const s3::Request& request, std::optional<Range> range)
{
    const TimePoint now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    const auto wanted = s3::sign(m_store, request, now);
    if (!wanted)
        return tl::unexpected(wanted.error());
    Incoming in;
    in.isOver = [this] { return isOver(); };
    curl_slist* list = nullptr;
    std::vector<std::string> headers = wanted->headers;
    headers.insert(headers.end(), {"Expect:", "Accept:"});
    if (range)
        headers.push_back("Range: bytes=" + std::to_string(range->offset) + "-" +
                          std::to_string(range->offset + range->size - 1));
    for (const std::string& header : headers)
        list = curl_slist_append(list, header.c_str());
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> owned(list, &curl_slist_free_all);
    curl_easy_reset(m_easy->handle);  // keeps the connection
    m_easy->set(CURLOPT_URL, wanted->url.c_str());
    m_easy->set(CURLOPT_PROTOCOLS_STR, "http,https");
    m_easy->set(CURLOPT_PATH_AS_IS, 1L);
    m_easy->set(CURLOPT_PROXY, "");
    m_easy->set(CURLOPT_NOSIGNAL, 1L);
    m_easy->set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(m_patience.connect.count()));
    m_easy->set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    m_easy->set(CURLOPT_LOW_SPEED_TIME,
                static_cast<long>(std::max<std::int64_t>(m_patience.silence.count() / 1000, 1)));
    m_easy->set(CURLOPT_HTTPHEADER, owned.get());
    m_easy->set(CURLOPT_USERAGENT, "headgate/" HEADGATE_VERSION);
    m_easy->set(CURLOPT_WRITEFUNCTION, &takeBody);
    m_easy->set(CURLOPT_WRITEDATA, static_cast<void*>(&in));
    m_easy->set(CURLOPT_HEADERFUNCTION, &takeHeader);
    m_easy->set(CURLOPT_HEADERDATA, static_cast<void*>(&in));
    m_easy->set(CURLOPT_NOPROGRESS, 0L);
    m_easy->set(CURLOPT_XFERINFOFUNCTION, &mayGoOn);
    m_easy->set(CURLOPT_XFERINFODATA, static_cast<void*>(&in));
    if (request.method == "HEAD") {
        m_easy->set(CURLOPT_NOBODY, 1L);
    } else if (request.method == "PUT" || request.method == "POST") {
        m_easy->set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        m_easy->set(CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
        m_easy->set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    } else {
        m_easy->set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
    const CURLcode code = curl_easy_perform(m_easy->handle);
    if (code != CURLE_OK)
        return fail(ErrorCode::Unavailable,
                    in.isTooLong ? std::string("The store answered with more than was asked for.")
                                 : std::string("The store does not answer: ") + curl_easy_strerror(code) + ".",
                    "Check its address, and whether it runs.");
    long status = 0;
    curl_easy_getinfo(m_easy->handle, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200 || status > 299)
        return tl::unexpected(s3::errorOf(static_cast<int>(status), in.body, m_store.bucket));
    // Some operations tell in the body that they failed after all.
    if (request.method == "POST" && !s3::textIn(in.body, "Error").empty())
        return tl::unexpected(s3::errorOf(static_cast<int>(status), in.body, m_store.bucket));
    return Answer{static_cast<int>(status), std::move(in.body), std::move(in.etag), in.length};
}

Result<S3Client::Answer> S3Client::call(const s3::Request& request, std::optional<Range> range)
{
    constexpr Duration turn{50};
    for (int attempt = 1;; ++attempt) {
        auto answer = callOnce(request, range);
        if (answer || !isForNow(answer.error()) || attempt >= m_patience.tries || isOver())
            return answer;
        const auto until = std::chrono::steady_clock::now() + m_patience.firstPause * (1 << (attempt - 1));
        while (!isOver() && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(turn);
    }
}

Result<std::string> S3Client::put(const std::string& key, std::string_view body, const std::string& type)
{
    if (body.size() > partBytes)
        return putInParts(key, body, type);
    auto answer = call({"PUT", key, {}, body, type});
    return answer ? Result<std::string>(std::move(answer->etag)) : tl::unexpected(answer.error());
}

// That of an earlier try, or a new one.
Result<std::string> S3Client::openUpload(const std::string& key, const std::string& type)
{
    const auto open = uploads(key);
    if (!open)
        return tl::unexpected(open.error());
    const s3::Upload* last = nullptr;
    for (const s3::Upload& upload : *open) {
        if (upload.key == key && (last == nullptr || upload.began >= last->began))
            last = &upload;
    }
    if (last != nullptr)
        return last->id;
    const auto begun = call({"POST", key, {{"uploads", ""}}, {}, type});
    if (!begun)
        return tl::unexpected(begun.error());
    std::string id = s3::textIn(begun->body, "UploadId");
    if (id.empty())
        return fail(ErrorCode::Unavailable, "The store did not say how to upload in parts.");
    return id;
}

Result<std::string> S3Client::putInParts(const std::string& key, std::string_view body, const std::string& type)
{
    const auto id = openUpload(key, type);
    if (!id)
        return tl::unexpected(id.error());
    const auto told = call({"GET", key, {{"uploadId", *id}}});
    if (!told)
        return tl::unexpected(told.error());
    std::map<int, s3::Part> there;
    for (s3::Part& part : s3::partsIn(told->body))
        there[part.number] = std::move(part);
    std::string parts;
    for (std::size_t offset = 0; offset < body.size(); offset += partBytes) {
        const std::string_view piece = body.substr(offset, partBytes);
        const int number = static_cast<int>(offset / partBytes) + 1;
        const auto known = there.find(number);
        std::string etag = known != there.end() && known->second.bytes == static_cast<std::int64_t>(piece.size())
                               ? known->second.etag
                               : std::string();
        if (etag.empty()) {
            auto sent = call({"PUT", key, {{"partNumber", std::to_string(number)}, {"uploadId", *id}}, piece});
            if (!sent)
                return tl::unexpected(sent.error());
            etag = std::move(sent->etag);
        }
        parts +=
            "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>&quot;" + etag + "&quot;</ETag></Part>";
    }
    parts = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + parts +
            "</CompleteMultipartUpload>";
    const auto done = call({"POST", key, {{"uploadId", *id}}, parts, "application/xml"});
    if (!done)
        return tl::unexpected(done.error());
    std::string etag = s3::textIn(done->body, "ETag");
    std::erase(etag, '"');
    return etag;
}

Result<std::string> S3Client::get(const std::string& key, std::optional<Range> range)
{
    auto answer = call({"GET", key}, range);
    return answer ? Result<std::string>(std::move(answer->body)) : tl::unexpected(answer.error());
}

Result<s3::Object> S3Client::head(const std::string& key)
{
    auto answer = call({"HEAD", key});
    if (!answer)
        return tl::unexpected(answer.error());
    return s3::Object{key, answer->length, std::move(answer->etag)};
}

Result<s3::Listing> S3Client::list(const std::string& prefix, const std::string& next)
{
    s3::Parameters query = {{"list-type", "2"}, {"delimiter", "/"}, {"prefix", prefix}};
    if (!next.empty())
        query.emplace_back("continuation-token", next);
    const auto answer = call({"GET", "", std::move(query)});
    return answer ? Result<s3::Listing>(s3::listingIn(answer->body)) : tl::unexpected(answer.error());
}

Result<std::vector<s3::Upload>> S3Client::uploads(const std::string& prefix)
{
    const auto answer = call({"GET", "", {{"uploads", ""}, {"prefix", prefix}}});
    return answer ? Result<std::vector<s3::Upload>>(s3::uploadsIn(answer->body)) : tl::unexpected(answer.error());
}

Result<void> S3Client::abort(const s3::Upload& upload)
{
    const auto answer = call({"DELETE", upload.key, {{"uploadId", upload.id}}});
    return answer || answer.error().code == ErrorCode::NotFound ? Result<void>() : tl::unexpected(answer.error());
}

Result<void> S3Client::remove(const std::string& key)
{
    const auto answer = call({"DELETE", key});
    return answer || answer.error().code == ErrorCode::NotFound ? Result<void>() : tl::unexpected(answer.error());
}

}  // namespace headgate
