#pragma once

#include "core/domain/audit.h"
#include "ui/pages/table_page.h"

#include <QTimer>

#include <vector>

class QPushButton;

namespace headgate {

class CopyButton;
class Inspector;
class KeyValueList;
class Segmented;
class TextLabel;

// Who did what, and with what effect?
class AuditPage : public TablePage
{
    Q_OBJECT

public:
    explicit AuditPage(PageContext& context, QWidget* parent = nullptr);

    std::vector<PaletteAction> paletteActions() const override;
    void refresh() override;
    void loadOlder();

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    bool showSelected(const Snapshot& snapshot) override;

private:
    enum class Reading
    {
        Newest,  // replaces what is shown
        Older
    };

    void buildInspector();
    bool isOfRoutings() const;
    void read(Reading reading);
    void take(Reading reading, Result<std::vector<AuditRecord>> answer);
    void prependNew(const Snapshot& snapshot);
    void showRecords();
    void copyTable();
    void showDecision(const AuditRecord& shown);
    const AuditRecord* record(const QString& key) const;

    std::vector<AuditRecord> m_records;  // newest first
    Segmented* m_trail = nullptr;
    bool m_isRead = false;
    bool m_isReading = false;
    bool m_hasOlder = false;
    quint64 m_question = 0;
    QTimer m_searchDelay;
    QString m_readText;
    QWidget* m_foot = nullptr;
    QPushButton* m_older = nullptr;
    QPushButton* m_copy = nullptr;
    Inspector* m_inspector = nullptr;
    TextLabel* m_sentence = nullptr;
    KeyValueList* m_facts = nullptr;
    KeyValueList* m_changes = nullptr;
    TextLabel* m_noChanges = nullptr;
    QWidget* m_decision = nullptr;  // instead of changes
    QWidget* m_difference = nullptr;
    CopyButton* m_copyDecision = nullptr;
    TextLabel* m_rule = nullptr;
    KeyValueList* m_values = nullptr;
    TextLabel* m_rejectedTitle = nullptr;
    KeyValueList* m_rejected = nullptr;
};

}  // namespace headgate
