// godwit_simulation [--seeds A..B | --seed N] [--verbose]
// Runs each seed's world; prints the seed and what happened. Ends with 1 at the first violation.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/simulation/server/model_server.h"
#include "tests/simulation/world.h"

namespace {

struct Options {
  std::uint64_t first = 1;
  std::uint64_t last = 60;
  bool verbose = false;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (word == "--verbose") options.verbose = true;
    if (i + 1 == argc) continue;
    if (word == "--seed") options.first = options.last = std::strtoull(argv[++i], nullptr, 10);
    if (word == "--seeds") {
      std::string range = argv[++i];
      std::size_t dots = range.find("..");
      options.first = options.last = std::strtoull(range.c_str(), nullptr, 10);
      if (dots != std::string::npos) {
        options.last = std::strtoull(range.c_str() + dots + 2, nullptr, 10);
      }
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  Options options = parse(argc, argv);
  std::uint64_t steps = 0;
  for (std::uint64_t seed = options.first; seed <= options.last; ++seed) {
    std::printf("seed %llu", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    godwit::sim::World world(
        seed, options.verbose, [](std::uint64_t server_seed, const std::string& epoch) {
          return std::make_unique<godwit::sim::ModelServer>(server_seed, epoch);
        });
    world.run();
    steps += world.steps();
    std::printf(": %llu steps,%s\n", static_cast<unsigned long long>(world.steps()),
                world.tally().c_str());
  }
  std::printf("%llu steps in all, no violation\n", static_cast<unsigned long long>(steps));
  // A violation has ended the run before this.
  std::printf("%llu passed, 0 failed\n",
              static_cast<unsigned long long>(options.last - options.first + 1));
  return 0;
}
