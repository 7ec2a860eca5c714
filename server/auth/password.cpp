#include "server/auth/password.h"

#include <sodium.h>

#include <array>

namespace godwit::server {

Result<std::unique_ptr<PasswordHasher>> PasswordHasher::make(const AuthConfig& config) {
  if (sodium_init() < 0) return Error{Code::kUnavailable, "libsodium cannot start"};
  std::unique_ptr<PasswordHasher> hasher(new PasswordHasher(config));
  auto stand_in = hasher->hash("nobody has this password");
  if (!stand_in) return stand_in.error();
  hasher->stand_in_ = *stand_in;
  hasher->runs_ = 0;
  return hasher;
}

Result<std::string> PasswordHasher::hash(const std::string& password) {
  ++runs_;
  std::array<char, crypto_pwhash_STRBYTES> out{};
  int rc = crypto_pwhash_str_alg(out.data(), password.data(), password.size(), ops_, memory_bytes_,
                                 crypto_pwhash_ALG_ARGON2ID13);
  if (rc != 0) return Error{Code::kUnavailable, "the password cost cannot be computed"};
  return std::string(out.data());
}

bool PasswordHasher::verify(const std::string& stored, const std::string& password) {
  ++runs_;
  const std::string& against = stored.empty() ? stand_in_ : stored;
  int rc = crypto_pwhash_str_verify(against.c_str(), password.data(), password.size());
  return rc == 0 && !stored.empty();
}

}  // namespace godwit::server
