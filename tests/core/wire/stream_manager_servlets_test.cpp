#include "core/wire/job_document.h"
#include "core/wire/store_place.h"
#include "core/wire/stream_manager_provisions.h"
#include "core/wire/stream_manager_servlets.h"

#include <QTest>

#include <functional>

using namespace headgate;
using namespace headgate::stream_manager;

namespace {

Json push(const std::string& target = "rtmp://host.example/app/secretkey")
{
    return {
        {"guid", "any"}, {"level", 1}, {"context", "live"}, {"name", "show1"}, {"parameters", {{"destURI", target}}}};
}

Json pushes(Json list)
{
    return {{"provisions", std::move(list)}};
}

Json camera(const std::string& action = "create")
{
    return {{"guid", "live/camera1"},
            {"context", "live"},
            {"name", "camera1"},
            {"level", 0},
            {"parameters",
             {{"type", "ipcam"},
              {"action", action},
              {"scopename", "live/in"},
              {"outputname", "door"},
              {"host", "192.0.2.10"},
              {"port", 5443},
              {"password", "sesame"}}}};
}

}  // namespace

// What clients of social pushers, restreamers and lists of recordings send, and what they read.
class StreamManagerServletsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void pathsOfNodesAreKnown()
    {
        const auto at = [](std::string_view path) { return servletAt(path).servlet; };
        QCOMPARE(at("/socialpusher/api"), Servlet::SocialPusher);
        QCOMPARE(at("/socialpusher/api/"), Servlet::SocialPusher);
        QCOMPARE(at("/live/restream"), Servlet::Restreamer);
        QCOMPARE(servletAt("/live/room1/mediafiles").app, std::string("live/room1"));
        QCOMPARE(at("/live/mediafiles"), Servlet::MediaFiles);
        QCOMPARE(at("/live/playlists/"), Servlet::Playlists);
        for (const char* other : {"", "/", "/mediafiles", "//mediafiles", "live/mediafiles", "/live/mediafiles.flv",
                                  "/socialpusher/api/more", "/live/show1.flv", "/health"})
            QVERIFY2(at(other) == Servlet::None, other);
    }

    void actionsHaveTheWordsOfBothServlets()
    {
        for (const char* word : {"create", "provision.create"})
            QVERIFY(servletActionFromWord(word) == ServletAction::Create);
        for (const char* word : {"delete", "kill", "provision.delete"})
            QVERIFY(servletActionFromWord(word) == ServletAction::Delete);
        for (const char* word : {"list", "provision.list"})
            QVERIFY(servletActionFromWord(word) == ServletAction::List);
        QCOMPARE(servletActionFromWord("update").error().code, ErrorCode::Unsupported);
        for (const char* word : {"", "provision.", "Create", "provision.provision.create", "created"})
            QCOMPARE(servletActionFromWord(word).error().code, ErrorCode::InvalidArgument);
    }

    void aPushIsAProvisionNamedByStreamAndTarget()
    {
        const auto orders = socialPushesFromJson(pushes({push()}), "key");
        QVERIFY(orders.has_value() && orders->size() == 1);
        const ServletOrder& order = orders->front();
        const auto jobs = jobsOf(order.provision.guid, order.provision.document);
        QCOMPARE(jobs.size(), std::size_t(1));
        QVERIFY(jobs[0].kind == JobKind::Push && jobs[0].stream.path() == "live/show1" && jobs[0].orders.has_value());
        QCOMPARE(jobs[0].orders->url, std::string("rtmp://host.example/app/secretkey"));
        QVERIFY(order.provision.capabilities == std::set<std::string>{"PUBLISH"});
        Json wanted = push("rtmp://host.example/app/********");
        wanted["provisionGuid"] = order.provision.guid;
        QCOMPARE(order.shown.dump(), wanted.dump());

        // All clients call theirs "any"; the same request means the same provision.
        const auto guidOf = [](const Json& sent, const char* key) {
            return socialPushesFromJson(pushes({sent}), key)->front().provision.guid;
        };
        Json renamed = push(), other = push();
        renamed["guid"] = "mine";
        other["name"] = "show2";
        QCOMPARE(guidOf(renamed, "key"), order.provision.guid);
        QVERIFY(guidOf(push(), "another key") != order.provision.guid);
        QVERIFY(guidOf(push("rtmp://host.example/app/secretkey2"), "key") != order.provision.guid);
        QVERIFY(guidOf(other, "key") != order.provision.guid);
        QCOMPARE(socialPushesFromJson(pushes({push(), renamed, other}), "key")->size(), std::size_t(2));
        QVERIFY(socialPushOf(Json{{"streams", Json::array()}}).is_null() && socialPushOf(Json("x")).is_null());
    }

    void wrongPushesAreRefusedAtTheirMember()
    {
        const auto changed = [](const std::function<void(Json&)>& change) {
            Json sent = push();
            change(sent);
            return pushes({push(), sent});
        };
        const std::vector<std::pair<Json, std::string>> wrong = {
            {Json::array({push()}), "/provisions"},
            {Json("x"), "/provisions"},
            {pushes(Json::array()), "/provisions"},
            {pushes(Json::object()), "/provisions"},
            {pushes(Json(std::vector<Json>(65, push()))), "/provisions"},
            {pushes({1}), "/provisions/0"},
            {changed([](Json& sent) { sent["guid"] = 1; }), "/provisions/1/guid"},
            {changed([](Json& sent) { sent["guid"] = std::string(257, 'x'); }), "/provisions/1/guid"},
            {changed([](Json& sent) { sent["level"] = "1"; }), "/provisions/1/level"},
            {changed([](Json& sent) { sent["context"] = ".."; }), "/provisions/1/name"},
            {changed([](Json& sent) { sent.erase("name"); }), "/provisions/1/name"},
            {changed([](Json& sent) { sent["parameters"] = "x"; }), "/provisions/1/parameters/destURI"},
            {changed([](Json& sent) { sent["parameters"]["destURI"] = 1; }), "/provisions/1/parameters/destURI"}};
        for (const auto& [sent, pointer] : wrong) {
            const auto orders = socialPushesFromJson(sent, "key");
            QVERIFY2(!orders && orders.error().code == ErrorCode::InvalidArgument, sent.dump().c_str());
            QCOMPARE(orders.error().pointer, pointer);
        }
        for (const char* target : {"", "http://host/app/key", "rtmp://", "rtmp:///app/key", "rtmp://host",
                                   "rtmp://h/a b", "rtmp://host.example/app/********"})
            QVERIFY2(!socialPushesFromJson(pushes({push(target)}), "key"), target);
        QVERIFY(!socialPushesFromJson(pushes({push("rtmp://h/a/" + std::string(2048, 'x'))}), "key"));
    }

    void aRestreamerIsAProvisionOfItsOwnName()
    {
        const auto call = restreamerCallFromJson(camera());
        QVERIFY(call.has_value() && call->action == "create");
        QCOMPARE(call->order.provision.guid, std::string("live/camera1"));
        const auto jobs = jobsOf(call->order.provision.guid, call->order.provision.document);
        QVERIFY(jobs.size() == 1 && jobs[0].orders.has_value());
        QCOMPARE(jobs[0].orders->url, std::string("rtsp://192.0.2.10:5443"));
        QCOMPARE(jobs[0].stream.path(), std::string("live/in/door"));
        QVERIFY(call->order.shown["parameters"]["password"] == "********" && call->order.shown["level"] == 0);

        const auto killed = restreamerCallFromJson(camera("kill"));
        QVERIFY(killed.has_value() && killed->order.provision.guid == "live/camera1");
        QVERIFY(jobsOf("x", killed->order.provision.document).empty());
        QCOMPARE(restreamerCallFromJson(Json{{"parameters", {{"type", "ipcam"}}}})->action, std::string("list"));

        QCOMPARE(restreamerCallFromJson(camera("update")).error().code, ErrorCode::Unsupported);
        Json nameless = camera(), portless = camera();
        nameless.erase("guid");
        portless["parameters"]["port"] = "none";
        for (const Json& wrong :
             {Json("x"), Json::object(), Json{{"parameters", 1}}, camera("stop"), nameless, portless})
            QCOMPARE(restreamerCallFromJson(wrong).error().code, ErrorCode::InvalidArgument);
    }

    void whoAsksAtOnceGetsOneAttempt()
    {
        const auto ordersOf = [](Json properties) {
            properties["type"] = "rtmp-push";
            properties["rtmpUri"] = "rtmp://h/a/b";
            const std::string document =
                Json{{"streams", {{{"streamGuid", "live/a"}, {"camParams", {{"properties", properties}}}}}}}.dump();
            return std::pair(isImmediate(document), jobsOf("x", document).front().orders->attempts);
        };
        QCOMPARE(ordersOf(Json::object()), std::pair(false, 0));
        QCOMPARE(ordersOf({{"immediate", true}}), std::pair(true, 1));
        QCOMPARE(ordersOf({{"immediate", "true"}, {"attempts", "3"}}), std::pair(true, 3));
        QCOMPARE(ordersOf({{"immediate", true}, {"persist", "true"}}), std::pair(true, 0));
        QCOMPARE(ordersOf({{"immediate", "false"}}), std::pair(false, 0));
        for (const char* other : {"", "1", "{}", R"({"streams":1})", R"({"streams":[1,{"camParams":2}]})"})
            QVERIFY2(!isImmediate(other), other);
    }

    void placesInAStoreLeadNowhereElse()
    {
        const auto place = [](const char* bucketName, const char* folder) {
            return storePlaceOf(Json{{"bucketName", bucketName}, {"fileStorageName", folder}});
        };
        QVERIFY(place("shows-2027", "/a/b.c_d/") == StorePlace({"shows-2027", "a/b.c_d"}));
        QVERIFY(place("", "/")->isEmpty() && storePlaceOf(Json())->isEmpty() && storePlaceOf({{"x", 1}})->isEmpty());
        for (const char* wrong : {"ab", "a/b", "-", ".abc", "a b c", "a?bc"})
            QCOMPARE(place(wrong, "").error().pointer, std::string("/bucketName"));
        for (const char* wrong : {"..", "a/../b", "a//b", "a b", "./a", "a?b", "a%2f"})
            QCOMPARE(place("", wrong).error().pointer, std::string("/fileStorageName"));
        QVERIFY(!place("", std::string(513, 'a').c_str()) && !place(std::string(64, 'a').c_str(), ""));
        const Json sent{{"provisionGuid", "live/a"},
                        {"streams", {{{"streamGuid", "live/a"}, {"cloudParams", {{"fileStorageName", ".."}}}}}}};
        QCOMPARE(provisionFromJson(sent).error().pointer, std::string("/streams/0/cloudParams/fileStorageName"));
    }

    void recordingsAreListedAsTheyCanBeHad()
    {
        Recording first;
        first.id = "one";
        first.startedAt = fromEpochMs(1000);
        first.length = Duration(500);
        first.playUrl = "http://203.0.113.7:5080/vod/live/a/one/index.m3u8";
        first.downloadUrl = "http://203.0.113.7:5080/vod/live/a/one/recording.flv?x=1";
        Recording second = first;
        second.id = "two";
        second.downloadUrl = "http://203.0.113.7:5080/vod/live/a/two/recording.mp4";
        Recording unserved;
        unserved.id = "three";
        const std::vector<Recording> all = {first, second, unserved};
        QCOMPARE(mediaFilesOf(all).dump(),
                 (Json{{"mediafiles",
                        {{{"name", "one.flv"}, {"url", first.downloadUrl}, {"lastModified", 1500}},
                         {{"name", "two.mp4"}, {"url", second.downloadUrl}, {"lastModified", 1500}}}}})
                     .dump());
        const Json playlists = playlistsOf(all)["playlists"];
        QCOMPARE(playlists.size(), std::size_t(2));
        QVERIFY(playlists[0]["name"] == "one.m3u8" && playlists[0]["url"] == first.playUrl);
        QCOMPARE(playlistsOf({}).dump(), std::string(R"({"playlists":[]})"));
    }
};

QTEST_APPLESS_MAIN(StreamManagerServletsTest)
#include "stream_manager_servlets_test.moc"
