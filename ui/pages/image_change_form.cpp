#include "ui/pages/image_change_form.h"

#include "ui/format.h"
#include "ui/widgets/labels.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

ImageChangeForm::ImageChangeForm(QWidget* parent)
    : QWidget(parent),
      m_groups(new QComboBox),
      m_to(new QComboBox),
      m_preview(new TextLabel({}, TextRole::Small, TextTone::Secondary)),
      m_change(makeButton(tr("Change image..."), ButtonKind::Primary))
{
    m_groups->setObjectName(QStringLiteral("changeGroup"));
    m_groups->setAccessibleName(tr("Node group whose image changes"));
    m_to->setObjectName(QStringLiteral("changeTo"));
    m_to->setEditable(true);
    // Long names are cut in the boxes, not in the panel.
    for (QComboBox* box : {m_groups, m_to}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(8);
    }
    m_to->setAccessibleName(tr("Image that it changes to"));
    m_to->lineEdit()->setAccessibleName(tr("Image that it changes to"));
    m_preview->setObjectName(QStringLiteral("changePreview"));
    m_preview->setWordWrap(true);
    m_change->setObjectName(QStringLiteral("changeImage"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_groups, m_to, m_preview, m_change})
        column->addWidget(widget);
    connect(m_groups, &QComboBox::currentIndexChanged, this, &ImageChangeForm::offer);
    connect(m_to, &QComboBox::currentTextChanged, this, &ImageChangeForm::preview);
    connect(m_change, &QPushButton::clicked, this, [this] {
        if (const std::optional<ImageChange> wish = change())
            Q_EMIT changeRequested(*wish);
    });
    updateState();
}

void ImageChangeForm::follow(const Snapshot& snapshot, const std::string& image)
{
    std::vector<Present> present;
    for (const NodeGroupStatus& status : snapshot.nodeGroups)
        for (const NodeImage& one : status.group.images)
            present.push_back({status.group.name, one.name, one.image});
    if (m_groups->count() > 0 && present == m_present && image == m_offered)
        return;
    m_present = std::move(present);
    m_offered = image;
    const QSignalBlocker quietGroups(m_groups);
    const QSignalBlocker quietTo(m_to);
    m_groups->clear();
    m_groups->addItem(m_present.empty() ? tr("There is no node group") : tr("Choose a node group"));
    for (const Present& one : m_present)
        m_groups->addItem(tr("%1, now %2").arg(format::text(one.group.value), format::text(one.image)));
    m_to->clear();
    for (const NodeImageStatus& status : snapshot.nodeImages)
        m_to->addItem(format::text(status.record.name));
    offer();
}

void ImageChangeForm::offer()
{
    const int index = m_groups->currentIndex();
    const bool hasIt = index > 0 && m_present[static_cast<std::size_t>(index) - 1].image == m_offered;
    const QSignalBlocker quiet(m_to);
    m_to->setEditText(index <= 0 || hasIt ? QString() : format::text(m_offered));
    preview();
}

std::optional<ImageChange> ImageChangeForm::change() const
{
    const int index = m_groups->currentIndex();
    const std::string image = format::utf8(m_to->currentText().trimmed());
    if (index <= 0 || image.empty())
        return std::nullopt;
    const Present& present = m_present[static_cast<std::size_t>(index) - 1];
    if (present.image == image)
        return std::nullopt;
    return ImageChange{present.group, present.imageName, image};
}

void ImageChangeForm::preview()
{
    m_isRefused = false;
    m_preview->setText({});
    updateState();
    if (const std::optional<ImageChange> wish = change(); wish && m_readOnly.isEmpty())
        Q_EMIT previewRequested(*wish);
}

void ImageChangeForm::setReadOnly(const QString& why)
{
    m_readOnly = why;
    updateState();
}

void ImageChangeForm::showPreview(const QStringList& sentences)
{
    m_isRefused = false;
    m_preview->setTone(TextTone::Secondary);
    m_preview->setText(sentences.join(QLatin1Char('\n')));
    updateState();
}

void ImageChangeForm::showRefusal(const QString& why)
{
    m_isRefused = true;
    m_preview->setTone(TextTone::Critical);
    m_preview->setText(why);
    updateState();
}

void ImageChangeForm::updateState()
{
    QString whyNot = m_readOnly;
    if (whyNot.isEmpty() && m_groups->currentIndex() <= 0)
        whyNot = tr("Choose the node group whose image changes.");
    if (whyNot.isEmpty() && !change())
        whyNot = tr("Write an image that it does not have yet.");
    if (whyNot.isEmpty() && m_isRefused)
        whyNot = tr("The change would be refused.");
    m_preview->setVisible(!m_preview->text().isEmpty());
    m_change->setEnabled(whyNot.isEmpty());
    m_change->setToolTip(whyNot);
    m_groups->setEnabled(m_readOnly.isEmpty() && !m_present.empty());
    m_to->setEnabled(m_groups->isEnabled() && m_groups->currentIndex() > 0);
}

}  // namespace headgate
