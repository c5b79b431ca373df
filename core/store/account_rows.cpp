#include "core/store/account_rows.h"

#include "core/store/columns.h"
#include "core/wire/account_document.h"

namespace headgate::rows {

Result<std::vector<Account>> readAccounts(StoreConnection& connection)
{
    auto query = run(connection, "SELECT name, password_hash, created_at, role, version, updated_at, updated_by, "
                                 "document, uid, created_by FROM account ORDER BY name");
    if (!query)
        return tl::unexpected(query.error());
    std::vector<Account> accounts;
    while (query->next()) {
        Account account{textAt(*query, 0), textAt(*query, 1), instantAt(*query, 2)};
        account.version = numberAt(*query, 4);
        account.updatedAt = instantAt(*query, 5);
        account.updatedBy = textAt(*query, 6);
        account.origin = originAt(*query, 8);
        const auto role = native::accountRoleFromWord(textAt(*query, 3));
        const auto part = decode(
            textAt(*query, 7), [&account](const native::Json& json) { return native::takeStoredPart(json, account); });
        if (!role || !part)
            return damagedRow("account", account.name, role ? part.error() : role.error());
        account.role = *role;
        accounts.push_back(std::move(account));
    }
    return accounts;
}

Result<void> putAccount(StoreConnection& connection, const Account& account)
{
    return change(connection,
                  "INSERT INTO account (name, password_hash, created_at, role, version, updated_at, updated_by, "
                  "document, uid, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
                  "password_hash = excluded.password_hash, created_at = excluded.created_at, role = excluded.role, "
                  "version = excluded.version, updated_at = excluded.updated_at, updated_by = excluded.updated_by, "
                  "document = excluded.document, uid = excluded.uid, created_by = excluded.created_by",
                  {text(account.name), text(account.passwordHash), instant(account.createdAt),
                   text(native::toWord(account.role)), number(account.version), instant(account.updatedAt),
                   text(account.updatedBy), text(native::write(native::storedPartOf(account))),
                   text(account.origin.uid), text(account.origin.createdBy)});
}

Result<void> removeAccount(StoreConnection& connection, const std::string& name)
{
    return change(connection, "DELETE FROM account WHERE name = ?", {text(name)});
}

}  // namespace headgate::rows
