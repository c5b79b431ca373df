#pragma once

#include "core/storage/s3_answers.h"
#include "core/storage/s3_signature.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headgate {

// A bucket of a store that speaks S3. Each call waits for the answer; what fails for the moment (no answer, 5xx) is
// tried again with growing pauses. For one thread at a time. Secrets stay out of errors.
class S3Client
{
public:
    static constexpr std::size_t partBytes = 8 << 20;
    static constexpr std::size_t mostAnswerBytes = 160 << 20;

    struct Patience
    {
        int tries = 4;
        Duration connect{5'000};
        Duration silence{15'000};  // without a byte
        Duration firstPause{500};
        const std::atomic<bool>* isOver = nullptr;  // set when whoever waits wants no more
    };

    explicit S3Client(S3Settings store) : S3Client(std::move(store), Patience()) {}
    S3Client(S3Settings store, Patience patience);
    ~S3Client();

    // Ends what waits, from another thread; what is asked for then fails.
    void stop() { m_isStopping = true; }
    bool isStopped() const { return m_isStopping; }

    // The ETag of the object, which has what was put. Beyond partBytes in parts, of which those that an earlier try
    // left there are not sent again.
    Result<std::string> put(const std::string& key, std::string_view body, const std::string& type);

    struct Range
    {
        std::int64_t offset = 0;
        std::int64_t size = 0;
    };
    Result<std::string> get(const std::string& key, std::optional<Range> range = std::nullopt);
    Result<s3::Object> head(const std::string& key);

    // Up to 1,000 of those that begin with `prefix`, after those of an earlier answer's `next`. What is below the next
    // slash is one folder.
    Result<s3::Listing> list(const std::string& prefix, const std::string& next = {});
    Result<void> remove(const std::string& key);

    // Uploads in parts, to keys that begin so, that were not finished.
    Result<std::vector<s3::Upload>> uploads(const std::string& prefix);
    // Their parts go.
    Result<void> abort(const s3::Upload& upload);

private:
    struct Answer
    {
        int status = 0;
        std::string body;
        std::string etag;
        std::int64_t length = 0;
    };

    Result<Answer> call(const s3::Request& request, std::optional<Range> range = std::nullopt);
    Result<Answer> callOnce(const s3::Request& request, std::optional<Range> range);
    Result<std::string> putInParts(const std::string& key, std::string_view body, const std::string& type);
    Result<std::string> openUpload(const std::string& key, const std::string& type);

    bool isOver() const { return m_isStopping || (m_patience.isOver != nullptr && *m_patience.isOver); }

    const S3Settings m_store;
    const Patience m_patience;
    std::atomic<bool> m_isStopping = false;
    struct Easy;
    std::unique_ptr<Easy> m_easy;
};

}  // namespace headgate
