#pragma once

#include "core/domain/audit.h"
#include "core/domain/audit_verdict.h"
#include "core/store/connection.h"

#include <string>
#include <vector>

// The audit trail as a chain. Each row has an HMAC-SHA256 of what it says and of that of the row before; another one,
// of the last row, is the head. So no row can be changed, taken out, put in or cut off by somebody who has the file and
// not the key. Rows of before there was a chain are in the first link.
namespace headgate::audit_chain {

// Appends the records, numbered on from the last one, within the open transaction.
Result<void> append(StoreConnection& connection, const std::string& key, const std::vector<AuditRecord>& records);

// Looks at every row as of one instant.
Result<AuditVerdict> verify(StoreConnection& connection, const std::string& key);

}  // namespace headgate::audit_chain
