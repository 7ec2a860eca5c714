#include "server/gateway/gateway.h"

#include <algorithm>
#include <utility>

namespace godwit::server {

// What becomes of each committed entry, in order.
struct Gateway::Consume {
  Gateway& self;
  void operator()(CommittedEvent& entry) const { self.fan_out_.event(std::move(entry)); }
  void operator()(CommittedAnswer& entry) const { self.fan_out_.answer(std::move(entry)); }
  void operator()(CommittedItem& entry) const {
    self.env_.counters.frame_sent("user", 1);
    self.parts_.bus.publish(PrivateChanged{entry.user_id, entry.item});
    self.deliver_item(entry);
  }
  void operator()(CommittedReceipts& entry) const {
    self.receipts_.moved(entry.chat_id, entry.user_id, entry.delivered, entry.read, entry.roster);
  }
};

// What becomes of another node's note.
struct Gateway::Hear {
  Gateway& self;
  void operator()(const ChatAdvanced& note) const {
    self.fan_out_.advanced(note.chat_id, note.head);
  }
  void operator()(const PrivateChanged& note) const {
    self.deliver_item({note.user_id, note.item, {}, 0});
  }
  void operator()(const ReceiptsMoved& note) const {
    self.with_roster(note.chat_id, [this_gateway = &self, note](const RosterPtr& roster) {
      this_gateway->receipts_.heard(note, roster);
      this_gateway->receipts_.flush();
    });
  }
  void operator()(const TypingNoted& note) const {
    self.with_roster(note.chat_id, [this_gateway = &self, note](const RosterPtr& roster) {
      this_gateway->typing_.heard(note, *roster);
    });
  }
  void operator()(const PresenceNoted& note) const { self.presence_.heard(note); }
  void operator()(const SessionClosed& note) const {
    self.close_session(note.session_id, note.user_id);
  }
};

Gateway::Gateway(const GatewayParts& parts, GatewayAuth auth, GatewayOptions options)
    : parts_(parts),
      auth_(std::move(auth)),
      env_{parts.executor,       parts.clock, parts.counters, options.config, parts.service.epoch(),
           options.core_version, {}},
      collector_(parts.executor,
                 [this](std::vector<Committed> batch) {
                   for (Committed& entry : batch) std::visit(Consume{*this}, entry);
                   receipts_.flush();
                 }),
      fan_out_(
          env_, registry_, parts.bus,
          [this](ChatId chat_id, Seq after, std::function<void(std::optional<LogPiece>)> done) {
            return read_log(chat_id, after, std::move(done));
          },
          [this](const std::vector<Member>& members) { membership_changed(members); }),
      receipts_(env_, registry_, parts.bus),
      typing_(env_, registry_, parts.bus),
      presence_(
          env_, registry_, parts.bus,
          [this](UserId user_id, Timestamp when) { parts_.service.note_last_seen(user_id, when); }),
      operation_rates_(options.config.operations_per_user, kRateKeysMax),
      sync_rates_(options.config.syncs_per_user, kRateKeysMax) {
  parts_.bus.subscribe([this](const BusNote& note) { std::visit(Hear{*this}, note); });
}

Gateway::~Gateway() {
  if (check_timer_ != 0) env_.executor.cancel(check_timer_);
}

// ---- coming and going ----

void Gateway::upgrade(UpgradeRequest request, std::function<void(UpgradeAnswer)> answer) {
  auto shared = std::make_shared<std::function<void(UpgradeAnswer)>>(std::move(answer));
  if (draining_) return (*shared)(CloseAfterUpgrade{CloseCode::kRestart, "the server restarts"});
  if (request.token.empty()) return (*shared)(CloseAfterUpgrade{CloseCode::kNoSession, "sign in"});
  bool is_asked = parts_.service.reads().post([this, shared, token = request.token](Queries&) {
    auto identity = std::make_shared<Result<Identity>>(auth_.verify(token));
    env_.executor.post([this, shared, identity] { (*shared)(admit(*identity)); });
  });
  if (!is_asked) (*shared)(RefuseUpgrade{{Code::kUnavailable, "too many reads are waiting"}});
}

UpgradeAnswer Gateway::admit(const Result<Identity>& identity) {
  if (!identity) {
    if (identity.error().code != Code::kUnauthenticated) return RefuseUpgrade{identity.error()};
    return CloseAfterUpgrade{CloseCode::kNoSession, "no valid session"};
  }
  if (draining_) return CloseAfterUpgrade{CloseCode::kRestart, "the server restarts"};
  const std::size_t open = registry_.all_of(identity->user_id).size();
  if (open >= env_.config.connections_per_user_max) {
    return RefuseUpgrade{{Code::kRateLimited, "too many connections of one person"}};
  }
  ConnectionHost& host = *this;
  return AcceptSocket{std::make_unique<ClientConnection>(host, env_, *identity)};
}

ConnectionId Gateway::connection_opened(ClientConnection& connection) {
  env_.stats.connections.fetch_add(1, std::memory_order_relaxed);
  return registry_.open(connection.user_id(), connection);
}

void Gateway::connection_entering(ClientConnection& connection) {
  read_standing(connection.user_id(), [this, id = connection.id()](Result<Standing> standing) {
    let_in(id, std::move(standing));
  });
}

void Gateway::read_standing(UserId user_id, std::function<void(Result<Standing>)> done) {
  bool is_asked = parts_.service.reads().post([this, user_id, done](Queries& queries) {
    auto standing = std::make_shared<Result<Standing>>(Standing{});
    auto heads = queries.heads(user_id);
    auto peers = queries.presence_peers(user_id);
    if (!heads) {
      *standing = heads.error();
    } else if (!peers) {
      *standing = peers.error();
    } else {
      *standing = Standing{std::move(*heads), std::move(*peers)};
    }
    env_.executor.post([done, standing] { done(std::move(*standing)); });
  });
  if (!is_asked) done(Error{Code::kUnavailable, "too many reads are waiting"});
}

void Gateway::let_in(ConnectionId id, Result<Standing> standing) {
  ClientConnection* connection = registry_.find(id);
  if (connection == nullptr) return;
  if (!auth_.is_live(connection->session_id())) {
    return connection->close(CloseCode::kNoSession, "the session ended");
  }
  if (!standing) return connection->close(CloseCode::kRestart, "{\"retryAfterMs\":1000}");
  const UserId user_id = connection->user_id();
  connected_.insert(user_id);
  registry_.enter(user_id, *connection);
  fan_out_.know_heads(user_id, standing->heads);
  presence_.entered(user_id, standing->peers);
  peers_to_tell_[id] = std::move(standing->peers);
  connection->entered();
  peers_to_tell_.erase(id);
}

void Gateway::connection_entered(ClientConnection& connection) {
  auto peers = peers_to_tell_.find(connection.id());
  if (peers != peers_to_tell_.end()) presence_.tell_all(connection, peers->second);
}

void Gateway::connection_closed(ClientConnection& connection) {
  env_.stats.connections.fetch_sub(1, std::memory_order_relaxed);
  const UserId user_id = connection.user_id();
  const bool had_entered = registry_.of(user_id) != nullptr;
  registry_.close(user_id, connection.id(), connection);
  for (ChatId chat_id : typing_.stopped(connection)) tell_typing(user_id, {chat_id, false});
  if (!had_entered || registry_.of(user_id) != nullptr) {
    return presence_.changed(user_id);
  }
  connected_.erase(user_id);
  fan_out_.forget(user_id);
  presence_.changed(user_id);
}

void Gateway::session_ended(SessionId session_id, UserId user_id) {
  env_.executor.post([this, session_id, user_id] {
    parts_.bus.publish(SessionClosed{session_id, user_id});
    close_session(session_id, user_id);
  });
}

void Gateway::close_session(SessionId session_id, UserId user_id) {
  for (ClientConnection* connection : registry_.all_of(user_id)) {
    if (connection->session_id() == session_id) {
      connection->close(CloseCode::kNoSession, "the session ended");
    }
  }
}

void Gateway::drain() {
  draining_ = true;
  presence_.note_all();
}

// ---- operations and reads ----

std::int64_t Gateway::operation_wait_ms(UserId user_id) {
  return operation_rates_.take(user_id.str(), env_.executor.now());
}

std::int64_t Gateway::sync_wait_ms(UserId user_id) {
  return sync_rates_.take(user_id.str(), env_.executor.now());
}

void Gateway::submit(ClientConnection& connection, Operation operation, OrderGate::Ticket ticket) {
  CommittedAnswer answer;
  answer.connection = connection.id();
  answer.chat_id = chat_of(operation);
  answer.kind = kind_of(operation);
  answer.temp_id = std::string(temp_id_of(operation));
  auto callback = [this, answer](const Outcome& outcome) {
    CommittedAnswer filled = answer;
    filled.outcome = outcome;
    collector_.on_answer(std::move(filled));
  };
  parts_.service.submit(connection.user_id(), std::move(operation), connection.gate(), ticket,
                        std::move(callback));
}

void Gateway::read_sync(ClientConnection& connection, SyncLane::Wanted wanted) {
  const ConnectionId id = connection.id();
  const std::string request_id = wanted.request.request_id;
  auto done = [this, id, request_id](Result<PreparedSync> prepared) {
    ClientConnection* alive = registry_.find(id);
    if (alive != nullptr) alive->sync_read(request_id, std::move(prepared));
  };
  bool is_asked = parts_.service.reads().post(
      [this, done, viewer = connection.user_id(), wanted](Queries& queries) {
        auto prepared = std::make_shared<Result<PreparedSync>>(
            prepare_sync(queries, viewer, wanted.request, wanted.epoch_is_ours));
        env_.executor.post([done, prepared] { done(std::move(*prepared)); });
      });
  if (is_asked) return;
  // Later, so that many waiting requests do not answer each other inside one call.
  env_.executor.post([done] { done(Error{Code::kUnavailable, "too many reads are waiting"}); });
}

void Gateway::mark(ClientConnection& connection, const MarkPosition& position) {
  parts_.service.mark(connection.user_id(), position);
}

bool Gateway::read_log(ChatId chat_id, Seq after,
                       std::function<void(std::optional<LogPiece>)> done) {
  return parts_.service.reads().post([this, chat_id, after, done](Queries& queries) {
    auto piece = std::make_shared<std::optional<LogPiece>>();
    auto events = queries.events_after(UserId{}, chat_id, after, kFillEventsMax);
    auto roster = queries.roster(chat_id);
    if (events && roster) *piece = LogPiece{std::move(*events), *roster};
    env_.executor.post([done, piece] { done(std::move(*piece)); });
  });
}

// ---- what is told ----

void Gateway::deliver_item(const CommittedItem& entry) {
  const auto* connections = registry_.of(entry.user_id);
  if (connections == nullptr) return;
  const FrameBytes frame = encode_shared(UserFrame{entry.item, entry.temp_id});
  for (ClientConnection* connection : *connections) {
    SyncLane::Live live;
    live.frame = frame;
    live.user_seq = entry.item.user_seq;
    live.own = connection->id() == entry.origin;
    connection->deliver(std::move(live));
  }
}

// From memory nearly always; else by way of the read pool. A chat that is not there, or too many
// reads: `use` is not called, for what is told this way is worth no error.
void Gateway::with_roster(ChatId chat_id, std::function<void(const RosterPtr&)> use) {
  if (RosterPtr roster = parts_.service.cached_roster(chat_id)) return use(roster);
  (void)parts_.service.reads().post([this, chat_id, use](Queries& queries) {
    auto roster = queries.roster(chat_id);
    if (roster) env_.executor.post([use, found = *roster] { use(found); });
  });
}

void Gateway::typing(ClientConnection& connection, const Typing& typing) {
  if (typing_.is_news(connection, typing)) tell_typing(connection.user_id(), typing);
}

void Gateway::tell_typing(UserId user_id, const Typing& typing) {
  with_roster(typing.chat_id, [this, user_id, typing](const RosterPtr& roster) {
    // In a direct chat with a block in it neither learns what the other does.
    if (roster->type == ChatType::kDirect) {
      for (UserId other : *roster->ids) {
        if (other != user_id && !presence_.are_peers(user_id, other)) return;
      }
    }
    typing_.tell(user_id, typing, *roster);
  });
}

void Gateway::presence_changed(ClientConnection& connection) {
  presence_.changed(connection.user_id());
}

void Gateway::membership_changed(const std::vector<Member>& members) {
  for (const Member& member : members) refresh_people(member.user_id);
}

void Gateway::people_changed(UserId user_id) {
  env_.executor.post([this, user_id] { refresh_people(user_id); });
}

void Gateway::refresh_people(UserId user_id) {
  if (registry_.of(user_id) == nullptr) return;
  read_standing(user_id, [this, user_id](Result<Standing> standing) {
    if (standing) presence_.peers_read(user_id, standing->peers);
  });
}

// ---- healing ----

void Gateway::start() {
  check_timer_ = env_.executor.run_after(kHealEveryMs, [this] {
    check_some();
    start();
  });
}

// Reads the heads and peers of so many people that everybody has had their turn in a round: what a
// bus lost, or a block changed behind the gateway's back, is put right then.
void Gateway::check_some() {
  const auto people = static_cast<std::int64_t>(connected_.size());
  std::int64_t turns = people == 0 ? 0 : people * kHealEveryMs / kHealRoundMs + 1;
  for (; turns > 0; --turns) {
    auto next = connected_.upper_bound(checked_last_);
    if (next == connected_.end()) next = connected_.begin();
    const UserId user_id = checked_last_ = *next;
    read_standing(user_id, [this, user_id](Result<Standing> standing) {
      if (!standing || registry_.of(user_id) == nullptr) return;
      fan_out_.know_heads(user_id, standing->heads);
      presence_.peers_read(user_id, standing->peers);
    });
  }
}

}  // namespace godwit::server
