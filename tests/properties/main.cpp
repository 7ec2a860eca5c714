// GODWIT_BREAK names a deliberate mistake (shared/base/mutation.h) to make, to see it found.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "shared/base/mutation.h"

int main(int argc, char** argv) {
  if (const char* name = std::getenv("GODWIT_BREAK")) {
    auto mutation = godwit::mutation_named(name);
    if (!mutation) {
      std::cerr << "GODWIT_BREAK names no mutation: " << name << "\n";
      return 2;
    }
    godwit::active_mutation = *mutation;
  }
  return Catch::Session().run(argc, argv);
}
