#pragma once

#include <QAbstractScrollArea>
#include <QAccessible>
#include <QString>
#include <QStringList>
#include <QWidget>

namespace headgate::test {

// Visible fields below `root` that say nothing to a screen reader.
inline QStringList unnamedFields(const QWidget& root)
{
    QStringList missing;
    const QList<QWidget*> children = root.findChildren<QWidget*>();
    for (QWidget* child : children) {
        const auto* area = qobject_cast<QAbstractScrollArea*>(child->parentWidget());
        if (area && area->viewport() == child)
            continue;
        const bool isField = child->isVisible() && child->isEnabled() && child->focusPolicy() != Qt::NoFocus &&
                             child->metaObject()->className() != QByteArray("QScrollArea");
        if (!isField)
            continue;
        const QAccessibleInterface* face = QAccessible::queryAccessibleInterface(child);
        if (face && face->text(QAccessible::Name).isEmpty())
            missing << QStringLiteral("%1 %2").arg(child->metaObject()->className(), child->objectName());
    }
    return missing;
}

}  // namespace headgate::test
