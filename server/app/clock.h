// The one place where the server reads time. Everything that needs it takes a `const Clock&`, so
// that tests decide what time it is.
#pragma once

#include <chrono>

#include "shared/base/instant.h"

namespace godwit::server {

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock: what is stored and shown. May jump.
  virtual Timestamp now() const {
    return Timestamp{ms_since_epoch(std::chrono::system_clock::now())};
  }
  // Steady clock: for time-outs, windows and rates. Never goes back.
  virtual Instant steady() const {
    return Instant{ms_since_epoch(std::chrono::steady_clock::now())};
  }

 private:
  template <typename Point>
  static std::int64_t ms_since_epoch(Point point) {
    using std::chrono::duration_cast;
    return duration_cast<std::chrono::milliseconds>(point.time_since_epoch()).count();
  }
};

}  // namespace godwit::server
