// What the nodes of one cluster tell each other. The bus is a hint, the database is the truth: a
// note may be lost, late, repeated or out of order, and whoever hears it must come to the same
// state without it, only later (the log is read again; see gateway/healer.h). So a note about a log
// carries a position and never its events, and a note about what is stored nowhere (typing,
// presence) is worth nothing a few seconds later.
//
// One process has one bus endpoint. The local bus joins the endpoints of one process; a Redis one
// fits the same interface (publish → PUBLISH, subscribe → the reader thread posts to the executor).
#pragma once

#include <functional>
#include <optional>
#include <variant>

#include "shared/protocol/types.h"

namespace godwit::server {

// The chat's log reached `head`.
struct ChatAdvanced {
  ChatId chat_id;
  Seq head;
};

// A private item of a person changed. Whole, since it is small and merges by its userSeq.
struct PrivateChanged {
  UserId user_id;
  PrivateItem item;
};

struct ReceiptsMoved {
  ChatId chat_id;
  Receipts receipts;
};

struct TypingNoted {
  ChatId chat_id;
  UserId user_id;
  bool is_typing = false;
};

// The person's status at the publishing node.
struct PresenceNoted {
  UserId user_id;
  Presence status = Presence::kOffline;
  std::optional<Timestamp> last_seen;
};

// The session's sockets are to be closed with 4001.
struct SessionClosed {
  SessionId session_id;
  UserId user_id;
};

using BusNote = std::variant<ChatAdvanced, PrivateChanged, ReceiptsMoved, TypingNoted,
                             PresenceNoted, SessionClosed>;

class Bus {
 public:
  using Listener = std::function<void(const BusNote&)>;
  virtual ~Bus() = default;

  // Tells every other node. Never blocks; what cannot be delivered is dropped. I/O thread only.
  virtual void publish(const BusNote& note) = 0;

  // `listener` is called on the I/O thread with what other nodes published, until this is
  // destroyed. Called once, before the first publish.
  virtual void subscribe(Listener listener) = 0;
};

}  // namespace godwit::server
