#pragma once

#include "core/domain/account.h"
#include "core/store/connection.h"

#include <string>
#include <vector>

// The table of accounts, as in rows.h.
namespace headgate::rows {

Result<std::vector<Account>> readAccounts(StoreConnection& connection);
Result<void> putAccount(StoreConnection& connection, const Account& account);
Result<void> removeAccount(StoreConnection& connection, const std::string& name);

}  // namespace headgate::rows
