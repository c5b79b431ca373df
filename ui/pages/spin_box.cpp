#include "ui/pages/spin_box.h"

#include <QLineEdit>

namespace headgate {

QSpinBox* makeSpinBox(int least, int most, int value, const QString& accessibleName)
{
    auto* spin = new QSpinBox;
    spin->setRange(least, most);
    spin->setValue(value);
    spin->setAccessibleName(accessibleName);
    if (auto* field = spin->findChild<QLineEdit*>())
        field->setAccessibleName(accessibleName);
    return spin;
}

}  // namespace headgate
