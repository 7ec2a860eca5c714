// The planner of a sync and the answer that the server builds by it: for any request, honest or
// not, over any state of the database, the answer covers what it must, tells nothing that is not
// the viewer's, and stays within its limits. The input says what is wished for, then a database
// (model_reader.h), then the rest of the request.
#include <algorithm>
#include <set>

#include "server/app/sync_answer.h"
#include "shared/base/hash.h"
#include "shared/domain/sync_plan.h"
#include "shared/protocol/codec.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/model_reader.h"

namespace godwit::fuzz {
namespace {

Seq some_position(Input& input, Seq head) {
  switch (input.below(8)) {
    case 0:
      return Seq{};
    case 1:
      return head;
    case 2:
      return head.next();
    case 3:
      return Seq{limits::kPositionMax};
    case 4:
      return Seq{head.value > limits::kSyncEventsMax ? head.value - limits::kSyncEventsMax : 1};
    default:
      return Seq{input.below(0x10000) % (head.value + 2)};
  }
}

BlockSums some_sums(Input& input, const ModelChat& chat) {
  BlockSums sums;
  for (std::uint32_t count = input.below(5); count > 0; --count) {
    const std::uint64_t number = input.below(5) == 4 ? ~0ULL >> 11 : input.below(4);
    std::uint64_t sum = 0;
    for (const auto& [seq, message] : chat.messages) {
      if (seq.value / limits::kBlockSeqs == number) {
        sum += block_hash(message.message_id.value, message.rev.value);
      }
    }
    sums[number] = input.flag() ? sum : sum + 1;
  }
  return sums;
}

SyncRequest some_request(Input& input, const ModelReader& reader, std::uint8_t wishes) {
  SyncRequest request;
  request.request_id = "r";
  for (std::uint32_t count = input.below(30); count > 0; --count) {
    const ChatId chat_id{100 + input.below(ModelReader::kChatsMax + 2)};
    const ModelChat* chat = reader.find(chat_id);
    request.chats[chat_id] = some_position(input, chat == nullptr ? Seq{} : chat->row.head);
    if (chat != nullptr && input.below(4) == 0) request.blocks[chat_id] = some_sums(input, *chat);
  }
  request.rest = (wishes & 1) != 0;
  if ((wishes & 2) != 0) request.user = UserSeq{input.below(1'200)};
  return request;
}

// Listens to an answer, part by part, and knows in the end what it covered.
class Listener {
 public:
  Listener(const ModelReader& reader, const SyncRequest& request)
      : reader_(reader), request_(request) {}

  void hear(const SyncResponse& response) {
    const std::string written = encode(ServerFrame{response});
    FUZZ_REQUIRE("[SY41] a part fits one frame", written.size() <= limits::kServerFrameBytesMax);
    auto decoded = decode_server_frame(written);
    FUZZ_REQUIRE("[WI25] a part reads back equal",
                 decoded.is_ok() && *decoded == ServerFrame{response});
    FUZZ_REQUIRE("[SY41] a part names its request", response.request_id == request_.request_id);
    std::visit([this](const auto& part) { on(part); }, response.part);
  }

  void check_covered() {
    for (const auto& [chat_id, held] : request_.chats) check_named(chat_id, held);
    std::size_t owed = 0;
    for (const auto& [chat_id, chat] : reader_.chats) {
      const bool rest = reader_.is_member(chat_id) && request_.chats.count(chat_id) == 0;
      if (!rest) continue;
      ++owed;
      FUZZ_REQUIRE("[SY3] rest brings every chat that was not named, and only if asked for",
                   (rest_.count(chat_id) != 0) == request_.rest);
    }
    FUZZ_REQUIRE("[SY3] rest brings nothing else", rest_.size() == (request_.rest ? owed : 0));
    FUZZ_REQUIRE("[SY3] only so many chats of rest come with a page",
                 rest_pages_ <= limits::kRestPagesMax);
    if (request_.user) check_items();
    check_blocks();
  }

 private:
  void on(const SyncRemoved& part) {
    FUZZ_REQUIRE("[SY2] removed is what one is not in", !reader_.is_member(part.chat_id));
    FUZZ_REQUIRE("[SY2] a chat is answered once", removed_.insert(part.chat_id).second);
  }

  void on(const SyncEvents& part) {
    FUZZ_REQUIRE("[OR43] events are of a chat that one is in", reader_.is_member(part.chat_id));
    auto known = covered_.find(part.chat_id);
    const Seq expected = known == covered_.end() ? request_.chats.at(part.chat_id) : known->second;
    FUZZ_REQUIRE("[WI36] ranges lie end to end", part.from == expected && part.from <= part.to);
    Seq at = part.from;
    for (const ChatEvent& event : part.events) {
      FUZZ_REQUIRE("[WI36] events are contiguous", event.seq == at.next());
      check_own(event.message);
      FUZZ_REQUIRE("[OR41] a tempId is told to its actor alone",
                   event.temp_id.empty() || event.actor_id == ModelReader::kViewer);
      at = event.seq;
    }
    FUZZ_REQUIRE("[WI36] events cover their range", at == part.to);
    covered_[part.chat_id] = part.to;
  }

  void on(const SyncChat& part) {
    const ChatId chat_id = part.state.chat_id;
    FUZZ_REQUIRE("[OR43] a state is of a chat that one is in", reader_.is_member(chat_id));
    const ModelChat& chat = reader_.chats.at(chat_id);
    FUZZ_REQUIRE("[SY2] a state is that of the head", part.state.head == chat.row.head);
    auto& heard = part.reset ? resets_ : rest_;
    FUZZ_REQUIRE("[SY2] a chat is answered once", heard.insert(chat_id).second);
    FUZZ_REQUIRE("[SY2] a reset is of a named chat, the rest are the others",
                 (request_.chats.count(chat_id) != 0) == part.reset);
    if (part.reset) FUZZ_REQUIRE("[SY2] a reset has a page", part.page.has_value());
    if (part.state.last_message) check_own(*part.state.last_message);
    if (!part.page) return;
    if (!part.reset) ++rest_pages_;
    FUZZ_REQUIRE("[SY2] a page ends at the head", part.page->to == chat.row.head);
    FUZZ_REQUIRE("[SY41] a page is within its limit",
                 part.page->messages.size() <= limits::kPageMessagesDefault);
    check_page(chat, *part.page);
  }

  void on(const SyncUser& part) {
    FUZZ_REQUIRE("[PV1] private items come when asked for", request_.user.has_value());
    UserSeq from = *request_.user;
    if (from.value > reader_.items.size()) from = UserSeq{};
    const UserSeq expected = items_heard_ ? items_to_ : from;
    FUZZ_REQUIRE("[WI36] ranges of items lie end to end", part.from == expected);
    items_heard_ = true;
    UserSeq at = part.from;
    for (const PrivateItem& item : part.items) {
      FUZZ_REQUIRE("[PV1] items are contiguous here", item.user_seq == at.next());
      at = item.user_seq;
    }
    FUZZ_REQUIRE("[PV1] items cover their range", at == part.to);
    items_to_ = part.to;
  }

  void on(const SyncBlock& part) {
    FUZZ_REQUIRE("[OR43] a block is of a chat that one is in", reader_.is_member(part.chat_id));
    check_page(reader_.chats.at(part.chat_id), part.page);
    for (const Message& message : part.page.messages) {
      FUZZ_REQUIRE("[SY5] a block holds its own messages",
                   message.seq.value / limits::kBlockSeqs == part.block);
      block_messages_[{part.chat_id, part.block}].insert(message.seq);
    }
    blocks_heard_.insert({part.chat_id, part.block});
  }

  void on(const SyncDone&) {}

  void check_own(const Message& message) {
    FUZZ_REQUIRE("[OR41] a tempId is told to its owner alone",
                 message.temp_id.empty() || message.sender_id == ModelReader::kViewer);
  }

  // All messages of its range, as they stand.
  void check_page(const ModelChat& chat, const Page& page) {
    auto at = chat.messages.lower_bound(page.from);
    for (const Message& message : page.messages) {
      check_own(message);
      FUZZ_REQUIRE(
          "[WI36] a page holds every message of its range",
          at != chat.messages.end() && at->first == message.seq && at->second.rev == message.rev);
      ++at;
    }
    FUZZ_REQUIRE("[WI36] a page leaves out none at its end",
                 at == chat.messages.end() || at->first > page.to);
    const bool older = !chat.messages.empty() && chat.messages.begin()->first < page.from;
    FUZZ_REQUIRE("[ST25] a page says whether there is more before it",
                 page.has_before == older || page.from > page.to || !older);
  }

  void check_named(ChatId chat_id, Seq held) {
    if (!reader_.is_member(chat_id)) {
      FUZZ_REQUIRE("[SY2] a chat one is not in is removed", removed_.count(chat_id) == 1);
      return;
    }
    const ModelChat& chat = reader_.chats.at(chat_id);
    const Seq joined = chat.members.at(ModelReader::kViewer).joined_seq;
    const bool reset = resets_.count(chat_id) != 0;
    const bool events = covered_.count(chat_id) != 0;
    FUZZ_REQUIRE("[SY2] a named chat is answered in one form", reset != events);
    if (events) {
      FUZZ_REQUIRE("[SY2] events go on to the head", covered_.at(chat_id) == chat.row.head);
      FUZZ_REQUIRE(
          "[SY2] over 500 behind, or past the head, is a reset",
          held <= chat.row.head && chat.row.head.value - held.value <= limits::kSyncEventsMax);
      FUZZ_REQUIRE("[SY2] what was not one's own to see stays unseen",
                   held.value == 0 || held >= joined.prev());
    }
    FUZZ_REQUIRE("[SY2] the form is the planner's, or a reset of what grew too long",
                 reset || sync_form(held, chat.row.head, joined) == SyncForm::kEvents);
  }

  void check_items() {
    FUZZ_REQUIRE("[PV1] items go on to the head",
                 items_heard_ && items_to_.value == reader_.items.size());
  }

  // Nothing here is so long that a block would be left for the next request.
  void check_blocks() {
    for (const auto& [chat_id, sums] : request_.blocks) {
      if (!reader_.is_member(chat_id)) continue;
      for (const auto& [number, held_sum] : sums) {
        const auto heard = block_messages_.find({chat_id, number});
        std::uint64_t sum = 0;
        std::size_t count = 0;
        for (const auto& [seq, message] : reader_.chats.at(chat_id).messages) {
          if (seq.value / limits::kBlockSeqs != number) continue;
          sum += block_hash(message.message_id.value, message.rev.value);
          ++count;
        }
        if (sum == held_sum) {
          FUZZ_REQUIRE("[SY5] a block that is whole is not sent",
                       blocks_heard_.count({chat_id, number}) == 0);
        } else if (heard != block_messages_.end()) {
          FUZZ_REQUIRE("[SY5] a damaged block is sent whole", heard->second.size() == count);
        }
      }
    }
  }

  using Block = std::pair<ChatId, std::uint64_t>;
  const ModelReader& reader_;
  const SyncRequest& request_;
  std::set<ChatId> removed_;
  std::set<ChatId> resets_;
  std::set<ChatId> rest_;
  std::size_t rest_pages_ = 0;
  std::map<ChatId, Seq> covered_;
  bool items_heard_ = false;
  UserSeq items_to_;
  std::set<Block> blocks_heard_;
  std::map<Block, std::set<Seq>> block_messages_;
};

}  // namespace
}  // namespace godwit::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace godwit;
  using namespace godwit::fuzz;
  Input input(data, size);
  const std::uint8_t wishes = input.byte();  // first, so that a short input can ask for much
  ModelReader reader(input);
  const SyncRequest request = some_request(input, reader, wishes);
  server::SyncAnswerBuilder builder(reader, ModelReader::kViewer);
  const std::vector<SyncResponse> parts = builder.build(request);
  FUZZ_REQUIRE("[SY41] an answer has a part", !parts.empty());
  Listener listener(reader, request);
  for (const SyncResponse& part : parts) {
    FUZZ_REQUIRE("[SY41] the last part alone has done", part.done == (&part == &parts.back()));
    listener.hear(part);
  }
  listener.check_covered();
  return 0;
}
