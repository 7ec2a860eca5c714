// Runs of seeds: one after the other, what each came to, and the suite that the tests run.
#pragma once

#include <cstdint>
#include <string>

#include "tests/simulation/options.h"
#include "tests/simulation/world.h"

namespace godwit::sim {

struct Outcome {
  std::uint64_t seed = 0;
  std::string violation;  // empty: none
  std::uint64_t steps = 0;
  std::uint64_t digest = 0;
  std::uint64_t predictions = 0;
  std::uint64_t reads_failed = 0;  // by a server's disk
  std::int64_t simulated_ms = 0;
  Faults::Counts faults{};
};

Outcome run_seed(const Options& options, std::uint64_t seed, const World::MakeServer& make_server);

// Runs options.first..last, up to the first violation. Prints each, then steps per second and how
// often each fault fired. True: nothing was found.
bool run_seeds(const Options& options, const World::MakeServer& make_server);

// What the tests run: 200 seeds, those that once found something, one of the commit; that each
// fault fired; that a run repeats; that each mutation is caught. Prints `N passed, N failed`.
bool run_suite(const Options& options, const World::MakeServer& model,
               const World::MakeServer& sqlite);

}  // namespace godwit::sim
