#pragma once

#include "core/domain/snapshot.h"
#include "ui/widgets/inspector.h"

class QPushButton;

namespace headgate {

class KeyValueList;
class Notice;
class TextLabel;

// One node group: what it waits for, its limits, its pools and why they have the bounds they have.
class NodeGroupInspector : public Inspector
{
    Q_OBJECT

public:
    explicit NodeGroupInspector(QWidget* parent = nullptr);

    void present(const NodeGroupStatus& status, bool isStale);
    // Why nothing can be changed now; empty if it can.
    void setReadOnly(const QString& why);

Q_SIGNALS:
    void editRequested();
    void nodesRequested();
    void deleteRequested();

private:
    void buildFooter();
    void showPools(const NodeGroupStatus& status, bool isStale);

    TextLabel* m_description = nullptr;
    Notice* m_waits = nullptr;
    KeyValueList* m_facts = nullptr;
    KeyValueList* m_pools = nullptr;
    KeyValueList* m_reasons = nullptr;
    QPushButton* m_delete = nullptr;
};

}  // namespace headgate
