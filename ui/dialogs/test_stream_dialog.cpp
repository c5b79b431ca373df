#include "ui/dialogs/test_stream_dialog.h"

#include "ui/format.h"
#include "ui/models/test_streams.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

QPushButton* addButtons(QDialog* dialog, QVBoxLayout* column)
{
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    auto* cancel = makeButton(TestStreamDialog::tr("Cancel"), ButtonKind::Ghost);
    cancel->setAutoDefault(false);
    auto* start = makeButton(TestStreamDialog::tr("Start test stream"), ButtonKind::Primary);
    start->setObjectName(QStringLiteral("start"));
    start->setDefault(true);
    row->addStretch();
    row->addWidget(cancel);
    row->addWidget(start);
    column->addSpacing(8);
    column->addLayout(row);
    QObject::connect(cancel, &QPushButton::clicked, dialog, &QDialog::reject);
    return start;
}

}  // namespace

TestStreamDialog::TestStreamDialog(const Snapshot& snapshot, const TestStreams& testStreams, QWidget* parent)
    : QDialog(parent),
      m_group(new QComboBox),
      m_name(new QLineEdit),
      m_problem(new TextLabel({}, TextRole::Small, TextTone::Critical))
{
    setWindowTitle(tr("Start test stream"));
    setMinimumWidth(scaled(420));
    for (const NodeGroupStatus& status : snapshot.nodeGroups)
        m_group->addItem(format::text(status.group.name.value));
    for (const StreamStatus& stream : snapshot.streams)
        m_taken.emplace_back(stream.nodeGroup, stream.ingest.key);
    for (const TestStreams::Entry& entry : testStreams.entries())
        m_taken.emplace_back(entry.nodeGroup, entry.stream);
    m_group->setAccessibleName(tr("Node group"));
    m_group->setObjectName(QStringLiteral("group"));
    m_name->setAccessibleName(tr("Scope and name"));
    m_name->setObjectName(QStringLiteral("name"));
    m_name->setFont(textFont(TextRole::Mono));
    const NodeGroupName first(format::utf8(m_group->currentText()));
    m_name->setText(format::text(testStreams.freeName(first).path()));
    m_problem->setWordWrap(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 20, 20, 20);
    column->setSpacing(6);
    column->addWidget(new TextLabel(tr("Start test stream"), TextRole::Heading));
    auto* what =
        new TextLabel(tr("A moving picture with a clock and a tone, published from this console until it is stopped."),
                      TextRole::Body, TextTone::Secondary);
    what->setWordWrap(true);
    column->addWidget(what);
    column->addSpacing(6);
    column->addWidget(new TextLabel(tr("Node group"), TextRole::SmallStrong, TextTone::Secondary));
    column->addWidget(m_group);
    column->addSpacing(6);
    column->addWidget(new TextLabel(tr("Scope and name"), TextRole::SmallStrong, TextTone::Secondary));
    column->addWidget(m_name);
    column->addWidget(m_problem);
    m_start = addButtons(this, column);
    connect(m_start, &QPushButton::clicked, this, [this] {
        if (const Result<StreamKey> key = typedKey()) {
            Q_EMIT chosen(NodeGroupName(format::utf8(m_group->currentText())), *key);
            accept();
        }
    });
    connect(m_name, &QLineEdit::textChanged, this, &TestStreamDialog::checkName);
    connect(m_group, &QComboBox::currentTextChanged, this, &TestStreamDialog::checkName);
    checkName();
    m_name->setFocus();
    m_name->selectAll();
}

Result<StreamKey> TestStreamDialog::typedKey() const
{
    Result<StreamKey> key = StreamKey::parse(format::utf8(m_name->text().trimmed()));
    if (!key)
        return key;
    const std::pair wanted(NodeGroupName(format::utf8(m_group->currentText())), *key);
    if (std::find(m_taken.begin(), m_taken.end(), wanted) != m_taken.end())
        return fail(ErrorCode::AlreadyExists, format::utf8(tr("%1 is on air already.").arg(m_name->text().trimmed())),
                    format::utf8(tr("Choose another name.")));
    return key;
}

void TestStreamDialog::checkName()
{
    const Result<StreamKey> key = typedKey();
    const bool hasGroup = m_group->count() > 0;
    QString problem;
    if (!hasGroup)
        problem = tr("There is no node group to publish to. Create one first.");
    else if (!key)
        problem = format::errorLine(key.error());
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
    setBad(m_name, key ? QString() : problem);
    m_start->setEnabled(problem.isEmpty());
}

}  // namespace headgate
