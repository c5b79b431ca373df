#pragma once

#include "core/domain/account.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace headgate {

using AccountPtr = std::shared_ptr<const Account>;

// The accounts and what signs their tokens, as they stand in the store, for readers on any thread.
class AccountBook
{
public:
    void update(const std::vector<std::string>& removed, const std::vector<Account>& put)
    {
        const std::lock_guard lock(m_mutex);
        for (const std::string& name : removed)
            replace(name, nullptr);
        for (const Account& account : put)
            replace(account.name, std::make_shared<const Account>(account));
    }

    void setTokenKeys(const TokenKeys& keys)
    {
        const std::lock_guard lock(m_mutex);
        m_tokenKeys = keys;
    }

    TokenKeys tokenKeys() const
    {
        const std::lock_guard lock(m_mutex);
        return m_tokenKeys;
    }

    // Whose personal token has this id; null if there is none.
    AccountPtr findByToken(const std::string& id) const
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_byToken.find(id);
        return found == m_byToken.end() ? nullptr : found->second;
    }

    // Null if there is none of that name.
    AccountPtr find(const std::string& name) const
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_accounts.find(name);
        return found == m_accounts.end() ? nullptr : found->second;
    }

    // By name.
    std::vector<AccountPtr> all() const
    {
        const std::lock_guard lock(m_mutex);
        std::vector<AccountPtr> accounts;
        for (const auto& [name, account] : m_accounts)
            accounts.push_back(account);
        return accounts;
    }

    bool isEmpty() const
    {
        const std::lock_guard lock(m_mutex);
        return m_accounts.empty();
    }

private:
    // Null takes it out.
    void replace(const std::string& name, const AccountPtr& account)
    {
        if (const auto before = m_accounts.find(name); before != m_accounts.end()) {
            for (const PersonalToken& token : before->second->tokens)
                m_byToken.erase(token.id);
            m_accounts.erase(before);
        }
        if (!account)
            return;
        for (const PersonalToken& token : account->tokens)
            m_byToken[token.id] = account;
        m_accounts[name] = account;
    }

    mutable std::mutex m_mutex;
    TokenKeys m_tokenKeys;
    std::map<std::string, AccountPtr> m_accounts;
    std::map<std::string, AccountPtr> m_byToken;
};

}  // namespace headgate
