// Loading: what the journal's records mean. Bytes from a disk are hostile: whatever does not parse
// is left out and counted, and what it held is asked of the server again.
#include <charconv>

#include "shared/base/utf8.h"
#include "shared/client/client_store.h"
#include "shared/client/debris.h"
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
bool load_retry(const Split& record, ClientState& state) {
  std::string_view digits = record.head;
  std::uint64_t order = 0;
  std::string temp_id(record.body);
  const OutboxEntry* entry = state.outbox.find(temp_id);
  if (!take_number(digits, order) || entry == nullptr || entry->harm == Harm::kPartial)
    return false;
  state.outbox.retry(temp_id, Instant{}, order);
  state.outbox.find(temp_id)->durable = true;
  return true;
}

bool load_refusal(const Split& record, ClientState& state) {
  OutboxEntry* entry = state.outbox.find(std::string(record.body));
  if (entry == nullptr) return false;
  entry->failed = parse_code(record.head).value_or(Code::kConflict);
  if (record.head == kDamagedCode) entry->harm = Harm::kDoubtful;
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
    case 'F':
      return load_refusal(split, state);
    case 'N':
      return load_retry(split, state);
    case 'B':
      return load_partial(rest, state);
    default:
      return false;
  }
}

bool load_session(std::string_view text, ClientState& state) {
  std::uint64_t generation = 0;
  if (!take_number(text, generation) || text.size() > limits::kEpochBytesMax) return false;
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

// The chat of a stretch or a message. In /h a chat's snapshot stands before them: without it, the
// snapshot is lost, and they are kept for it. In /c they may be of a chat since forgotten.
ChatReplica* chat_to_load(ClientState& state, ChatId chat_id, bool make) {
  return make ? &state.chat(chat_id) : state.find_chat(chat_id);
}

// The chat of a record that was read; one whose chat is no more is read, and of none.
struct Loaded {
  bool good = false;
  ChatReplica* chat = nullptr;
};

Loaded load_page(std::string_view record, ClientState& state, bool make) {
  Split split = split_line(record);
  auto chat_id = parse_id<ChatId>(split.head);
  auto page = decode_page(split.body);
  if (!chat_id || !page) return {};
  ChatReplica* chat = chat_to_load(state, *chat_id, make);
  if (chat != nullptr) chat->merge_page(*page);
  return {true, chat};
}

// A changed message.
Loaded load_stray(std::string_view json, ClientState& state, bool make) {
  auto message = decode_message(json);
  if (!message) return {};
  ChatReplica* chat = chat_to_load(state, message->chat_id, make);
  if (chat != nullptr) chat->merge_stray(*message);
  return {true, chat};
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

// The position counts only where all items up to it are there: else what is lost is asked for
// again.
bool load_position(std::string_view record, ClientState& state) {
  std::uint64_t held = 0;
  std::uint64_t sum = 0;
  if (!take_number(record, held)) return false;
  bool complete = !take_number(record, sum) || sum == state.private_items.sum();
  if (complete) state.private_items.position().advance_to(UserSeq{held});
  return complete;
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
      return load_page(rest, state, true).good;
    case 'M':
      return load_hot_stray(rest, state);
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
    case 'P':
      return load_position(rest, state);
    case 'X': {
      auto chat_id = parse_id<ChatId>(rest);
      if (chat_id) state.chats.erase(*chat_id);
      return chat_id.has_value();
    }
    default:
      return false;
  }
}

Loaded load_cache_record(std::string_view payload, ClientState& state, bool make) {
  if (payload.empty()) return {};
  std::string_view rest = payload.substr(1);
  std::uint64_t generation = 0;
  if (!take_number(rest, generation)) return {};
  if (generation != state.cache_generation) return {true, nullptr};  // void
  if (payload[0] == 'K') return load_page(rest, state, make);
  if (payload[0] == 'L' && !rest.empty()) return load_stray(rest.substr(1), state, make);
  return {};
}

// An id that is no chat's here may be a damaged one.
std::optional<std::set<ChatId>> known_ones(std::optional<std::set<ChatId>> chats,
                                           const ClientState& state) {
  if (!chats) return chats;
  for (ChatId chat_id : *chats) {
    if (state.find_chat(chat_id) == nullptr) return std::nullopt;
  }
  return chats;
}

}  // namespace

MountLog::LoadReport ClientStore::load_queue(const std::vector<StoredFile>& files,
                                             ClientState& state) {
  std::uint32_t refused = 0;
  auto report = log(Mount::kQueue).load(files, [&](std::string_view payload) {
    if (!load_queue_record(payload, state)) ++refused;
  });
  report.damaged += refused;
  if (log(Mount::kQueue).doubtful()) salvage_queue(report, state);
  return report;
}

MountLog::LoadReport ClientStore::load_hot(const std::vector<StoredFile>& files,
                                           ClientState& state) {
  std::uint32_t refused = 0;
  auto report = log(Mount::kHot).load(files, [&](std::string_view payload) {
    if (!load_hot_record(payload, state)) ++refused;
  });
  report.damaged += refused;
  hit_[index(Mount::kHot)] = known_ones(chats_hit(report), state);
  bool noted = report.note && !report.note->empty() && report.note->front() == 'h';
  if (state.epoch.empty() && noted) (void)load_session(report.note->substr(1), state);
  state.epoch_lost = state.epoch.empty() && (!state.chats.empty() || report.damage());
  return report;
}

ClientStore::CachePart ClientStore::load_cache(const std::vector<StoredFile>& files, bool last,
                                               ClientState& state) {
  CachePart part;
  part.report = log(Mount::kCache).load_part(files, last, [&](std::string_view payload) {
    Loaded loaded = load_cache_record(payload, state, doubtful(Mount::kHot));
    if (!loaded.good) ++cache_refused_;
    if (loaded.chat != nullptr) part.chats.insert(loaded.chat->chat_id());
  });
  if (!part.report) return part;
  part.report->damaged += cache_refused_;
  hit_[index(Mount::kCache)] = known_ones(chats_hit(*part.report), state);
  return part;
}

}  // namespace godwit
