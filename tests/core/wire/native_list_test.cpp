#include "core/wire/native_list.h"

#include <QtTest/QTest>

#include <algorithm>
#include <random>

using namespace headgate;
using native::Json;
using native::ListWish;
using Query = std::vector<std::pair<std::string, std::string>>;

namespace {

const native::ListShape nodes = native::shapeOf(native::Route::ListNodes);

Json node(const std::string& id, const std::string& state, int viewers)
{
    return Json{{"node", {{"id", id}, {"state", state}}}, {"load", {{"subscribers", viewers}}}};
}

// Few different numbers, so that many are equal.
std::vector<Json> randomNodes(int count, unsigned seed)
{
    std::mt19937 random(seed);
    std::vector<Json> items;
    for (int i = 0; i < count; ++i)
        items.push_back(node("n" + std::to_string(i), random() % 3 ? "INSERVICE" : "STARTED", int(random() % 7)));
    std::ranges::shuffle(items, random);
    return items;
}

Json pageOf(std::vector<Json> items, const Query& query)
{
    return ListWish::read(nodes, query).value().page(std::move(items));
}

std::vector<std::string> idsIn(const Json& page)
{
    std::vector<std::string> ids;
    for (const Json& item : page["nodes"])
        ids.push_back(item["node"]["id"]);
    return ids;
}

QString complaint(const Query& query)
{
    const auto wish = ListWish::read(nodes, query);
    return wish ? QString() : QString::fromStdString(wish.error().message);
}

}  // namespace

class NativeListTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutWishesThereIsEverythingByIdentity()
    {
        const Json page = pageOf({node("b", "STARTED", 1), node("a", "INSERVICE", 2)}, {});
        QVERIFY(idsIn(page) == (std::vector<std::string>{"a", "b"}));
        QCOMPARE(page["total"].get<int>(), 2);
        QVERIFY(!page.contains("nextCursor"));
        QVERIFY(pageOf({}, {})["nodes"] == Json::array());
    }

    void filtersTakeOneOfSeveralWords()
    {
        const std::vector<Json> items{node("a", "INSERVICE", 1), node("b", "STARTED", 1), node("c", "CREATED", 2)};
        QVERIFY(idsIn(pageOf(items, {{"state", "STARTED,CREATED"}})) == (std::vector<std::string>{"b", "c"}));
        QVERIFY(idsIn(pageOf(items, {{"state", "STARTED,CREATED"}, {"viewers", "2"}})) ==
                std::vector<std::string>{"c"});
        QVERIFY(idsIn(pageOf(items, {{"region", "nowhere"}})).empty());
    }

    void pagesTogetherAreTheWholeInItsOrder()
    {
        for (const std::string sort : {"", "viewers", "-viewers", "state", "-state", "-id"}) {
            for (const std::string limit : {"1", "7", "100"}) {
                const std::vector<Json> items = randomNodes(60, 3);
                Query query{{"limit", limit}};
                if (!sort.empty())
                    query.emplace_back("sort", sort);
                const Query whole(query.begin() + 1, query.end());
                std::vector<std::string> ids;
                Json page;
                Query asked = query;
                do {
                    page = pageOf(items, asked);
                    QCOMPARE(page["total"].get<int>(), 60);
                    std::ranges::copy(idsIn(page), std::back_inserter(ids));
                    asked = query;
                    asked.emplace_back("cursor", page.value("nextCursor", ""));
                } while (page.contains("nextCursor"));
                QVERIFY2(ids == idsIn(pageOf(items, whole)), (sort + " " + limit).c_str());
            }
        }
    }

    void equalOnesStandByIdentity()
    {
        const std::vector<Json> items{node("c", "STARTED", 5), node("a", "STARTED", 5), node("b", "STARTED", 9)};
        QVERIFY(idsIn(pageOf(items, {{"sort", "-viewers"}})) == (std::vector<std::string>{"b", "a", "c"}));
        QVERIFY(idsIn(pageOf(items, {{"sort", "viewers"}})) == (std::vector<std::string>{"a", "c", "b"}));
    }

    void whatComesAndGoesBetweenPagesMovesNoOthers()
    {
        std::vector<Json> items{node("a", "STARTED", 1), node("b", "STARTED", 2), node("c", "STARTED", 3),
                                node("d", "STARTED", 4)};
        const Json first = pageOf(items, {{"sort", "viewers"}, {"limit", "2"}});
        items.erase(items.begin() + 1);
        items.push_back(node("e", "STARTED", 0));
        const Json second =
            pageOf(items, {{"sort", "viewers"}, {"limit", "2"}, {"cursor", first["nextCursor"].get<std::string>()}});
        QVERIFY(idsIn(second) == (std::vector<std::string>{"c", "d"}));
    }

    void wrongWishesAreNamed()
    {
        QVERIFY(complaint({{"colour", "red"}}).contains(QStringLiteral("colour")));
        QVERIFY(complaint({{"colour", "red"}}).contains(QStringLiteral("viewers")));
        for (const char* limit : {"0", "1001", "-1", "x", "", "5x"})
            QVERIFY2(complaint({{"limit", limit}}).contains(QStringLiteral("1 to 1000")), limit);
        QVERIFY(complaint({{"sort", "-colour"}}).contains(QStringLiteral("sort")));
        QVERIFY(complaint({{"sort", ""}}).contains(QStringLiteral("sort")));
        const std::string cursor = pageOf(randomNodes(3, 1), {{"limit", "1"}})["nextCursor"];
        QVERIFY(complaint({{"cursor", cursor}}).isEmpty());
        for (const std::string& wrong : {cursor + "x", std::string("%%%"), std::string("bnVsbA"), std::string("WzFd")})
            QVERIFY2(complaint({{"cursor", wrong}}).contains(QStringLiteral("cursor")), wrong.c_str());
        QVERIFY(complaint({{"sort", "viewers"}, {"cursor", cursor}}).contains(QStringLiteral("cursor")));
    }
};

QTEST_APPLESS_MAIN(NativeListTest)
#include "native_list_test.moc"
