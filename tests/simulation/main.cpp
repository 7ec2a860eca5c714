// The simulator's program; scripts/sim starts it.
#include <cstdio>
#include <cstdlib>
#include <memory>
#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "tests/simulation/runs.h"
#include "tests/simulation/server/model_server.h"
#ifdef GODWIT_SIM_STORE
#include "tests/simulation/server/store_server.h"
#endif

namespace {

using godwit::sim::Options;
using godwit::sim::World;

World::MakeServer model_servers() {
  return [](std::uint64_t seed, const std::string& epoch) {
    return std::make_unique<godwit::sim::ModelServer>(seed, epoch);
  };
}

World::MakeServer sqlite_servers() {
#ifdef GODWIT_SIM_STORE
  return [](std::uint64_t seed, const std::string& epoch) {
    return godwit::sim::make_store_server(seed, epoch);
  };
#else
  return nullptr;
#endif
}

#ifdef __GLIBC__
// A world walks over more memory than the processor has addresses of small pages at hand for: the
// heap as it is after it grew by what mallopt() was told becomes large ones, where the kernel has
// such.
void use_large_pages() {
  constexpr std::uintptr_t kPageBytes = 2 * 1024 * 1024;
  void* grown = std::malloc(kPageBytes);
  auto from = (reinterpret_cast<std::uintptr_t>(grown) + kPageBytes - 1) / kPageBytes * kPageBytes;
  auto to = reinterpret_cast<std::uintptr_t>(sbrk(0));
  if (from < to) (void)madvise(reinterpret_cast<void*>(from), to - from, MADV_HUGEPAGE);
  std::free(grown);
}
#endif

// Worlds come and go by the hundred: what one gives back the next one takes, without the kernel.
void keep_memory() {
#ifdef __GLIBC__
  constexpr int kKeptBytes = 64 * 1024 * 1024;
  mallopt(M_TRIM_THRESHOLD, kKeptBytes);
  mallopt(M_MMAP_THRESHOLD, kKeptBytes / 2);  // the most that glibc takes
  mallopt(M_TOP_PAD, kKeptBytes);
  use_large_pages();
#endif
}

void list_mutations() {
  for (const auto& one : godwit::kMutations) {
    std::printf("%-36s %s\n", std::string(one.name).c_str(), std::string(one.what).c_str());
  }
}

void list_faults() {
  for (std::string_view name : godwit::sim::kFaultNames) {
    std::printf("%s\n", std::string(name).c_str());
  }
}

// As scripts/test starts it: from the checkout's root, with the commit's seed.
void take_suite_defaults(Options& options) {
  const char* seed = std::getenv("GODWIT_COMMIT_SEED");
  if (options.commit.empty() && seed != nullptr) options.commit = seed;
  if (options.seeds_file.empty()) options.seeds_file = "tests/simulation/seeds.txt";
}

// 0: nothing was found; 1: a violation; 2: this build cannot do what was asked for.
int run_seeds(const Options& options) {
#ifdef GODWIT_MUTATIONS
  godwit::active_mutation = options.mutation;
#else
  if (options.mutation != godwit::Mutation::kNone) {
    std::fprintf(stderr, "this build is the one that is shipped: nothing in it can be broken\n");
    return 2;
  }
#endif
  auto make_server = options.server == "sqlite" ? sqlite_servers() : model_servers();
  if (!make_server) {
    std::fprintf(stderr, "this build has no SQLite store; --server model\n");
    return 2;
  }
  return godwit::sim::run_seeds(options, make_server) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  keep_memory();
  auto options = godwit::sim::parse_options({argv + 1, argv + argc});
  if (!options) {
    std::fprintf(stderr, "%s\n", options.error().detail.c_str());
    return 2;
  }
  switch (options->task) {
    case Options::Task::kHelp:
      std::printf("%s", godwit::sim::usage().c_str());
      return 0;
    case Options::Task::kListMutations:
      list_mutations();
      return 0;
    case Options::Task::kListFaults:
      list_faults();
      return 0;
    case Options::Task::kSeeds:
      return run_seeds(*options);
    case Options::Task::kSuite:
      take_suite_defaults(*options);
      if (auto seeds = godwit::sim::read_seeds(options->seeds_file); !seeds) {
        std::fprintf(stderr, "%s\n", seeds.error().detail.c_str());
        return 2;
      }
      return godwit::sim::run_suite(*options, model_servers(), sqlite_servers()) ? 0 : 1;
  }
  return 2;
}
