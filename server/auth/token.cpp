#include "server/auth/token.h"

#include <sodium.h>

#include <array>

namespace godwit::server {

std::string new_token() {
  std::array<unsigned char, 32> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::array<char, 64> text{};
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return std::string(text.data());
}

std::string new_invite_code() {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string code;
  for (int i = 0; i < 16; ++i) code.push_back(kAlphabet[randombytes_uniform(32)]);
  return code;
}

std::string hash_secret(std::string_view secret) {
  std::string hash(32, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), nullptr,
                     0);
  return hash;
}

std::string hash_invite_code(std::string_view typed) {
  std::string code(typed);
  for (char& letter : code) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return hash_secret(code);
}

}  // namespace godwit::server
