#include "tests/simulation/crash/load.h"

#include <catch2/catch.hpp>
#include <set>

namespace godwit::sim {
namespace {

constexpr UserId kAna{100};
constexpr UserId kBo{101};
constexpr UserId kCy{102};

Content words_of(const std::string& words) { return Content{ContentType::kText, words, {}}; }

std::string place_of(ChatId chat_id, Seq seq) {
  return chat_id.str() + ":" + std::to_string(seq.value);
}

}  // namespace

void Load::run() {
  for (const Step& step : steps()) {
    step();
    settle();
    if (!server_.is_alive()) return;
  }
}

// Each step is one commit or more; what a step says is committed together.
std::vector<Load::Step> Load::steps() {
  auto change = [this](UserId user_id, const std::string& temp_id, const std::string& target) {
    return [=, this] { say_change(user_id, temp_id, target); };
  };
  return {
      [this] {
        // Twice, for the disk may refuse once; who is there already is refused, which is nothing.
        for (UserId user_id : {kAna, kAna, kBo, kBo, kCy, kCy}) {
          server_.add_person(user_id, moment());
        }
      },
      [this] {
        operate(kAna, CreateChat{"c-group", ChatType::kGroup, "All", {kBo, kCy}});
      },
      [this] {
        operate(kAna, CreateChat{"c-direct", ChatType::kDirect, "", {kBo}});
      },
      [this] { let_in(); },
      [this] {
        for (const char* temp_id : {"m1", "m2", "m3"}) {
          send(kAna, temp_id, chat(ChatType::kGroup), "words");
        }
        send(kBo, "m4", chat(ChatType::kGroup), "other words");
      },
      [this] {
        say_change(kBo, "react-1", "m1");
        say_change(kAna, "edit-1", "m2");
        say_change(kAna, "pin-1", "m4");
      },
      [this] {
        const ChatId group = chat(ChatType::kGroup);
        if (group) say(kBo, MarkPosition{group, Seq{4}, true});
      },
      change(kBo, "set-1", "m1"),
      change(kBo, "set-2", "m2"),
      [this] { server_.checkpoint(); },
      change(kAna, "delete-1", "m3"),
      [this] { send(kAna, "m5", chat(ChatType::kDirect), std::string(9'000, 'x')); },
      [this] {
        operate(kAna, ChangeChat{"rename-1", chat(ChatType::kGroup), "More", {}});
      },
      [this] {
        operate(kAna, RemoveMember{"remove-1", chat(ChatType::kGroup), kCy});
      },
      [this] {
        operate(kAna, AddMember{"add-1", chat(ChatType::kGroup), kCy});
      },
      [this] { send(kBo, "m6", chat(ChatType::kGroup), std::string(5'000, 'y')); },
      [this] { server_.checkpoint(); },
      change(kBo, "react-2", "m6"),
      [this] {
        send(kAna, "m7", chat(ChatType::kDirect), "last words");
        send(kBo, "m8", chat(ChatType::kDirect), "the very last");
      },
      change(kAna, "set-3", "m8"),
  };
}

void Load::let_in() {
  for (UserId user_id : {kAna, kBo}) {
    std::vector<Outgoing> out;
    connections_[user_id] = ++last_conn_;
    server_.connect(last_conn_, user_id, moment(), out);
    Hello hello;
    hello.device_id = "d" + user_id.str();
    hello.core_version = "test";
    server_.receive(last_conn_, encode(ClientFrame{hello}), moment(), out);
  }
  settle();
}

void Load::say_change(UserId user_id, const std::string& temp_id, const std::string& target) {
  const ChatId chat_id = target == "m8" ? chat(ChatType::kDirect) : chat(ChatType::kGroup);
  const MessageId id = message(target);
  const std::string kind = temp_id.substr(0, temp_id.find('-'));
  said_[temp_id] = user_id;
  if (!id) return;  // it was refused for now, and so is nothing to change yet
  if (kind == "react") return say(user_id, React{temp_id, chat_id, id, "👍", true});
  if (kind == "edit") return say(user_id, EditMessage{temp_id, chat_id, id, words_of("changed")});
  if (kind == "pin") return say(user_id, Pin{temp_id, chat_id, id, true});
  if (kind == "delete") return say(user_id, DeleteMessage{temp_id, chat_id, id});
  say(user_id, SetPrivate{temp_id, "star", chat_id, id, "true"});
}

void Load::send(UserId user_id, const std::string& temp_id, ChatId chat_id,
                const std::string& words) {
  said_[temp_id] = user_id;
  if (!chat_id) return;
  say(user_id, SendMessage{temp_id, chat_id, words_of(words), {}, {}});
}

void Load::say(UserId user_id, const ClientFrame& frame) {
  if (!server_.is_alive()) return;
  std::vector<Outgoing> out;
  server_.receive(connections_.at(user_id), encode(frame), moment(), out);
  take_answers(out);
}

void Load::operate(UserId user_id, const Operation& operation) {
  const std::string temp_id(temp_id_of(operation));
  said_[temp_id] = user_id;
  std::vector<Outgoing> out;
  const Code code = server_.operate(user_id, operation, moment(), out);
  take_answers(out);
  if (code != Code::kOk) return;
  if (server_.applied(user_id, temp_id)) return answered(temp_id, places()[temp_id]);
  CHECK(server_.answered(temp_id));  // what it asks for was so already
}

void Load::settle() {
  std::vector<Outgoing> out;
  for (int i = 0; i < 4; ++i) {
    now_ms_ += 50;
    server_.settle(moment(), out);
  }
  take_answers(out);
}

void Load::take_answers(const std::vector<Outgoing>& out) {
  for (const Outgoing& one : out) {
    const ServerFrame frame = decode_server_frame(one.text).value();
    if (const auto* ack = std::get_if<MessageAck>(&frame)) {
      answered(ack->temp_id, place_of(ack->chat_id, ack->seq));
    } else if (const auto* other = std::get_if<Ack>(&frame)) {
      if (other->user_seq) answered(other->temp_id, std::to_string(other->user_seq->value));
      if (other->seq) answered(other->temp_id, place_of(other->chat_id, *other->seq));
    }
  }
}

// [DD1] a repeated tempId is answered as it was the first time.
void Load::answered(const std::string& temp_id, const std::string& place) {
  auto [it, is_new] = answered_.emplace(temp_id, place);
  if (!is_new) CHECK(it->second == place);
}

void Load::check() const {
  REQUIRE(server_.is_alive());
  CHECK(server_.damage() == "");
  std::map<std::string, int> stored;
  for (const auto& [chat_id, chat] : server_.chats()) {
    std::uint64_t expected = 1;
    for (const auto& [seq, event] : chat.events) {
      CHECK(seq.value == expected++);
      CHECK(chat.messages.count(event.message_seq) == 1);
      ++stored[event.temp_id];
    }
    CHECK(chat.known.head.value == expected - 1);
  }
  for (const auto& [user_id, user] : server_.users()) {
    std::set<UserSeq> taken;
    for (const auto& [name, item] : user.items.all()) {
      CHECK(item.user_seq <= user.head);
      CHECK(taken.insert(item.user_seq).second);
    }
    CHECK(taken.size() == user.head.value);
  }
  for (const auto& [temp_id, user_id] : said_) {
    const bool applied = server_.applied(user_id, temp_id);
    if (answered_.count(temp_id) != 0) CHECK(applied);
    if (temp_id.rfind("set-", 0) != 0) CHECK(stored[temp_id] == (applied ? 1 : 0));
  }
}

void Load::check_complete() const {
  check();
  CHECK(said_.size() == kOperations);
  for (const auto& [temp_id, user_id] : said_) {
    INFO("of " << temp_id);
    CHECK(server_.applied(user_id, temp_id));
  }
  CHECK(answered_.size() == kOperations);
}

std::map<std::string, std::string> Load::places() const {
  std::map<std::string, std::string> places;
  for (const auto& [chat_id, chat] : server_.chats()) {
    for (const auto& [seq, event] : chat.events) places[event.temp_id] = place_of(chat_id, seq);
  }
  return places;
}

ChatId Load::chat(ChatType type) const {
  for (const auto& [chat_id, chat] : server_.chats()) {
    if (chat.known.info.type == type) return chat_id;
  }
  return ChatId{};
}

MessageId Load::message(const std::string& temp_id) const {
  for (const auto& [chat_id, chat] : server_.chats()) {
    for (const auto& [seq, message] : chat.messages) {
      if (message.temp_id == temp_id) return message.message_id;
    }
  }
  return MessageId{};
}

}  // namespace godwit::sim
