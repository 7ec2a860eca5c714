// The server's own code over a disk that loses what was not synced: its gateway, its writer and
// readers, its SQLite store; see store/stepped_server.h. Only in native builds.
#pragma once

#include <memory>
#include <string>

#include "tests/simulation/server/sim_server.h"

namespace godwit::sim {

std::unique_ptr<SimServer> make_store_server(std::uint64_t seed, const std::string& epoch);

}  // namespace godwit::sim
