#pragma once

#include "core/plane/account_desk.h"
#include "core/plane/control_plane.h"
#include "core/wire/shell_lines.h"

#include <QPointer>
#include <QWidget>

#include <functional>
#include <utility>

class QHBoxLayout;

namespace headgate {

// One part of the account page: what it shows is asked for when it is looked at.
class AccountPanel : public QWidget
{
    Q_OBJECT

public:
    using Report = std::function<void(const QString&)>;

    AccountPanel(Report report, QWidget* parent = nullptr);

    // Stands in the page's head while the panel is shown.
    QWidget* actions() const { return m_actions; }

    // Another control plane, or none: all answers that are still to come are of no interest.
    void look(ControlPlane* plane);

    // Asks anew.
    virtual void read() = 0;
    bool isRead() const { return m_isRead; }

    // Address of what is looked at, for commands; it outlives the panel.
    void setServer(const QString& apiUrl) { m_apiUrl = &apiUrl; }

    // Empty: things can be changed.
    void setReadOnly(const QString& why);

protected:
    ControlPlane* plane() const { return m_plane; }
    QHBoxLayout* actionRow() const { return m_actionRow; }
    const QString& whyReadOnly() const { return m_whyReadOnly; }
    void report(const QString& text) const { m_report(text); }
    void setRead() { m_isRead = true; }

    // What the plane looked at now answers; nothing of what another one does, or after this has gone.
    template <typename T>
    std::function<void(Result<T>)> answered(std::function<void(Result<T>)> done)
    {
        return [self = QPointer<AccountPanel>(this), plane = m_plane, done = std::move(done)](Result<T> answer) {
            if (self && self->m_plane == plane)
                done(std::move(answer));
        };
    }

    // What does the same from a shell.
    Result<native::ShellLines> asCommand(const native::AccountWish& wish) const;

    virtual void clear() = 0;
    virtual void updateActions() = 0;

private:
    Report m_report;
    QPointer<ControlPlane> m_plane;
    QWidget* m_actions = nullptr;
    QHBoxLayout* m_actionRow = nullptr;
    QString m_whyReadOnly;
    bool m_isRead = false;
    const QString* m_apiUrl = nullptr;
};

}  // namespace headgate
