#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace headgate::ctl {

// The document in block style (YAML 1.2), ending with a line break. Texts that could be read as something else are in
// double quotes, so that it reads back as the same document.
std::string yamlText(const nlohmann::json& document);

}  // namespace headgate::ctl
