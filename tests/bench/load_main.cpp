// godwit_load: puts a running server under load and prints one JSON object of what it measured.
//   godwit_load open|window PORT SEATS_FILE MESSAGES RATE_OR_IN_FLIGHT
// A line of the seats file: chat id, the sender's cookie, the receiver's cookie.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <string>

#include "tests/bench/load_run.h"

namespace godwit::bench {
namespace {

std::vector<Pair> read_pairs(const char* path) {
  std::ifstream file(path);
  std::vector<Pair> pairs;
  Pair pair;
  while (file >> pair.chat_id >> pair.sender_cookie >> pair.receiver_cookie) pairs.push_back(pair);
  return pairs;
}

void print(const char* name, const Percentiles& of, const char* end) {
  std::printf("\"%s\":{\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}%s", name, of.p50_ms,
              of.p99_ms, of.max_ms, end);
}

int run(char** words) {
  LoadOptions options;
  std::string mode = words[1];
  options.port = words[2];
  options.pairs = read_pairs(words[3]);
  options.messages = std::strtoull(words[4], nullptr, 10);
  if (options.pairs.empty() || options.messages == 0) {
    std::fprintf(stderr, "godwit_load: no pairs or no messages\n");
    return 1;
  }
  if (mode == "open") {
    options.rate_per_s = std::strtod(words[5], nullptr);
    OpenResult result = run_open(options);
    std::printf("{");
    print("ack", result.ack, ",");
    print("delivery", result.delivery, "}\n");
  } else {
    options.in_flight = std::strtoull(words[5], nullptr, 10);
    WindowResult result = run_window(options);
    std::printf("{\"seconds\":%.3f,\"stored\":%llu,\"repeated\":%llu}\n", result.seconds,
                static_cast<unsigned long long>(result.stored),
                static_cast<unsigned long long>(result.repeated));
  }
  return 0;
}

}  // namespace
}  // namespace godwit::bench

int main(int count, char** words) {
  if (count != 6) {
    std::fprintf(stderr,
                 "usage: godwit_load open|window PORT SEATS_FILE MESSAGES RATE_OR_WINDOW\n");
    return 1;
  }
  try {
    return godwit::bench::run(words);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "godwit_load: %s\n", error.what());
    return 1;
  }
}
