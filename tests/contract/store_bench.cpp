// Stored messages a second through Service::submit, without a network:
//   godwit_store_bench DIR [messages] [in flight] [chats]
// DIR must be on the disk that is measured. One tempId in twenty is a repeat. Afterwards the rows
// are counted and each log's head checked, so that the figure is of work that was done.
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <mutex>

#include "server/app/service.h"
#include "server/app/writer.h"
#include "shared/base/hash.h"

namespace godwit::server {
namespace {

struct Load {
  std::uint64_t messages = 200'000;
  std::uint64_t in_flight = 64;
  std::uint64_t chats = 200;
};

// Counts what is in flight and lets the sender wait for room.
class Window {
 public:
  explicit Window(std::uint64_t max) : max_(max) {}
  void enter() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return in_flight_ < max_; });
    ++in_flight_;
  }
  void leave() {
    std::lock_guard lock(mutex_);
    if (in_flight_-- == max_) room_.notify_one();
  }
  void drain() {
    std::unique_lock lock(mutex_);
    max_ = 1;
    room_.wait(lock, [this] { return in_flight_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable room_;
  std::uint64_t in_flight_ = 0;
  std::uint64_t max_;
};

std::vector<UserId> make_people(Service& service, std::uint64_t count) {
  std::vector<UserId> people;
  for (std::uint64_t i = 0; i < count; ++i) {
    Status status = service.writer().run_and_wait([&](WriteContext& context) {
      UserRow row;
      row.user_id = UserId{context.next_id()};
      row.username = "bench" + row.user_id.str();
      context.store.insert_user(row, row.username);
      people.push_back(row.user_id);
      return Status::ok();
    });
    GODWIT_CHECK(status.is_ok());
  }
  return people;
}

std::string temp_id_of(std::uint64_t number) {
  // As random as a UUID: the worst case for the index.
  char text[40];
  std::uint64_t mixed = mix64(number);
  std::snprintf(text, sizeof text, "%08x-%04x-4%03x-8%03x-%012llx",
                static_cast<unsigned>(mixed >> 32), static_cast<unsigned>(mixed >> 16) & 0xFFFFu,
                static_cast<unsigned>(mixed) & 0xFFFu, static_cast<unsigned>(number) & 0xFFFu,
                static_cast<unsigned long long>(mix64(mixed) & 0xFFFFFFFFFFFFULL));
  return text;
}

void run(Service& service, const Load& load) {
  const auto people = make_people(service, load.chats * 2);
  std::vector<ChatId> chats;
  for (std::uint64_t i = 0; i < load.chats; ++i) {
    CreateChat create{"", ChatType::kDirect, "", {people[2 * i + 1]}};
    chats.push_back(service.submit_and_wait(people[2 * i], std::move(create)).chat_id);
  }
  const ServiceStats before = service.stats();
  Window window(load.in_flight);
  const std::string text(120, 'x');
  std::clock_t cpu = std::clock();
  Clock clock;
  const Instant begin = clock.steady();
  for (std::uint64_t i = 0; i < load.messages; ++i) {
    const std::uint64_t number = i % 20 == 19 ? i - 7 : i;
    const std::uint64_t chat = number % load.chats;
    SendMessage send{
        temp_id_of(number), chats[chat], Content{ContentType::kText, text, {}}, {}, {}};
    window.enter();
    service.submit(people[2 * chat], std::move(send), nullptr, 0,
                   [&window](const Outcome& outcome) {
                     GODWIT_CHECK(outcome.is_ok());
                     window.leave();
                   });
  }
  window.drain();
  const double seconds = static_cast<double>(clock.steady().ms - begin.ms) / 1'000;
  const double cpu_us = static_cast<double>(std::clock() - cpu) * 1e6 / CLOCKS_PER_SEC;
  const ServiceStats after = service.stats();
  const std::uint64_t stored = after.messages_stored - before.messages_stored;
  std::uint64_t heads = 0;
  for (std::uint64_t i = 0; i < load.chats; ++i) {
    auto state = service.reads().ask<ChatState>(
        [&](Queries& queries) { return queries.chat_state(people[2 * i], chats[i]); });
    GODWIT_CHECK(state.is_ok());
    heads += state->head.value - 1;
  }
  GODWIT_CHECK(heads == stored);
  const double batches = static_cast<double>(after.batches - before.batches);
  std::printf(
      "%.0f stored messages/s, %llu in flight, %llu chats: %llu stored, %llu repeats, "
      "%.1f a commit, %.1f CPU-us a message\n",
      static_cast<double>(stored) / seconds, static_cast<unsigned long long>(load.in_flight),
      static_cast<unsigned long long>(load.chats), static_cast<unsigned long long>(stored),
      static_cast<unsigned long long>(after.operations_duplicate - before.operations_duplicate),
      static_cast<double>(load.messages) / batches, cpu_us / static_cast<double>(load.messages));
}

}  // namespace
}  // namespace godwit::server

int main(int argc, char** argv) {
  using namespace godwit::server;
  if (argc < 2) {
    std::fprintf(stderr, "usage: godwit_store_bench DIR [messages] [in flight] [chats]\n");
    return 2;
  }
  Load load;
  if (argc > 2) load.messages = std::strtoull(argv[2], nullptr, 10);
  if (argc > 3) load.in_flight = std::strtoull(argv[3], nullptr, 10);
  if (argc > 4) load.chats = std::strtoull(argv[4], nullptr, 10);
  Config config;
  config.storage.data_dir = argv[1];
  godwit::server::Clock clock;
  auto service = Service::open(config, clock);
  if (!service) {
    std::fprintf(stderr, "%s\n", service.error().detail.c_str());
    return 1;
  }
  run(**service, load);
  return 0;
}
