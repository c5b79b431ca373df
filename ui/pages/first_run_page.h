#pragma once

#include "ui/pages/cluster_start.h"
#include "ui/shell/settings.h"

#include <QString>
#include <QWidget>

#include <memory>

class QHBoxLayout;

namespace headgate {

class SecretStore;
class TestStreams;
struct MediaServices;
struct SecretStoreStatus;

// What "Connect to a control plane" asks for.
struct ConnectionChoice
{
    ServerKind kind = ServerKind::Headgate;
    QString url;  // "http://127.0.0.1:5080"
    QString user;
    QString password;
    bool isRemembered = false;  // in the keychain, or for this run if there is none
    QString authorities{};  // in PEM, by which alone an https server is believed; empty: the system's, or known ones
};

struct FirstRunServices
{
    const MediaServices& media;
    SecretStore& secrets;
    TestStreams& testStreams;
    QString localNetwork = QStringLiteral("127.77.0.0/16");
};

// "Where should your cluster run?" Says what was chosen and shows how it comes up; opening control planes is the
// program's part.
class FirstRunPage : public QWidget
{
    Q_OBJECT

public:
    enum class Way
    {
        LocalCluster,
        Connect,
        Demo
    };

    explicit FirstRunPage(FirstRunServices services, QWidget* parent = nullptr);
    ~FirstRunPage() override;

    Way way() const { return m_way; }
    void setWay(Way way);

    // The control plane of the chosen local cluster is open: starts the nodes and shows each step. `plane` outlives
    // the page or the next call.
    void followStart(ControlPlane& plane);

    // What was asked for could not begin, for example the store is held or the sign-in was refused. Nothing was
    // changed; the form is open again.
    void showFailure(const Error& error);

Q_SIGNALS:
    void localClusterChosen(const headgate::LocalClusterChoice& choice);
    void connectionChosen(const headgate::ConnectionChoice& choice);
    void demoChosen(const headgate::LocalClusterChoice& choice);
    // The cluster is up: open the overview.
    void finished();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    class Private;

    QWidget* buildChoice();
    QHBoxLayout* buildWays();
    QHBoxLayout* buildForms();
    QHBoxLayout* buildFooter();
    void updateButton();
    void choose();
    void checkMachine();

    Way m_way = Way::LocalCluster;
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate
