#include "core/api/native_call.h"
#include "core/wire/usage_document.h"

#include <algorithm>

namespace headgate {

namespace {

// This month up to today, where the query does not say otherwise.
Result<UsageQuery> usageQueryIn(const QueryParameters& query, UsageDay today)
{
    const std::chrono::year_month_day date(today);
    UsageQuery wanted{UsageDay(date.year() / date.month() / 1), today};
    for (const auto& [name, day] : {std::pair("from", &wanted.from), std::pair("to", &wanted.to)}) {
        const auto text = query.find(name);
        const auto parsed = text ? dayFromText(*text) : std::optional(*day);
        if (!parsed)
            return fail(ErrorCode::InvalidArgument, "\"" + *text + "\" is no day.", "Write it like 2027-06-26.",
                        std::string("/") + name);
        *day = *parsed;
    }
    return wanted;
}

void keepOnly(UsageReport& report, const std::vector<std::string>& deployments)
{
    std::erase_if(report.rows,
                  [&](const UsageRow& row) { return !std::ranges::binary_search(deployments, row.deployment); });
}

}  // namespace

http::Answer NativeRoutes::readUsage(const Call& call) const
{
    const auto wanted = usageQueryIn(call.query, std::chrono::floor<std::chrono::days>(systemNow()));
    if (!wanted)
        return call.failure(wanted.error());
    return later(m_context.reading, call.requestId,
                 [&host = m_context.host, wanted = *wanted, caller = call.caller, requestId = call.requestId] {
                     auto report = host.readUsage(wanted);
                     if (!report)
                         return nativeFailure(report.error(), requestId);
                     if (caller.isScoped())
                         keepOnly(*report, caller.deployments);
                     return jsonResponse(200, native::toJson(*report));
                 });
}

}  // namespace headgate
