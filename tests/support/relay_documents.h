#pragma once

#include <QJsonArray>
#include <QJsonObject>

namespace headgate::test {

// The roles of a NodeGroupConfig with origins and edges, and relays between them.
inline QJsonObject withRelays(QJsonObject roles)
{
    QJsonObject relay = roles["edge"].toObject();
    relay["name"] = "relay";
    relay["capabilities"] = QJsonArray();
    roles["relay"] = relay;
    QJsonObject edge = roles["edge"].toObject();
    edge["parentRoleName"] = "relay";
    roles["edge"] = edge;
    return roles;
}

}  // namespace headgate::test
