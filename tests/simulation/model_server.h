// A server in memory, for simulations: the same decisions as the real one (shared/domain), the
// plainest possible storage, no threads, no sockets. It answers frames and REST calls of devices
// and keeps everything it ever decided, so that an oracle can compare.
//
// Frames that go out are appended to `out`, in order; the caller carries them. A frame or body that
// does not decode is a broken client and ends the run.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/base/prng.h"
#include "shared/base/snowflake.h"
#include "shared/domain/decide.h"
#include "shared/protocol/codec.h"
#include "shared/sync/private_items.h"
#include "shared/sync/watermarks.h"

namespace godwit::sim {

using ConnId = std::uint64_t;

struct Outgoing {
  ConnId conn = 0;
  std::string text;
};

struct HttpAnswer {
  std::uint16_t status = 200;
  std::string body;
};

// An event as it is stored: what it changed is looked up when it is told.
struct StoredEvent {
  EventKind kind = EventKind::kMessage;
  UserId actor_id;
  Timestamp timestamp;
  std::string temp_id;
  Seq message_seq;
  std::vector<UserId> members;  // whose membership it changed
};

struct ServerChat {
  KnownChat known;
  Timestamp created_at;
  std::map<Seq, StoredEvent> events;
  std::map<Seq, Message> messages;
  std::map<MessageId, Seq> by_id;
  std::map<UserId, Member> members;  // past ones too
  Watermarks marks;
};

struct ServerUser {
  PrivateItems items;
  UserSeq head;
};

class ModelServer {
 public:
  // Faults, in percent; none in a healed phase.
  struct Faults {
    unsigned refuse_for_now = 0;  // operations answered with a retryable error
    unsigned lose_event = 0;      // events that the fan-out loses for one connection
  };

  ModelServer(std::uint64_t seed, std::string epoch) : prng_(seed), epoch_(std::move(epoch)) {}

  void set_faults(const Faults& faults) { faults_ = faults; }
  void connect(ConnId conn, UserId user_id);
  void disconnect(ConnId conn) { connections_.erase(conn); }
  void receive(ConnId conn, const std::string& text, Timestamp now, std::vector<Outgoing>& out);
  HttpAnswer http(UserId user_id, const std::string& method, const std::string& path,
                  const std::string& body, Timestamp now, std::vector<Outgoing>& out);
  // What only REST has: chats and memberships. Returns the decision.
  Decision operate(UserId actor, Operation operation, Timestamp now, std::vector<Outgoing>& out);
  // Tells every connection what the fan-out has lost (protocol.md: within 30 s).
  void heal_fan_out(std::vector<Outgoing>& out);
  // The database is restored from a backup: a new epoch, connections gone.
  ModelServer restored(std::string epoch) const;

  const std::map<ChatId, ServerChat>& chats() const { return chats_; }
  const std::map<UserId, ServerUser>& users() const { return users_; }
  bool is_member(ChatId chat_id, UserId user_id) const;
  ChatState state_for(ChatId chat_id, UserId viewer) const;
  std::uint64_t unread(const ServerChat& chat, UserId viewer) const;
  static Message stripped(Message message, UserId viewer);
  // Of (sender, tempId), in any chat: what was stored, and what was answered without storing
  // anything (refused for good, or nothing to change).
  bool applied(UserId sender, const std::string& temp_id) const;
  bool answered(const std::string& temp_id) const { return answered_.count(temp_id) != 0; }
  std::uint64_t duplicates() const { return duplicates_; }

 private:
  struct Connection {
    UserId user_id;
    bool hello = false;
    bool epoch_is_ours = false;
    std::map<ChatId, std::string> gate;           // tempId that was refused for now
    std::map<ChatId, std::set<Seq>> lost_events;  // by the fan-out
  };
  using OperationKey = std::tuple<ChatId, UserId, std::string>;

  void on(ConnId conn, const Hello& frame, Timestamp now, std::vector<Outgoing>& out);
  void on(ConnId conn, const MarkPosition& frame, std::vector<Outgoing>& out);
  void on(ConnId conn, const Typing& frame, std::vector<Outgoing>& out);
  void on_operation(ConnId conn, Operation operation, Timestamp now, std::vector<Outgoing>& out);
  bool refuse_for_now(ConnId conn, ChatId chat_id, const std::string& temp_id,
                      std::vector<Outgoing>& out);
  void mark(UserId user_id, const MarkPosition& frame, std::vector<Outgoing>& out);
  void store(const ChatEvent& event, const Operation& operation, std::vector<Outgoing>& out);
  void store(UserId user_id, const PrivateItem& item, const Operation& operation,
             std::vector<Outgoing>& out);
  void fan_out(const ChatEvent& event, const Audience& audience, std::vector<Outgoing>& out);
  std::vector<SyncResponse> sync(UserId viewer, const SyncRequest& request, bool ours) const;
  void sync_chat(UserId viewer, ChatId chat_id, Seq held, std::vector<SyncResponse>& parts) const;
  void sync_blocks(UserId viewer, const SyncRequest& request,
                   std::vector<SyncResponse>& parts) const;
  ChatEvent event_at(const ServerChat& chat, Seq seq, UserId viewer) const;
  Receipts receipts_of(const ServerChat& chat) const;
  Page page_before(const ServerChat& chat, Seq before, std::size_t limit, UserId viewer) const;
  HttpAnswer history(UserId viewer, const std::string& path) const;
  HttpAnswer rest_operation(UserId user_id, Operation operation, Timestamp now,
                            std::vector<Outgoing>& out);

  Prng prng_;
  Faults faults_;
  std::string epoch_;
  Snowflake ids_{1};
  std::map<ConnId, Connection> connections_;
  std::map<ChatId, ServerChat> chats_;
  std::map<UserId, ServerUser> users_;
  std::map<OperationKey, StoredOperation> operations_;
  std::set<std::string> answered_;
  std::uint64_t duplicates_ = 0;
};

// The frame that answers a decision about `operation`; none for a duplicate creation of a chat.
ServerFrame answer_to(const Decision& decision, const Operation& operation);

}  // namespace godwit::sim
