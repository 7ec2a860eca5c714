// Loading: what the journal's records mean. Bytes from a disk are hostile: whatever does not parse
// is left out and counted, and what it held is asked of the server again.
#include <charconv>

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

bool load_operation(std::string_view record, ClientState& state) {
  Split split = split_line(record);
  std::uint64_t order = 0;
  std::uint64_t created_ms = 0;
  if (!take_number(split.head, order) || !take_number(split.head, created_ms)) return false;
  DecodedClientFrame decoded = decode_client_frame(split.body);
  if (!decoded.frame) return false;
  auto operation = to_operation(std::move(*decoded.frame));
  if (!operation) return false;
  if (state.outbox.find(temp_id_of(*operation)) != nullptr) return true;  // written again
  Timestamp created{static_cast<std::int64_t>(created_ms)};
  state.outbox.restore(std::move(*operation), order, created).durable = true;
  return true;
}

bool load_queue_record(std::string_view payload, ClientState& state) {
  if (payload.empty()) return false;
  std::string_view rest = payload.substr(1);
  Split split = split_line(rest);
  switch (payload[0]) {
    case 'O':
      return load_operation(rest, state);
    case 'D':
      state.outbox.remove(std::string(rest));
      return true;
    case 'F': {
      OutboxEntry* entry = state.outbox.find(std::string(split.body));
      if (entry != nullptr) entry->failed = parse_code(split.head).value_or(Code::kConflict);
      return entry != nullptr;
    }
    case 'N': {
      OutboxEntry* entry = state.outbox.find(std::string(split.body));
      if (entry == nullptr) return false;
      state.outbox.retry(std::string(split.body), Instant{});
      state.outbox.find(std::string(split.body))->durable = true;
      return true;
    }
    default:
      return false;
  }
}

bool load_session(std::string_view text, ClientState& state) {
  std::uint64_t generation = 0;
  if (!take_number(text, generation)) return false;
  state.cache_generation = generation;
  state.epoch = std::string(text);
  return true;
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

bool load_page(std::string_view record, ClientState& state) {
  Split split = split_line(record);
  auto chat_id = parse_id<ChatId>(split.head);
  auto page = decode_page(split.body);
  if (!chat_id || !page) return false;
  ChatReplica* chat = state.find_chat(*chat_id);
  if (chat != nullptr) chat->merge_page(*page);  // of a chat since forgotten: nothing to do
  return true;
}

// A changed message. One from /h is not in /c yet and will have to go there.
bool load_stray(std::string_view json, ClientState& state, bool archived) {
  auto message = decode_message(json);
  if (!message) return false;
  ChatReplica* chat = state.find_chat(message->chat_id);
  if (chat == nullptr) return true;
  chat->merge_stray(*message);
  if (!archived) chat->strays().insert(message->seq);
  return true;
}

bool load_covered(std::string_view record, ClientState& state) {
  std::uint64_t chat_id = 0;
  std::uint64_t to = 0;
  if (!take_number(record, chat_id) || !take_number(record, to)) return false;
  state.chat(ChatId{chat_id}).covered(Seq{to}, Receipts{});
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

bool load_hot_record(std::string_view payload, ClientState& state) {
  if (payload.empty()) return false;
  std::string_view rest = payload.substr(1);
  switch (payload[0]) {
    case 'S':
      return load_session(rest, state);
    case 'C':
      return load_snapshot(rest, state);
    case 'G':
      return load_page(rest, state);
    case 'M':
      return load_stray(rest, state, false);
    case 'V':
      return load_covered(rest, state);
    case 'R':
      return load_receipts(rest, state);
    case 'U':
      return load_private(rest, state);
    case 'E': {
      auto event = decode_event(rest);
      if (event) state.chat(event->chat_id).apply(*event);
      return event.is_ok();
    }
    case 'P': {
      std::uint64_t held = 0;
      if (!take_number(rest, held)) return false;
      state.private_items.position().advance_to(UserSeq{held});
      return true;
    }
    case 'X': {
      auto chat_id = parse_id<ChatId>(rest);
      if (chat_id) state.chats.erase(*chat_id);
      return chat_id.has_value();
    }
    default:
      return false;
  }
}

bool load_cache_record(std::string_view payload, ClientState& state) {
  if (payload.empty()) return false;
  std::string_view rest = payload.substr(1);
  std::uint64_t generation = 0;
  if (!take_number(rest, generation)) return false;
  if (generation != state.cache_generation) return true;  // void
  if (payload[0] == 'K') return load_page(rest, state);
  if (payload[0] == 'L' && !rest.empty()) return load_stray(rest.substr(1), state, true);
  return false;
}

}  // namespace

MountLog::LoadReport ClientStore::load_queue(const std::vector<StoredFile>& files,
                                             ClientState& state) {
  std::uint32_t refused = 0;
  auto report = log(Mount::kQueue).load(files, [&](std::string_view payload) {
    if (!load_queue_record(payload, state)) ++refused;
  });
  report.damaged += refused;
  return report;
}

MountLog::LoadReport ClientStore::load_hot(const std::vector<StoredFile>& files,
                                           ClientState& state) {
  std::uint32_t refused = 0;
  auto report = log(Mount::kHot).load(files, [&](std::string_view payload) {
    if (!load_hot_record(payload, state)) ++refused;
  });
  report.damaged += refused;
  return report;
}

MountLog::LoadReport ClientStore::load_cache(const std::vector<StoredFile>& files,
                                             ClientState& state) {
  std::uint32_t refused = 0;
  auto report = log(Mount::kCache).load(files, [&](std::string_view payload) {
    if (!load_cache_record(payload, state)) ++refused;
  });
  report.damaged += refused;
  return report;
}

}  // namespace godwit
