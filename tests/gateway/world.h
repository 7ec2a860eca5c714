// A whole server without its network: the real use cases on a folder of their own, the gateway, and
// clients at fake sockets. Two gateways can stand on one service, as two nodes on one database: the
// second hears of commits only by the bus.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/app/service.h"
#include "server/auth/accounts.h"
#include "server/bus/local_bus.h"
#include "server/gateway/gateway.h"
#include "tests/gateway/fake_client.h"
#include "tests/gateway/manual_executor.h"

namespace godwit::server {

struct CountingCounters final : GatewayCounters {
  void frame_received(std::string_view) override { ++received; }
  void frame_sent(std::string_view, std::uint64_t recipients) override { sent += recipients; }
  void error_sent(Code) override { ++errors; }
  std::atomic<std::uint64_t> received{0}, sent{0}, errors{0};
};

class World {
 public:
  explicit World(GatewayConfig gateway = {}, WriterConfig writer = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  UserId person(const std::string& name);
  ChatId direct(UserId one, UserId other);
  ChatId group(UserId owner, std::vector<UserId> others);

  // A connection that has said nothing yet. `session`: whose end closes it; 0: one of its own.
  FakeClient& dial(UserId user_id, std::uint64_t session = 0, bool second_node = false);
  // One that has its welcome.
  FakeClient& enter(UserId user_id, bool second_node = false);
  void end_session(std::uint64_t session);

  // Runs posted work, and waits for more, until `is_so`. False: it never came.
  bool until(const std::function<bool()>& is_so);
  // Everything that was asked of the writer and the readers before this has been answered and run.
  void settle();

  Gateway& open_second_node();

  ManualExecutor executor;
  Clock clock;
  CountingCounters counters;
  LocalMedium medium;
  std::unique_ptr<Service> service;
  std::unique_ptr<Gateway> gateway;

 private:
  std::unique_ptr<Gateway> make_gateway(Bus& bus);

  std::string folder_;
  Config config_;
  std::unique_ptr<LocalBus> bus_;
  std::unique_ptr<LocalBus> second_bus_;
  std::unique_ptr<Gateway> second_;
  std::vector<std::unique_ptr<FakeClient>> clients_;
  std::set<std::uint64_t> ended_;
  std::uint64_t last_session_ = 1'000;
};

// Frames that tests say.
SendMessage text(ChatId chat_id, const std::string& temp_id, const std::string& words);
Hello hello(const std::string& epoch = {});
SyncRequest sync_from(const std::string& request_id, std::map<ChatId, Seq> chats);

}  // namespace godwit::server
