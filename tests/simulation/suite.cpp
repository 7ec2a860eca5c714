// holds: SI1 SI2 SI3
// The suite that the tests run. Each mutation is tried in a process of its own: one that makes a
// broken invariant abort the process is caught by that.
#include <cstdio>
#include <cstdlib>
#ifndef __EMSCRIPTEN__
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "tests/simulation/runs.h"

namespace godwit::sim {
namespace {

constexpr std::uint64_t kSuiteSeeds = 200;
constexpr std::uint64_t kSqliteSeeds = 20;
constexpr std::uint64_t kRepeatedSeeds = 3;

class Tally {
 public:
  void note(bool fine, const std::string& what) {
    fine ? ++passed_ : ++failed_;
    std::printf("%s  %s\n", fine ? "ok    " : "FAILED", what.c_str());
    std::fflush(stdout);
  }
  bool close() const {
    std::printf("%d passed, %d failed\n", passed_, failed_);
    return failed_ == 0;
  }

 private:
  int passed_ = 0;
  int failed_ = 0;
};

void note(Tally& tally, const Outcome& outcome, const std::string& server) {
  tally.note(outcome.violation.empty(),
             "[SI1] seed " + std::to_string(outcome.seed) + " with " + server + ": " +
                 (outcome.violation.empty() ? std::to_string(outcome.steps) + " steps"
                                            : outcome.violation));
}

void run_many(Tally& tally, const Options& options, const World::MakeServer& make_server,
              std::uint64_t count) {
  Faults::Counts fired{};
  std::uint64_t reads_failed = 0;
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    Outcome outcome = run_seed(options, seed, make_server);
    reads_failed += outcome.reads_failed;
    for (std::size_t i = 0; i < kFaults; ++i) fired[i] += outcome.faults[i];
    note(tally, outcome, options.server);
  }
  if (options.server == "sqlite") {
    tally.note(reads_failed > 0, "[SI3] the server's disk failed over a read " +
                                     std::to_string(reads_failed) + " times");
  }
  if (count < kSuiteSeeds) return;
  for (std::size_t i = 0; i < kFaults; ++i) {
    tally.note(fired[i] > 0, "[SI3] the fault " + std::string(kFaultNames[i]) + " fired " +
                                 std::to_string(fired[i]) + " times");
  }
}

void run_kept(Tally& tally, const Options& options, const World::MakeServer& make_server) {
  if (options.seeds_file.empty()) return;
  auto seeds = read_seeds(options.seeds_file);
  if (!seeds) return tally.note(false, seeds.error().detail);
  for (std::uint64_t seed : *seeds)
    note(tally, run_seed(options, seed, make_server), options.server);
}

#ifndef __EMSCRIPTEN__
constexpr std::uint64_t kMutationSeedsMax = 1'000;

// The seed that caught it; 0: none did.
std::uint64_t caught_by(const Options& options, Mutation mutation,
                        const World::MakeServer& make_server) {
  for (std::uint64_t seed = 1; seed <= kMutationSeedsMax; ++seed) {
    std::fflush(nullptr);
    pid_t child = fork();
    if (child == 0) {
      active_mutation = mutation;
      if (std::freopen("/dev/null", "w", stderr) == nullptr) std::_Exit(0);
      std::_Exit(run_seed(options, seed, make_server).violation.empty() ? 0 : 1);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) return 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return seed;
  }
  return 0;
}

bool of_server(Mutation mutation) {
  switch (mutation) {
    case Mutation::kAckBeforeCommit:
    case Mutation::kDedupeOff:
    case Mutation::kGateOff:
    case Mutation::kSeqBeforeDecision:
    case Mutation::kEpochKeptByRestore:
      return true;
    default:
      return false;
  }
}

void try_mutation(Tally& tally, const Options& options, const NamedMutation& one,
                  const World::MakeServer& make_server) {
  std::uint64_t seed = caught_by(options, one.mutation, make_server);
  tally.note(seed != 0,
             "[SI2] the mutation " + std::string(one.name) + " with " + options.server +
                 (seed != 0 ? " is caught by seed " + std::to_string(seed) : " is not caught"));
}

void run_mutations(Tally& tally, const Options& options, const World::MakeServer& make_server) {
  for (const NamedMutation& one : kMutations) try_mutation(tally, options, one, make_server);
}

// Those that sit in the server's own code, where the model has code of its own.
void run_server_mutations(Tally& tally, const Options& options,
                          const World::MakeServer& make_server) {
  for (const NamedMutation& one : kMutations) {
    if (of_server(one.mutation)) try_mutation(tally, options, one, make_server);
  }
}
#endif

}  // namespace

bool run_suite(const Options& options, const World::MakeServer& model,
               const World::MakeServer& sqlite) {
  Tally tally;
  run_many(tally, options, model, kSuiteSeeds);
  run_kept(tally, options, model);
  if (!options.commit.empty()) {
    std::uint64_t seed = fnv1a64(options.commit) >> 16;
    note(tally, run_seed(options, seed, model), options.server);
  }
  for (std::uint64_t seed = 1; seed <= kRepeatedSeeds; ++seed) {
    bool same = run_seed(options, seed, model).digest == run_seed(options, seed, model).digest;
    tally.note(same, "[SI1] seed " + std::to_string(seed) + " repeats byte for byte");
  }
  if (sqlite) {
    Options stored = options;
    stored.server = "sqlite";
    run_many(tally, stored, sqlite, kSqliteSeeds);
    run_kept(tally, stored, sqlite);
#ifndef __EMSCRIPTEN__
    run_server_mutations(tally, stored, sqlite);
#endif
  }
#ifndef __EMSCRIPTEN__
  run_mutations(tally, options, model);
#endif
  return tally.close();
}

}  // namespace godwit::sim
