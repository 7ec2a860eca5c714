#include "tests/gateway/replica.h"

#include <algorithm>

namespace godwit::server {

struct Replica::Take {
  Replica& self;
  void operator()(const ChatEvent& event) const { self.take_event(event); }
  void operator()(const SyncResponse& response) const { self.take_part(response); }
  void operator()(const MessageAck& ack) const {
    if (!ack.duplicate && self.last_echo_ != ack.temp_id) {
      self.complain("an ack without its echo before it", ack.chat_id, ack.seq);
    }
    self.settle(ack.temp_id);
  }
  void operator()(const Ack& ack) const { self.settle(ack.temp_id); }
  void operator()(const ErrorFrame& error) const {
    if (error.retryable) self.complain("refused for now", {}, {});
    self.settle(error.temp_id);
  }
  template <typename Frame>
  void operator()(const Frame&) const {}
};

void Replica::connect() {
  client_ = &world_.dial(user_id_);
  strays_.clear();
  taken_ = 0;
  syncs_open_ = 0;
  last_echo_.clear();
  if (!client_->is_open()) return;
  client_->say(hello(world_.service->epoch()));
  std::map<ChatId, Seq> held;
  for (auto& [chat_id, chat] : chats_) {
    chat.is_synced = false;
    held[chat_id] = chat.held;
  }
  ask(std::move(held), true);
  for (const auto& [temp_id, frame] : pending_) client_->say(frame);
}

void Replica::vanish() {
  if (client_ != nullptr) client_->vanish();
  client_ = nullptr;
}

void Replica::perform(ClientFrame frame, const std::string& temp_id) {
  pending_.emplace_back(temp_id, frame);
  say(frame);
}

void Replica::ask(std::map<ChatId, Seq> chats, bool rest) {
  ++syncs_open_;
  SyncRequest request = sync_from("r" + std::to_string(++last_request_), std::move(chats));
  request.rest = rest;
  client_->say(request);
}

void Replica::take() {
  while (client_ != nullptr && taken_ < client_->texts().size()) {
    ServerFrame frame = decode_server_frame(client_->texts()[taken_++]).value();
    std::visit(Take{*this}, frame);
    const auto* event = std::get_if<ChatEvent>(&frame);
    last_echo_ = event == nullptr ? "" : event->message.temp_id;
  }
}

void Replica::take_event(const ChatEvent& event) {
  for (const Member& member : event.members) {
    if (member.user_id == user_id_ && !member.role) {
      chats_.erase(event.chat_id);
      strays_.erase(event.chat_id);
      return;
    }
  }
  auto [it, is_new] = chats_.try_emplace(event.chat_id);
  Chat& chat = it->second;
  if (is_new) {
    const bool adds_me = std::any_of(event.members.begin(), event.members.end(),
                                     [this](const Member& m) { return m.user_id == user_id_; });
    if (!adds_me) {
      // Of a chat that one had left before the sync was read: what puts one out is on its way.
      chats_.erase(it);
      strays_.insert(event.chat_id);
      return;
    }
    strays_.erase(event.chat_id);
    chat.is_synced = true;
    chat.held = event.seq;
    ask({{event.chat_id, Seq{0}}}, false);
  } else if (!chat.is_synced) {
    complain("a live event before the sync", event.chat_id, event.seq);
  } else if (event.seq > chat.held.next()) {
    complain("a gap", event.chat_id, event.seq);
  } else if (event.seq <= chat.held && event.temp_id.empty() && event.message.temp_id.empty()) {
    complain("a repeat", event.chat_id, event.seq);
  }
  chat.held = std::max(chat.held, event.seq);
  merge(chat, event.message);
}

void Replica::take_part(const SyncResponse& response) {
  if (response.done) --syncs_open_;
  if (const auto* part = std::get_if<SyncEvents>(&response.part)) {
    Chat& chat = chats_[part->chat_id];
    for (const ChatEvent& event : part->events) merge(chat, event.message);
    chat.held = std::max(chat.held, part->to);
    chat.is_synced = true;
  } else if (const auto* state = std::get_if<SyncChat>(&response.part)) {
    Chat& chat = chats_[state->state.chat_id];
    if (state->reset) chat.messages.clear();  // what changed meanwhile was skipped
    if (state->page) {
      for (const Message& message : state->page->messages) merge(chat, message);
    }
    chat.held = std::max(chat.held, state->state.head);
    chat.is_synced = true;
  } else if (const auto* gone = std::get_if<SyncRemoved>(&response.part)) {
    chats_.erase(gone->chat_id);
    strays_.erase(gone->chat_id);
  }
}

void Replica::merge(Chat& chat, const Message& message) {
  auto [it, is_new] = chat.messages.try_emplace(message.message_id, message);
  if (!is_new && message.rev > it->second.rev) it->second = message;
}

void Replica::settle(const std::string& temp_id) {
  pending_.erase(std::remove_if(pending_.begin(), pending_.end(),
                                [&](const auto& entry) { return entry.first == temp_id; }),
                 pending_.end());
}

void Replica::complain(const std::string& what, ChatId chat_id, Seq seq) {
  complaints_.push_back(user_id_.str() + ": " + what + ", chat " + chat_id.str() + " seq " +
                        std::to_string(seq.value));
}

}  // namespace godwit::server
