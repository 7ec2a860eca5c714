// One `/ws` connection: the state machine of protocol.md, "WebSocket".
//
//   opened --hello--> entering --entered()--> open --close--> closed
//
// Frames may follow the hello at once; what comes before the welcome is out waits its turn. Every
// refused frame is answered with an error that leaves the connection open; the tenth bad_frame
// within a minute closes it. What needs others (people, chats, the database) is asked of the
// ConnectionHost. Owned by the edge; I/O thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/app/order_gate.h"
#include "server/app/outcome.h"
#include "server/app/token_bucket.h"
#include "server/auth/accounts.h"
#include "server/edge/socket.h"
#include "server/gateway/gateway_env.h"
#include "server/gateway/sync_lane.h"

namespace godwit::server {

class ClientConnection;

// What a connection asks of the gateway. Outlives every connection. The calls may call the
// connection back before they return.
class ConnectionHost {
 public:
  // Gives the connection its id.
  virtual ConnectionId connection_opened(ClientConnection& connection) = 0;
  // hello was good: entered() follows, once the person's chats and contacts are known; or the
  // connection is closed.
  virtual void connection_entering(ClientConnection& connection) = 0;
  // The welcome is out: presence of contacts may follow it.
  virtual void connection_entered(ClientConnection& connection) = 0;
  virtual void connection_closed(ClientConnection& connection) = 0;

  // 0: the person may do one operation (sync) more now; else the ms until then.
  virtual std::int64_t operation_wait_ms(UserId user_id) = 0;
  virtual std::int64_t sync_wait_ms(UserId user_id) = 0;

  // operation_answered() follows exactly once, unless the connection closes.
  virtual void submit(ClientConnection& connection, Operation operation,
                      OrderGate::Ticket ticket) = 0;
  // sync_read() follows exactly once, unless the connection closes.
  virtual void read_sync(ClientConnection& connection, SyncLane::Wanted wanted) = 0;
  virtual void mark(ClientConnection& connection, const MarkPosition& position) = 0;
  virtual void typing(ClientConnection& connection, const Typing& typing) = 0;
  virtual void presence_changed(ClientConnection& connection) = 0;
  // The last seq of the chat that went to its members; 0: nobody of it is connected.
  virtual Seq fanned_out(ChatId chat_id) const = 0;

 protected:
  ~ConnectionHost() = default;
};

class ClientConnection final : public SocketHandler {
 public:
  ClientConnection(ConnectionHost& host, GatewayEnv& env, const Identity& identity);
  ~ClientConnection() override;
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  // ---- the edge's side (see socket.h) ----
  void opened(Socket& socket) override;
  void received(std::string_view text) override;
  void drained() override;
  void closed(CloseCode code) override;

  // ---- the host's side ----
  // Sends the welcome, lets the host send presence, then handles what waited.
  void entered();
  void operation_answered(OperationKind kind, std::string_view temp_id, const Outcome& outcome);
  void sync_read(std::string_view request_id, Result<PreparedSync> prepared);

  // An event or private item, in the order of its log; held while a sync is under way.
  void deliver(SyncLane::Live live);
  // A frame without a place in a log: at once. Dropped before the welcome.
  void send(const FrameBytes& frame);
  void close(CloseCode code, std::string_view reason);

  ConnectionId id() const { return id_; }
  UserId user_id() const { return identity_.user_id; }
  SessionId session_id() const { return identity_.session_id; }
  Presence presence() const { return presence_; }
  const std::shared_ptr<OrderGate>& gate() const { return gate_; }

  // What this connection is typing in; kept here for TypingBoard.
  struct TypingIn {
    ChatId chat_id;
    Instant told_at;
  };
  std::vector<TypingIn>& typing_in() { return typing_in_; }
  bool may_type() { return typing_bucket_.take(env_.executor.now()) == 0; }

 private:
  enum class Phase : std::uint8_t { kFresh, kOpened, kEntering, kOpen, kClosed };
  struct Handle;

  void handle(const ClientFrame& frame);
  void hello(const Hello& hello);
  void operate(Operation operation);
  void request_sync(const SyncRequest& request);
  void start_sync();
  void end_sync();
  void mark_presence(const SetPresence& presence);
  void pong(const Ping& ping);

  bool over_frame_rate();
  void note_bad_frame();
  void refuse(const FrameError& refusal);
  void answer(const ServerFrame& frame);
  void send_error(ErrorFrame error);
  void send_now(const ServerFrame& frame);
  void take_in_flight();
  void give_in_flight();

  ConnectionHost& host_;
  GatewayEnv& env_;
  const Identity identity_;
  ConnectionId id_ = 0;
  Socket* socket_ = nullptr;
  Phase phase_ = Phase::kFresh;
  Executor::TimerId hello_timer_ = 0;
  bool epoch_is_ours_ = true;
  Presence presence_ = Presence::kOnline;
  std::shared_ptr<OrderGate> gate_ = std::make_shared<OrderGate>();
  TokenBucket frame_bucket_;
  TokenBucket typing_bucket_{kTypingRate};
  std::size_t in_flight_ = 0;
  bool paused_ = false;
  std::vector<ClientFrame> early_;  // between hello and welcome
  std::vector<Instant> bad_frames_;
  std::vector<TypingIn> typing_in_;
  std::unique_ptr<SyncLane> lane_;  // only while a connection syncs: it costs memory
};

}  // namespace godwit::server
