#include "ui/pages/media_fields.h"

#include "ui/format.h"
#include "ui/pages/spin_box.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QSpinBox>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <utility>

namespace headgate {

namespace {

constexpr int columnGap = 12;
constexpr int suggestedGigabytes = 50;
constexpr int suggestedHours = 168;
constexpr int suggestedSrtLatencyMs = 120;
constexpr int suggestedHlsWindow = 30;
constexpr int mostGigabytes = 1'000'000;
constexpr int mostHours = 100'000;
constexpr std::int64_t gigabyte = 1'000'000'000;

TextLabel* noteOf(const QString& text)
{
    auto* label = new TextLabel(text, TextRole::Caption, TextTone::Tertiary);
    label->setWordWrap(true);
    return label;
}

QString objectNameOf(const std::string& pointer)
{
    return format::text("field" + pointer);
}

}  // namespace

MediaFields::MediaFields(NodeGroup& group, StoreTest test, QWidget* parent)
    : QWidget(parent), m_group(group), m_test(std::move(test))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    rebuild();
}

void MediaFields::rebuild()
{
    m_slots = {};
    m_tryStore = nullptr;
    m_tried = nullptr;
    delete std::exchange(m_fields, new QWidget);
    auto* column = new QVBoxLayout(m_fields);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    addRecording(column);
    column->addSpacing(12);
    addStore(column);
    column->addSpacing(12);
    addDelivery(column);
    column->addSpacing(12);
    addIceServers(column);
    layout()->addWidget(m_fields);
}

// Not from within a call of a field that goes; what is wrong is then asked for with the new fields.
void MediaFields::rebuildLater()
{
    QTimer::singleShot(0, this, [this] {
        rebuild();
        Q_EMIT edited();
    });
}

void MediaFields::addRecording(QVBoxLayout* column)
{
    RecordingSettings& recording = m_group.recording;
    column->addWidget(new TextLabel(tr("Recording"), TextRole::Section));
    addCheck(column, tr("Record every stream"), "/recording/isOn", recording.isOn);
    column->addWidget(noteOf(tr("Otherwise only those whose provision asks for it. Holds for streams that begin from "
                                "then on.")));
    auto* container = new QComboBox;
    container->setObjectName(objectNameOf("/recording/format"));
    container->addItems({tr("Fragmented MP4"), tr("FLV")});
    container->setCurrentIndex(static_cast<int>(recording.format));
    m_slots.addField(column, "/recording/format", tr("Format"), container);
    connect(container, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_group.recording.format = static_cast<RecordingFormat>(index);
        Q_EMIT edited();
    });
    const QString label = tr("A segment ends at the first key frame after, s");
    // Wider than the rule's bound, so that a wrong figure can be typed and is told why it is wrong.
    QSpinBox* segment = makeSpinBox(0, RecordingSettings::longestSegment * 10, recording.segmentSeconds, label);
    segment->setObjectName(objectNameOf("/recording/segmentSeconds"));
    m_slots.addField(column, "/recording/segmentSeconds", label, segment);
    connect(segment, &QSpinBox::valueChanged, this, [this](int value) {
        m_group.recording.segmentSeconds = value;
        Q_EMIT edited();
    });
    const auto toGigabytes = [](std::int64_t bytes) { return static_cast<int>((bytes + gigabyte - 1) / gigabyte); };
    addFigure(column, tr("Disk of a node holds at most, GB"), "/recording/mostBytes",
              recording.mostBytes ? std::optional(toGigabytes(*recording.mostBytes)) : std::nullopt, suggestedGigabytes,
              mostGigabytes, [this](std::optional<int> value) {
                  m_group.recording.mostBytes = value ? std::optional(*value * gigabyte) : std::nullopt;
              });
    addFigure(column, tr("Recordings are kept at most, h"), "/recording/mostHours", recording.mostHours, suggestedHours,
              mostHours, [this](std::optional<int> value) { m_group.recording.mostHours = value; });
    column->addWidget(
        noteOf(tr("The oldest complete recordings go first. Without limits a full disk ends recording.")));
}

void MediaFields::addStore(QVBoxLayout* column)
{
    std::optional<S3Settings>& store = m_group.recording.store;
    column->addWidget(new TextLabel(tr("Cloud store"), TextRole::Section));
    auto* isOn = new QCheckBox(tr("Send recordings to a store that speaks S3"));
    isOn->setObjectName(QStringLiteral("field/recording/store"));
    isOn->setChecked(store.has_value());
    column->addWidget(isOn);
    connect(isOn, &QCheckBox::toggled, this, [this](bool on) {
        m_group.recording.store = on ? std::optional(S3Settings()) : std::nullopt;
        rebuildLater();
    });
    if (!store)
        return;
    addText(column, tr("Address"), "/recording/store/endpoint", store->endpoint,
            tr("https://host:port; empty: Amazon's"));
    addText(column, tr("Region"), "/recording/store/region", store->region);
    addText(column, tr("Bucket"), "/recording/store/bucket", store->bucket);
    addText(column, tr("Folder in the bucket"), "/recording/store/prefix", store->prefix, tr("empty, or folder/"));
    addText(column, tr("Access key"), "/recording/store/accessKey", store->accessKey);
    addSecret(column, tr("Secret key"), "/recording/store/secretKey", store->secretKey);
    addCheck(column, tr("The bucket stands in the path, not in the host name"), "/recording/store/isPathStyle",
             store->isPathStyle);
    addCheck(column, tr("What is uploaded leaves the disk of the node"), "/recording/store/deletesLocal",
             store->deletesLocal);
    addStoreTest(column);
}

