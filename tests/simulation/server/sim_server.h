// The server as a simulated run sees it: connections, frames, REST calls, time, and its faults. Two
// stand behind it: ModelServer (the real decisions over the plainest storage) and StoreServer (the
// real gateway, writer and SQLite store over a disk that loses what was not synced).
//
// One thread. A server has no clock and draws nothing but from its seed: each call brings the
// moment. What goes out is appended to `out`, in order; the caller carries it. A frame or body that
// does not decode is a broken client and ends the run.
//
// Death. crash() ends the process at once; crash_in_writes() lets it die by itself in the middle of
// a later call, of which nothing more goes out. Either way the connections are gone (is_alive() is
// false until the caller has noticed by revive()) and the storage holds what a disk may hold then.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/domain/decide.h"
#include "shared/protocol/codec.h"
#include "shared/sync/private_items.h"
#include "shared/sync/watermarks.h"
#include "tests/simulation/server/death.h"

namespace godwit::sim {

using ConnId = std::uint64_t;

struct Moment {
  Instant steady;  // never goes back, also over deaths
  Timestamp wall;  // may jump
};

// A frame, or the end of the connection: then `close_code` is set and `text` is the reason.
struct Outgoing {
  ConnId conn = 0;
  std::string text;
  std::uint16_t close_code = 0;
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

class SimServer {
 public:
  // In percent; none in a healed phase.
  struct Faults {
    unsigned refuse_for_now = 0;  // operations answered with a retryable error
    unsigned lose_event = 0;      // events that the fan-out loses
  };
  using Death = sim::Death;
  // True as often as the caller likes: what was not durable stays.
  using Toss = std::function<bool()>;

  virtual ~SimServer() = default;

  // ---- what the network brings ----
  // Before anything else that names the person.
  virtual void add_person(UserId user_id, Moment now) = 0;
  virtual void connect(ConnId conn, UserId user_id, Moment now, std::vector<Outgoing>& out) = 0;
  virtual void disconnect(ConnId conn, Moment now, std::vector<Outgoing>& out) = 0;
  // Of a connection that is gone: ignored.
  virtual void receive(ConnId conn, const std::string& text, Moment now,
                       std::vector<Outgoing>& out) = 0;
  // status 0: died over it.
  virtual HttpAnswer http(UserId user_id, const std::string& method, const std::string& path,
                          const std::string& body, Moment now, std::vector<Outgoing>& out) = 0;
  // What devices do not do themselves here: chats and memberships. kOk: stored, or nothing to do.
  virtual Code operate(UserId actor, Operation operation, Moment now,
                       std::vector<Outgoing>& out) = 0;
  // Lets time pass until `now`: what is due then is done.
  virtual void advance(Moment now, std::vector<Outgoing>& out) = 0;
  // When advance() next has something to do; nullopt: nothing waits.
  virtual std::optional<Instant> due() const = 0;

  // ---- faults ----
  virtual void set_faults(const Faults& faults) = 0;
  // Tells every connection what the fan-out has lost (protocol.md: within 30 s). A server that
  // heals by itself does nothing here.
  virtual void heal_fan_out(std::vector<Outgoing>& out) = 0;
  virtual void crash(const Toss& toss) = 0;
  // Dies at the `nth` write from now on (1: the next), each a place where the server persists.
  virtual void crash_in_writes(std::uint64_t nth, Death death, Toss toss) = 0;
  virtual bool is_alive() const = 0;
  // A new process over the same storage.
  virtual void revive(Moment now) = 0;
  // Keeps a copy of the database, of which there is one. restore_backup(): a new life of the
  // database from it, named `epoch`; connections are gone. Requires a backup, and life.
  virtual void backup() = 0;
  virtual bool has_backup() const = 0;
  virtual void restore_backup(const std::string& epoch, Moment now) = 0;

  // ---- what an oracle asks ----
  // Everything that is stored. Stands until the next call that changes something.
  virtual const std::map<ChatId, ServerChat>& chats() const = 0;
  virtual const std::map<UserId, ServerUser>& users() const = 0;
  virtual bool is_member(ChatId chat_id, UserId user_id) const = 0;
  // Requires a member.
  virtual ChatState state_for(ChatId chat_id, UserId viewer) const = 0;
  // Of (sender, tempId), in any chat: is it stored?
  virtual bool applied(UserId sender, const std::string& temp_id) const = 0;
  // What ever left the server, whatever became of its storage: an ack; an answer that stored
  // nothing (refused for good, or nothing to change).
  virtual bool acknowledged(const std::string& temp_id) const = 0;
  virtual bool answered(const std::string& temp_id) const = 0;
  virtual std::uint64_t duplicates() const = 0;
  // Told to nobody, by the fault of that name.
  virtual std::uint64_t events_lost() const { return 0; }
  // Of a real disk: reads that failed, by the fault that refuses operations for now.
  virtual std::uint64_t reads_failed() const { return 0; }
  // Operations decided, frames and calls taken.
  virtual std::uint64_t steps() const = 0;
  // Of a real disk: what is wrong with the database; empty: nothing.
  virtual std::string damage() const { return {}; }
};

// As `viewer` may see it: a tempId is its sender's own.
inline Message stripped(Message message, UserId viewer) {
  if (message.sender_id != viewer) message.temp_id.clear();
  return message;
}

}  // namespace godwit::sim
