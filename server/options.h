// The command line: subcommands and every option, each also an environment variable
// (GODWIT_LISTEN for --listen) and a key of a configuration file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/app/config.h"

namespace godwit::server {

enum class Subcommand : unsigned char { kServe, kInvite, kReplay, kInspect, kVersion };

struct Command {
  Subcommand subcommand = Subcommand::kServe;
  Config config;
  bool demo = false;
  std::string file;                    // kReplay: the trace; kInspect: the segment
  std::optional<std::uint64_t> until;  // kReplay: the step after which to show the state
};

// A command to run, or the status to exit with (help was printed, or the line was wrong and one
// line on stderr says so).
struct ParsedOptions {
  std::optional<Command> command;
  int exit_status = 0;
};

ParsedOptions parse_options(int argc, const char* const* argv);

inline constexpr const char* kVersion = "0.1.0";

}  // namespace godwit::server