void MediaFields::addStoreTest(QVBoxLayout* column)
{
    m_tryStore = makeButton(tr("Test"));
    m_tryStore->setObjectName(QStringLiteral("testStore"));
    m_tryStore->setAccessibleName(tr("Test the store"));
    m_tryStore->setEnabled(m_test && !m_isTesting && !m_storeHasFaults);
    auto* row = new QHBoxLayout;
    row->setSpacing(columnGap);
    row->addWidget(m_tryStore);
    row->addWidget(noteOf(tr("Writes, reads and deletes a small file there.")), 1);
    column->addSpacing(4);
    column->addLayout(row);
    m_tried = new Notice;
    m_tried->setObjectName(QStringLiteral("storeTested"));
    m_tried->hide();
    column->addWidget(m_tried);
    connect(m_tryStore, &QPushButton::clicked, this, &MediaFields::testStore);
    // What was found holds for what was typed then.
    connect(this, &MediaFields::edited, m_tried, &QWidget::hide);
}

void MediaFields::testStore()
{
    if (!m_test || !m_group.recording.store || m_isTesting)
        return;
    m_isTesting = true;
    m_tryStore->setEnabled(false);
    m_tried->setContent(Status::Pending, tr("Testing"));
    m_tried->show();
    const QPointer<MediaFields> self(this);
    m_test(*m_group.recording.store, [self, asked = *m_group.recording.store](const Result<void>& result) {
        if (!self)
            return;
        self->m_isTesting = false;
        if (!self->m_tried)
            return;
        self->m_tryStore->setEnabled(!self->m_storeHasFaults);
        if (self->m_group.recording.store != asked) {
            self->m_tried->hide();
            return;
        }
        if (result)
            self->m_tried->setContent(Status::Ok, tr("The store works"),
                                      tr("A file was written, read again and deleted."));
        else
            self->m_tried->setContent(Status::Critical, tr("The store does not work"),
                                      format::errorLine(result.error()));
    });
}

void MediaFields::addDelivery(QVBoxLayout* column)
{
    const MediaSettings& media = m_group.media;
    column->addWidget(new TextLabel(tr("SRT and HLS"), TextRole::Section));
    addFigure(column, tr("SRT waits for what was lost, ms"), "/media/srtLatency", media.srtLatencyMs,
              suggestedSrtLatencyMs, MediaSettings::longestSrtLatencyMs * 10,
              [this](std::optional<int> value) { m_group.media.srtLatencyMs = value; });
    addFigure(column, tr("HLS playlists go back, s"), "/media/hlsWindow", media.hlsWindowSeconds, suggestedHlsWindow,
              MediaSettings::longestHlsWindow * 10,
              [this](std::optional<int> value) { m_group.media.hlsWindowSeconds = value; });
    column->addWidget(
        noteOf(tr("Four round trips are enough for SRT on most ways. Viewers of HLS can go back as far as "
                  "the playlist does; each node keeps that much in memory. What is off is as the node was "
                  "started.")));
}

void MediaFields::addIceServers(QVBoxLayout* column)
{
    column->addWidget(new TextLabel(tr("ICE servers"), TextRole::Section));
    column->addWidget(noteOf(tr("STUN and TURN servers that browsers are told of, in this order, for WebRTC through "
                                "firewalls.")));
    for (std::size_t i = 0; i < m_group.iceServers.size(); ++i)
        addIceServer(column, i);
    m_slots.addMessage(column, "/iceServers", nullptr);
    auto* add = makeButton(tr("Add server"), ButtonKind::Normal, QStringLiteral("plus"));
    add->setObjectName(QStringLiteral("addIceServer"));
    add->setEnabled(m_group.iceServers.size() < IceServer::mostOfGroup);
    auto* row = new QHBoxLayout;
    row->addWidget(add);
    row->addStretch();
    column->addLayout(row);
    connect(add, &QPushButton::clicked, this, [this] {
        m_group.iceServers.emplace_back();
        rebuildLater();
    });
}

