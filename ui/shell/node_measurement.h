#pragma once

#include "core/base/result.h"
#include "core/domain/node_image_record.h"

#include <QObject>
#include <QString>

namespace headgate {

// Measures how many viewers one core of this machine serves, for half a minute. Begins at once; destroying it cancels.
// Signals come on the owner's thread.
class NodeMeasurement : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

Q_SIGNALS:
    void progressed(double share, int viewers);  // of the time, 0 to 1; viewers that are being tried
    // `isLowerBound`: something else than the node was the limit.
    void finished(const headgate::CapacityMeasurement& found, bool isLowerBound);
    void failed(const headgate::Error& error);
};

}  // namespace headgate
