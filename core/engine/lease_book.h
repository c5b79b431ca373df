#pragma once

#include "core/base/time.h"

#include <deque>
#include <map>

namespace headgate {

// What was promised and has not shown up in a report yet, per key (a node or a group). A promise ends after 15 s, or
// as soon as the reported number of sessions grows by it.
template <typename Key>
class LeaseBook
{
public:
    static constexpr Duration lifetime{15'000};

    // Promises outstanding for `key`, after those that `reported` sessions have kept. Reports are to be shown in the
    // order in which they came. Only those younger than `youngerThan` are counted: sessions of older ones may have
    // taken the place of others, so that the reports have them and did not grow.
    int outstanding(const Key& key, int reported, TimePoint now, Duration youngerThan = lifetime)
    {
        const auto it = m_accounts.find(key);
        if (it == m_accounts.end())
            return 0;
        Account& account = it->second;
        consume(account, reported - account.reported);
        account.reported = reported;
        while (!account.buckets.empty() && account.buckets.front().issuedAt + lifetime <= now)
            account.buckets.pop_front();
        int sum = 0;
        for (const Bucket& bucket : account.buckets)
            sum += bucket.issuedAt + youngerThan > now ? bucket.count : 0;
        if (account.buckets.empty())
            m_accounts.erase(it);
        return sum;
    }

    void issue(const Key& key, int reported, TimePoint now)
    {
        forgetExpired(now);
        Account& account = m_accounts.try_emplace(key, Account{reported, {}}).first->second;
        const TimePoint second = std::chrono::floor<std::chrono::seconds>(now);
        if (account.buckets.empty() || account.buckets.back().issuedAt < second)
            account.buckets.push_back({second, 0});
        ++account.buckets.back().count;
    }

    // How many keys are remembered: those with a promise of the last two lifetimes at most.
    std::size_t size() const { return m_accounts.size(); }

private:
    struct Bucket
    {
        TimePoint issuedAt;  // to the second
        int count = 0;
    };

    struct Account
    {
        int reported = 0;
        std::deque<Bucket> buckets;  // oldest first
    };

    // The oldest promises are the likeliest to have been kept.
    static void consume(Account& account, int grown)
    {
        while (grown > 0 && !account.buckets.empty()) {
            Bucket& oldest = account.buckets.front();
            const int taken = grown < oldest.count ? grown : oldest.count;
            grown -= taken;
            oldest.count -= taken;
            if (oldest.count == 0)
                account.buckets.pop_front();
        }
    }

    // Nobody asks any more about a node that has gone, so its account would stay for ever.
    void forgetExpired(TimePoint now)
    {
        if (now < m_nextLook)
            return;
        m_nextLook = now + lifetime;
        std::erase_if(m_accounts, [now](const auto& entry) {
            const auto& buckets = entry.second.buckets;
            return buckets.empty() || buckets.back().issuedAt + lifetime <= now;
        });
    }

    std::map<Key, Account> m_accounts;
    TimePoint m_nextLook;
};

}  // namespace headgate
