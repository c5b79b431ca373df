#include "ui/widgets/segmented.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPushButton>

namespace headgate {

Segmented::Segmented(const QStringList& options, const QString& accessibleName, QWidget* parent) : QFrame(parent)
{
    setProperty("field", true);
    setAccessibleName(accessibleName);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(1, 1, 1, 1);
    row->setSpacing(0);
    m_group = new QButtonGroup(this);
    m_group->setExclusive(true);
    for (int i = 0; i < options.size(); ++i) {
        auto* button = new QPushButton(options[i]);
        button->setProperty("kind", "segment");
        button->setCheckable(true);
        button->setAutoDefault(false);
        button->setAccessibleName(accessibleName + ": " + options[i]);
        m_group->addButton(button, i);
        row->addWidget(button);
    }
    if (!options.isEmpty())
        m_group->button(0)->setChecked(true);
    connect(m_group, &QButtonGroup::idToggled, this, [this](int index, bool isOn) {
        if (isOn)
            Q_EMIT currentChanged(index);
    });
}

int Segmented::currentIndex() const
{
    return m_group->checkedId();
}

void Segmented::setCurrentIndex(int index)
{
    if (QAbstractButton* button = m_group->button(index))
        button->setChecked(true);
}

}  // namespace headgate