void MediaFields::addIceServer(QVBoxLayout* column, std::size_t index)
{
    IceServer& server = m_group.iceServers[index];
    const std::string pointer = "/iceServers/" + std::to_string(index);
    const QString number = QString::number(index + 1);
    auto* url = new QLineEdit(format::text(server.url));
    url->setObjectName(objectNameOf(pointer + "/url"));
    url->setAccessibleName(tr("Address of ICE server %1").arg(number));
    url->setPlaceholderText(QStringLiteral("turn:turn.example:3478?transport=udp"));
    auto* kind = new QComboBox;
    kind->setObjectName(objectNameOf(pointer + "/credential"));
    kind->setAccessibleName(tr("How ICE server %1 lets in").arg(number));
    kind->addItems({tr("no password"), tr("name and password"), tr("shared secret")});
    kind->setCurrentIndex(static_cast<int>(server.credential));
    QToolButton* remove = makeIconButton(QStringLiteral("trash"), tr("Remove ICE server %1").arg(number));
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(url, 1);
    row->addWidget(kind);
    row->addWidget(remove);
    column->addLayout(row);
    m_slots.addMessage(column, pointer + "/url", url);
    m_slots.addSharing(pointer + "/credential", kind, pointer + "/url");
    if (server.credential == IceCredential::Static)
        addText(column, tr("User name of server %1").arg(number), pointer + "/username", server.username);
    if (server.credential != IceCredential::None)
        addSecret(column,
                  server.credential == IceCredential::Static ? tr("Password of server %1").arg(number)
                                                             : tr("Shared secret of server %1").arg(number),
                  pointer + "/secret", server.secret);
    connect(url, &QLineEdit::textChanged, this, [this, index](const QString& text) {
        m_group.iceServers[index].url = format::utf8(text.trimmed());
        Q_EMIT edited();
    });
    connect(kind, &QComboBox::currentIndexChanged, this, [this, index](int choice) {
        IceServer& changed = m_group.iceServers[index];
        changed.credential = static_cast<IceCredential>(choice);
        if (changed.credential != IceCredential::Static)
            changed.username.clear();
        if (changed.credential == IceCredential::None)
            changed.secret.clear();
        rebuildLater();
    });
    connect(remove, &QToolButton::clicked, this, [this, index] {
        m_group.iceServers.erase(m_group.iceServers.begin() + static_cast<std::ptrdiff_t>(index));
        rebuildLater();
    });
}

void MediaFields::addText(QVBoxLayout* column, const QString& label, const std::string& pointer, std::string& value,
                          const QString& placeholder)
{
    auto* field = new QLineEdit(format::text(value));
    field->setObjectName(objectNameOf(pointer));
    field->setPlaceholderText(placeholder);
    m_slots.addField(column, pointer, label, field);
    connect(field, &QLineEdit::textChanged, this, [this, &value](const QString& text) {
        value = format::utf8(text.trimmed());
        Q_EMIT edited();
    });
}

// What is stored is not shown; an empty field keeps it.
void MediaFields::addSecret(QVBoxLayout* column, const QString& label, const std::string& pointer, std::string& value)
{
    auto* field = new QLineEdit;
    field->setObjectName(objectNameOf(pointer));
    field->setEchoMode(QLineEdit::Password);
    field->setPlaceholderText(value.empty() ? tr("none") : tr("kept as it is"));
    m_slots.addField(column, pointer, label, field);
    connect(field, &QLineEdit::textChanged, this, [this, &value, kept = value](const QString& text) {
        value = text.isEmpty() ? kept : format::utf8(text);
        Q_EMIT edited();
    });
}

void MediaFields::addCheck(QVBoxLayout* column, const QString& label, const char* pointer, bool& value)
{
    auto* check = new QCheckBox(label);
    check->setObjectName(objectNameOf(pointer));
    check->setChecked(value);
    column->addWidget(check);
    connect(check, &QCheckBox::toggled, this, [this, &value](bool isOn) {
        value = isOn;
        Q_EMIT edited();
    });
}

void MediaFields::addFigure(QVBoxLayout* column, const QString& label, const char* pointer, std::optional<int> present,
                            int suggested, int most, const std::function<void(std::optional<int>)>& take)
{
    auto* isSet = new QCheckBox(label);
    isSet->setChecked(present.has_value());
    QSpinBox* spin = makeSpinBox(0, most, present.value_or(suggested), label);
    spin->setObjectName(objectNameOf(pointer));
    spin->setGroupSeparatorShown(true);
    spin->setEnabled(present.has_value());
    spin->setMinimumWidth(scaled(96));
    auto* row = new QHBoxLayout;
    row->setSpacing(columnGap);
    row->addWidget(isSet, 1);
    row->addWidget(spin);
    column->addLayout(row);
    m_slots.addMessage(column, pointer, spin);
    const auto apply = [this, isSet, spin, take] {
        spin->setEnabled(isSet->isChecked());
        take(isSet->isChecked() ? std::optional(spin->value()) : std::nullopt);
        Q_EMIT edited();
    };
    connect(isSet, &QCheckBox::toggled, this, apply);
    connect(spin, &QSpinBox::valueChanged, this, apply);
}

void MediaFields::showFaults(const std::vector<Error>& faults)
{
    m_slots.show(faults);
    m_storeHasFaults = false;
    for (const Error& fault : faults)
        m_storeHasFaults = m_storeHasFaults || fault.pointer.starts_with("/recording/store");
    if (m_tryStore)
        m_tryStore->setEnabled(m_test && !m_isTesting && !m_storeHasFaults);
}

}  // namespace headgate
