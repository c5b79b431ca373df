#pragma once

#include "core/plane/secret_store.h"
#include "ui/shell/tokens.h"

#include <QString>

#include <cstdint>
#include <vector>

namespace headgate {

// What was found on this machine.
struct MachineFacts
{
    int cores = 0;
    std::int64_t freeMemoryBytes = 0;  // 0 = unknown
    QString loopbackAddress;           // the address that was tried
    bool hasLoopback = false;          // the address can be bound
    bool hasFreePorts = false;         // its RTMP and HTTP port are free
    QString ffmpegVersion;             // empty = not there
    SecretStoreStatus keychain;
    bool isKeychainKnown = false;
};

// One line of the checks: what was found, what that means, and what to do if it is not well.
struct MachineCheck
{
    Status status = Status::Pending;
    QString title;
    QString meaning;
    QString remedy;  // empty if all is well

    bool operator==(const MachineCheck&) const = default;
};

// Looks at cores, memory and the first addresses of `localNetwork` ("127.77.0.0/16"); the keychain is asked elsewhere.
MachineFacts examineMachine(const QString& localNetwork, const QString& ffmpegVersion);

std::vector<MachineCheck> machineChecks(const MachineFacts& facts);

}  // namespace headgate
