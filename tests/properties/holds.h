// Asks RapidCheck whether a property holds, from seeds that can be had again: one that never
// changes, and one that the commit decides (GODWIT_COMMIT_SEED, which scripts/test sets). With
// RC_PARAMS, as a failure prints it, that run alone is made again.
#pragma once

#include <rapidcheck.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace godwit::properties {

inline std::vector<std::uint64_t> seeds_of_run() {
  std::vector<std::uint64_t> seeds{20'261'121};
  if (const char* commit = std::getenv("GODWIT_COMMIT_SEED")) {
    seeds.push_back(std::strtoull(commit, nullptr, 10));
  }
  return seeds;
}

template <typename Testable>
bool holds_with(const rc::detail::TestParams& params, const Testable& property) {
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata{}, params);
  if (result.template is<rc::detail::SuccessResult>()) return true;
  rc::detail::printResultMessage(result, std::cerr);
  std::cerr << "\nthe same again: RC_PARAMS='seed=" << params.seed
            << " max_success=" << params.maxSuccess << "'\n";
  return false;
}

// `runs` cases from each seed.
template <typename Testable>
bool holds(int runs, const Testable& property) {
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  if (std::getenv("RC_PARAMS") != nullptr) return holds_with(params, property);
  params.maxSuccess = runs;
  for (std::uint64_t seed : seeds_of_run()) {
    params.seed = seed;
    if (!holds_with(params, property)) return false;
  }
  return true;
}

}  // namespace godwit::properties
