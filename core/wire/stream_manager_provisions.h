#pragma once

#include "core/base/result.h"
#include "core/domain/provision.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

// Provisions as Stream Manager 2.0 writes them. Members that are not known are kept.
namespace headgate::stream_manager {

using Json = nlohmann::json;

// A ProvisionRequest; "streamGuid" may stand for "provisionGuid". What clients send along and means nothing here
// (messageType, timestamp) is left out. InvalidArgument with the pointer of the member.
Result<Provision> provisionFromJson(const Json& json);

// A list of them, or a single one, as somebody sends them; none twice, and none whose jobs are not understood.
Result<std::vector<Provision>> provisionsFromJson(const Json& json);

// Puts change(text) in the place of each secret text: passwords, tokens, and addresses ("...Uri"), which have stream
// keys.
void changeSecrets(Json& document, const std::function<std::string(const std::string&)>& change);

// How a secret is shown: "********", and of an address also what stands before its user and its last part.
std::string masked(const std::string& secret);

// The secrets of `sent` for which isKept(sent, present) holds become those in the same places of `present`.
using KeepSecret = std::function<bool(const std::string& sent, const std::string& present)>;
void keepSecrets(Json& sent, const Json& present, const KeepSecret& isKept);

}  // namespace headgate::stream_manager
