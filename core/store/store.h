#pragma once

#include "core/base/result.h"
#include "core/domain/audit.h"
#include "core/engine/engine.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace headgate {

// The durable state of one deployment in a SQLite file. Lives on the thread that opened it, except where a function
// says otherwise. Needs a QCoreApplication. Every error names the file, the cause and what to do about it.
class Store
{
public:
    // Makes the file (mode 0600) or brings its schema up to date, each migration in a transaction of its own.
    // Unsupported, and nothing is touched, if the file was written by a newer version.
    static Result<std::unique_ptr<Store>> open(const std::string& file);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    Result<EngineState> load();

    // All rows, the audit records and the revision, or nothing. On disk when it returns. Removals come first. The
    // audit records are numbered in the order given, following on the last one stored.
    Result<void> commit(const Transaction& transaction);

    // Newest first, out of a file that open() has made. From any thread: uses a connection of its own.
    static Result<std::vector<AuditRecord>> readAudit(const std::string& file, const AuditQuery& query);

private:
    class Private;
    explicit Store(std::unique_ptr<Private> d);
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate
