#include "ui/shell/stale.h"

#include <QVariant>
#include <QWidget>

namespace headgate {

bool showsStale(const QWidget* widget)
{
    for (; widget != nullptr; widget = widget->parentWidget()) {
        const QVariant stale = widget->property(staleProperty);
        if (stale.isValid())
            return stale.toBool();
    }
    return false;
}

}  // namespace headgate
