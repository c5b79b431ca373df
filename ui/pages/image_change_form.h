#pragma once

#include "core/domain/snapshot.h"

#include <QString>
#include <QWidget>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

class QComboBox;
class QPushButton;

namespace headgate {

class ChangePreview;

// What one change of a group's image would be.
struct ImageChange
{
    NodeGroupName group;
    std::string imageName;  // NodeImage::name in the group
    std::string image;      // what its nodes are to be started from

    bool operator==(const ImageChange&) const = default;
};

// Gives a node group another image to start nodes from; it may be one that nobody described yet.
class ImageChangeForm : public QWidget
{
    Q_OBJECT

public:
    explicit ImageChangeForm(QWidget* parent = nullptr);

    // `image` is what a group that has another one is offered first.
    void follow(const Snapshot& snapshot, const std::string& image);
    void setReadOnly(const QString& why);
    ChangePreview& preview() { return *m_preview; }

Q_SIGNALS:
    void changeRequested(const headgate::ImageChange& change);

private:
    // One image of a group as it is now.
    struct Present
    {
        NodeGroup group;
        std::uint64_t version = 0;
        std::string imageName;
        std::string image;

        bool isLike(const Present& other) const
        {
            return group.name == other.group.name && imageName == other.imageName && image == other.image;
        }
    };

    void offer();
    void updatePreview();
    const Present* chosen() const;
    std::optional<ImageChange> change() const;
    void updateState();

    std::string m_offered;
    std::vector<Present> m_present;  // in the order of the box
    QString m_readOnly;
    QComboBox* m_groups = nullptr;
    QComboBox* m_to = nullptr;
    ChangePreview* m_preview = nullptr;
    QPushButton* m_change = nullptr;
};

}  // namespace headgate
