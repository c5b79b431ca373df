#pragma once

#include "core/domain/snapshot.h"
#include "ui/models/provision_draft.h"
#include "ui/models/shell_command.h"
#include "ui/pages/field_slots.h"
#include "ui/widgets/inspector.h"

#include <optional>
#include <vector>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace headgate {

class Notice;
class TextLabel;

// A provision that is being written: fields for what is common, and its document, which both are one.
class ProvisionForm : public Inspector
{
    Q_OBJECT

public:
    explicit ProvisionForm(ShellMaker shell, QWidget* parent = nullptr);

    void edit(ProvisionDraft draft, const Snapshot& snapshot);
    bool isEditing() const { return m_draft.has_value(); }
    bool isChanged() const { return m_draft && m_draft->text() != m_before; }
    void release();

    void save();
    // Why nothing can be sent now; empty if it can.
    void setReadOnly(const QString& why);
    // At its field, if it has one.
    void showRefusal(const Error& error);

Q_SIGNALS:
    void saveRequested(const headgate::PutProvisions& command, std::optional<std::uint64_t> ifVersion);
    void discarded();

private:
    void buildFields();
    void buildFooter();
    void connectFields();
    void fill();      // the fields as the document is
    void fillText();  // the document as the fields are
    void onEdited();
    void check();
    void showFaults(std::vector<Error> faults);

    ShellMaker m_shell;
    std::optional<ProvisionDraft> m_draft;
    std::string m_before;
    QString m_whyReadOnly;
    bool m_isFilling = false;
    bool m_wasSaved = false;  // what is missing is told once somebody tried
    FieldSlots m_slots;
    Notice* m_failure = nullptr;
    QComboBox* m_group = nullptr;
    QComboBox* m_kind = nullptr;
    QLineEdit* m_guid = nullptr;
    QLineEdit* m_stream = nullptr;
    QWidget* m_wayPart = nullptr;
    QComboBox* m_way = nullptr;
    QLineEdit* m_address = nullptr;
    QCheckBox* m_loop = nullptr;
    TextLabel* m_note = nullptr;
    QPlainTextEdit* m_text = nullptr;
    QPushButton* m_save = nullptr;
};

}  // namespace headgate
