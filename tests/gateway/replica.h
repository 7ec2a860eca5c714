// A naive client for randomised runs: holds every message by the one rule of merging, keeps what is
// not acknowledged and sends it again, and complains of every frame that breaks the order.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/gateway/fake_client.h"
#include "tests/gateway/world.h"

namespace godwit::server {

class Replica {
 public:
  struct Chat {
    Seq held;
    bool is_synced = false;  // on this connection
    std::map<MessageId, Message> messages;
  };

  Replica(World& world, UserId user_id) : world_(world), user_id_(user_id) {}

  UserId user_id() const { return user_id_; }
  const std::map<ChatId, Chat>& chats() const { return chats_; }
  const std::vector<std::string>& complaints() const { return complaints_; }
  // Chats of which events came although one is not in them, and nothing that put one out came yet.
  const std::set<ChatId>& strays() const { return strays_; }
  bool is_connected() const { return client_ != nullptr && client_->is_open(); }
  bool is_quiet() const { return is_connected() && pending_.empty() && syncs_open_ == 0; }

  // The chats it starts with. Not connected yet.
  void know(ChatId chat_id) { chats_.try_emplace(chat_id); }
  void connect();
  void vanish();
  void perform(ClientFrame frame, const std::string& temp_id);
  void say(const ClientFrame& frame) {
    if (is_connected()) client_->say(frame);
  }
  // Reads what has come.
  void take();

 private:
  struct Take;
  void ask(std::map<ChatId, Seq> chats, bool rest);
  void take_event(const ChatEvent& event);
  void take_part(const SyncResponse& response);
  void merge(Chat& chat, const Message& message);
  void settle(const std::string& temp_id);
  void complain(const std::string& what, ChatId chat_id, Seq seq);

  World& world_;
  const UserId user_id_;
  FakeClient* client_ = nullptr;
  std::size_t taken_ = 0;
  int syncs_open_ = 0;
  std::uint64_t last_request_ = 0;
  std::string last_echo_;  // of the frame just before
  std::map<ChatId, Chat> chats_;
  std::set<ChatId> strays_;
  std::deque<std::pair<std::string, ClientFrame>> pending_;
  std::vector<std::string> complaints_;
};

}  // namespace godwit::server
