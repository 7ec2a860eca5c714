#include "tests/simulation/runs.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <numeric>

namespace godwit::sim {
namespace {

unsigned long long wide(std::uint64_t value) { return value; }

void add(Faults::Counts& sum, const Faults::Counts& counts) {
  for (std::size_t i = 0; i < kFaults; ++i) sum[i] += counts[i];
}

void print(const Outcome& outcome, bool digests) {
  std::uint64_t faults =
      std::accumulate(outcome.faults.begin(), outcome.faults.end(), std::uint64_t{0});
  std::printf("seed %llu: %llu steps, %llu faults, %llu predictions, %lld s", wide(outcome.seed),
              wide(outcome.steps), wide(faults), wide(outcome.predictions),
              static_cast<long long>(outcome.simulated_ms / 1'000));
  if (digests) std::printf(", digest %016llx", wide(outcome.digest));
  std::printf("\n");
  if (!outcome.violation.empty()) {
    std::printf("seed %llu: VIOLATION %s\n", wide(outcome.seed), outcome.violation.c_str());
  }
  std::fflush(stdout);
}

void print(const Faults::Counts& counts) {
  std::printf("fired:");
  for (std::size_t i = 0; i < kFaults; ++i) {
    std::printf(" %s=%llu", std::string(kFaultNames[i]).c_str(), wide(counts[i]));
  }
  std::printf("\n");
}

}  // namespace

Outcome run_seed(const Options& options, std::uint64_t seed, const World::MakeServer& make_server) {
  World world(World::Config{seed, options.ops, options.without, options.verbose}, make_server);
  Outcome outcome;
  outcome.seed = seed;
  try {
    world.run();
  } catch (const Violation& violation) {
    outcome.violation = violation.what();
  } catch (const std::exception& broken) {  // an invariant of the run's own parts
    outcome.violation = std::string("broken: ") + broken.what();
  }
  outcome.steps = world.steps();
  outcome.digest = world.digest();
  outcome.predictions = world.predictions();
  outcome.reads_failed = world.reads_failed();
  outcome.simulated_ms = world.simulated_ms();
  outcome.faults = world.faults();
  return outcome;
}

// Of a long and sound run: a fault that never fired was not tested.
bool all_fired(const Options& options, const Faults::Counts& counts) {
  constexpr std::uint64_t kEnoughSeeds = 200;
  if (options.last - options.first + 1 < kEnoughSeeds) return true;
  bool all = true;
  for (std::size_t i = 0; i < kFaults; ++i) {
    if (counts[i] != 0 || ((options.without >> i) & 1) != 0) continue;
    std::printf("the fault %s never fired\n", std::string(kFaultNames[i]).c_str());
    all = false;
  }
  return all;
}

bool run_seeds(const Options& options, const World::MakeServer& make_server) {
  auto started = std::chrono::steady_clock::now();
  std::clock_t cpu_started = std::clock();
  std::uint64_t steps = 0;
  Faults::Counts faults{};
  bool found = false;
  for (std::uint64_t seed = options.first; seed <= options.last && !found; ++seed) {
    Outcome outcome = run_seed(options, seed, make_server);
    steps += outcome.steps;
    add(faults, outcome.faults);
    found = !outcome.violation.empty();
    print(outcome, options.digests);
  }
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  double cpu_s = static_cast<double>(std::clock() - cpu_started) / CLOCKS_PER_SEC;
  print(faults);
  std::printf(
      "%llu steps, %.0f steps/s, %.0f a second of the processor's time, server %s, commit %s%s\n",
      wide(steps), static_cast<double>(steps) / took.count(), static_cast<double>(steps) / cpu_s,
      options.server.c_str(), options.commit.empty() ? "unknown" : options.commit.c_str(),
      found ? "" : ", no violation");
  return !found && all_fired(options, faults);
}

}  // namespace godwit::sim
