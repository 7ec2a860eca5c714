#include "tests/fuzz/storage_seeds.h"

#include "shared/base/prng.h"
#include "shared/journal/batch_store.h"
#include "shared/protocol/codec.h"

namespace godwit::fuzz {
namespace {

class Journal {
 public:
  explicit Journal(std::uint64_t seed) : prng_(seed) {}

  std::string write() {
    record(Mount::kHot, "S1 epoch");
    for (std::uint64_t steps = 3 + prng_.below(10); steps > 0; --steps) write_one();
    if (prng_.chance(20)) step(Mount::kHot, 4, prng_.below(4'000), {});
    if (prng_.chance(20)) step(Mount::kQueue, 5, prng_.below(200), {});
    return std::move(bytes_);
  }

 private:
  void step(Mount mount, unsigned kind, std::uint64_t n, std::string_view payload) {
    for (std::uint64_t byte :
         {static_cast<std::uint64_t>(mount), std::uint64_t{kind}, n & 0xFF, n >> 8})
      bytes_ += static_cast<char>(byte & 0xFF);
    bytes_ += payload;
  }
  void record(Mount mount, const std::string& payload) { step(mount, 0, payload.size(), payload); }

  ChatId some_chat() { return ChatId{50 + prng_.below(3)}; }
  std::string some_temp_id() { return "t" + std::to_string(prng_.below(6)); }
  Message some_message(ChatId chat_id) {
    Message message;
    message.seq = Seq{1 + prng_.below(12)};
    message.message_id = MessageId{100 * chat_id.value + message.seq.value};
    message.chat_id = chat_id;
    message.rev = Seq{message.seq.value + prng_.below(4)};
    message.sender_id = UserId{7 + prng_.below(2)};
    message.deleted = prng_.chance(20);
    if (!message.deleted) message.content = Content{ContentType::kText, "hi", {}};
    message.pinned = prng_.chance(20);
    return message;
  }
  Page some_page(ChatId chat_id) {
    Page page;
    page.from = Seq{1};
    page.to = Seq{12};
    page.as_of = Seq{12 + prng_.below(3)};
    page.messages.push_back(some_message(chat_id));
    return page;
  }
  ChatState some_state(ChatId chat_id) {
    ChatState state;
    state.chat_id = chat_id;
    state.info = ChatInfo{ChatType::kGroup, "Group", {}, Seq{1}};
    state.members.push_back(Member{UserId{7}, Role::kOwner, Seq{1}, Seq{1}, "me", "Me"});
    state.head = Seq{12};
    if (prng_.chance(50)) state.last_message = some_message(chat_id);
    return state;
  }
  ChatEvent some_event(ChatId chat_id) {
    ChatEvent event;
    event.chat_id = chat_id;
    event.message = some_message(chat_id);
    event.seq = event.message.seq;
    event.actor_id = event.message.sender_id;
    event.timestamp = event.message.timestamp;
    if (event.message.deleted) event.kind = EventKind::kDelete;
    return event;
  }
  ClientFrame some_operation(ChatId chat_id) {
    if (prng_.chance(30))
      return Pin{some_temp_id(), chat_id, MessageId{100 * chat_id.value + 1}, true};
    return SendMessage{some_temp_id(), chat_id, Content{ContentType::kText, "yo", {}}, {}, {}};
  }

  void write_one() {
    const ChatId chat_id = some_chat();
    const std::string order = std::to_string(1 + prng_.below(6));
    switch (prng_.below(13)) {
      case 0:
        return record(Mount::kQueue, "O" + order + " 5\n" + encode(some_operation(chat_id)));
      case 1:
        return record(Mount::kQueue, "Fconflict\n" + some_temp_id());
      case 2:
        return record(Mount::kQueue, "N" + order + "\n" + some_temp_id());
      case 3:
        return record(Mount::kQueue, "D" + some_temp_id());
      case 4:
      case 5:
        return record(Mount::kHot, "C12 1 0 1 0\n" + encode_chat_state(some_state(chat_id)));
      case 6:
        return record(Mount::kHot, "G" + chat_id.str() + "\n" + encode_page(some_page(chat_id)));
      case 7:
        return record(Mount::kHot, "E" + encode_event(some_event(chat_id)));
      case 8:
        return record(Mount::kHot, "M" + encode_message(some_message(chat_id)));
      case 9:
        return record(Mount::kHot, "V" + chat_id.str() + " " + order);
      case 10:
        return record(Mount::kHot,
                      "U" + encode_private_item(PrivateItem{UserSeq{1}, "mute", chat_id, {}, "1"}));
      case 11:
        return record(Mount::kHot, (prng_.chance(50) ? "P" : "X") + chat_id.str());
      default:
        return record(Mount::kCache,
                      "K1 " + chat_id.str() + "\n" + encode_page(some_page(chat_id)));
    }
  }

  Prng prng_;
  std::string bytes_;
};

}  // namespace

std::string random_journal(std::uint64_t seed) { return Journal(seed).write(); }

}  // namespace godwit::fuzz
