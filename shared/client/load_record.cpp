#include "shared/client/load_record.h"

#include <charconv>

#include "shared/base/mutation.h"
#include "shared/base/utf8.h"
#include "shared/client/client_store.h"
#include "shared/protocol/codec.h"
#include "shared/protocol/codes.h"

namespace godwit {
namespace {

// "<head>\n<body>".
struct Split {
  std::string_view head;
  std::string_view body;
};

Split split_line(std::string_view text) {
  std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return Split{text, {}};
  return Split{text.substr(0, end), text.substr(end + 1)};
}

// Takes the next unsigned number off `text`; false where there is none.
bool take_number(std::string_view& text, std::uint64_t& value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty() && text[0] == ' ') text.remove_prefix(1);
  return true;
}

LoadedRecord read_as(bool good) { return {good ? Taken::kYes : Taken::kMalformed, nullptr}; }

bool load_operation(std::string_view record, ClientState& state) {
  Split split = split_line(record);
  std::uint64_t order = 0;
  std::uint64_t created_ms = 0;
  if (!take_number(split.head, order) || !take_number(split.head, created_ms)) return false;
  DecodedClientFrame decoded = decode_client_frame(split.body);
  if (!decoded.frame) return false;
  auto operation = to_operation(std::move(*decoded.frame));
  if (!operation) return false;
  std::string temp_id = temp_id_of(*operation);
  if (state.outbox.find(temp_id) != nullptr) {  // written again, when it was retried unsaved
    state.outbox.retry(temp_id, Instant{}, order);
    state.outbox.find(temp_id)->durable = true;
    return true;
  }
  Timestamp created{static_cast<std::int64_t>(created_ms)};
  state.outbox.restore(std::move(*operation), order, created).durable = true;
  return true;
}

// "<order> <created ms> <chatId>\n<text>": what could be made out of a damaged operation.
bool load_partial(std::string_view record, ClientState& state) {
  Split split = split_line(record);
  std::uint64_t order = 0;
  std::uint64_t created_ms = 0;
  std::uint64_t chat_id = 0;
  bool good = take_number(split.head, order) && take_number(split.head, created_ms) &&
              take_number(split.head, chat_id) && is_valid_utf8(split.body);
  if (!good) return false;
  state.outbox.restore_partial(ChatId{chat_id}, std::string(split.body), order,
                               Timestamp{static_cast<std::int64_t>(created_ms)});
  return true;
}

// "<order>\n<tempId>": retried, and from then on in this place.
Taken load_retry(const Split& record, ClientState& state) {
  std::string_view digits = record.head;
  std::uint64_t order = 0;
  if (!take_number(digits, order) || record.body.empty()) return Taken::kMalformed;
  std::string temp_id(record.body);
  const OutboxEntry* entry = state.outbox.find(temp_id);
  if (entry == nullptr || entry->harm == Harm::kPartial) return Taken::kStray;
  state.outbox.retry(temp_id, Instant{}, order);
  state.outbox.find(temp_id)->durable = true;
  return Taken::kYes;
}

Taken load_refusal(const Split& record, ClientState& state) {
  if (record.head.empty() || record.body.empty()) return Taken::kMalformed;
  OutboxEntry* entry = state.outbox.find(std::string(record.body));
  if (entry == nullptr) return Taken::kStray;
  entry->failed = parse_code(record.head).value_or(Code::kConflict);
  if (record.head == kDamagedCode) entry->harm = Harm::kDoubtful;
  return Taken::kYes;
}

LoadedRecord load_queue_record(RecordKind kind, std::string_view rest, ClientState& state) {
  switch (kind) {
    case RecordKind::kQueued:
      return read_as(load_operation(rest, state));
    case RecordKind::kDropped:
      state.outbox.remove(std::string(rest));
      return read_as(!rest.empty());
    case RecordKind::kRefused:
      return {load_refusal(split_line(rest), state), nullptr};
    case RecordKind::kRetried:
      return {load_retry(split_line(rest), state), nullptr};
    case RecordKind::kPartial:
      return read_as(load_partial(rest, state));
    default:
      return {};
  }
}

bool load_snapshot(std::string_view record, ClientState& state) {
  Split split = split_line(record);
  std::uint64_t numbers[5] = {};
  for (std::uint64_t& number : numbers) {
    if (!take_number(split.head, number)) return false;
  }
  auto chat = decode_chat_state(split.body);
  if (!chat) return false;
  ChatReplica replica(chat->chat_id, state.self);
  replica.restore(*chat, ChatReplica::Position{Seq{numbers[0]}, Seq{numbers[1]}, Seq{numbers[2]},
                                               Seq{numbers[3]}, numbers[4] != 0});
  state.chats.insert_or_assign(chat->chat_id, std::move(replica));
  return true;
}

// The chat of a stretch or a message. In /h a chat's snapshot stands before them: without it, the
// snapshot is lost, and they are kept for it. In /c they may be of a chat since forgotten.
ChatReplica* chat_to_load(ClientState& state, ChatId chat_id, bool make) {
  return make ? &state.chat(chat_id) : state.find_chat(chat_id);
}

LoadedRecord load_page(std::string_view record, ClientState& state, bool make) {
  Split split = split_line(record);
  auto chat_id = parse_id<ChatId>(split.head);
  auto page = decode_page(split.body);
  if (!chat_id || !page) return {};
  ChatReplica* chat = chat_to_load(state, *chat_id, make);
  if (chat != nullptr) chat->merge_page(*page);
  return {Taken::kYes, chat};
}

// A changed message.
LoadedRecord load_stray(std::string_view json, ClientState& state, bool make) {
  auto message = decode_message(json);
  if (!message) return {};
  ChatReplica* chat = chat_to_load(state, message->chat_id, make);
  if (chat != nullptr) chat->merge_stray(*message);
  return {Taken::kYes, chat};
}

// One from /h is not in /c yet and will have to go there.
bool load_hot_stray(std::string_view json, ClientState& state) {
  auto message = decode_message(json);
  if (!message) return false;
  ChatReplica& chat = state.chat(message->chat_id);
  chat.merge_stray(*message);
  chat.strays().insert(message->seq);
  return true;
}

bool load_covered(std::string_view record, ClientState& state) {
  std::uint64_t chat_id = 0;
  std::uint64_t to = 0;
  if (!take_number(record, chat_id) || !take_number(record, to)) return false;
  state.chat(ChatId{chat_id}).covered(Seq{to});
  return true;
}

bool load_receipts(std::string_view record, ClientState& state) {
  auto frame = decode_server_frame(record);
  if (!frame) return false;
  const auto* receipts = std::get_if<ReceiptsFrame>(&frame.value());
  if (receipts == nullptr) return false;
  state.chat(receipts->chat_id).watermarks().merge(receipts->receipts);
  return true;
}

bool load_private(std::string_view record, ClientState& state) {
  auto item = decode_private_item(record);
  if (!item) return false;
  state.private_items.merge(*item);
  return true;
}

// The position counts only where all items up to it are there: else what is lost is asked for
// again.
Taken load_position(std::string_view record, ClientState& state) {
  std::uint64_t held = 0;
  std::uint64_t sum = 0;
  if (!take_number(record, held)) return Taken::kMalformed;
  bool complete = !take_number(record, sum) || sum == state.private_items.sum();
  if (complete) state.private_items.position().advance_to(UserSeq{held});
  return complete ? Taken::kYes : Taken::kStray;
}

bool load_event(std::string_view record, ClientState& state) {
  auto event = decode_event(record);
  if (event) state.chat(event->chat_id).apply(*event);
  return event.is_ok();
}

bool load_forgotten(std::string_view record, ClientState& state) {
  auto chat_id = parse_id<ChatId>(record);
  if (chat_id) state.chats.erase(*chat_id);
  return chat_id.has_value();
}

LoadedRecord load_hot_record(RecordKind kind, std::string_view rest, ClientState& state) {
  switch (kind) {
    case RecordKind::kSession:
      return read_as(load_session(rest, state));
    case RecordKind::kChat:
      return read_as(load_snapshot(rest, state));
    case RecordKind::kStretch:
      return load_page(rest, state, true);
    case RecordKind::kChanged:
      return read_as(load_hot_stray(rest, state));
    case RecordKind::kReceipts:
      return read_as(load_receipts(rest, state));
    case RecordKind::kPrivateItem:
      return read_as(load_private(rest, state));
    case RecordKind::kEvent:
      return read_as(load_event(rest, state));
    case RecordKind::kPrivatePosition:
      return {load_position(rest, state), nullptr};
    case RecordKind::kForgotten:
      return read_as(load_forgotten(rest, state));
    default:
      return {};
  }
}

LoadedRecord load_cache_record(RecordKind kind, std::string_view rest, ClientState& state,
                               bool make) {
  std::uint64_t generation = 0;
  if (!take_number(rest, generation)) return {};
  if (generation != state.cache_generation) return {Taken::kYes, nullptr};  // void
  if (kind == RecordKind::kHistory) return load_page(rest, state, make);
  if (kind == RecordKind::kChangedOld && !rest.empty()) {
    return load_stray(rest.substr(1), state, make);
  }
  return {};
}

}  // namespace

LoadedRecord load_record(std::string_view payload, Mount mount, bool make_chats,
                         ClientState& state) {
  if (mutated(Mutation::kPositionApart) && !payload.empty() && payload.front() == kPositionAlone) {
    return read_as(load_covered(payload.substr(1), state));
  }
  const RecordForm* form = record_form(payload);
  if (form == nullptr || form->mount != mount) return {};
  std::string_view rest = payload.substr(1);
  switch (mount) {
    case Mount::kQueue:
      return load_queue_record(form->kind, rest, state);
    case Mount::kHot:
      return load_hot_record(form->kind, rest, state);
    case Mount::kCache:
      return load_cache_record(form->kind, rest, state, make_chats);
  }
  return {};
}

bool load_session(std::string_view text, ClientState& state) {
  std::uint64_t generation = 0;
  if (!take_number(text, generation) || text.size() > limits::kEpochBytesMax) return false;
  state.cache_generation = generation;
  state.epoch = std::string(text);
  return true;
}

}  // namespace godwit
