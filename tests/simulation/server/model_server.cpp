#include "tests/simulation/server/model_server.h"

#include <algorithm>

#include "shared/base/mutation.h"
#include "shared/protocol/codes.h"

namespace godwit::sim {
namespace {

// The operation that a client's frame asks for; nullopt for a frame that asks for none.
std::optional<Operation> operation_of(ClientFrame& frame) {
  return std::visit(
      [](auto& one) -> std::optional<Operation> {
        if constexpr (std::is_constructible_v<Operation, decltype(one)>) {
          return Operation(std::move(one));
        } else {
          return std::nullopt;
        }
      },
      frame);
}

MessageId target_of(const Operation& operation) {
  if (const auto* op = std::get_if<EditMessage>(&operation)) return op->message_id;
  if (const auto* op = std::get_if<DeleteMessage>(&operation)) return op->message_id;
  if (const auto* op = std::get_if<React>(&operation)) return op->message_id;
  if (const auto* op = std::get_if<Pin>(&operation)) return op->message_id;
  if (const auto* op = std::get_if<SetPrivate>(&operation)) return op->message_id;
  return MessageId{};
}

void send(std::vector<Outgoing>& out, ConnId conn, const ServerFrame& frame) {
  out.push_back(Outgoing{conn, encode(frame)});
}

}  // namespace

void ModelServer::connect(ConnId conn, UserId user_id, Moment, std::vector<Outgoing>&) {
  if (alive_) connections_[conn].user_id = user_id;
}

void ModelServer::receive(ConnId conn, const std::string& text, Moment moment,
                          std::vector<Outgoing>& out) {
  auto it = connections_.find(conn);
  if (it == connections_.end()) return;
  ++steps_;
  const Timestamp now = moment.wall;
  DecodedClientFrame decoded = decode_client_frame(text);
  GODWIT_CHECK(decoded.frame.has_value());
  GODWIT_CHECK(text.size() <= limits::kClientFrameBytesMax);
  ClientFrame& frame = *decoded.frame;
  GODWIT_CHECK(it->second.hello || std::holds_alternative<Hello>(frame));
  if (const auto* hello = std::get_if<Hello>(&frame)) return on(conn, *hello, now, out);
  if (const auto* one = std::get_if<MarkPosition>(&frame)) return on(conn, *one, out);
  if (const auto* one = std::get_if<Typing>(&frame)) return on(conn, *one, out);
  if (const auto* ping = std::get_if<Ping>(&frame)) return send(out, conn, Pong{ping->nonce, now});
  if (const auto* request = std::get_if<SyncRequest>(&frame)) {
    for (SyncResponse& part : sync(it->second.user_id, *request, it->second.epoch_is_ours)) {
      send(out, conn, part);
    }
    return;
  }
  if (auto operation = operation_of(frame)) on_operation(conn, std::move(*operation), now, out);
}

void ModelServer::on(ConnId conn, const Hello& frame, Timestamp now, std::vector<Outgoing>& out) {
  Connection& connection = connections_.at(conn);
  connection.hello = true;
  connection.epoch_is_ours = frame.epoch.empty() || frame.epoch == epoch_;
  Welcome welcome;
  welcome.user_id = connection.user_id;
  welcome.session_id = SessionId{conn};
  welcome.epoch = epoch_;
  welcome.server_time = now;
  welcome.core_version = "model";
  send(out, conn, welcome);
}

void ModelServer::on(ConnId conn, const MarkPosition& frame, std::vector<Outgoing>& out) {
  mark(connections_.at(conn).user_id, frame, out);
}

void ModelServer::mark(UserId user_id, const MarkPosition& frame, std::vector<Outgoing>& out) {
  if (!is_member(frame.chat_id, user_id)) return;
  ServerChat& chat = db_.chats.at(frame.chat_id);
  Seq seq = std::min(frame.seq, chat.known.head);
  bool grew =
      frame.read ? chat.marks.raise_read(user_id, seq) : chat.marks.raise_delivered(user_id, seq);
  if (!grew) return;
  ReceiptsFrame told{frame.chat_id, {}};
  if (frame.read) told.receipts.read[user_id] = seq;
  told.receipts.delivered[user_id] = chat.marks.delivered(user_id);
  for (const auto& [conn, connection] : connections_) {
    if (connection.hello && is_member(frame.chat_id, connection.user_id)) send(out, conn, told);
  }
}

void ModelServer::on(ConnId from, const Typing& frame, std::vector<Outgoing>& out) {
  UserId user_id = connections_.at(from).user_id;
  for (const auto& [conn, connection] : connections_) {
    bool other = connection.user_id != user_id && connection.hello;
    if (other && is_member(frame.chat_id, connection.user_id)) {
      send(out, conn, TypingFrame{frame.chat_id, user_id, frame.is_typing});
    }
  }
}

// The order rule of one connection: after a retryable error the later operations of the chat get
// the same error until the refused one is sent again, or has been given up.
bool ModelServer::refuse_for_now(ConnId conn, ChatId chat_id, const std::string& temp_id,
                                 Timestamp now, std::vector<Outgoing>& out) {
  auto& gate = connections_.at(conn).gate;
  auto closed = gate.find(chat_id);
  bool given_up = closed != gate.end() && closed->second.temp_id != temp_id &&
                  now.unix_ms - closed->second.since.unix_ms >= kGivenUpAfterMs;
  if (closed != gate.end() && (closed->second.temp_id == temp_id || given_up)) {
    gate.erase(closed);
    closed = gate.end();
  }
  if (closed == gate.end()) {
    if (!prng_.chance(faults_.refuse_for_now)) return false;
    if (!mutated(Mutation::kGateOff)) gate.emplace(chat_id, ClosedGate{temp_id, now});
  }
  ErrorFrame error;
  error.code = prng_.chance(50) ? Code::kUnavailable : Code::kRateLimited;
  error.temp_id = temp_id;
  error.retryable = true;
  error.retry_after_ms = static_cast<std::int64_t>(prng_.below(2'000));
  send(out, conn, error);
  return true;
}

void ModelServer::on_operation(ConnId conn, Operation operation, Timestamp now,
                               std::vector<Outgoing>& out) {
  std::string temp_id(temp_id_of(operation));
  if (refuse_for_now(conn, chat_of(operation), temp_id, now, out)) return;
  Operation copy = operation;
  Decision decision = apply(connections_.at(conn).user_id, std::move(operation), now, out);
  if (!alive_) return;
  if (!std::holds_alternative<Refuse>(decision)) acknowledged_.insert(temp_id);
  send(out, conn, answer_to(decision, copy));
}

Code ModelServer::operate(UserId actor, Operation operation, Moment now,
                          std::vector<Outgoing>& out) {
  if (!alive_) return Code::kUnavailable;
  Decision decision = apply(actor, std::move(operation), now.wall, out);
  if (!alive_) return Code::kUnavailable;
  const auto* refuse = std::get_if<Refuse>(&decision);
  return refuse != nullptr ? refuse->code : Code::kOk;
}

Decision ModelServer::decide_on(UserId actor, Operation operation, Timestamp now) {
  GODWIT_CHECK(prepare_operation(operation).is_ok());
  Known known;
  known.actor = actor;
  known.now = now;
  known.new_message_id = MessageId{ids_.next(now)};
  known.new_chat_id = ChatId{ids_.next(now)};
  known.user_head = db_.users[actor].head;
  std::string temp_id(temp_id_of(operation));
  auto earlier = db_.operations.find(OperationKey{chat_of(operation), actor, temp_id});
  bool is_repeated = earlier != db_.operations.end() && !temp_id.empty();
  if (is_repeated && !mutated(Mutation::kDedupeOff)) known.earlier = &earlier->second;
  auto chat = db_.chats.find(chat_of(operation));
  if (chat != db_.chats.end()) {
    known.chat = &chat->second.known;
    auto seq = chat->second.by_id.find(target_of(operation));
    if (seq != chat->second.by_id.end()) known.target = &chat->second.messages.at(seq->second);
  }
  if (const auto* op = std::get_if<SendMessage>(&operation); op && known.chat != nullptr) {
    known.reply_exists = chat->second.by_id.count(op->reply_to) != 0;
  }
  if (const auto* op = std::get_if<CreateChat>(&operation)) {
    for (UserId user_id : op->participants) known.people.push_back(KnownPerson{user_id, true});
  }
  if (const auto* op = std::get_if<AddMember>(&operation)) {
    known.people.push_back(KnownPerson{op->user_id, true});
  }
  if (const auto* op = std::get_if<SetPrivate>(&operation)) {
    auto& items = db_.users[actor].items.all();
    auto item = items.find(PrivateItems::Name{op->key, op->chat_id, op->message_id});
    bool present = item != items.end() && item->second.value != "null";
    if (present) known.item = &item->second;
  }
  return decide(known, std::move(operation));
}

Decision ModelServer::apply(UserId actor, Operation operation, Timestamp now,
                            std::vector<Outgoing>& out) {
  ++steps_;
  Operation copy = operation;
  Decision decision = decide_on(actor, std::move(operation), now);
  if (const auto* accept = std::get_if<Accept>(&decision)) {
    if (!survives_write()) return decision;
    if (const auto* event = std::get_if<ChatEvent>(&accept->change)) {
      store(*event, copy, out);
    } else {
      store(actor, std::get<PrivateItem>(accept->change), copy, out);
    }
    // The disk has it later than the answer says.
    bool commits = !durable_ || ++uncommitted_ % kUncommittedMax == 0;
    if (mutated(Mutation::kAckBeforeCommit) && commits) durable_ = db_;
    return decision;
  }
  if (std::holds_alternative<Duplicate>(decision)) {
    ++duplicates_;
    return decision;
  }
  answered_.insert(std::string(temp_id_of(copy)));
  auto chat = db_.chats.find(chat_of(copy));
  bool refused = std::holds_alternative<Refuse>(decision) && chat != db_.chats.end();
  if (refused && mutated(Mutation::kSeqBeforeDecision)) {
    chat->second.known.head = chat->second.known.head.next();
  }
  return decision;
}

// Counts down to a planned death. False: what is about to be written is not there.
bool ModelServer::survives_write() {
  if (!planned_death_ || --planned_death_->writes_left > 0) return true;
  PlannedDeath planned = *std::exchange(planned_death_, std::nullopt);
  crash(planned.toss);
  return planned.death == Death::kAfter || (planned.death == Death::kTorn && planned.toss());
}

void ModelServer::crash(const Toss&) {
  alive_ = false;
  planned_death_.reset();
  connections_.clear();
  if (durable_) db_ = *durable_;
}

void ModelServer::crash_in_writes(std::uint64_t nth, Death death, Toss toss) {
  planned_death_ = PlannedDeath{nth, death, std::move(toss)};
}

void ModelServer::restore_backup(const std::string& epoch, Moment) {
  GODWIT_CHECK(alive_ && backup_);
  connections_.clear();
  db_ = *backup_;
  durable_.reset();
  if (!mutated(Mutation::kEpochKeptByRestore)) epoch_ = epoch;
}

void ModelServer::store(const ChatEvent& event, const Operation& operation,
                        std::vector<Outgoing>& out) {
  ServerChat& chat = db_.chats[event.chat_id];
  if (event.seq.value == 1) {
    chat.known.chat_id = event.chat_id;
    chat.created_at = event.timestamp;
  }
  GODWIT_CHECK(event.seq == chat.known.head.next());
  chat.known = apply_event(chat.known, event);
  StoredEvent stored{event.kind,    event.actor_id,    event.timestamp,
                     event.temp_id, event.message.seq, {}};
  for (Member member : event.members) {
    member.username = "u" + member.user_id.str();
    member.display_name = "User " + member.user_id.str();
    stored.members.push_back(member.user_id);
    chat.members[member.user_id] = member;
  }
  chat.events.emplace(event.seq, stored);
  std::string temp_id;
  auto before = chat.messages.find(event.message.seq);
  if (before != chat.messages.end()) temp_id = before->second.temp_id;
  Message& message = chat.messages[event.message.seq] = event.message;
  if (message.temp_id.empty()) message.temp_id = temp_id;
  chat.by_id[message.message_id] = message.seq;
  if (!event.temp_id.empty()) {
    StoredOperation remembered{kind_of(operation), event.chat_id,      event.seq,
                               UserSeq{},          message.message_id, event.timestamp};
    remember(event.actor_id, operation, remembered);
  }
  fan_out(event, audience_of(chat.known, event), out);
}

void ModelServer::fan_out(const ChatEvent& event, const Audience& audience,
                          std::vector<Outgoing>& out) {
  const ServerChat& chat = db_.chats.at(event.chat_id);
  std::string for_others;  // the same for all but those whose tempIds are in it
  for (auto& [conn, connection] : connections_) {
    bool told =
        std::find(audience->begin(), audience->end(), connection.user_id) != audience->end();
    if (!told || !connection.hello) continue;
    if (prng_.chance(faults_.lose_event)) {
      connection.lost_events[event.chat_id].insert(event.seq);
      ++events_lost_;
      continue;
    }
    if (connection.user_id == event.actor_id || connection.user_id == event.message.sender_id) {
      send(out, conn, event_at(chat, event.seq, connection.user_id));
      continue;
    }
    if (for_others.empty()) for_others = encode(event_at(chat, event.seq, connection.user_id));
    out.push_back(Outgoing{conn, for_others});
  }
}

void ModelServer::heal_fan_out(std::vector<Outgoing>& out) {
  for (auto& [conn, connection] : connections_) {
    for (const auto& [chat_id, lost] : connection.lost_events) {
      for (Seq seq : lost)
        send(out, conn, event_at(db_.chats.at(chat_id), seq, connection.user_id));
    }
    connection.lost_events.clear();
  }
}

void ModelServer::store(UserId user_id, const PrivateItem& item, const Operation& operation,
                        std::vector<Outgoing>& out) {
  ServerUser& user = db_.users[user_id];
  GODWIT_CHECK(item.user_seq == user.head.next());
  user.head = item.user_seq;
  user.items.merge(item);
  std::string temp_id(temp_id_of(operation));
  remember(user_id, operation,
           StoredOperation{OperationKind::kSet, item.chat_id, Seq{}, item.user_seq, {}, {}});
  for (const auto& [conn, connection] : connections_) {
    if (connection.hello && connection.user_id == user_id) {
      send(out, conn, UserFrame{item, temp_id});
    }
  }
}

bool ModelServer::is_member(ChatId chat_id, UserId user_id) const {
  auto chat = db_.chats.find(chat_id);
  return chat != db_.chats.end() && chat->second.known.roster->find(user_id) != nullptr;
}

void ModelServer::remember(UserId actor, const Operation& operation,
                           const StoredOperation& stored) {
  std::string temp_id(temp_id_of(operation));
  db_.applied.emplace(actor, temp_id);
  db_.operations[OperationKey{chat_of(operation), actor, std::move(temp_id)}] = stored;
}

ServerFrame answer_to(const Decision& decision, const Operation& operation) {
  std::string temp_id(temp_id_of(operation));
  ChatId chat_id = chat_of(operation);
  if (const auto* refuse = std::get_if<Refuse>(&decision)) {
    return ErrorFrame{refuse->code, refuse->detail, temp_id, {}, is_retryable(refuse->code), 0};
  }
  if (const auto* same = std::get_if<Unchanged>(&decision)) {
    Ack ack{temp_id, chat_id, {}, same->rev, {}, false};
    if (same->user_seq.value != 0) ack.user_seq = same->user_seq;
    return ack;
  }
  if (const auto* duplicate = std::get_if<Duplicate>(&decision)) {
    const StoredOperation& earlier = duplicate->earlier;
    if (earlier.kind == OperationKind::kMessage) {
      return MessageAck{temp_id,     earlier.message_id, chat_id, earlier.seq,
                        earlier.seq, earlier.timestamp,  true};
    }
    return Ack{temp_id, chat_id, earlier.seq, earlier.seq, earlier.user_seq, true};
  }
  const auto& change = std::get<Accept>(decision).change;
  if (const auto* item = std::get_if<PrivateItem>(&change)) {
    return Ack{temp_id, chat_id, {}, {}, item->user_seq, false};
  }
  const auto& event = std::get<ChatEvent>(change);
  if (event.kind == EventKind::kMessage) {
    return MessageAck{temp_id,   event.message.message_id, chat_id, event.seq,
                      event.seq, event.timestamp,          false};
  }
  return Ack{temp_id, chat_id, event.seq, event.seq, {}, false};
}

}  // namespace godwit::sim
