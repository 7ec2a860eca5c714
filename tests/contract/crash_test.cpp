// A server killed with SIGKILL at a random moment, again and again (OR6). The child acknowledges
// each message by writing its name to a pipe after the commit; what came through the pipe must be
// in the database, once.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <map>

#include "shared/base/prng.h"
#include "tests/contract/host.h"

namespace godwit::server {
namespace {

constexpr int kInFlight = 32;
constexpr int kRounds = 6;

struct People {
  UserId ana;
  ChatId chat;
};

// Runs in the child: keeps kInFlight messages in flight for ever, repeating one tempId in ten.
[[noreturn]] void write_for_ever(const std::string& folder, People people, int round, int pipe) {
  Clock clock;
  auto service = Service::open(test_config(folder), clock);
  if (!service) _exit(2);
  std::atomic<int> in_flight{0};
  for (int i = 0;; ++i) {
    while (in_flight.load() >= kInFlight) std::this_thread::yield();
    ++in_flight;
    const int number = i % 10 == 9 ? i - 5 : i;
    const std::string name = std::to_string(round) + "-" + std::to_string(number);
    SendMessage send{name, people.chat, Content{ContentType::kText, name, {}}, {}, {}};
    (*service)->submit(
        people.ana, std::move(send), nullptr, 0, [&in_flight, name, pipe](const Outcome& outcome) {
          const std::string line = name + " " + std::to_string(outcome.seq->value) + "\n";
          if (outcome.is_ok() && ::write(pipe, line.data(), line.size()) < 0) {
            _exit(3);
          }
          --in_flight;
        });
  }
}

// Reads acknowledgements until `enough`, kills the child, reads the rest.
std::map<std::string, std::uint64_t> acknowledged_until_killed(int pipe, pid_t child,
                                                               std::size_t enough) {
  std::string received;
  char buffer[4'096];
  bool killed = false;
  while (true) {
    const ssize_t got = ::read(pipe, buffer, sizeof buffer);
    if (got <= 0) break;
    received.append(buffer, static_cast<std::size_t>(got));
    if (!killed && received.size() > enough) {
      killed = true;
      ::kill(child, SIGKILL);
    }
  }
  std::map<std::string, std::uint64_t> acknowledged;
  std::size_t at = 0;
  while (true) {
    const std::size_t blank = received.find(' ', at);
    const std::size_t end = received.find('\n', at);
    if (blank == std::string::npos || end == std::string::npos) break;
    acknowledged[received.substr(at, blank - at)] =
        std::stoull(received.substr(blank + 1, end - blank - 1));
    at = end + 1;
  }
  return acknowledged;
}

std::map<std::string, std::uint64_t> stored_texts(Host& host, const People& people) {
  std::map<std::string, std::uint64_t> stored;
  HistoryQuery query;
  query.after = Seq{0};
  query.limit = 100;
  std::uint64_t expected = 1;
  while (true) {
    const HistoryPage page = host.history(people.ana, people.chat, query);
    for (const Message& message : page.page.messages) {
      REQUIRE(message.seq.value == expected++);
      if (message.content->type != ContentType::kText) continue;
      REQUIRE(stored.emplace(message.content->text, message.seq.value).second);
    }
    if (!*page.has_more) return stored;
    query.after = page.next_cursor;
  }
}

TEST_CASE(
    "[OR6] after SIGKILL at random moments all that was acknowledged is there, once, without a "
    "gap") {
  TempFolder folder;
  People people;
  Config config = test_config(folder.path());
  {
    Host host(config);
    people.ana = host.person("ana");
    people.chat = host.direct(people.ana, host.person("bo"));
  }
  Prng random(20'261'121);
  std::size_t acknowledged_in_all = 0;
  for (int round = 0; round < kRounds; ++round) {
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(pipe[0]);
      write_for_ever(folder.path(), people, round, pipe[1]);
    }
    ::close(pipe[1]);
    const auto acknowledged =
        acknowledged_until_killed(pipe[0], child, 1'000 + random.below(8'000));
    ::close(pipe[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    acknowledged_in_all += acknowledged.size();
    Host host(config);
    const auto stored = stored_texts(host, people);
    for (const auto& [name, seq] : acknowledged) {
      INFO("round " << round << ", " << name);
      auto found = stored.find(name);
      REQUIRE(found != stored.end());
      REQUIRE(found->second == seq);
    }
  }
  CHECK(acknowledged_in_all > 300);
}

}  // namespace
}  // namespace godwit::server
