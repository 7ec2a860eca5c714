// The two workloads of the load generator, each over connected pairs of people.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/load_client.h"

namespace godwit::bench {

// Two people with a direct chat, as a line of the seats file names them.
struct Pair {
  std::string chat_id;
  std::string sender_cookie;
  std::string receiver_cookie;
};

struct LoadOptions {
  std::string host = "127.0.0.1";
  std::string port;
  std::vector<Pair> pairs;
  std::uint64_t messages = 0;
  std::size_t text_bytes = 120;
  double rate_per_s = 1'000;     // run_open
  std::uint64_t in_flight = 64;  // run_window
};

struct Percentiles {
  double p50_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;
};

struct OpenResult {
  Percentiles ack;
  Percentiles delivery;
};

struct WindowResult {
  double seconds = 0;
  std::uint64_t stored = 0;
  std::uint64_t repeated = 0;  // sent a second time under the same tempId
};

// Open loop: message i is due at i / rate, whatever became of those before it; latency counts from
// when it was due, so a server that stalls cannot hide it.
OpenResult run_open(const LoadOptions& options);

// Closed loop: `in_flight` messages are under way until all are acknowledged; every twentieth is
// sent twice.
WindowResult run_window(const LoadOptions& options);

}  // namespace godwit::bench
