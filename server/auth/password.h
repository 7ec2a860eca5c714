// Argon2id, by libsodium.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "server/app/config.h"
#include "shared/base/result.h"

namespace godwit::server {

// Thread-safe. Each call runs at most one Argon2id and counts it.
class PasswordHasher {
 public:
  // Starts libsodium and makes the hash that stands in for unknown names. Fails when the cost
  // cannot be computed here (memory).
  static Result<std::unique_ptr<PasswordHasher>> make(const AuthConfig& config);

  // A self-describing hash (`$argon2id$…`) with its own salt. kUnavailable: out of memory.
  Result<std::string> hash(const std::string& password);
  // One Argon2id with the cost inside `stored`. An empty `stored` (no such person) is compared with
  // the stand-in, at the same cost, and never matches.
  bool verify(const std::string& stored, const std::string& password);

  std::uint64_t runs() const { return runs_.load(std::memory_order_relaxed); }

 private:
  explicit PasswordHasher(const AuthConfig& config)
      : ops_(config.argon_ops), memory_bytes_(config.argon_memory_bytes) {}
  const std::uint64_t ops_;
  const std::size_t memory_bytes_;
  std::string stand_in_;
  std::atomic<std::uint64_t> runs_{0};
};

}  // namespace godwit::server
