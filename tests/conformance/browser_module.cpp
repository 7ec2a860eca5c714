// The vectors' runner for a page: bytes in, a report out, as wasm-core/ABI.md does it.
#include <cstdint>
#include <string>

#include "tests/conformance/vector.h"

namespace {

// A C ABI has no `this`.
struct Exchange {
  std::string in;
  std::string out;
};

Exchange& exchange() {
  static Exchange only;
  return only;
}

}  // namespace

extern "C" {

char* vector_in(std::uint32_t size) {
  exchange().in.resize(size);
  return exchange().in.data();
}

// 0: it held, 1: it differs, 2: it is malformed. The report is the title, a line for each step's
// hash, and what is wrong.
std::int32_t vector_run() {
  auto outcome = godwit::conformance::run_vector(exchange().in);
  exchange().out = outcome.title + "\n" + outcome.hashes + outcome.detail;
  return static_cast<std::int32_t>(outcome.kind);
}

const char* vector_out() { return exchange().out.data(); }
std::uint32_t vector_out_size() { return static_cast<std::uint32_t>(exchange().out.size()); }

}  // extern "C"
