#pragma once

#include "ui/shell/tokens.h"

#include <QWidget>

#include <optional>
#include <vector>

class QGridLayout;

namespace headgate {

enum class ValueStyle
{
    Text,
    Mono,  // addresses and ids; selectable
    Figure
};

struct KeyValue
{
    QString key;
    QString value;
    ValueStyle style = ValueStyle::Text;
    std::optional<Status> status;
    bool operator==(const KeyValue&) const = default;
};

// Label and value in two columns. Keeps its labels when only values change.
class KeyValueList : public QWidget
{
    Q_OBJECT

public:
    explicit KeyValueList(QWidget* parent = nullptr);
    void setRows(const std::vector<KeyValue>& rows);

private:
    void rebuild();

    std::vector<KeyValue> m_rows;
    QGridLayout* m_grid = nullptr;
};

}  // namespace headgate
