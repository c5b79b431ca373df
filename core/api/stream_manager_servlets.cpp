#include "core/wire/stream_manager_servlets.h"

#include "core/api/provision_errands.h"
#include "core/api/stream_manager_call.h"
#include "core/plane/shown_provisions.h"
#include "core/wire/native_codec.h"

#include <QString>
#include <QUrl>

#include <algorithm>
#include <memory>

namespace headgate {

namespace {

using native::Json;
using stream_manager::Servlet;
using stream_manager::ServletAction;
using stream_manager::ServletOrder;
using Orders = std::vector<ServletOrder>;

QueryParameters queryOf(const ForwardTarget& target)
{
    const auto mark = target.pathAndQuery.find('?');
    return QueryParameters(mark == std::string::npos ? std::string_view()
                                                     : std::string_view(target.pathAndQuery).substr(mark + 1));
}

// With what becomes of its job.
Json withState(Json shown, const Snapshot& snapshot, const NodeGroupName& group)
{
    for (const JobStatus* job : jobsOfProvision(snapshot, group, shown["provisionGuid"].get<std::string>())) {
        if (const std::string_view word = stream_manager::stateWord(job->report.state); !word.empty())
            shown["state"] = word;
        if (!job->report.reason.empty())
            shown["reason"] = job->report.reason;
    }
    return shown;
}

Json statesOf(const Orders& orders, const Snapshot& snapshot, const NodeGroupName& group)
{
    Json list = Json::array();
    for (const ServletOrder& order : orders)
        list.push_back(withState(order.shown, snapshot, group));
    return list;
}

// "DELETED", or "ABSENT" for what was not there.
Json endsOf(const Orders& orders, const StoredProvisions& present, const NodeGroupName& group)
{
    Json list = Json::array();
    for (const ServletOrder& order : orders) {
        list.push_back(order.shown);
        list.back()["state"] = findProvision(present, {group, order.provision.guid}) ? "DELETED" : "ABSENT";
    }
    return list;
}

std::vector<Provision> provisionsOf(const Orders& orders)
{
    std::vector<Provision> provisions;
    for (const ServletOrder& order : orders)
        provisions.push_back(order.provision);
    return provisions;
}

Result<void> checkCaller(const Caller& caller, ServletAction action)
{
    const bool isReading = action == ServletAction::List;
    return checkAccess(caller, {isReading ? Permission::View : Permission::Operate, Reach::Deployments});
}

}  // namespace

http::Answer StreamManagerRoutes::serve(const Call& call, const ForwardTarget& target, const NodeStatus& node,
                                        const stream_manager::ServletPlace& place) const
{
    const NodeGroupName& group = node.node.pool.nodeGroup;
    if (place.servlet == Servlet::MediaFiles || place.servlet == Servlet::Playlists)
        return listRecordings(call, target, group, place);
    if (const auto caller = callerOf(call.request, m_context.tokens); !caller)
        return streamManagerFailure(caller.error());
    if (const auto named = call.query.find("nodegroup")) {
        const NodeGroupStatus* meant = groupNamed(*call.snapshot, *named);
        if (!meant || meant->group.name != group)
            return streamManagerFailure(notOfGroup(target.address, *named));
    }
    // Clients that sign by themselves name it in the address of the node.
    const auto inTarget = queryOf(target).find("action"), inCall = call.query.find("digestAction");
    if (inTarget && inCall && *inTarget != *inCall)
        return streamManagerFailure(Error{
            ErrorCode::InvalidArgument, "\"digestAction\" and the action of the target differ.", "Name one.", {}});
    const std::string word = inCall ? *inCall : inTarget.value_or("");
    return place.servlet == Servlet::SocialPusher ? servePushes(call, group, word) : serveRestreams(call, group, word);
}

http::Answer StreamManagerRoutes::servePushes(const Call& call, const NodeGroupName& group,
                                              const std::string& word) const
{
    const auto action = stream_manager::servletActionFromWord(word);
    if (const auto allowed = checkCaller(call.caller, action.value_or(ServletAction::Create)); !allowed)
        return streamManagerFailure(allowed.error());
    if (!action)
        return streamManagerFailure(action.error());
    if (*action == ServletAction::List)
        return listOrders(call, group, "provisions", stream_manager::socialPushOf);
    if (!call.is(http::Method::Post))
        return wrongMethod("POST");
    const auto json = native::parse(call.request.body);
    if (!json)
        return streamManagerFailure(json.error());
    auto orders = stream_manager::socialPushesFromJson(*json, m_context.host.derivedKey("social-pusher"));
    if (!orders)
        return streamManagerFailure(orders.error());
    return carryOut(call, group, *action, std::move(*orders), Form::List);
}

http::Answer StreamManagerRoutes::serveRestreams(const Call& call, const NodeGroupName& group,
                                                 const std::string& word) const
{
    const auto json = call.request.body.empty() ? Result<Json>(Json{{"parameters", Json::object()}})
                                                : native::parse(call.request.body);
    auto sent = json ? stream_manager::restreamerCallFromJson(*json) : tl::unexpected(json.error());
    const auto action = sent ? stream_manager::servletActionFromWord(sent->action) : tl::unexpected(sent.error());
    if (const auto allowed = checkCaller(call.caller, action.value_or(ServletAction::Create)); !allowed)
        return streamManagerFailure(allowed.error());
    if (!action)
        return streamManagerFailure(action.error());
    if (word != sent->action && (!word.empty() || *action != ServletAction::List))
        return streamManagerFailure(Error{ErrorCode::InvalidArgument,
                                          "\"digestAction\" is \"" + word.substr(0, 32) +
                                              "\", and the action in the body \"" + sent->action + "\".",
                                          "Name the same action in both.",
                                          {}});
    if (*action == ServletAction::List)
        return listOrders(call, group, "endpoints", stream_manager::restreamOf);
    if (!call.is(http::Method::Post))
        return wrongMethod("POST");
    return carryOut(call, group, *action, {std::move(sent->order)}, Form::One);
}

http::Answer StreamManagerRoutes::carryOut(const Call& call, const NodeGroupName& group,
                                           stream_manager::ServletAction action, Orders orders, Form form) const
{
    const auto provisions = provisionsOf(orders);
    if (const auto reached = checkReach(call.caller, PutProvisions{group, provisions, PutMode::Create}, *call.snapshot,
                                        *m_context.host.plan());
        !reached)
        return streamManagerFailure(reached.error());
    return http::Deferred{[&host = m_context.host, waits = m_context.jobWaits, group, action, form,
                           orders = std::move(orders), provisions, actor = call.caller.actor,
                           requestId = call.requestId](http::Reply reply) {
        const auto answerOf = [form](Json list) {
            return jsonResponse(200, form == Form::List ? Json{{"provisions", std::move(list)}} : list[0]);
        };
        ProvisionErrand errand{host, group, actor, requestId, provisions, {}};
        if (action == ServletAction::Delete) {
            errand.done = [reply, gone = answerOf(endsOf(orders, *host.provisions(), group))](Result<void> done) {
                reply(done ? gone : streamManagerFailure(done.error()));
            };
            return deleteAll(std::move(errand));
        }
        const bool isImmediate = std::ranges::any_of(
            provisions, [](const Provision& one) { return stream_manager::isImmediate(one.document); });
        auto look = [group, orders, isImmediate,
                     answerOf](const Snapshot& snapshot, JobWaits::Patience patience) -> std::optional<http::Response> {
            const JobOutlook outlook(snapshot, group, provisionsOf(orders));
            if (isImmediate && outlook.failure)
                return jobFailure(*outlook.failure);
            if (isImmediate && outlook.isWaiting && patience == JobWaits::Patience::Left)
                return std::nullopt;
            return answerOf(statesOf(orders, snapshot, group));
        };
        errand.done = [&host, waits, look = std::move(look), reply](const Result<void>& done) {
            if (!done)
                return reply(streamManagerFailure(done.error()));
            if (!waits->add(*host.snapshot(), JobOutlook::patience, look, reply))
                reply(tooManyWait());
        };
        createAndDistribute(std::move(errand));
    }};
}

http::Answer StreamManagerRoutes::listOrders(const Call& call, const NodeGroupName& group, const char* member,
                                             Json (*shownOf)(const Json&)) const
{
    if (!call.is(http::Method::Get) && !call.is(http::Method::Post))
        return wrongMethod("GET, POST");
    Json list = Json::array();
    for (const StoredProvision& stored : *m_context.host.provisions()) {
        if (stored.nodeGroup != group)
            continue;
        Json shown = shownOf(shownDocument(stored.provision, m_context.host.derivedKey("seal")));
        if (!shown.is_null())
            list.push_back(withState(std::move(shown), *call.snapshot, group));
    }
    return jsonResponse(200, Json{{member, std::move(list)}});
}

// Of the newest thousand those of the application, in the store or on the disk if the target asks for one of them.
http::Answer StreamManagerRoutes::listRecordings(const Call& call, const ForwardTarget& target,
                                                 const NodeGroupName& group,
                                                 const stream_manager::ServletPlace& place) const
{
    if (!call.is(http::Method::Get))
        return wrongMethod("GET");
    const QueryParameters query = queryOf(target);
    const auto isCloud = query.flag("useCloud", false);
    if (!isCloud)
        return streamManagerFailure(isCloud.error());
    const std::string wanted = !query.find("useCloud") ? "" : *isCloud ? "store" : "disk";
    const auto isTold = [standing = call.standing(), access = m_context.publicAccess](const std::string& url) {
        return standing == Standing::Known || access.isTold(QUrl(QString::fromStdString(url)).host().toStdString());
    };
    return http::Deferred{[&workers = m_context.storage, &host = m_context.host, snapshot = call.snapshot, group, place,
                           wanted, isTold](http::Reply reply) {
        const auto list = [&host, snapshot, group, place, wanted, isTold, reply] {
            const std::string scope = place.app + "/";
            auto page = host.readRecordings(*snapshot, {group, scope, {}, RecordingQuery::most});
            if (!page)
                return reply(streamManagerFailure(page.error()));
            std::erase_if(page->recordings, [&](const Recording& recording) {
                return !recording.stream.path().starts_with(scope) || (!wanted.empty() && recording.place != wanted) ||
                       !isTold(recording.playUrl);
            });
            reply(jsonResponse(200, place.servlet == Servlet::MediaFiles
                                        ? stream_manager::mediaFilesOf(page->recordings)
                                        : stream_manager::playlistsOf(page->recordings)));
        };
        if (!workers.tryRun(list))
            reply(tooManyWait());
    }};
}

}  // namespace headgate
