#include "ui/models/provision_list.h"

#include <algorithm>

namespace headgate {

void ProvisionList::setControlPlane(ControlPlane* plane)
{
    m_plane = plane;
    m_all.reset();
    m_error.reset();
    m_revision.reset();
    ++m_question;
}

void ProvisionList::follow(const Snapshot& snapshot)
{
    if (m_revision == snapshot.revision)
        return;
    m_revision = snapshot.revision;
    readAgain();
}

void ProvisionList::readAgain()
{
    if (!m_plane)
        return;
    const QPointer<ProvisionList> self(this);
    m_plane->readProvisions([self, question = ++m_question](Result<StoredProvisionsPtr> answer) {
        if (!self || question != self->m_question)
            return;
        self->m_error.reset();
        if (answer)
            self->m_all = std::move(*answer);
        else
            self->m_error = std::move(answer.error());
        Q_EMIT self->changed();
    });
}

const StoredProvision* ProvisionList::find(const ProvisionKey& key) const
{
    if (!m_all)
        return nullptr;
    const auto found = std::ranges::lower_bound(*m_all, key, {}, &StoredProvision::key);
    return found != m_all->end() && found->key() == key ? &*found : nullptr;
}

}  // namespace headgate
