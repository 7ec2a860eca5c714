// What a person may ask of the simulator, and what it answers to what it does not know.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/base/mutation.h"
#include "shared/base/result.h"

namespace godwit::sim {

struct Options {
  enum class Task : std::uint8_t { kSuite, kSeeds, kHelp, kListMutations, kListFaults };

  Task task = Task::kSuite;
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  std::uint64_t ops = 0;  // 0: each seed draws its own
  std::string server = "model";
  Mutation mutation = Mutation::kNone;
  std::uint32_t without = 0;  // faults left out, a bit each
  std::string commit;         // names the code in what is printed, and gives the suite one seed
  std::string seeds_file;     // of the suite
  bool digests = false;       // print each run's digest
  bool verbose = false;
};

// Refuses what is not known with a message that names what is.
Result<Options> parse_options(const std::vector<std::string>& words);
std::string usage();

// Seeds that once found something: a number a line, `#` begins a comment. An error names the line.
Result<std::vector<std::uint64_t>> read_seeds(const std::string& path);

}  // namespace godwit::sim
