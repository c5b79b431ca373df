#include "core/media/relay/parent_trust.h"

#include <system_error>

namespace headgate {

namespace {

std::filesystem::file_time_type changeOf(const std::string& file)
{
    std::error_code ignored;
    return std::filesystem::last_write_time(file, ignored);
}

}  // namespace

Result<ParentTrust> ParentTrust::load(ParentTrustOptions options)
{
    const auto changedAt = changeOf(options.authoritiesFile);
    auto context = TlsContext::forClient(options.authoritiesFile);
    if (!context)
        return tl::unexpected(context.error());
    return ParentTrust(std::move(options), std::move(*context), changedAt);
}

std::unique_ptr<TlsStream> ParentTrust::connect(const std::string& address, const Log& log)
{
    const auto changedAt = changeOf(m_options.authoritiesFile);
    if (changedAt != m_changedAt) {
        m_changedAt = changedAt;
        if (auto context = TlsContext::forClient(m_options.authoritiesFile))
            m_context = std::move(*context);
        else
            log.warning("relay: the authorities stay as they were: " + context.error().message);
    }
    return m_context.connect(m_options.name.empty() ? address : m_options.name);
}

}  // namespace headgate
