#include "ui/pages/region_editor.h"

#include "ui/format.h"
#include "ui/pages/change_preview.h"
#include "ui/widgets/labels.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

QDoubleSpinBox* makeDegrees(double most, const QString& name)
{
    auto* box = new QDoubleSpinBox;
    box->setDecimals(2);
    box->setRange(-most, most);
    box->setSingleStep(0.1);
    box->setSuffix(QString(QChar(0xb0)));
    if (auto* field = box->findChild<QLineEdit*>())
        field->setAccessibleName(name);
    return box;
}

}  // namespace

RegionEditor::RegionEditor(QWidget* parent)
    : Inspector(parent),
      m_name(new QLineEdit),
      m_title(new QLineEdit),
      m_latitude(makeDegrees(90, tr("Latitude"))),
      m_longitude(makeDegrees(180, tr("Longitude"))),
      m_preview(new ChangePreview),
      m_save(makeButton(tr("Add region"), ButtonKind::Primary))
{
    m_name->setObjectName(QStringLiteral("regionName"));
    m_name->setMaxLength(64);
    m_title->setObjectName(QStringLiteral("regionTitle"));
    m_title->setMaxLength(100);
    m_title->setPlaceholderText(tr("Reykjavik, Iceland"));
    m_latitude->setObjectName(QStringLiteral("regionLatitude"));
    m_longitude->setObjectName(QStringLiteral("regionLongitude"));
    m_save->setObjectName(QStringLiteral("saveRegion"));
    body()->setSpacing(4);
    m_slots.addField(body(), "/name", tr("Name, as node groups write it"), m_name);
    body()->addSpacing(8);
    m_slots.addField(body(), "/title", tr("Place, for people"), m_title);
    body()->addSpacing(8);
    m_slots.addField(body(), "/latitude", tr("Latitude, north is above 0"), m_latitude);
    body()->addSpacing(8);
    m_slots.addField(body(), "/longitude", tr("Longitude, east is above 0"), m_longitude);
    body()->addSpacing(8);
    auto* hint = new TextLabel(tr("A click on the map puts it there."), TextRole::Small, TextTone::Secondary);
    hint->setWordWrap(true);
    body()->addWidget(hint);
    body()->addSpacing(16);
    body()->addWidget(m_preview);
    body()->addStretch();
    footer()->addWidget(m_save, 1);
    for (QLineEdit* field : {m_name, m_title})
        connect(field, &QLineEdit::textEdited, this, &RegionEditor::check);
    for (QDoubleSpinBox* box : {m_latitude, m_longitude})
        connect(box, &QDoubleSpinBox::valueChanged, this, &RegionEditor::check);
    connect(m_preview, &ChangePreview::answered, this, &RegionEditor::updateSave);
    connect(m_save, &QPushButton::clicked, this, &RegionEditor::save);
}

void RegionEditor::editNew(const Snapshot& snapshot, const std::string& name)
{
    m_isEditing = true;
    m_version.reset();
    m_taken.clear();
    for (const RegionStatus& status : snapshot.regions)
        m_taken.insert(status.region.name);
    setTitle(tr("New region"));
    m_save->setText(tr("Add region"));
    fill({name, {}, 0, 0});
    m_name->setEnabled(true);
    (name.empty() ? m_name : m_title)->setFocus();
}

void RegionEditor::editKnown(const RegionStatus& status)
{
    m_isEditing = true;
    m_version = status.version;
    m_taken.clear();
    setTitle(format::text(status.region.title));
    m_save->setText(tr("Save"));
    fill(status.region);
    m_name->setEnabled(false);
    m_title->setFocus();
}

void RegionEditor::close()
{
    m_isEditing = false;
}

void RegionEditor::fill(const Region& region)
{
    m_before = region;
    m_name->setText(format::text(region.name));
    m_title->setText(format::text(region.title));
    m_latitude->setValue(region.latitude);
    m_longitude->setValue(region.longitude);
    m_slots.show({});
    m_preview->clear();
    updateSave();
}

void RegionEditor::setPlace(double latitude, double longitude)
{
    m_latitude->setValue(latitude);
    m_longitude->setValue(longitude);
}

Region RegionEditor::region() const
{
    return {format::utf8(m_name->text().trimmed()), format::utf8(m_title->text().trimmed()), m_latitude->value(),
            m_longitude->value()};
}

std::vector<Error> RegionEditor::faults() const
{
    std::vector<Error> faults = validate(region());
    if (m_taken.contains(region().name))
        faults.push_back(
            {ErrorCode::AlreadyExists, "There is a region of this name.", "Choose another name.", "/name"});
    return faults;
}

// What is typed is not called wrong before it can be right: empty fields are told when they are saved.
void RegionEditor::check()
{
    std::vector<Error> shown = faults();
    std::erase_if(shown, [this](const Error& fault) {
        return (fault.pointer == "/name" && m_name->text().isEmpty()) ||
               (fault.pointer == "/title" && m_title->text().isEmpty());
    });
    m_slots.show(shown);
    updatePreview();
    Q_EMIT edited();
}

void RegionEditor::updatePreview()
{
    const Region wanted = region();
    if (faults().empty() && wanted != m_before)
        m_preview->show({PutRegion{wanted}, m_version}, format::text(wanted.name));
    else
        m_preview->clear();
    updateSave();
}

void RegionEditor::save()
{
    const std::vector<Error> found = faults();
    m_slots.show(found);
    m_slots.focusFirst(found);
    if (found.empty())
        Q_EMIT saveRequested(region(), m_version);
}

void RegionEditor::setReadOnly(const QString& why)
{
    m_readOnly = why;
    updateSave();
}

void RegionEditor::updateSave()
{
    const QString whyNot = m_preview->isRefused() && m_readOnly.isEmpty() ? tr("It would be refused.") : m_readOnly;
    m_save->setEnabled(whyNot.isEmpty());
    m_save->setToolTip(whyNot);
}

void RegionEditor::showRefusal(const Error& error)
{
    Error shown = error;
    if (shown.pointer.empty())
        shown.pointer = "/name";
    m_slots.show({shown});
}

}  // namespace headgate
