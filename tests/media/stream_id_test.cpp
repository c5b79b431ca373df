#include "core/media/srt/stream_id.h"

#include <QTest>

#include <srt/access_control.h>

using namespace headgate;
using namespace headgate::srt;

namespace {

constexpr auto publisher = SessionRole::Publisher;
constexpr auto viewer = SessionRole::Viewer;

int codeOf(const char* text)
{
    const auto wish = parseStreamId(text);
    return wish ? 0 : wish.error().code;
}

}  // namespace

class StreamIdTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void bothSpellingsSayTheSame()
    {
        const StreamWish wanted{publisher, "live/show", {"ann", "", "a=b:c"}, "\nusername=ann&token=a=b:c"};
        QVERIFY(parseStreamId("#!::r=live/show,m=publish,u=ann,token=a=b:c") == wanted);
        QVERIFY(parseStreamId("%23!::r=live%2Fshow,m=publish,u=ann,token=a%3Db:c") == wanted);
        QVERIFY(parseStreamId("#!::h=host,u=ann,s=a=b:c,m=publish,t=stream,r=/live/show,x=y") == wanted);
    }

    void whoSaysNoModeWatches()
    {
        QVERIFY((parseStreamId("#!::r=live/show") == StreamWish{viewer, "live/show", {}, "\n"}));
        QVERIFY((parseStreamId("#!::r=live/show,m=request") == StreamWish{viewer, "live/show", {}, "\n"}));
        QVERIFY((parseStreamId("live/show") == StreamWish{viewer, "live/show", {}, "\n"}));
        for (const char* const asItIs : {"live/show?token=t&audio=opus", "play/live/show?audio=opus&token=t",
                                         "#!::r=live/show,audio=opus,m=request"})
            QVERIFY(parseStreamId(asItIs)->sound == SoundForm::AsItIs);
        for (const char* const asAac : {"live/show?audio=opusx", "live/show?myaudio=opus", "#!::r=live/show,audio=aac"})
            QVERIFY(parseStreamId(asAac)->sound == SoundForm::Aac);
        QVERIFY((parseStreamId("play/live/room/show") == StreamWish{viewer, "live/room/show", {}, "\n"}));
    }

    void plainIdsHaveQueries()
    {
        const StreamWish wanted{publisher, "live/show", {"u", "", "t%"}, "\nusername=u&token=t%25"};
        QVERIFY(parseStreamId("publish/live/show?username=u&token=t%25") == wanted);
        QVERIFY(parseStreamId("/publish/live/show?username=u&token=t%25") == wanted);
    }

    void whatIsNotUnderstoodIsRefusedWithItsCode()
    {
        QCOMPARE(codeOf(""), SRT_REJX_BAD_REQUEST);
        QCOMPARE(codeOf("#!::"), SRT_REJX_BAD_REQUEST);
        QCOMPARE(codeOf("#!::m=publish"), SRT_REJX_BAD_REQUEST);
        QCOMPARE(codeOf("#!::r"), SRT_REJX_BAD_REQUEST);
        QCOMPARE(codeOf("#!:{r=live/show}"), SRT_REJX_BAD_REQUEST);
        QCOMPARE(codeOf("%23!::r=live%2"), SRT_REJX_BAD_REQUEST);
        QCOMPARE(codeOf("#!::r=live/show,m=bidirectional"), SRT_REJX_BAD_MODE);
        QCOMPARE(codeOf("#!::r=live/show,t=file"), SRT_REJX_NOTSUP_MEDIA);
    }
};

QTEST_GUILESS_MAIN(StreamIdTest)
#include "stream_id_test.moc"
