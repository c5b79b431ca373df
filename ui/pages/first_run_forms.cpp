#include "ui/pages/first_run_forms.h"

#include "ui/format.h"
#include "ui/models/places.h"
#include "ui/pages/spin_box.h"
#include "ui/shell/keychain_words.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

#include <array>

namespace headgate {

namespace {

constexpr int mostOrigins = 8;
constexpr int mostEdges = 32;

constexpr std::array<const char*, 8> regions = {"eu-central-1", "eu-west-1",      "eu-west-2",      "us-east-1",
                                                "us-west-1",    "ap-southeast-1", "ap-southeast-2", "sa-east-1"};

TextLabel* caption(const QString& text)
{
    auto* label = new TextLabel(text, TextRole::Caption, TextTone::Tertiary);
    label->setWordWrap(true);
    return label;
}

void addLabelled(QVBoxLayout* column, const QString& label, QWidget* field)
{
    column->addWidget(new TextLabel(label, TextRole::SmallStrong, TextTone::Secondary));
    column->addWidget(field);
    field->setAccessibleName(label);
}

QSpinBox* addCount(QHBoxLayout* row, const QString& label, int value, int most)
{
    auto* column = new QVBoxLayout;
    column->setSpacing(4);
    QSpinBox* spin = makeSpinBox(1, most, value, label);
    addLabelled(column, label, spin);
    row->addLayout(column, 1);
    return spin;
}

TextLabel* problemLabel()
{
    auto* label = new TextLabel({}, TextRole::Small, TextTone::Critical);
    label->setWordWrap(true);
    label->hide();
    return label;
}

void showProblem(QWidget* field, TextLabel* label, const QString& problem)
{
    setBad(field, problem);
    label->setText(problem);
    label->setVisible(!problem.isEmpty());
}

}  // namespace

LocalClusterForm::LocalClusterForm(QWidget* parent)
    : Card(tr("Your cluster"), parent),
      m_name(new QLineEdit(tr("Local cluster"))),
      m_nameProblem(problemLabel()),
      m_region(new QComboBox),
      m_testStream(new QCheckBox(tr("Start a test stream so there is something to watch")))
{
    for (const char* region : regions)
        m_region->addItem(tr("%1, %2").arg(regionName(region), QString::fromLatin1(region)),
                          QString::fromLatin1(region));
    body()->setSpacing(4);
    addLabelled(body(), tr("Name"), m_name);
    m_name->setObjectName(QStringLiteral("clusterName"));
    m_name->setMaxLength(64);
    body()->addWidget(m_nameProblem);
    body()->addSpacing(6);
    addLabelled(body(), tr("Default region"), m_region);
    body()->addWidget(caption(tr("Local nodes act as if they were there.")));
    body()->addSpacing(6);
    auto* counts = new QHBoxLayout;
    counts->setSpacing(12);
    m_origins = addCount(counts, tr("Origins"), 1, mostOrigins);
    m_edges = addCount(counts, tr("Edges"), 2, mostEdges);
    body()->addLayout(counts);
    body()->addSpacing(10);
    m_testStream->setChecked(true);
    m_testStream->setObjectName(QStringLiteral("testStream"));
    body()->addWidget(m_testStream);
    body()->addStretch();
    connect(m_name, &QLineEdit::textChanged, this, [this] {
        showProblem(m_name, m_nameProblem, isComplete() ? QString() : tr("The cluster needs a name."));
        Q_EMIT edited();
    });
}

LocalClusterChoice LocalClusterForm::choice() const
{
    LocalClusterChoice choice;
    choice.name = m_name->text().trimmed();
    choice.regions = {format::utf8(m_region->currentData().toString())};
    choice.origins = m_origins->value();
    choice.edgesPerRegion = m_edges->value();
    choice.hasTestStream = m_testStream->isChecked();
    return choice;
}

bool LocalClusterForm::isComplete() const
{
    return !m_name->text().trimmed().isEmpty();
}

ConnectForm::ConnectForm(QWidget* parent)
    : Card(tr("Control plane"), parent),
      m_kind(new QComboBox),
      m_kindNote(caption({})),
      m_authority(new QLineEdit),
      m_authorityProblem(problemLabel()),
      m_url(new QLineEdit(QStringLiteral("http://127.0.0.1:5080"))),
      m_urlProblem(problemLabel()),
      m_user(new QLineEdit(QStringLiteral("admin"))),
      m_password(new QLineEdit),
      m_remember(new QCheckBox(tr("Keep the password"))),
      m_keychain(caption(tr("The keychain is being asked.")))
{
    body()->setSpacing(4);
    m_kind->addItem(QStringLiteral("Headgate"), static_cast<int>(ServerKind::Headgate));
    m_kind->addItem(QStringLiteral("Stream Manager 2.0"), static_cast<int>(ServerKind::StreamManager));
    m_kind->setObjectName(QStringLiteral("kind"));
    addLabelled(body(), tr("Kind"), m_kind);
    body()->addWidget(m_kindNote);
    body()->addSpacing(6);
    addLabelled(body(), tr("Address"), m_url);
    m_url->setObjectName(QStringLiteral("url"));
    m_url->setFont(textFont(TextRole::Mono));
    body()->addWidget(m_urlProblem);
    body()->addSpacing(6);
    addLabelled(body(), tr("User"), m_user);
    m_user->setObjectName(QStringLiteral("user"));
    body()->addSpacing(6);
    addLabelled(body(), tr("Password"), m_password);
    m_password->setObjectName(QStringLiteral("password"));
    m_password->setEchoMode(QLineEdit::Password);
    body()->addSpacing(6);
    auto* choose = makeButton(tr("Choose..."));
    choose->setObjectName(QStringLiteral("chooseAuthority"));
    choose->setAccessibleName(tr("Choose the authority file"));
    m_authority->setObjectName(QStringLiteral("authorityFile"));
    m_authority->setPlaceholderText(tr("none: the authorities of the system"));
    auto* file = new QHBoxLayout;
    file->setSpacing(8);
    body()->addWidget(new TextLabel(tr("Authority file (PEM), for https"), TextRole::SmallStrong, TextTone::Secondary));
    m_authority->setAccessibleName(tr("Authority file (PEM), for https"));
    file->addWidget(m_authority, 1);
    file->addWidget(choose);
    body()->addLayout(file);
    body()->addWidget(m_authorityProblem);
    body()->addSpacing(10);
    body()->addWidget(m_remember);
    body()->addWidget(m_keychain);
    body()->addStretch();
    for (QLineEdit* field : {m_url, m_user, m_password})
        connect(field, &QLineEdit::textChanged, this, [this] {
            checkUrl();
            Q_EMIT edited();
        });
    connect(choose, &QPushButton::clicked, this, &ConnectForm::chooseAuthority);
    connect(m_authority, &QLineEdit::textChanged, this, [this] {
        readAuthority();
        Q_EMIT edited();
    });
    const auto tell = [this] {
        const bool isOther = m_kind->currentIndex() == 1;
        m_kindNote->setText(isOther ? tr("What its interface cannot do is greyed out. It is signed in to again each "
                                         "hour, so the password is kept in memory.")
                                    : tr("A control plane of ours, with all that this console can do."));
        Q_EMIT edited();
    };
    connect(m_kind, &QComboBox::currentIndexChanged, this, tell);
    tell();
}

void ConnectForm::chooseAuthority()
{
    const QString file = QFileDialog::getOpenFileName(this, tr("Authority file"), m_authority->text(),
                                                      tr("Certificates (*.pem *.crt);;All files (*)"));
    if (!file.isEmpty())
        m_authority->setText(file);
}

void ConnectForm::readAuthority()
{
    constexpr qint64 mostBytes = 1 << 20;
    m_authorities.clear();
    const QString path = m_authority->text().trimmed();
    QString problem;
    QFile file(path);
    if (!path.isEmpty() && !file.open(QIODevice::ReadOnly))
        problem = tr("The file cannot be read: %1.").arg(file.errorString());
    else if (!path.isEmpty())
        m_authorities = QString::fromLatin1(file.read(mostBytes));
    if (problem.isEmpty() && !path.isEmpty() && !m_authorities.contains(QLatin1String("-----BEGIN CERTIFICATE-----")))
        problem = tr("There is no certificate in PEM in it. Choose authority.pem of the server's data directory.");
    if (!problem.isEmpty())
        m_authorities.clear();
    showProblem(m_authority, m_authorityProblem, problem);
}

ConnectionChoice ConnectForm::choice() const
{
    QString url = m_url->text().trimmed();
    while (url.endsWith(QLatin1Char('/')))
        url.chop(1);
    const auto kind = static_cast<ServerKind>(m_kind->currentData().toInt());
    return {kind, url, m_user->text().trimmed(), m_password->text(), m_remember->isChecked(), m_authorities};
}

bool ConnectForm::isComplete() const
{
    const QUrl url(m_url->text().trimmed(), QUrl::StrictMode);
    const bool isWeb = url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
    const bool isAuthorityRead = m_authority->text().trimmed().isEmpty() || !m_authorities.isEmpty();
    return url.isValid() && isWeb && !url.host().isEmpty() && !m_user->text().trimmed().isEmpty() &&
           !m_password->text().isEmpty() && isAuthorityRead;
}

void ConnectForm::setKeychain(const SecretStoreStatus& status)
{
    m_keychain->setText(whereKept(status));
    m_keychain->setToolTip(status.reason);
}

void ConnectForm::checkUrl()
{
    const QUrl url(m_url->text().trimmed(), QUrl::StrictMode);
    const bool isWeb = url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
    const bool isGood = url.isValid() && isWeb && !url.host().isEmpty();
    showProblem(m_url, m_urlProblem,
                isGood ? QString() : tr("Write the address as http://host:port, for example http://127.0.0.1:5080."));
}

DemoCard::DemoCard(QWidget* parent) : Card(tr("What the demo starts"), parent)
{
    const LocalClusterChoice demo = demoChoice();
    QStringList places;
    for (const std::string& region : demo.regions)
        places << regionName(region);
    const int edges = demo.edgesPerRegion * static_cast<int>(demo.regions.size());
    body()->setSpacing(10);
    for (const QString& line :
         {tr("A real cluster on this machine that acts as if it ran in %1.").arg(places.join(tr(" and "))),
          tr("%1 and %2, each a process with its own address.")
              .arg(tr("%n origin(s)", nullptr, demo.origins), tr("%n edge(s)", nullptr, edges)),
          tr("A test stream with a moving picture, a clock and a tone."),
          tr("It is a cluster like any other: change it, drain nodes, publish to it.")}) {
        auto* label = new TextLabel(line, TextRole::Body, TextTone::Secondary);
        label->setWordWrap(true);
        body()->addWidget(label);
    }
    body()->addStretch();
}

}  // namespace headgate
