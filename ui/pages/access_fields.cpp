#include "ui/pages/access_fields.h"

#include "ui/format.h"
#include "ui/pages/spin_box.h"
#include "ui/widgets/labels.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QTimer>
#include <QVBoxLayout>

#include <utility>

namespace headgate {

namespace {

TextLabel* labelOf(const QString& text)
{
    return new TextLabel(text, TextRole::SmallStrong, TextTone::Secondary);
}

TextLabel* noteOf(const QString& text)
{
    auto* label = new TextLabel(text, TextRole::Caption, TextTone::Tertiary);
    label->setWordWrap(true);
    return label;
}

QComboBox* choiceOf(const QString& name, const char* pointer, const QStringList& words, int current)
{
    auto* choice = new QComboBox;
    choice->setObjectName(QStringLiteral("field/access%1").arg(QLatin1String(pointer)));
    choice->setAccessibleName(name);
    choice->addItems(words);
    choice->setCurrentIndex(current);
    return choice;
}

}  // namespace

AccessFields::AccessFields(AccessSettings& settings, QWidget* parent) : QWidget(parent), m_settings(settings)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    rebuild();
}

void AccessFields::rebuild()
{
    m_slots = {};
    delete std::exchange(m_fields, new QWidget);
    auto* column = new QVBoxLayout(m_fields);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addWidget(new TextLabel(tr("Who may publish and watch"), TextRole::Section));
    addKind(column);
    if (m_settings.kind == AccessKind::RoundTrip)
        addRoundTrip(column);
    if (m_settings.kind == AccessKind::DigestToken)
        addSecret(column, tr("Secret of digest tokens"), "/digestSecret", m_settings.digestSecret);
    if (m_settings.kind == AccessKind::Jwt)
        addJwt(column);
    column->addSpacing(10);
    addWebhooks(column);
    layout()->addWidget(m_fields);
}

// Not from within a call of a field that goes; what is wrong is then asked for with the new fields.
void AccessFields::rebuildLater()
{
    QTimer::singleShot(0, this, [this] {
        rebuild();
        Q_EMIT edited();
    });
}

void AccessFields::addKind(QVBoxLayout* column)
{
    QComboBox* kind = choiceOf(tr("What decides who may publish and watch"), "/kind",
                               {tr("everybody who has the address"), tr("a service of yours that nodes ask"),
                                tr("digest tokens"), tr("JSON Web Tokens")},
                               static_cast<int>(m_settings.kind));
    column->addWidget(kind);
    column->addWidget(noteOf(tr("Holds for who comes from then on. What a node cannot find out is refused.")));
    connect(kind, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_settings.kind = static_cast<AccessKind>(index);
        rebuildLater();
    });
}

void AccessFields::addRoundTrip(QVBoxLayout* column)
{
    addText(column, tr("Address that is asked"), "/roundTrip/validateUrl", m_settings.roundTrip.validateUrl);
    addText(column, tr("Address that is told when a session is over"), "/roundTrip/invalidateUrl",
            m_settings.roundTrip.invalidateUrl);
    const QString name = tr("Longest wait for an answer, ms");
    column->addWidget(labelOf(name));
    QSpinBox* timeout = makeSpinBox(0, RoundTripSettings::longestMs * 10, m_settings.roundTrip.timeoutMs, name);
    timeout->setObjectName(QStringLiteral("field/access/roundTrip/timeoutMs"));
    column->addWidget(timeout, 0, Qt::AlignLeft);
    m_slots.addMessage(column, "/roundTrip/timeoutMs", timeout);
    connect(timeout, &QSpinBox::valueChanged, this, [this](int value) {
        m_settings.roundTrip.timeoutMs = value;
        Q_EMIT edited();
    });
}

void AccessFields::addJwt(QVBoxLayout* column)
{
    column->addWidget(labelOf(tr("Algorithm")));
    QComboBox* algorithm =
        choiceOf(tr("Algorithm of JSON Web Tokens"), "/jwt/algorithm",
                 {QStringLiteral("EdDSA"), QStringLiteral("ES256"), QStringLiteral("RS256"), QStringLiteral("HS256")},
                 static_cast<int>(m_settings.jwt.algorithm));
    column->addWidget(algorithm, 0, Qt::AlignLeft);
    connect(algorithm, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_settings.jwt.algorithm = static_cast<JwtAlgorithm>(index);
        rebuildLater();
    });
    if (m_settings.jwt.algorithm == JwtAlgorithm::Hs256)
        return addSecret(column, tr("Shared secret"), "/jwt/secret", m_settings.jwt.secret);
    auto* key = new QPlainTextEdit(format::text(m_settings.jwt.publicKey));
    key->setObjectName(QStringLiteral("field/access/jwt/publicKey"));
    key->setTabChangesFocus(true);
    key->setFixedHeight(84);
    m_slots.addField(column, "/jwt/publicKey", tr("Public key, PEM"), key);
    connect(key, &QPlainTextEdit::textChanged, this, [this, key] {
        m_settings.jwt.publicKey = format::utf8(key->toPlainText());
        Q_EMIT edited();
    });
}

void AccessFields::addWebhooks(QVBoxLayout* column)
{
    WebhookSettings& webhooks = m_settings.webhooks;
    column->addWidget(new TextLabel(tr("Webhooks"), TextRole::Section));
    addText(column, tr("Address that is told of sessions and recordings"), "/webhooks/url", webhooks.url);
    addSecret(column, tr("Secret that signs them"), "/webhooks/secret", webhooks.secret);
    auto* row = new QHBoxLayout;
    row->setSpacing(12);
    const std::pair<WebhookCategory, QString> categories[] = {{WebhookCategory::Connect, tr("connections")},
                                                              {WebhookCategory::Publish, tr("publishers")},
                                                              {WebhookCategory::Subscribe, tr("viewers")},
                                                              {WebhookCategory::WebSocket, tr("WebSockets")},
                                                              {WebhookCategory::Media, tr("recordings")}};
    for (const auto& [category, name] : categories) {
        auto* isTold = new QCheckBox(name);
        isTold->setChecked(!webhooks.muted.contains(category));
        row->addWidget(isTold);
        connect(isTold, &QCheckBox::toggled, this, [this, which = category](bool isOn) {
            if (isOn)
                m_settings.webhooks.muted.erase(which);
            else
                m_settings.webhooks.muted.insert(which);
            Q_EMIT edited();
        });
    }
    row->addStretch();
    column->addLayout(row);
}

void AccessFields::addText(QVBoxLayout* column, const QString& label, const char* pointer, std::string& value)
{
    auto* field = new QLineEdit(format::text(value));
    field->setObjectName(QStringLiteral("field/access%1").arg(QLatin1String(pointer)));
    m_slots.addField(column, pointer, label, field);
    connect(field, &QLineEdit::textChanged, this, [this, &value](const QString& text) {
        value = format::utf8(text);
        Q_EMIT edited();
    });
}

// What is stored is not shown; an empty field keeps it.
void AccessFields::addSecret(QVBoxLayout* column, const QString& label, const char* pointer, std::string& value)
{
    auto* field = new QLineEdit;
    field->setObjectName(QStringLiteral("field/access%1").arg(QLatin1String(pointer)));
    field->setEchoMode(QLineEdit::Password);
    field->setPlaceholderText(value.empty() ? tr("none") : tr("kept as it is"));
    m_slots.addField(column, pointer, label, field);
    connect(field, &QLineEdit::textChanged, this, [this, &value, kept = value](const QString& text) {
        value = text.isEmpty() ? kept : format::utf8(text);
        Q_EMIT edited();
    });
}

}  // namespace headgate
