// The seam between the edge, which owns connections and bytes, and the gateway, which owns the
// meaning of frames. The gateway sees no Boost type and no file descriptor; the edge sees no JSON.
//
// Threads: everything here is called on the one I/O thread of the edge, both ways, except
// Executor::post, which any thread may call. So the gateway needs no locks. Nothing here blocks:
// what waits (the database, Argon2) goes elsewhere and comes back by Executor::post.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "shared/base/instant.h"
#include "shared/base/result.h"
#include "shared/protocol/codes.h"

namespace godwit::server {

// Immutable bytes of one encoded text frame; a fan-out gives the same to every recipient.
using FrameBytes = std::shared_ptr<const std::string>;

// Runs work on the I/O thread. Owned by the edge; outlives the gateway.
class Executor {
 public:
  using Work = std::function<void()>;
  using TimerId = std::uint64_t;  // never 0

  // From any thread: runs `work` on the I/O thread, after what was posted before it. Never runs it
  // inside the call. Work posted after the edge has stopped is dropped.
  virtual void post(Work work) = 0;

  // Steady time; its zero means nothing.
  virtual Instant now() const = 0;

  // I/O thread only. Runs `work` once, `delay_ms` from now or a little later (tens of ms).
  virtual TimerId run_after(std::int64_t delay_ms, Work work) = 0;
  // I/O thread only. After it the work does not run any more; an unknown id is ignored.
  virtual void cancel(TimerId timer) = 0;

 protected:
  ~Executor() = default;
};

// One open WebSocket. Owned by the edge; the handler may use it from opened() until closed() is
// called, and not after. No call here calls the handler back before it returns.
class Socket {
 public:
  // Queues one text frame. Frames leave in this order; those queued during one turn of the loop
  // leave in one write. Ignored after close(). When more than the limit of the queue is waiting
  // (option --socket-queue-bytes, 4 MiB by default), the socket is closed with 4008 instead.
  // Requires valid UTF-8 of at most limits::kServerFrameBytesMax.
  virtual void send(FrameBytes frame) = 0;

  // Sends what is queued, then a close frame, and closes. closed() follows, later. The first call
  // counts. `reason` is at most 123 bytes of UTF-8.
  virtual void close(CloseCode code, std::string_view reason) = 0;

  // Bytes queued that the kernel has not taken yet. A long answer (a sync) is best sent in pieces:
  // while this is under kPaceBytes, and again at each drained().
  virtual std::size_t queued_bytes() const = 0;
  static constexpr std::size_t kPaceBytes = 512 * 1024;

  // While paused nothing is read, so received() is not called and TCP holds the peer back: for a
  // connection with too many operations under way. The clock of silence stands meanwhile.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;

  // The peer's address, as text, without its port.
  virtual const std::string& remote_address() const = 0;

 protected:
  ~Socket() = default;
};

// What the gateway knows of one connection. Owned by the edge from the moment the gateway answers
// an upgrade with it; destroyed after closed(), or without any call where the handshake fails.
class SocketHandler {
 public:
  virtual ~SocketHandler() = default;

  // The handshake is done. Called first and once. `socket` stays valid until closed().
  virtual void opened(Socket& socket) = 0;

  // One text frame: valid UTF-8, at most limits::kClientFrameBytesMax bytes, borrowed for the
  // call. Never called after close().
  virtual void received(std::string_view text) = 0;

  // The queue is empty again after it had held kPaceBytes or more.
  virtual void drained() {}

  // The connection is over, by whichever side: the last call, and made once. `code` is what was
  // sent or received; 1006 (as a CloseCode) when the peer vanished without a close frame.
  virtual void closed(CloseCode code) = 0;
};

// What an upgrade request of /ws says, already checked as HTTP: a GET with a valid handshake that
// offers `godwit.v1`, and, where a cookie is what authenticates, no foreign Origin.
struct UpgradeRequest {
  std::string token;  // of `Authorization: Bearer`, else of the session cookie; empty: neither
  bool by_cookie = false;
  std::string address;     // the client's, without its port
  std::string user_agent;  // at most 256 bytes
};

// The gateway's answer to an upgrade.
struct AcceptSocket {
  std::unique_ptr<SocketHandler> handler;
};
struct CloseAfterUpgrade {  // browsers cannot see a 401: they are told by a close code
  CloseCode code = CloseCode::kNoSession;
  std::string reason;
};
struct RefuseUpgrade {  // a problem+json answer with http_status(error.code)
  Error error;
};
using UpgradeAnswer = std::variant<AcceptSocket, CloseAfterUpgrade, RefuseUpgrade>;

// Implemented by the gateway.
class SocketAcceptor {
 public:
  virtual ~SocketAcceptor() = default;

  // Decides on one upgrade and calls `answer` exactly once, on the I/O thread, now or later. The
  // client may be gone by then: the edge sees to it. An answer later than 10 s is discarded.
  virtual void upgrade(UpgradeRequest request, std::function<void(UpgradeAnswer)> answer) = 0;
};

// What the gateway counts for /metrics. Implemented by the server's metrics; any thread.
class GatewayCounters {
 public:
  virtual void frame_received(std::string_view type) = 0;  // the known types, else "unknown"
  virtual void frame_sent(std::string_view type, std::uint64_t recipients) = 0;
  virtual void error_sent(Code code) = 0;

 protected:
  ~GatewayCounters() = default;
};

}  // namespace godwit::server
