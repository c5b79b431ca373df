#pragma once

#include "core/domain/command.h"
#include "core/wire/native_codec.h"

#include <QString>

#include <optional>
#include <string>
#include <vector>

namespace headgate {

// What a provision is for.
enum class ProvisionKind
{
    Source,     // pulls media in
    Push,       // sends a stream elsewhere
    Recording,  // writes a stream to storage
    Other
};

// One way in which a source or a push goes, as "camParams" names it (Stream Manager 2.0, restream jobs).
struct ProvisionWay
{
    ProvisionKind kind;
    const char* type;
    const char* address;  // the member that holds it; null: there is no field for it
    const char* scheme;   // with which the address begins; empty: any
    const char* example;
    QString title() const;
};
const std::vector<ProvisionWay>& provisionWays();

ProvisionKind kindOf(const native::Json& document);
const ProvisionWay* wayOf(const native::Json& document);
// Where from or where to; empty if the document does not tell.
std::string targetOf(const native::Json& document);

enum class DraftUse
{
    Change,
    Copy  // another one that begins as it is, without the secrets that are not shown
};

// A provision that is being written: its document, and what of it has fields. Members that have none stay.
class ProvisionDraft
{
public:
    ProvisionDraft(NodeGroupName group, ProvisionKind kind);
    ProvisionDraft(const StoredProvision& stored, DraftUse use);

    bool isNew() const { return !m_version; }
    std::optional<std::uint64_t> version() const { return m_version; }
    const NodeGroupName& group() const { return m_group; }
    void setGroup(NodeGroupName group) { m_group = std::move(group); }

    std::string guid() const;
    void setGuid(const std::string& guid);
    std::string stream() const;
    void setStream(const std::string& path);

    ProvisionKind kind() const { return kindOf(m_document); }
    void setKind(ProvisionKind kind);
    const ProvisionWay* way() const { return wayOf(m_document); }
    void setWay(const ProvisionWay& way);
    std::string address() const { return targetOf(m_document); }
    void setAddress(const std::string& address);
    bool isLooped() const;
    void setLooped(bool isLooped);

    // The document, indented; as it was typed while that is no JSON.
    std::string text() const;
    void setText(const std::string& text);

    // Pointers into the document; "/document" for its text, "/nodeGroup" for the group.
    std::vector<Error> problems() const;
    PutProvisions command() const;

private:
    native::Json& firstStream();

    NodeGroupName m_group;
    native::Json m_document;  // an object
    std::optional<std::uint64_t> m_version;
    std::optional<std::string> m_broken;  // what was typed, while it is no JSON
};

}  // namespace headgate
