// CHECK: an invariant of our own code, on in every build. A failure ends the process (natively) or
// throws the instance away (WebAssembly: the worker rebuilds it from storage). Bytes from outside
// never reach a CHECK; they give a Result.
#pragma once

namespace godwit {

// Prints the place and the expression, never data, then aborts.
[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace godwit

#define GODWIT_CHECK(expression)           \
  (static_cast<bool>(expression) ? void(0) \
                                 : ::godwit::check_failed(#expression, __FILE__, __LINE__))
