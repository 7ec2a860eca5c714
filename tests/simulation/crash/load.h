// A fixed load on a server: every kind of operation, several in one commit, checkpoints between. It
// can be said again from the beginning, with the same tempIds; what was answered is remembered, and
// an answer that differs from an earlier one fails the test.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/server/store/stepped_server.h"

namespace godwit::sim {

class Load {
 public:
  explicit Load(StoreServer& server) : server_(server) {}

  // Says everything, until the server dies.
  void run();
  // What must hold whenever nobody is in the middle of anything: the file is sound, seqs have no
  // gap, every operation is stored once and whole or not at all, and each that was acknowledged is.
  void check() const;
  // The same, and that all of it is stored.
  void check_complete() const;
  // Every operation's place in its log, by tempId.
  std::map<std::string, std::string> places() const;

  static constexpr std::size_t kOperations = 21;

 private:
  using Step = std::function<void()>;
  std::vector<Step> steps();
  void let_in();
  void say_change(UserId user_id, const std::string& temp_id, const std::string& target);
  void send(UserId user_id, const std::string& temp_id, ChatId chat_id, const std::string& words);
  void say(UserId user_id, const ClientFrame& frame);
  void operate(UserId user_id, const Operation& operation);
  void settle();
  void take_answers(const std::vector<Outgoing>& out);
  void answered(const std::string& temp_id, const std::string& place);
  Moment moment() const { return Moment{Instant{now_ms_}, Timestamp{kStartMs + now_ms_}}; }
  ChatId chat(ChatType type) const;
  MessageId message(const std::string& temp_id) const;

  static constexpr std::int64_t kStartMs = 1'795'000'000'000;
  StoreServer& server_;
  std::int64_t now_ms_ = 1'000;
  ConnId last_conn_ = 0;
  std::map<UserId, ConnId> connections_;
  std::map<std::string, UserId> said_;           // tempId: by whom
  std::map<std::string, std::string> answered_;  // tempId: where it stands, as acknowledged
};

}  // namespace godwit::sim
