// Secrets that are given out once and stored only as a hash: session tokens and invite codes. They
// are random enough (256 and 80 bits) that a plain hash, without salt, guards them.
#pragma once

#include <string>
#include <string_view>

namespace godwit::server {

// 32 random bytes, base64url without padding: 43 characters.
std::string new_token();

// 16 characters of base32 (A-Z, 2-7): easy to read out.
std::string new_invite_code();

// BLAKE2b, 32 bytes.
std::string hash_secret(std::string_view secret);

// The same of an invite code as a person typed it: small letters count as capitals.
std::string hash_invite_code(std::string_view typed);

}  // namespace godwit::server
