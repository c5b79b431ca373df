#pragma once

#include <QSpinBox>
#include <QString>

namespace headgate {

// A spin box whose inner field carries the name too, as screen readers meet that one.
QSpinBox* makeSpinBox(int least, int most, int value, const QString& accessibleName);

}  // namespace headgate
