#include "core/plane/open_questions.h"
#include "core/plane/stream_questions.h"

#include <QtTest/QTest>

#include <optional>
#include <vector>

using namespace headgate;

namespace {

const NodeId first("first");
const NodeId second("second");
const OpenQuestions::Clock::time_point start{};

// Asks and keeps the answers.
struct Asker
{
    std::optional<std::uint64_t> ask(const NodeId& node)
    {
        const auto message = questions.open(
            {node, node_protocol::AskStream{0, {"live", "show"}, 0, 10, 0},
             [this](const Result<node_protocol::FromNode>& answer) { answers.push_back(detailsIn(answer)); }},
            start);
        return message ? std::optional(std::get<node_protocol::AskStream>(*message).question) : std::nullopt;
    }

    std::vector<Result<StreamDetails>> answers;
    OpenQuestions questions;
};

node_protocol::StreamAnswer answerTo(std::uint64_t number)
{
    StreamDetails details;
    details.report.key = {"live", "show"};
    details.viewerCount = static_cast<int>(number);
    return {number, details};
}

Snapshot snapshotWithAStream()
{
    Snapshot snapshot;
    StreamStatus stream;
    stream.nodeGroup = NodeGroupName("g");
    stream.origin = first;
    stream.ingest.key = {"live", "show"};
    stream.hops.push_back({second, first, 3, 1000});
    snapshot.streams.push_back(stream);
    return snapshot;
}

}  // namespace

class OpenQuestionsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anAnswerFindsItsQuestionOnce()
    {
        Asker asker;
        const auto one = asker.ask(first);
        const auto two = asker.ask(first);
        QVERIFY(one && two && *one != *two);
        asker.questions.answer(first, answerTo(*two));
        asker.questions.answer(first, answerTo(*two));
        QCOMPARE(asker.answers.size(), std::size_t{1});
        QCOMPARE(asker.answers[0]->viewerCount, static_cast<int>(*two));
        // Another node cannot answer for it, and a heartbeat is no answer.
        asker.questions.answer(second, answerTo(*one));
        asker.questions.answer(first, node_protocol::Heartbeat{});
        asker.questions.answer(first, answerTo(999));
        QCOMPARE(asker.answers.size(), std::size_t{1});
        asker.questions.answer(first, node_protocol::ThumbnailAnswer{*one, Thumbnail{}});
        QCOMPARE(asker.answers.back().error().code, ErrorCode::Internal);
    }

    void whatAnEarlierProcessAskedIsNoQuestionOfThisOne()
    {
        // A process asks far fewer questions in a second than numbers lie between two that start a second apart.
        const auto begin = std::chrono::system_clock::now();
        Asker earlier;
        const auto asked = earlier.ask(first);
        QVERIFY(asked.has_value());
        while (std::chrono::system_clock::now() < begin + std::chrono::seconds(1))
            QTest::qSleep(20);
        Asker later;
        for (int i = 0; i < 50; ++i)
            later.ask(first);
        for (std::uint64_t number = 0; number < 50; ++number) {
            later.questions.answer(first, answerTo(*asked + number));
            later.questions.answer(first, answerTo(number));
        }
        QVERIFY(later.answers.empty());
    }

    void silenceIsAnAnswerAfterAWhile()
    {
        Asker asker;
        asker.ask(first);
        asker.questions.expire(start + OpenQuestions::patience - std::chrono::milliseconds(1));
        QVERIFY(asker.answers.empty());
        asker.questions.expire(start + OpenQuestions::patience);
        QCOMPARE(asker.answers.size(), std::size_t{1});
        QCOMPARE(asker.answers[0].error().code, ErrorCode::Unavailable);
        QVERIFY(asker.answers[0].error().message.find("did not answer") != std::string::npos);
    }

    void aNodeThatGoesTakesItsQuestionsAlong()
    {
        Asker asker;
        asker.ask(first);
        const auto other = asker.ask(second);
        asker.questions.giveUp(first, Error{ErrorCode::Unavailable, "Gone.", {}, {}});
        QCOMPARE(asker.answers.size(), std::size_t{1});
        asker.questions.answer(second, answerTo(*other));
        QVERIFY(asker.answers.size() == 2 && asker.answers[1].has_value());
    }

    void questionsAreBounded()
    {
        Asker asker;
        int open = 0;
        for (int node = 0; node < 20; ++node) {
            for (int i = 0; i < 150; ++i)
                open += asker.ask(NodeId("node" + std::to_string(node))) ? 1 : 0;
        }
        QCOMPARE(open, 1000);
        QCOMPARE(asker.answers.size(), std::size_t{2000});
        QCOMPARE(asker.answers.back().error().code, ErrorCode::ResourceExhausted);
    }

    void theEndAnswersAll()
    {
        std::vector<Result<StreamDetails>> answers;
        {
            OpenQuestions questions;
            const auto opened = questions.open(
                {first, node_protocol::AskStream{},
                 [&](const Result<node_protocol::FromNode>& answer) { answers.push_back(detailsIn(answer)); }},
                start);
            QVERIFY(opened.has_value());
        }
        QVERIFY(answers.size() == 1 && answers[0].error().code == ErrorCode::Unavailable);
    }

    void ofASilentNodeItsLastReportIsTold()
    {
        Snapshot snapshot = snapshotWithAStream();
        snapshot.streams[0].ingest.videoCodec = "H.264";
        snapshot.streams[0].ingest.viewers = 2;
        snapshot.streams[0].ingest.children = 1;
        const StreamQuery query{NodeGroupName("g"), {"live", "show"}, {}, 0, 10};
        const Error why{ErrorCode::Unavailable, "It is silent.", {}, {}};
        const StreamDetails origin = detailsWithout(snapshot, query, first, why);
        QVERIFY(origin.node == first && origin.note == "It is silent." && origin.report.videoCodec == "H.264");
        QCOMPARE(origin.viewerCount, 3);
        const StreamDetails hop = detailsWithout(snapshot, query, second, why);
        QVERIFY(hop.node == second && hop.report.key.name == "show" && hop.report.bitsPerSecond == 1000);
        QCOMPARE(hop.viewerCount, 3);
        snapshot.streams.clear();
        QCOMPARE(detailsWithout(snapshot, query, first, why).note, std::string("It is silent."));
    }

    void theRightNodeIsAsked()
    {
        const Snapshot snapshot = snapshotWithAStream();
        StreamQuery query{NodeGroupName("g"), {"live", "show"}, {}, 0, 10};
        QCOMPARE(questionOf(snapshot, query)->node, first);
        query.node = second;
        QCOMPARE(questionOf(snapshot, query)->node, second);
        query.node = NodeId("third");
        QCOMPARE(questionOf(snapshot, query).error().code, ErrorCode::NotFound);
        query.node = {};
        query.stream.name = "none";
        QCOMPARE(questionOf(snapshot, query).error().code, ErrorCode::NotFound);
        query.viewerLimit = StreamQuery::mostViewers + 1;
        QCOMPARE(questionOf(snapshot, query).error().code, ErrorCode::InvalidArgument);
        for (const int width : {-1, 0, Thumbnail::leastWidth - 1, Thumbnail::mostWidth + 1}) {
            const ThumbnailQuery picture{NodeGroupName("g"), {"live", "show"}, {}, width, {}};
            QCOMPARE(questionOf(snapshot, picture).error().code, ErrorCode::InvalidArgument);
        }
        const ThumbnailQuery picture{NodeGroupName("g"), {"live", "show"}, second, 64, "tag"};
        const auto question = questionOf(snapshot, picture);
        QCOMPARE(question->node, second);
        QVERIFY((std::get<node_protocol::AskThumbnail>(question->message) ==
                 node_protocol::AskThumbnail{0, {"live", "show"}, 64, "tag"}));
    }
};

QTEST_GUILESS_MAIN(OpenQuestionsTest)
#include "open_questions_test.moc"
