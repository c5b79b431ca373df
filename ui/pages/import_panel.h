#pragma once

#include "core/domain/command.h"
#include "ui/widgets/inspector.h"

#include <optional>

class QPushButton;

namespace headgate {

class KeyValueList;
class Notice;
class TextLabel;

// What a file of a plan would bring, before anything is changed.
class ImportPanel : public Inspector
{
    Q_OBJECT

public:
    explicit ImportPanel(QWidget* parent = nullptr);

    // `present` is what there is already.
    void showDocument(const QString& fileName, PlanDocument document, const PlanDocument& present);
    void showOutcome(const Result<CommandOutcome>& outcome);
    void showUnreadable(const QString& fileName, const Error& error);
    void setReadOnly(const QString& why);

    const std::optional<PlanDocument>& document() const { return m_document; }
    const QString& fileName() const { return m_fileName; }
    QString summary() const;

Q_SIGNALS:
    void applyRequested();

private:
    void updateApply();

    QString m_fileName;
    std::optional<PlanDocument> m_document;
    QString m_whyReadOnly;
    bool m_isRefused = false;
    Notice* m_refusal = nullptr;
    TextLabel* m_summary = nullptr;
    KeyValueList* m_items = nullptr;
    TextLabel* m_effectTitle = nullptr;
    KeyValueList* m_effects = nullptr;
    QPushButton* m_apply = nullptr;
};

}  // namespace headgate
