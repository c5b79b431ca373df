#pragma once

#include <QFrame>
#include <QStringList>

class QButtonGroup;

namespace headgate {

// One choice of a few, all visible. Left and Right move it.
class Segmented : public QFrame
{
    Q_OBJECT

public:
    Segmented(const QStringList& options, const QString& accessibleName, QWidget* parent = nullptr);
    int currentIndex() const;
    void setCurrentIndex(int index);

Q_SIGNALS:
    void currentChanged(int index);

private:
    QButtonGroup* m_group = nullptr;
};

}  // namespace headgate
