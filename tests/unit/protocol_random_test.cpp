// Round trips and mutations from seeds that can be had again: one that never changes, and one that
// the commit decides (GODWIT_COMMIT_SEED, which scripts/test sets). A failure prints its seed;
// GODWIT_SEED runs that one alone.
#include "tests/unit/protocol_random.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <vector>

#include "shared/protocol/codec.h"

namespace godwit::testing {
namespace {

std::vector<std::uint64_t> seeds_of_run() {
  auto number = [](const char* digits) { return std::strtoull(digits, nullptr, 10); };
  if (const char* given = std::getenv("GODWIT_SEED")) return {number(given)};
  std::vector<std::uint64_t> seeds{20'261'121};
  if (const char* commit = std::getenv("GODWIT_COMMIT_SEED")) seeds.push_back(number(commit));
  return seeds;
}

// One to four small changes: a byte, a bit, a cut, a repeated piece, a structural character.
std::string mutate(Prng& prng, std::string text) {
  for (std::uint64_t i = 1 + prng.below(4); i > 0 && !text.empty(); --i) {
    std::size_t at = index_below(prng, text.size());
    switch (prng.below(6)) {
      case 0:
        text[at] = static_cast<char>(prng.below(256));
        break;
      case 1:
        text[at] = static_cast<char>(text[at] ^ (1 << prng.below(8)));
        break;
      case 2:
        text.erase(at, 1 + index_below(prng, 8));
        break;
      case 3: {
        std::size_t from = index_below(prng, text.size());  // one by one: compilers differ in order
        text.insert(at, text.substr(from, index_below(prng, 40)));
        break;
      }
      case 4:
        text[at] = "{}[]\":,\\0-.eu"[index_below(prng, 13)];
        break;
      default:
        text.resize(at);
        break;
    }
  }
  return text;
}

void read_back(std::uint64_t seed) {
  INFO("GODWIT_SEED=" << seed);
  Prng prng(seed);
  for (int i = 0; i < 4'000; ++i) {
    ClientFrame client = random_client_frame(prng);
    std::string text = encode(client);
    INFO(text);
    DecodedClientFrame decoded = decode_client_frame(text);
    INFO(decoded.refusal.error.detail);
    REQUIRE(decoded.frame);
    REQUIRE(*decoded.frame == client);
    REQUIRE(encode(*decoded.frame) == text);
  }
  for (int i = 0; i < 4'000; ++i) {
    ServerFrame server = random_server_frame(prng);
    std::string text = encode(server);
    INFO(text);
    Result<ServerFrame> decoded = decode_server_frame(text);
    INFO((decoded ? "" : decoded.error().detail));
    REQUIRE(decoded.is_ok());
    REQUIRE(*decoded == server);
    REQUIRE(encode(*decoded) == text);
  }
}

TEST_CASE("[WI25] random frames read back equal to what was written") {
  for (std::uint64_t seed : seeds_of_run()) read_back(seed);
}

void read_changed(std::uint64_t seed) {
  INFO("GODWIT_SEED=" << seed);
  Prng prng(seed);
  int refused = 0;
  int read = 0;
  for (int i = 0; i < 20'000; ++i) {
    bool client = prng.chance(50);
    std::string text = mutate(
        prng, client ? encode(random_client_frame(prng)) : encode(random_server_frame(prng)));
    INFO(text);
    if (client) {
      DecodedClientFrame decoded = decode_client_frame(text);
      REQUIRE(decoded.frame.has_value() == (decoded.refusal.error.code == Code::kOk));
      if (decoded.frame)
        REQUIRE(decode_client_frame(encode(*decoded.frame)).frame == decoded.frame);
      (decoded.frame ? read : refused) += 1;
    } else {
      Result<ServerFrame> decoded = decode_server_frame(text);
      if (decoded) REQUIRE(*decode_server_frame(encode(*decoded)) == *decoded);
      (decoded ? read : refused) += 1;
    }
  }
  CHECK(refused > 5'000);  // not vacuous: both ways were taken
  CHECK(read > 500);
}

TEST_CASE("[WI31] changed bytes are read to a frame that can be written, or refused") {
  for (std::uint64_t seed : seeds_of_run()) read_changed(seed);
}

void refuse_noise(std::uint64_t seed) {
  INFO("GODWIT_SEED=" << seed);
  Prng prng(seed);
  for (int i = 0; i < 5'000; ++i) {
    std::string bytes;
    for (std::uint64_t n = prng.below(200); n > 0; --n) bytes += static_cast<char>(prng.below(256));
    REQUIRE_FALSE(decode_client_frame(bytes).frame);
    REQUIRE_FALSE(decode_server_frame(bytes));
  }
}

TEST_CASE("[WI31] random bytes are refused") {
  for (std::uint64_t seed : seeds_of_run()) refuse_noise(seed);
}

}  // namespace
}  // namespace godwit::testing
