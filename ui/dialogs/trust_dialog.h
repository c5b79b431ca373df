#pragma once

#include "core/plane/control_plane.h"

#include <QDialog>

namespace headgate {

// Whether to believe a server because of who has signed its certificate, whom nobody here knows yet. Accepted: yes.
class TrustDialog : public QDialog
{
    Q_OBJECT

public:
    TrustDialog(const QString& address, const PresentedAuthority& authority, QWidget* parent = nullptr);
};

}  // namespace headgate
