#pragma once

#include "core/domain/account.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

// The accounts as they stand in the store, for readers on any thread.
class AccountBook
{
public:
    void put(const std::vector<Account>& accounts)
    {
        const std::lock_guard lock(m_mutex);
        for (const Account& account : accounts)
            m_accounts[account.name] = account;
    }

    std::optional<Account> find(const std::string& name) const
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_accounts.find(name);
        return found == m_accounts.end() ? std::nullopt : std::optional(found->second);
    }

    bool isEmpty() const
    {
        const std::lock_guard lock(m_mutex);
        return m_accounts.empty();
    }

private:
    mutable std::mutex m_mutex;
    std::map<std::string, Account> m_accounts;
};

}  // namespace headgate
