#pragma once

#include "core/domain/command.h"
#include "core/domain/node_group.h"
#include "ui/widgets/key_value_list.h"

#include <QString>

#include <string>
#include <vector>

namespace headgate {

// One differing field in words: "eu-central-1, edge: maximum nodes", "4", "8".
struct ChangeWords
{
    QString field;
    QString before;
    QString after;
};

// The field of a JSON Pointer into a native document; array places are named after what stands there in `document`
// (JSON text, may be empty).
QString fieldWords(const std::string& pointer, const std::string& document);

std::vector<ChangeWords> changeWords(const std::vector<FieldChange>& changes, const std::string& document);

// The same for two JSON texts, either of them may be empty.
std::vector<ChangeWords> changeWordsBetween(const std::string& before, const std::string& after);

// "field", "before  ›  after"; at most `limit` rows and one that counts the rest.
std::vector<KeyValue> changeRows(const std::vector<ChangeWords>& changes, int limit = 24);

}  // namespace headgate
