#include "tests/device/device.h"

namespace godwit::testing {

Backend::Backend() {
  for (UserId user_id : {kMe, kYou}) server.add_person(user_id, moment());
}

void Backend::deliver(std::vector<sim::Outgoing>& out) {
  for (sim::Outgoing& one : out) inbox[one.conn].push_back(std::move(one.text));
  out.clear();
}

std::string Backend::act(UserId actor, Operation operation) {
  std::vector<sim::Outgoing> out;
  std::string temp_id(temp_id_of(operation));
  Code code = server.operate(actor, std::move(operation), moment(), out);
  GODWIT_CHECK(code == Code::kOk);
  deliver(out);
  now_ms += 10;
  return temp_id;
}

ChatId Backend::make_group(const std::string& name) {
  act(kMe, CreateChat{fresh_id(), ChatType::kGroup, name, {kYou}});
  for (const auto& [chat_id, chat] : server.chats()) {
    if (chat.known.info.name == name) return chat_id;
  }
  return ChatId{};
}

void Backend::say(UserId actor, ChatId chat_id, const std::string& text) {
  act(actor, SendMessage{fresh_id(), chat_id, Content{ContentType::kText, text, {}}, {}, {}});
}

}  // namespace godwit::testing
