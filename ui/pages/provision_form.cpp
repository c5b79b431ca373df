#include "ui/pages/provision_form.h"

#include "ui/dialogs/command_dialog.h"
#include "ui/models/job_rows.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFontMetrics>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

constexpr int textLines = 14;
constexpr int longestGuid = 256;

QString noteOf(ProvisionKind kind)
{
    switch (kind) {
    case ProvisionKind::Source:
        return ProvisionForm::tr("A node takes the media from there and publishes it here under the stream's name.");
    case ProvisionKind::Push:
        return ProvisionForm::tr("A node sends the stream there while it is live. The address is kept as a secret.");
    case ProvisionKind::Recording:
        return ProvisionForm::tr("The node that has the publisher keeps the stream, as its group says.");
    case ProvisionKind::Other:
        return ProvisionForm::tr("Whatever Stream Manager 2.0 writes: renditions, ladders, passphrases.");
    }
    return {};
}

}  // namespace

ProvisionForm::ProvisionForm(ShellMaker shell, QWidget* parent)
    : Inspector(parent), m_shell(std::move(shell)), m_failure(new Notice)
{
    body()->addWidget(m_failure);
    m_failure->hide();
    buildFields();
    buildFooter();
    connectFields();
    connect(this, &Inspector::closeRequested, this, &ProvisionForm::discarded);
}

void ProvisionForm::buildFields()
{
    m_kind = new QComboBox;
    m_kind->setObjectName(QStringLiteral("provisionKind"));
    for (const ProvisionKind kind :
         {ProvisionKind::Source, ProvisionKind::Push, ProvisionKind::Recording, ProvisionKind::Other})
        m_kind->addItem(rows::provisionKind(kind), static_cast<int>(kind));
    m_note = new TextLabel({}, TextRole::Caption, TextTone::Tertiary);
    m_note->setWordWrap(true);
    m_group = new QComboBox;
    m_group->setObjectName(QStringLiteral("provisionGroup"));
    m_guid = new QLineEdit;
    m_guid->setObjectName(QStringLiteral("provisionGuid"));
    m_guid->setMaxLength(longestGuid);
    m_guid->setPlaceholderText(tr("3 to 256 characters, without blanks"));
    m_stream = new QLineEdit;
    m_stream->setObjectName(QStringLiteral("provisionStream"));
    m_way = new QComboBox;
    m_way->setObjectName(QStringLiteral("provisionWay"));
    m_address = new QLineEdit;
    m_address->setObjectName(QStringLiteral("provisionAddress"));
    m_loop = new QCheckBox(tr("Begin again at the end"));
    m_text = new QPlainTextEdit;
    m_text->setObjectName(QStringLiteral("provisionText"));
    m_text->setFont(textFont(TextRole::Mono));
    m_text->setTabChangesFocus(true);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setFixedHeight(QFontMetrics(m_text->font()).lineSpacing() * textLines + 16);
    m_slots.addField(body(), "/kind", tr("What is it for?"), m_kind);
    body()->addWidget(m_note);
    m_slots.addField(body(), "/nodeGroup", tr("Node group"), m_group);
    m_slots.addField(body(), "/provisionGuid", tr("Name"), m_guid);
    m_slots.addField(body(), "/streams/0/streamGuid", tr("Stream, scope/name"), m_stream);
    m_wayPart = new QWidget;
    auto* way = new QVBoxLayout(m_wayPart);
    way->setContentsMargins(0, 0, 0, 0);
    way->setSpacing(body()->spacing());
    m_slots.addField(way, "/streams/0/camParams/properties/type", tr("Comes or goes by"), m_way);
    m_slots.addField(way, "/streams/0/camParams/properties", tr("Address"), m_address);
    way->addWidget(m_loop);
    body()->addWidget(m_wayPart);
    m_text->setAccessibleName(tr("Document of the provision"));
    QVBoxLayout* document = addSection(tr("Document"), tr("as Stream Manager 2.0 writes it"));
    document->addWidget(m_text);
    m_slots.addMessage(document, "/document", m_text);
    body()->addStretch();
}

