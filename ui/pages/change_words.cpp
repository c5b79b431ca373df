#include "ui/pages/change_words.h"

#include "core/wire/native_codec.h"
#include "ui/format.h"

#include <QCoreApplication>
#include <QHash>
#include <QStringList>

namespace headgate {

namespace {

using native::Json;

constexpr int valueLength = 60;

struct FieldNames
{
    Q_DECLARE_TR_FUNCTIONS(headgate::FieldNames)
};

QString nameOfMember(const QString& member)
{
    const QHash<QString, QString> names = {
        {QStringLiteral("name"), FieldNames::tr("name")},
        {QStringLiteral("description"), FieldNames::tr("description")},
        {QStringLiteral("cloudPlatform"), FieldNames::tr("platform")},
        {QStringLiteral("cloudProperties"), FieldNames::tr("cloud properties")},
        {QStringLiteral("isScalingPaused"), FieldNames::tr("scaling paused")},
        {QStringLiteral("maxPublishers"), FieldNames::tr("publishers at most")},
        {QStringLiteral("maxSubscribers"), FieldNames::tr("viewers at most")},
        {QStringLiteral("min"), FieldNames::tr("minimum nodes")},
        {QStringLiteral("max"), FieldNames::tr("maximum nodes")},
        {QStringLiteral("increment"), FieldNames::tr("nodes per step")},
        {QStringLiteral("image"), FieldNames::tr("image")},
        {QStringLiteral("imageName"), FieldNames::tr("image")},
        {QStringLiteral("subgroups"), FieldNames::tr("subgroup")},
        {QStringLiteral("children"), FieldNames::tr("subgroup")},
        {QStringLiteral("roles"), FieldNames::tr("role")},
        {QStringLiteral("images"), FieldNames::tr("image")},
        {QStringLiteral("rules"), FieldNames::tr("scaling rule")},
        {QStringLiteral("state"), FieldNames::tr("state")},
        {QStringLiteral("health"), FieldNames::tr("health")},
    };
    return names.value(member, member);
}

Json parsed(const std::string& text)
{
    if (text.empty())
        return Json::object();
    Json json = Json::parse(text, nullptr, false);
    return json.is_discarded() ? Json(text) : json;
}

// What an array element is called, empty if it has no name.
QString elementName(const Json& element)
{
    for (const char* member : {"name", "roleName", "id"})
        if (element.is_object() && element.contains(member) && element[member].is_string())
            return format::text(element[member].get<std::string>());
    return {};
}

bool isNumber(const QString& part)
{
    bool isNumeric = false;
    part.toUInt(&isNumeric);
    return isNumeric;
}

QString valueWords(const std::string& text)
{
    if (text.empty())
        return format::unknown();
    const Json json = parsed(text);
    if (json.is_boolean())
        return json.get<bool>() ? FieldNames::tr("yes") : FieldNames::tr("no");
    if (json.is_null())
        return format::unknown();
    QString words = json.is_string() ? format::text(json.get<std::string>()) : format::text(json.dump());
    if (const QString name = elementName(json); !name.isEmpty())
        words = name;
    else if (json.is_array() || json.is_object())
        words = FieldNames::tr("%n entry(ies)", nullptr, static_cast<int>(json.size()));
    if (words.isEmpty())
        return FieldNames::tr("empty");
    return words.size() > valueLength ? words.left(valueLength) + QStringLiteral("...") : words;
}

}  // namespace

QString fieldWords(const std::string& pointer, const std::string& document)
{
    const Json root = parsed(document);
    const Json* at = &root;
    QStringList places;
    QString member;
    const QStringList parts = format::text(pointer).split(QLatin1Char('/'), Qt::SkipEmptyParts);
    for (const QString& part : parts) {
        const Json* next = nullptr;
        if (at && at->is_array() && isNumber(part) && part.toUInt() < at->size()) {
            next = &(*at)[part.toUInt()];
            const QString name = elementName(*next);
            places << (name.isEmpty() ? part : name);
        } else if (at && at->is_object() && at->contains(format::utf8(part))) {
            next = &(*at)[format::utf8(part)];
            member = nameOfMember(part);
        } else if (isNumber(part)) {
            places << QString::number(part.toUInt() + 1);
        } else {
            member = nameOfMember(part);
        }
        at = next;
    }
    if (places.isEmpty()) {
        if (!member.isEmpty())
            member[0] = member[0].toUpper();
        return member;
    }
    return QStringLiteral("%1: %2").arg(places.join(QStringLiteral(", ")), member);
}

std::vector<ChangeWords> changeWords(const std::vector<FieldChange>& changes, const std::string& document)
{
    std::vector<ChangeWords> words;
    for (const FieldChange& change : changes)
        words.push_back({fieldWords(change.pointer, document), valueWords(change.before), valueWords(change.after)});
    return words;
}

std::vector<ChangeWords> changeWordsBetween(const std::string& before, const std::string& after)
{
    const Json old = parsed(before);
    const Json fresh = parsed(after);
    if (!old.is_object() || !fresh.is_object())
        return {{FieldNames::tr("Value"), valueWords(before), valueWords(after)}};
    return changeWords(native::difference(old, fresh), after.empty() ? before : after);
}

std::vector<KeyValue> changeRows(const std::vector<ChangeWords>& changes, int limit)
{
    std::vector<KeyValue> rows;
    for (const ChangeWords& change : changes) {
        if (static_cast<int>(rows.size()) == limit) {
            const int rest = static_cast<int>(changes.size()) - limit;
            rows.push_back({FieldNames::tr("and %n more", nullptr, rest), {}, ValueStyle::Text, {}});
            break;
        }
        const bool isNew = change.before == format::unknown();
        const QString value = isNew ? change.after : QStringLiteral("%1  ›  %2").arg(change.before, change.after);
        rows.push_back({change.field, value, ValueStyle::Text, {}});
    }
    return rows;
}

}  // namespace headgate
