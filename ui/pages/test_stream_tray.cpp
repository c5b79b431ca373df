#include "ui/pages/test_stream_tray.h"

#include "ui/format.h"
#include "ui/models/test_streams.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/status_glyph.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

struct TrayWords
{
    Status status = Status::Pending;
    QString text;
};

TrayWords wordsOf(const TestStreams::Entry& entry)
{
    switch (entry.state) {
    case TestStreams::State::Asking:
        return {Status::Pending, TestStreamTray::tr("connecting")};
    case TestStreams::State::OnAir:
        return {Status::OnAir, TestStreamTray::tr("published to %1").arg(entry.url)};
    case TestStreams::State::Waiting:
        return {Status::Warning, TestStreamTray::tr("tries again: %1").arg(format::errorLine(entry.error))};
    }
    return {};
}

void clear(QLayout* layout)
{
    while (QLayoutItem* item = layout->takeAt(0)) {
        if (QWidget* widget = item->widget())
            widget->deleteLater();
        delete item;
    }
}

}  // namespace

TestStreamTray::TestStreamTray(TestStreams& testStreams, QWidget* parent)
    : QFrame(parent), m_testStreams(testStreams), m_rows(new QVBoxLayout)
{
    setProperty("panel", true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(makeSeparator());
    auto* title = new TextLabel(tr("Test streams of this console"), TextRole::CaptionStrong, TextTone::Tertiary);
    m_rows->setContentsMargins(20, 4, 20, 8);
    m_rows->setSpacing(2);
    title->setContentsMargins(20, 8, 20, 0);
    column->addWidget(title);
    column->addLayout(m_rows);
    connect(&m_testStreams, &TestStreams::changed, this, &TestStreamTray::rebuild);
    rebuild();
}

void TestStreamTray::rebuild()
{
    clear(m_rows);
    const std::vector<TestStreams::Entry> entries = m_testStreams.entries();
    for (const TestStreams::Entry& entry : entries) {
        const TrayWords words = wordsOf(entry);
        auto* line = new QWidget;
        auto* row = new QHBoxLayout(line);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(8);
        const QString path = format::text(entry.stream.path());
        row->addWidget(new StatusGlyph(words.status));
        row->addWidget(new TextLabel(path, TextRole::SmallStrong));
        row->addWidget(new ElidedLabel(words.text, TextRole::Small, TextTone::Secondary), 1);
        auto* stop = makeLink(tr("Stop"));
        stop->setAccessibleName(tr("Stop test stream %1").arg(path));
        stop->setObjectName(QStringLiteral("stopTestStream"));
        row->addWidget(stop);
        const NodeGroupName group = entry.nodeGroup;
        const StreamKey key = entry.stream;
        connect(stop, &QPushButton::clicked, this, [this, group, key] { m_testStreams.stop(group, key); });
        m_rows->addWidget(line);
    }
    setVisible(!entries.empty());
}

}  // namespace headgate
