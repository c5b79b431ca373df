#pragma once

#include "core/plane/ctl/commands.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

// Answers of the control plane for tables.
namespace headgate::ctl {

// The value at a place of an answer as text, "" if it is not there.
std::string at(const nlohmann::json& document, const char* pointer);

// 0 if there is no number.
std::int64_t numberAt(const nlohmann::json& document, const char* pointer);

// What "get WHAT ..." is answered.
struct Listing
{
    bool isOne = false;    // an object was named
    nlohmann::json body;   // as it came
    nlohmann::json items;  // the one, or those of the list
};

// The object that the second word names (`one` is its call), else the list with the filters, sort and limit that the
// command line has. Its items are in `member`. Tells on the notes if there are more.
Outcome<Listing> ask(Session& session, const Desk& desk, const std::function<native::HttpCall(std::string_view)>& one,
                     native::HttpCall list, const char* member);

void print(const Desk& desk, const nlohmann::json& document, const std::string& table);

// As JSON or YAML; for formats other than the table.
void printDocument(const Desk& desk, const nlohmann::json& document);

}  // namespace headgate::ctl
