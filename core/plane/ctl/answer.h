#pragma once

#include "core/plane/ctl/commands.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

// Answers of the control plane for tables.
namespace headgate::ctl {

// The value at a place of an answer as text, "" if it is not there.
std::string at(const nlohmann::json& document, const char* pointer);

// 0 if there is no number.
std::int64_t numberAt(const nlohmann::json& document, const char* pointer);

void print(const Desk& desk, const nlohmann::json& document, const std::string& table);

}  // namespace headgate::ctl
