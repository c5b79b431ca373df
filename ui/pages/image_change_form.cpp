#include "ui/pages/image_change_form.h"

#include "ui/format.h"
#include "ui/models/image_rolls.h"
#include "ui/pages/change_preview.h"
#include "ui/widgets/labels.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

ImageChangeForm::ImageChangeForm(QWidget* parent)
    : QWidget(parent),
      m_groups(new QComboBox),
      m_to(new QComboBox),
      m_preview(new ChangePreview),
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
    m_change->setObjectName(QStringLiteral("changeImage"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    const auto label = [](const QString& text) {
        return new TextLabel(text, TextRole::SmallStrong, TextTone::Secondary);
    };
    for (QWidget* widget : std::initializer_list<QWidget*>{label(tr("Node group")), m_groups, label(tr("Changes to")),
                                                           m_to, m_preview, m_change})
        column->addWidget(widget);
    connect(m_groups, &QComboBox::currentIndexChanged, this, &ImageChangeForm::offer);
    connect(m_to, &QComboBox::currentTextChanged, this, &ImageChangeForm::updatePreview);
    connect(m_preview, &ChangePreview::answered, this, &ImageChangeForm::updateState);
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
            present.push_back({status.group, status.version, one.name, one.image});
    const bool isSame =
        m_groups->count() > 0 && image == m_offered &&
        std::ranges::equal(present, m_present, [](const Present& a, const Present& b) { return a.isLike(b); });
    m_present = std::move(present);
    if (isSame)
        return;
    m_offered = image;
    const QSignalBlocker quietGroups(m_groups);
    const QSignalBlocker quietTo(m_to);
    m_groups->clear();
    m_groups->addItem(m_present.empty() ? tr("There is no node group") : tr("Choose a node group"));
    for (const Present& one : m_present)
        m_groups->addItem(tr("%1, now %2").arg(format::text(one.group.name.value), format::text(one.image)));
    m_to->clear();
    for (const NodeImageStatus& status : snapshot.nodeImages)
        m_to->addItem(format::text(status.record.name));
    offer();
}

const ImageChangeForm::Present* ImageChangeForm::chosen() const
{
    const int index = m_groups->currentIndex();
    return index <= 0 ? nullptr : &m_present[static_cast<std::size_t>(index) - 1];
}

void ImageChangeForm::offer()
{
    const Present* present = chosen();
    const bool offers = present && present->image != m_offered;
    const QSignalBlocker quiet(m_to);
    m_to->setEditText(offers ? format::text(m_offered) : QString());
    updatePreview();
}

std::optional<ImageChange> ImageChangeForm::change() const
{
    const Present* present = chosen();
    const std::string image = format::utf8(m_to->currentText().trimmed());
    if (!present || image.empty() || image == present->image)
        return std::nullopt;
    return ImageChange{present->group.name, present->imageName, image};
}

void ImageChangeForm::updatePreview()
{
    const std::optional<ImageChange> wish = change();
    if (wish && m_readOnly.isEmpty()) {
        const NodeGroup wanted = withImage(chosen()->group, wish->imageName, wish->image);
        m_preview->show({ReplaceNodeGroup{wanted}, chosen()->version}, format::text(wish->group.value),
                        tr("Nodes are replaced few at a time, each new one ready before an old one drains."));
    } else {
        m_preview->clear();
    }
    updateState();
}

void ImageChangeForm::setReadOnly(const QString& why)
{
    m_readOnly = why;
    updateState();
}

void ImageChangeForm::updateState()
{
    QString whyNot = m_readOnly;
    if (whyNot.isEmpty() && m_groups->currentIndex() <= 0)
        whyNot = tr("Choose the node group whose image changes.");
    if (whyNot.isEmpty() && !change())
        whyNot = tr("Write an image that it does not have yet.");
    if (whyNot.isEmpty() && m_preview->isRefused())
        whyNot = tr("The change would be refused.");
    m_change->setEnabled(whyNot.isEmpty());
    m_change->setToolTip(whyNot);
    m_groups->setEnabled(m_readOnly.isEmpty() && !m_present.empty());
    m_to->setEnabled(m_groups->isEnabled() && m_groups->currentIndex() > 0);
}

}  // namespace headgate
