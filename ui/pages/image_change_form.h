#pragma once

#include "core/domain/snapshot.h"

#include <QString>
#include <QWidget>

#include <optional>
#include <string>
#include <vector>

class QComboBox;
class QPushButton;

namespace headgate {

class TextLabel;

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
    // Sentences of the dry run, or why it would be refused.
    void showPreview(const QStringList& sentences);
    void showRefusal(const QString& why);

Q_SIGNALS:
    void previewRequested(const headgate::ImageChange& change);
    void changeRequested(const headgate::ImageChange& change);

private:
    // What a group starts nodes from now.
    struct Present
    {
        NodeGroupName group;
        std::string imageName;
        std::string image;

        bool operator==(const Present&) const = default;
    };

    void offer();
    void preview();
    std::optional<ImageChange> change() const;
    void updateState();

    std::string m_offered;
    std::vector<Present> m_present;  // in the order of the box
    QString m_readOnly;
    bool m_isRefused = false;
    QComboBox* m_groups = nullptr;
    QComboBox* m_to = nullptr;
    TextLabel* m_preview = nullptr;
    QPushButton* m_change = nullptr;
};

}  // namespace headgate
