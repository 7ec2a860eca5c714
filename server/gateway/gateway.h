// The meaning of `/ws` (protocol.md, "WebSocket"): lets connections in, takes their frames to the
// use cases, and sends what the writer committed to everyone it concerns.
//
// Threads: everything runs on the edge's I/O thread, except what says otherwise. The database is
// read on the service's pool and written by its writer; both come back by Executor::post, the
// writer with one post a batch. So nothing here is locked.
//
// Order of ends: stop the edge (no more work is run), then the service (its threads are gone), then
// destroy this; the executor and the service outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "server/app/service.h"
#include "server/auth/accounts.h"
#include "server/bus/bus.h"
#include "server/edge/socket.h"
#include "server/gateway/client_connection.h"
#include "server/gateway/commit_collector.h"
#include "server/gateway/fan_out.h"
#include "server/gateway/gateway_env.h"
#include "server/gateway/presence_board.h"
#include "server/gateway/receipts_board.h"
#include "server/gateway/registry.h"
#include "server/gateway/typing_board.h"

namespace godwit::server {

// What the gateway is made of. All of it outlives the gateway.
struct GatewayParts {
  Executor& executor;
  const Clock& clock;
  Service& service;
  Bus& bus;
  GatewayCounters& counters;
};

// Who comes: Accounts, or a test's.
struct GatewayAuth {
  // Called on a thread of the read pool; may read the disk.
  std::function<Result<Identity>(std::string_view token)> verify;
  // Any thread; memory only.
  std::function<bool(SessionId session_id)> is_live;
};

struct GatewayOptions {
  GatewayConfig config;
  std::string core_version;  // told in `welcome`
};

class Gateway final : public SocketAcceptor, private ConnectionHost {
 public:
  Gateway(const GatewayParts& parts, GatewayAuth auth, GatewayOptions options);
  ~Gateway() override;
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // For Service::set_sink: what is committed, by whichever door it came, fans out from here.
  CommitSink& sink() { return collector_; }

  // Starts the periodic check. I/O thread, or before it runs.
  void start();

  void upgrade(UpgradeRequest request, std::function<void(UpgradeAnswer)> answer) override;

  // The session is over: its sockets close with 4001. Any thread.
  void session_ended(SessionId session_id, UserId user_id);

  // Whom the person may see has changed (a block, its end). Any thread.
  void people_changed(UserId user_id);

  // The server is going down: lets nobody in any more and has the last seen of everybody stored.
  // The edge then closes the connections with 1012. I/O thread.
  void drain();

  // Open connections, those without hello too. I/O thread.
  std::size_t connections() const { return registry_.size(); }

  // Any thread.
  const GatewayStats& stats() const { return env_.stats; }

 private:
  struct Consume;
  struct Hear;
  // What letting a person in, and the periodic check, read.
  struct Standing {
    std::map<ChatId, Seq> heads;
    Peers peers;
  };

  // ConnectionHost
  ConnectionId connection_opened(ClientConnection& connection) override;
  void connection_entering(ClientConnection& connection) override;
  void connection_entered(ClientConnection& connection) override;
  void connection_closed(ClientConnection& connection) override;
  std::int64_t operation_wait_ms(UserId user_id) override;
  std::int64_t sync_wait_ms(UserId user_id) override;
  void submit(ClientConnection& connection, Operation operation, OrderGate::Ticket ticket) override;
  void read_sync(ClientConnection& connection, SyncLane::Wanted wanted) override;
  void mark(ClientConnection& connection, const MarkPosition& position) override;
  void typing(ClientConnection& connection, const Typing& typing) override;
  void presence_changed(ClientConnection& connection) override;
  Seq fanned_out(ChatId chat_id) const override { return fan_out_.last_of(chat_id); }

  UpgradeAnswer admit(const Result<Identity>& identity);
  void read_standing(UserId user_id, std::function<void(Result<Standing>)> done);
  void let_in(ConnectionId id, Result<Standing> standing);
  bool read_log(ChatId chat_id, Seq after, std::function<void(std::optional<LogPiece>)> done);
  void with_roster(ChatId chat_id, std::function<void(const RosterPtr&)> use);
  void tell_typing(UserId user_id, const Typing& typing);
  void deliver_item(const CommittedItem& entry);
  void membership_changed(const std::vector<Member>& members);
  void refresh_people(UserId user_id);
  void hear(const BusNote& note);
  void close_session(SessionId session_id, UserId user_id);
  void check_some();

  const GatewayParts parts_;
  const GatewayAuth auth_;
  GatewayEnv env_;
  Registry registry_;
  CommitCollector collector_;
  FanOut fan_out_;
  ReceiptsBoard receipts_;
  TypingBoard typing_;
  PresenceBoard presence_;
  RateTable operation_rates_;
  RateTable sync_rates_;
  std::map<ConnectionId, Peers> peers_to_tell_;  // between letting in and the welcome
  std::set<UserId> connected_;                   // people, to check in turn
  UserId checked_last_;
  Executor::TimerId check_timer_ = 0;
  bool draining_ = false;
};

}  // namespace godwit::server
