// Everything of a server that ends with its process: the service over an open store, the gateway,
// its clock, its loop and its connections. One thread steps all of it; nothing happens by itself.
//
// What a stranger decides stays decided here: a token is the person's id, and is always valid.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/app/service.h"
#include "server/bus/local_bus.h"
#include "server/gateway/gateway.h"
#include "server/store/sqlite_store.h"
#include "tests/simulation/server/sim_server.h"
#include "tests/simulation/server/store/sim_socket.h"
#include "tests/simulation/server/store/stepped_executor.h"

namespace godwit::sim {

// Hears of what was stored before the gateway does, and may keep an event from it, as if another
// node had stored it and its note had been lost.
class CommitTap final : public server::CommitSink {
 public:
  using Hears = std::function<bool(const std::string& temp_id)>;  // false: it is lost

  CommitTap(server::CommitSink& next, Hears hears) : next_(next), hears_(std::move(hears)) {}
  void on_event(const ChatEvent& event, const Audience& audience) override {
    if (hears_(event.temp_id)) next_.on_event(event, audience);
  }
  void on_private_item(UserId user_id, const PrivateItem& item, std::string_view temp_id) override {
    (void)hears_(std::string(temp_id));
    next_.on_private_item(user_id, item, temp_id);
  }
  void on_receipts(ChatId chat_id, UserId user_id, Seq delivered, Seq read,
                   const RosterPtr& roster) override {
    next_.on_receipts(chat_id, user_id, delivered, read, roster);
  }
  void on_batch_end() override { next_.on_batch_end(); }

 private:
  server::CommitSink& next_;
  Hears hears_;
};

class ServerProcess {
 public:
  struct Parts {
    std::unique_ptr<server::SteppedStore> store;
    server::Config config;
    CommitTap::Hears hears;
    std::vector<Outgoing>* outbox = nullptr;  // outlives the process
  };
  // Nothing of it happens before `now`.
  static Result<std::unique_ptr<ServerProcess>> start(Parts parts, Moment now);
  // Ends at once, as by kill -9: nothing is finished, nobody is told.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  void set_now(Moment now);
  // The upgrade's answer takes reads to find; the caller steps until it is there.
  void connect(ConnId conn, UserId user_id);
  void disconnect(ConnId conn);
  void receive(ConnId conn, const std::string& text);

  SteppedExecutor& executor() { return executor_; }
  server::Service& service() { return *service_; }
  server::SteppedStore& store() { return store_; }

 private:
  struct SteppedClock final : server::Clock {
    Timestamp now() const override { return moment.wall; }
    Instant steady() const override { return moment.steady; }
    Moment moment;
  };
  struct Uncounted final : server::GatewayCounters {
    void frame_received(std::string_view) override {}
    void frame_sent(std::string_view, std::uint64_t) override {}
    void error_sent(Code) override {}
  };

  ServerProcess(server::SteppedStore& store, std::vector<Outgoing>& outbox)
      : store_(store), outbox_(outbox) {}
  void answer_upgrade(ConnId conn, server::UpgradeAnswer answer);

  server::SteppedStore& store_;  // owned by the service
  std::vector<Outgoing>& outbox_;
  SteppedClock clock_;
  SteppedExecutor executor_;
  Uncounted counters_;
  server::LocalMedium medium_;
  std::unique_ptr<server::LocalBus> bus_;
  std::unique_ptr<server::Service> service_;
  std::unique_ptr<server::Gateway> gateway_;
  std::unique_ptr<CommitTap> tap_;
  std::map<ConnId, std::shared_ptr<SimSocket>> sockets_;
};

}  // namespace godwit::sim
