// What the server decides. `decide` is pure: the host loads what is known, calls it, and stores
// exactly what it accepts; so the rules run alike in the server, in a simulator and in a test.
//
// Who may do what (WhatsApp's rules, in short). Whoever is not a member of the chat is answered
// not_found, as if it did not exist; a member without the right, forbidden.
//
//   send, react, pin          every member
//   edit                      the sender
//   delete for everyone       the sender; in groups also admins and owners
//   rename, settings, add     admins and owners (settings of a direct chat: both people)
//   add as admin or owner     owners
//   remove                    owners anyone, admins members, everyone oneself (leaving)
//   change a role             owners; the last owner cannot step down (conflict)
//
// When the last owner leaves, the longest-standing admin, else member, becomes owner in the same
// event. The people of a direct chat never change. In a direct chat whose other person has blocked
// one, or is gone, one may read and delete, nothing else; who is blocked by somebody cannot open a
// direct chat with, or add, that person. `system` messages are never edited, deleted, reacted to or
// pinned (forbidden). A deleted message takes no edit, reaction or pin (conflict).
//
// A repeated temp_id is a Duplicate before anything else is looked at, whatever has happened since;
// with another kind of operation it is a conflict. What would change nothing is Unchanged.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "shared/domain/operation.h"
#include "shared/domain/roster.h"

namespace godwit {

// What idempotency remembers of an operation that was stored.
struct StoredOperation {
  OperationKind kind = OperationKind::kMessage;
  ChatId chat_id;        // of CreateChat: the chat created
  Seq seq;               // of its event; its `rev` then
  UserSeq user_seq;      // of kSet
  MessageId message_id;  // of kMessage
  Timestamp timestamp;   // of kMessage
};

struct KnownChat {
  ChatId chat_id;
  ChatInfo info;
  Seq head;
  RosterPtr roster;  // never null
};

// A person whom the operation is about.
struct KnownPerson {
  UserId user_id;
  bool exists = false;  // and is not deleted
  bool blocks_actor = false;
};

// What the decision rests on. Pointers are borrowed; null means there is none.
struct Known {
  UserId actor;
  Timestamp now;
  const StoredOperation* earlier = nullptr;  // with this (chat, actor, temp_id)
  const KnownChat* chat = nullptr;           // the operation's chat
  const Message* target = nullptr;           // edit, delete, reaction, pin, set: the message
  bool reply_exists = false;                 // message: `reply_to` is in this chat
  bool peer_refuses = false;                 // direct: the other has blocked the actor or is gone
  std::vector<KnownPerson> people;           // CreateChat's participants, AddMember's person
  const KnownChat* direct = nullptr;         // CreateChat, direct: the chat that is there already
  MessageId new_message_id;                  // for the message or system line, if one is made
  ChatId new_chat_id;                        // CreateChat
  const PrivateItem* item = nullptr;         // set: as it stands
  UserSeq user_head;                         // set: of the actor's private log
};

// Store and tell: an event with seq == chat head + 1 whose states are whole, or a private item.
struct Accept {
  std::variant<ChatEvent, PrivateItem> change;
};
struct Duplicate {
  StoredOperation earlier;
};
// `existing`: CreateChat found this direct chat.
struct Unchanged {
  Seq rev;
  UserSeq user_seq;
  std::optional<ChatId> existing;
};
struct Refuse {
  Code code = Code::kForbidden;
  std::string detail;
};
using Decision = std::variant<Accept, Duplicate, Unchanged, Refuse>;

// Requires an operation that prepare_operation accepts, and `known` loaded for it. The operation is
// consumed: an accepted one moves into the event.
Decision decide(const Known& known, Operation&& operation);

// The chat after `event` (of this chat, seq == head + 1; for a creation, of a KnownChat with only
// chat_id). A roster that did not change is shared.
KnownChat apply_event(const KnownChat& chat, const ChatEvent& event);

// Who must be told of `event`: everyone in the chat after it, and whoever it put out.
Audience audience_of(const KnownChat& after, const ChatEvent& event);

}  // namespace godwit
