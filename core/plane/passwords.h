#pragma once

#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/wire/account_document.h"

#include <string>

namespace headgate {

constexpr std::size_t minPasswordLength = 12;
constexpr std::size_t maxPasswordLength = 1024;

// Argon2id, 64 MiB, 3 passes, 1 lane, in PHC string form. Takes a tenth of a second or more.
Result<std::string> hashPassword(const std::string& password);

// As costly as hashing, whatever the answer.
bool isPasswordOf(const std::string& password, const std::string& passwordHash);

// The hash of no password at all: checking against it costs what a real one costs.
std::string hashOfNothing();

// InvalidArgument with the pointer /username or /password if name or password are not acceptable. Hashes.
Result<Account> makeAccount(const std::string& name, const std::string& password, AccountRole role);

// The same of what somebody wrote; the pointers are those of its document.
Result<Account> makeAccount(const native::NewUser& user);

// The hash; as makeAccount() of its password.
Result<std::string> hashNewPassword(const std::string& password);

// `bytes` random bytes from the system as lower-case hexadecimal digits.
std::string randomHex(std::size_t bytes);

// Lower-case hexadecimal SHA-256.
std::string sha256Hex(const std::string& text);

// Does not tell by its duration where two texts of the same length differ.
bool isSameSecret(const std::string& a, const std::string& b);

}  // namespace headgate
