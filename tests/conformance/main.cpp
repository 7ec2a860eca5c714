// holds: CN1 CN2 DD2 DD7 EP3 MG1 MG4 MG5 MG6 MG7 OB1 OB2 OB3 OB4 OB5 OB6 OB7 OB8 OB9 OR4 OR5 OR7
// holds: OR8 OV1 OV3 OV4 OV5 PV1 PV3 RC1 RC2 RC3 RC5 SI4 SI5 SI6 ST3 ST4 ST5 ST7 ST8 SY2 SY6 SY7
// holds: SY8
//
// Runs conformance vectors:   godwit_conformance [--write] [--hashes] [--record TRACE] [FILE…]
// or replays a trace:         godwit_conformance --replay TRACE
// Without files those of tests/conformance. --write puts what the core answers now into the files;
// --hashes prints each step's state hash; --record saves a vector's events as a trace; --replay
// prints the state hash after each step of one. Ends with `N passed, N failed`; exit 1 where one
// did not hold, 2 where one is malformed or cannot be read. Built natively and, for Node, as
// WebAssembly.
#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "shared/trace/replay.h"
#include "tests/conformance/vector.h"

namespace {

using godwit::conformance::Outcome;

std::vector<std::string> own_files() {
  const std::string folder = GODWIT_CONFORMANCE;
  std::vector<std::string> files;
  if (DIR* entries = ::opendir(folder.c_str())) {
    while (const dirent* entry = ::readdir(entries)) {
      std::string name = entry->d_name;
      if (name.size() > 5 && name.substr(name.size() - 5) == ".json") {
        files.push_back(folder + "/" + name);
      }
    }
    ::closedir(entries);
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::optional<std::string> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  struct stat about {};
  bool readable = file && ::stat(path.c_str(), &about) == 0 && !S_ISDIR(about.st_mode);
  if (!readable) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

struct Run {
  bool write = false;
  bool hashes = false;
  std::string record;
  int passed = 0;
  int failed = 0;
  bool malformed = false;

  void take(const std::string& path);
};

void Run::take(const std::string& path) {
  std::optional<std::string> text = read(path);
  Outcome outcome;
  outcome.detail = "cannot be read";
  if (text) outcome = godwit::conformance::run_vector(*text);
  if (outcome.kind == Outcome::Kind::kMalformed) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), outcome.detail.c_str());
    malformed = true;
    ++failed;
    return;
  }
  if (write && outcome.written != *text) {
    std::ofstream(path, std::ios::binary) << outcome.written;
    std::printf("wrote   %s\n", path.c_str());
    return;
  }
  if (!record.empty()) std::ofstream(record, std::ios::binary) << outcome.trace;
  bool held = outcome.kind == Outcome::Kind::kHeld;
  std::printf("%s  %s\n", held ? "ok    " : "FAILED", outcome.title.c_str());
  if (!held) std::printf("%s: %s\n", path.c_str(), outcome.detail.c_str());
  if (hashes) std::fputs(outcome.hashes.c_str(), stdout);
  (held ? passed : failed) += 1;
}

int replay(const std::string& path) {
  std::optional<std::string> trace = read(path);
  godwit::Replay replay = godwit::replay_trace(trace.value_or(""), std::nullopt);
  if (replay.outcome == godwit::Replay::Outcome::kMalformed) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), replay.text.c_str());
    return 2;
  }
  for (std::uint64_t hash : replay.hashes) {
    std::printf("%016llx\n", static_cast<unsigned long long>(hash));
  }
  return replay.outcome == godwit::Replay::Outcome::kSame ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Run run;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (word == "--write") {
      run.write = true;
    } else if (word == "--hashes") {
      run.hashes = true;
    } else if (word == "--replay" && i + 1 < argc) {
      return replay(argv[i + 1]);
    } else if (word == "--record" && i + 1 < argc) {
      run.record = argv[++i];
    } else {
      files.push_back(std::move(word));
    }
  }
  if (files.empty()) files = own_files();
  for (const std::string& path : files) run.take(path);
  std::printf("%d passed, %d failed\n", run.passed, run.failed);
  if (run.malformed) return 2;
  return run.failed == 0 ? 0 : 1;
}