void ProvisionForm::buildFooter()
{
    auto* discard = makeButton(tr("Discard"), ButtonKind::Ghost);
    discard->setObjectName(QStringLiteral("discardProvision"));
    auto* command =
        makeCommandButton([this] { return tr("Save provision %1").arg(m_guid->text()); },
                          [this]() -> Result<native::ShellLines> {
                              if (!m_draft || !m_draft->problems().empty())
                                  return fail(ErrorCode::InvalidArgument, "What is typed is not a provision yet.",
                                              "Fix what is marked first.");
                              return m_shell({m_draft->command(), m_draft->version()});
                          });
    m_save = makeButton(tr("Create"), ButtonKind::Primary);
    m_save->setObjectName(QStringLiteral("saveProvision"));
    footer()->addWidget(discard);
    footer()->addWidget(command);
    footer()->addStretch();
    footer()->addWidget(m_save);
    connect(discard, &QPushButton::clicked, this, &ProvisionForm::discarded);
    connect(m_save, &QPushButton::clicked, this, &ProvisionForm::save);
}

void ProvisionForm::connectFields()
{
    const auto edits = [this](auto change) {
        return [this, change] {
            if (m_isFilling || !m_draft)
                return;
            change();
            fillText();
            onEdited();
        };
    };
    connect(m_kind, &QComboBox::currentIndexChanged, this, edits([this] {
                m_draft->setKind(static_cast<ProvisionKind>(m_kind->currentData().toInt()));
                fill();
            }));
    connect(m_group, &QComboBox::currentIndexChanged, this,
            edits([this] { m_draft->setGroup(NodeGroupName(format::utf8(m_group->currentText()))); }));
    connect(m_guid, &QLineEdit::textEdited, this, edits([this] { m_draft->setGuid(format::utf8(m_guid->text())); }));
    connect(m_stream, &QLineEdit::textEdited, this,
            edits([this] { m_draft->setStream(format::utf8(m_stream->text().trimmed())); }));
    connect(m_way, &QComboBox::currentIndexChanged, this, edits([this] {
                const std::string type = format::utf8(m_way->currentData().toString());
                const auto way =
                    std::ranges::find_if(provisionWays(), [&](const ProvisionWay& one) { return type == one.type; });
                if (way != provisionWays().end())
                    m_draft->setWay(*way);
                fill();
            }));
    connect(m_address, &QLineEdit::textEdited, this,
            edits([this] { m_draft->setAddress(format::utf8(m_address->text().trimmed())); }));
    connect(m_loop, &QCheckBox::clicked, this, edits([this] { m_draft->setLooped(m_loop->isChecked()); }));
    connect(m_text, &QPlainTextEdit::textChanged, this, [this] {
        if (m_isFilling || !m_draft)
            return;
        m_draft->setText(format::utf8(m_text->toPlainText()));
        fill();
        onEdited();
    });
}

void ProvisionForm::edit(ProvisionDraft draft, const Snapshot& snapshot)
{
    m_draft = std::move(draft);
    m_before = m_draft->text();
    m_wasSaved = false;
    m_failure->hide();
    setTitle(m_draft->isNew() ? tr("New provision") : format::text(m_draft->guid()));
    m_save->setText(m_draft->isNew() ? tr("Create") : tr("Save"));
    const QScopedValueRollback isFilling(m_isFilling, true);
    m_group->clear();
    for (const NodeGroupStatus& status : snapshot.nodeGroups)
        m_group->addItem(format::text(status.group.name.value));
    if (m_draft->group().value.empty() && m_group->count() > 0)
        m_draft->setGroup(NodeGroupName(format::utf8(m_group->itemText(0))));
    m_group->setCurrentText(format::text(m_draft->group().value));
    const QString why = m_draft->isNew() ? QString() : tr("A provision keeps its name and its group.");
    for (QWidget* field : {static_cast<QWidget*>(m_group), static_cast<QWidget*>(m_guid)}) {
        field->setEnabled(m_draft->isNew());
        field->setToolTip(why);
    }
    fill();
    fillText();
    check();
    (m_draft->isNew() ? static_cast<QWidget*>(m_kind) : m_stream)->setFocus();
}

