#pragma once

#include "core/domain/node_group.h"
#include "ui/pages/field_slots.h"

#include <QWidget>

#include <functional>
#include <optional>
#include <string>
#include <vector>

class QPushButton;
class QVBoxLayout;

namespace headgate {

class Notice;

// What is kept of a group's streams, how they are delivered and how browsers reach them: the fields of its recording,
// of its media that concern single protocols, and of its ICE servers, which it writes into.
class MediaFields : public QWidget
{
    Q_OBJECT

public:
    using Answer = std::function<void(Result<void>)>;
    // Whether a store can be written, read and deleted in: ControlPlane::testStore().
    using StoreTest = std::function<void(const S3Settings&, Answer)>;

    // The group must outlive the fields.
    MediaFields(NodeGroup& group, StoreTest test, QWidget* parent = nullptr);

    // With pointers into the group; takes back what was shown before.
    void showFaults(const std::vector<Error>& faults);
    bool hasField(const std::string& pointer) const { return m_slots.has(pointer); }

Q_SIGNALS:
    void edited();

private:
    void rebuild();
    void rebuildLater();
    void addRecording(QVBoxLayout* column);
    void addStore(QVBoxLayout* column);
    void addStoreTest(QVBoxLayout* column);
    void testStore();
    void addDelivery(QVBoxLayout* column);
    void addIceServers(QVBoxLayout* column);
    void addIceServer(QVBoxLayout* column, std::size_t index);
    void addText(QVBoxLayout* column, const QString& label, const std::string& pointer, std::string& value,
                 const QString& placeholder = {});
    void addSecret(QVBoxLayout* column, const QString& label, const std::string& pointer, std::string& value);
    void addCheck(QVBoxLayout* column, const QString& label, const char* pointer, bool& value);
    // A figure that may be left to the nodes.
    void addFigure(QVBoxLayout* column, const QString& label, const char* pointer, std::optional<int> present,
                   int suggested, int most, const std::function<void(std::optional<int>)>& take);

    NodeGroup& m_group;
    StoreTest m_test;
    QWidget* m_fields = nullptr;
    QPushButton* m_tryStore = nullptr;
    Notice* m_tried = nullptr;
    bool m_isTesting = false;
    bool m_storeHasFaults = false;
    FieldSlots m_slots;
};

}  // namespace headgate
