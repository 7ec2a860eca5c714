#include "tests/simulation/options.h"

#include <sys/stat.h>

#include <charconv>
#include <fstream>
#include <optional>

#include "tests/simulation/faults.h"

namespace godwit::sim {
namespace {

constexpr std::uint64_t kSeedsMax = 10'000'000;  // in one run

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Error bad(const std::string& detail) { return Error{Code::kBadFrame, detail}; }

Status take_seeds(Options& options, const std::string& value) {
  std::size_t dots = value.find("..");
  auto first = number(value.substr(0, dots));
  auto last = dots == std::string::npos ? first : number(value.substr(dots + 2));
  bool fine = first && last && *first <= *last && *last - *first < kSeedsMax;
  if (!fine) return bad("--seeds wants A..B with A <= B, or one number, not \"" + value + "\"");
  options.task = Options::Task::kSeeds;
  options.first = *first;
  options.last = *last;
  return Status::ok();
}

Status take_mutation(Options& options, const std::string& value) {
  if (value == "list") {
    options.task = Options::Task::kListMutations;
    return Status::ok();
  }
  auto mutation = mutation_named(value);
  if (!mutation) {
    std::string known;
    for (const NamedMutation& one : kMutations) known += "\n  " + std::string(one.name);
    return bad("no mutation is called \"" + value + "\". Known are:" + known);
  }
  options.mutation = *mutation;
  return Status::ok();
}

Status take_without(Options& options, const std::string& value) {
  if (value == "list") {
    options.task = Options::Task::kListFaults;
    return Status::ok();
  }
  auto fault = fault_named(value);
  if (!fault) {
    std::string known;
    for (std::string_view one : kFaultNames) known += "\n  " + std::string(one);
    return bad("no fault is called \"" + value + "\". Known are:" + known);
  }
  options.without |= 1u << static_cast<unsigned>(*fault);
  return Status::ok();
}

Status take_value(Options& options, const std::string& name, const std::string& value) {
  if (name == "--seeds" || name == "--seed") return take_seeds(options, value);
  if (name == "--break") return take_mutation(options, value);
  if (name == "--without") return take_without(options, value);
  if (name == "--commit") options.commit = value;
  if (name == "--seeds-file") options.seeds_file = value;
  if (name == "--ops") {
    auto ops = number(value);
    if (!ops || *ops == 0) return bad("--ops wants a number above 0, not \"" + value + "\"");
    options.ops = *ops;
  }
  if (name == "--server") {
    if (value != "model" && value != "sqlite") {
      return bad("--server is model or sqlite, not \"" + value + "\"");
    }
    options.server = value;
  }
  return Status::ok();
}

bool wants_value(const std::string& name) {
  for (const char* known : {"--seeds", "--seed", "--break", "--without", "--commit", "--seeds-file",
                            "--ops", "--server"}) {
    if (name == known) return true;
  }
  return false;
}

}  // namespace

std::string usage() {
  return "godwit_simulation [--seeds A..B] [--ops N] [--server model|sqlite]\n"
         "    [--break NAME|list] [--without FAULT|list] [--digests] [--verbose]\n"
         "Runs the world of each seed to its end; a violation ends it with 1.\n"
         "Without --seeds: the suite of the tests, [--seeds-file FILE] [--commit HASH].\n";
}

Result<Options> parse_options(const std::vector<std::string>& words) {
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& name = words[i];
    if (name == "--verbose") {
      options.verbose = true;
    } else if (name == "--digests") {
      options.digests = true;
    } else if (name == "--help") {
      options.task = Options::Task::kHelp;
    } else if (!wants_value(name)) {
      return bad("\"" + name + "\" is not known here\n" + usage());
    } else if (i + 1 == words.size()) {
      return bad(name + " wants a value");
    } else if (Status status = take_value(options, name, words[++i]); !status) {
      return status.error();
    }
  }
  bool breaks = options.mutation != Mutation::kNone;
  if (breaks && options.task == Options::Task::kSuite) {
    options.task = Options::Task::kSeeds;
    options.last = 1'000;
  }
  return options;
}

Result<std::vector<std::uint64_t>> read_seeds(const std::string& path) {
  std::ifstream file(path);
  struct stat about {};
  if (!file || ::stat(path.c_str(), &about) != 0 || S_ISDIR(about.st_mode)) {
    return bad(path + " cannot be read");
  }
  std::vector<std::uint64_t> seeds;
  std::string line;
  for (int at = 1; std::getline(file, line); ++at) {
    std::string text = line.substr(0, line.find('#'));
    text.erase(text.find_last_not_of(" \t\r") + 1);
    if (text.empty()) continue;
    auto seed = number(text);
    if (!seed) return bad(path + ":" + std::to_string(at) + ": \"" + text + "\" is no seed");
    seeds.push_back(*seed);
  }
  return seeds;
}

}  // namespace godwit::sim