void ProvisionForm::release()
{
    m_draft.reset();
}

void ProvisionForm::fill()
{
    const QScopedValueRollback isFilling(m_isFilling, true);
    const auto show = [](QLineEdit* field, const std::string& value) {
        if (field->text() != format::text(value))
            field->setText(format::text(value));
    };
    const ProvisionKind kind = m_draft->kind();
    const ProvisionWay* way = m_draft->way();
    m_kind->setCurrentIndex(m_kind->findData(static_cast<int>(kind)));
    m_note->setText(noteOf(kind));
    show(m_guid, m_draft->guid());
    show(m_stream, m_draft->stream());
    m_way->clear();
    for (const ProvisionWay& one : provisionWays()) {
        if (one.kind == kind && (one.address || &one == way))
            m_way->addItem(one.title(), QString::fromLatin1(one.type));
    }
    m_wayPart->setVisible(way != nullptr);
    if (!way)
        return;
    m_way->setCurrentIndex(m_way->findData(QString::fromLatin1(way->type)));
    show(m_address, m_draft->address());
    m_address->setEnabled(way->address != nullptr);
    m_address->setPlaceholderText(way->address ? QString::fromLatin1(way->example) : tr("in the document below"));
    m_loop->setVisible(std::string_view(way->type) == "file");
    m_loop->setChecked(m_draft->isLooped());
}

void ProvisionForm::fillText()
{
    const QScopedValueRollback isFilling(m_isFilling, true);
    m_text->setPlainText(format::text(m_draft->text()));
}

void ProvisionForm::onEdited()
{
    m_failure->hide();
    check();
}

void ProvisionForm::check()
{
    std::vector<Error> faults = m_draft->problems();
    QString why = m_whyReadOnly;
    if (why.isEmpty() && !m_draft->isNew() && !isChanged())
        why = tr("Nothing to save");
    m_save->setEnabled(why.isEmpty());
    m_save->setToolTip(why);
    // What is merely not there yet is no fault before somebody tries.
    if (!m_wasSaved && m_draft->isNew())
        std::erase_if(faults, [](const Error& fault) { return fault.pointer != "/document"; });
    showFaults(std::move(faults));
}

void ProvisionForm::showFaults(std::vector<Error> faults)
{
    for (Error& fault : faults) {
        if (!m_slots.has(fault.pointer))
            fault.pointer = "/document";
    }
    m_slots.show(faults);
}

void ProvisionForm::save()
{
    if (!m_draft || !m_save->isEnabled())
        return;
    m_wasSaved = true;
    const std::vector<Error> faults = m_draft->problems();
    check();
    m_slots.focusFirst(faults);
    if (!faults.empty())
        return;
    m_save->setEnabled(false);
    Q_EMIT saveRequested(m_draft->command(), m_draft->version());
}

void ProvisionForm::setReadOnly(const QString& why)
{
    if (why == m_whyReadOnly)
        return;
    m_whyReadOnly = why;
    if (m_draft)
        check();
}

void ProvisionForm::showRefusal(const Error& error)
{
    if (!m_draft)
        return;
    check();
    m_failure->setContent(Status::Critical, format::error(error).title,
                          tr("%1 Nothing was changed.").arg(format::errorLine(error)));
    m_failure->show();
    Error atField = error;
    constexpr std::string_view prefix = "/provision";
    if (atField.pointer.starts_with(prefix) && atField.pointer.size() > prefix.size() &&
        atField.pointer[prefix.size()] == '/')
        atField.pointer.erase(0, prefix.size());
    if (!error.pointer.empty())
        showFaults({atField});
}

}  // namespace headgate
