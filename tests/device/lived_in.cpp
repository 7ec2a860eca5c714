#include "shared/protocol/codec.h"
#include "tests/device/causes.h"
#include "tests/device/device.h"

namespace godwit::testing {
namespace {

// Makes the journal grow: a compaction comes with every 512 KiB.
std::string long_text(std::uint64_t number) {
  return "message " + std::to_string(number) + " " + std::string(3'800, 'x');
}

MessageId message_at(const Backend& backend, ChatId chat_id, std::uint64_t seq) {
  const auto& messages = backend.server.chats().at(chat_id).messages;
  auto it = messages.lower_bound(Seq{seq});
  return it == messages.end() ? MessageId{} : it->second.message_id;
}

// A group that was followed from its first day: its log is held whole.
void follow(Backend& backend, Device& device, ChatId chat_id) {
  for (std::uint64_t i = 1; i <= 300; ++i) {
    backend.say(i % 3 == 0 ? kMe : kYou, chat_id, long_text(i));
    if (i % 20 == 0) {
      MessageId target = message_at(backend, chat_id, i / 2);
      backend.act(kYou, React{backend.fresh_id(), chat_id, target, "x", true});
    }
    device.settle();
  }
  MessageId edited = message_at(backend, chat_id, 4);
  Content content{ContentType::kText, "edited much later", {}};
  UserId author = backend.server.chats().at(chat_id).messages.lower_bound(Seq{4})->second.sender_id;
  backend.act(author, EditMessage{backend.fresh_id(), chat_id, edited, content});
  backend.act(kMe, DeleteMessage{backend.fresh_id(), chat_id, message_at(backend, chat_id, 30)});
  device.settle();
}

// Whenever history leaves the hot mount, something of it is changed before that is written.
Device::OnBatch change_what_leaves(Backend& backend) {
  return [&backend, add = false](Device& device, const Batch& batch) mutable {
    const MountFiles& before = device.disks()[static_cast<std::size_t>(batch.mount)];
    if (causes_of(batch, before).count("c L") == 0) return Device::Fate::kWrite;
    for (const auto& [chat_id, chat] : backend.server.chats()) {
      if (chat.known.info.name != "Long") continue;
      add = !add;
      backend.act(kYou,
                  React{backend.fresh_id(), chat_id, message_at(backend, chat_id, 9), "m", add});
    }
    device.hear();
    return Device::Fate::kWrite;
  };
}

// Two edits that come too late: one stays as refused, the other is tried again later.
void be_refused(Backend& backend, Device& device, LivedIn& made) {
  for (int i = 0; i < 2; ++i) {
    Content content{ContentType::kText, "too late", {}};
    MessageId deleted = message_at(backend, made.chats[0], 30);
    made.unsent.push_back(
        device.intend(EditMessage{backend.fresh_id(), made.chats[0], deleted, content}));
    device.pass(1'000);
  }
}

// A chat that one is put out of.
void be_put_out(Backend& backend, Device& device) {
  backend.act(kYou, CreateChat{backend.fresh_id(), ChatType::kGroup, "Left", {kMe}});
  ChatId chat_id;
  for (const auto& [id, chat] : backend.server.chats()) {
    if (chat.known.info.name == "Left") chat_id = id;
  }
  backend.say(kYou, chat_id, "goodbye");
  device.settle();
  backend.act(kYou, RemoveMember{backend.fresh_id(), chat_id, kMe});
  device.pass(1'000);
}

// The last operation in the outbox was damaged once, and what could be read of it was kept.
Disks with_a_rest(Backend& backend, Disks disks) {
  std::string& bytes = disks[0]["s1"];
  std::size_t text = bytes.find("hardly readable");
  GODWIT_CHECK(text != std::string::npos);
  bytes[text - 2] = '!';
  Device device(backend, std::move(disks), false);
  device.pass(1'000);
  return device.disks();
}

void write_without_network(Backend& backend, Device& device, LivedIn& made) {
  ChatId big = made.chats[0];
  made.unsent.push_back(device.send(big, "first words written without a network"));
  made.unsent.push_back(device.send(big, "second \"words\"\nin two lines"));
  made.unsent.push_back(device.send(made.chats[2], "გამარჯობა"));
  const auto& messages = backend.server.chats().at(big).messages;
  for (auto it = messages.rbegin(); it != messages.rend(); ++it) {
    if (it->second.sender_id != kMe || !it->second.content) continue;
    if (it->second.content->type != ContentType::kText) continue;
    Content content{ContentType::kText, "a change of mind", {}};
    made.unsent.push_back(
        device.intend(EditMessage{backend.fresh_id(), big, it->second.message_id, content}));
    break;
  }
  made.unsent.push_back(
      device.intend(React{backend.fresh_id(), big, message_at(backend, big, 250), "y", true}));
  made.unsent.push_back(
      device.intend(SetPrivate{backend.fresh_id(), "draft", made.chats[1], {}, "\"half a\""}));
}

}  // namespace

LivedIn lived_in() {
  LivedIn made;
  made.backend = std::make_unique<Backend>();
  Backend& backend = *made.backend;
  ChatId paged = backend.make_group("Paged");
  for (int i = 0; i < 400; ++i) backend.say(kYou, paged, "old " + std::to_string(i));
  Device device(backend, Disks{}, true, change_what_leaves(backend));
  device.pass(1'000);
  made.chats = {backend.make_group("Long"), paged, backend.make_group("Small")};
  std::uint32_t view = device.open(paged);
  device.load_older(view);
  for (int i = 0; i < 5; ++i) backend.say(kYou, paged, "newer " + std::to_string(i));
  follow(backend, device, made.chats[0]);
  for (int i = 0; i < 6; ++i) backend.say(kYou, made.chats[2], "small " + std::to_string(i));
  device.settle();
  for (std::uint64_t seq : {5, 60, 200, 290}) {
    device.intend(SetPrivate{backend.fresh_id(), "star", made.chats[0],
                             message_at(backend, made.chats[0], seq), "true"});
  }
  device.intend(SetPrivate{backend.fresh_id(), "mute", made.chats[1], {}, "true"});
  device.intend(SetPrivate{backend.fresh_id(), "setting.theme", {}, {}, "\"dark\""});
  (void)device.give(IntendRead{made.chats[2], Seq{4}});
  be_put_out(backend, device);
  be_refused(backend, device, made);
  device.pass(2'000);
  device.go_offline();
  (void)device.give(Retry{made.unsent.back()});
  write_without_network(backend, device, made);
  made.unsent.push_back(device.send(made.chats[1], "hardly readable"));
  device.pass(1'000);
  made.disks = with_a_rest(backend, device.disks());
  return made;
}

std::unique_ptr<Device> revived(Backend& backend, const Disks& disks) {
  auto device = std::make_unique<Device>(backend, disks);
  device->pass(40'000);
  return device;
}

std::string known_text(const ClientState& state) {
  std::string text;
  for (const auto& [chat_id, chat] : state.chats) {
    if (!chat.known()) continue;
    ChatState about = chat.state();
    about.last_message.reset();
    about.created_at = {};  // a chat that was met by its events does not know it
    about.members = chat.present();
    about.unread = chat.unread(hidden_messages(state.private_items, chat_id));
    about.head = chat.held();
    text += encode_chat_state(about) + "\n";
    for (const auto& [seq, message] : chat.timeline().messages()) {
      const Segment* segment = chat.timeline().segments().find(seq);
      if (segment != nullptr && segment->checked) text += "  " + encode_message(message) + "\n";
    }
  }
  for (const auto& [name, item] : state.private_items.all()) {
    text += encode_private_item(item) + "\n";
  }
  text += "userSeq " + std::to_string(state.private_items.position().held().value) + "\n";
  for (const OutboxEntry* entry : state.outbox.all()) {
    text +=
        "outbox " + encode(to_frame(entry->operation)) + (entry->failed ? " failed" : "") + "\n";
  }
  return text;
}

}  // namespace godwit::testing
