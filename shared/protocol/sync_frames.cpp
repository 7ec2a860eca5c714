// sync_request and the forms of sync_response.
#include <charconv>

#include "shared/base/limits.h"
#include "shared/protocol/frames_json.h"
#include "shared/protocol/types_json.h"

namespace godwit::json {
namespace {

// Decimal digits without sign, blank or leading zero.
std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text[0] == '0') || text[0] < '0' || text[0] > '9') {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return value;
}

Result<std::map<ChatId, Seq>> read_held(Value& object) {
  if (object.children.size() > limits::kSyncChatsMax) {
    return Error{Code::kTooLarge, "sync_request.chats names too many"};
  }
  std::map<ChatId, Seq> chats;
  for (const Child& child : object.children) {
    std::optional<ChatId> chat = parse_id<ChatId>(child.key);
    bool good = chat && child.value.kind == Kind::kInteger && child.value.integer >= 0;
    if (!good) return Error{Code::kBadFrame, "sync_request.chats holds what is not a position"};
    chats.emplace(*chat, Seq{static_cast<std::uint64_t>(child.value.integer)});
  }
  return chats;
}

Result<BlockSums> read_sums(const Value& object) {
  BlockSums sums;
  for (const Child& child : object.children) {
    std::optional<std::uint64_t> block = parse_decimal(child.key);
    std::optional<std::uint64_t> sum =
        child.value.kind == Kind::kString ? parse_decimal(child.value.text) : std::nullopt;
    bool good = block && sum && *block <= limits::kPositionMax / limits::kBlockSeqs;
    if (!good) return Error{Code::kBadFrame, "sync_request.blocks holds what is not a sum"};
    sums.emplace(*block, *sum);
  }
  return sums;
}

Result<std::map<ChatId, BlockSums>> read_blocks(Value& object) {
  if (object.children.size() > limits::kSyncChatsMax) {
    return Error{Code::kTooLarge, "sync_request.blocks names too many"};
  }
  std::map<ChatId, BlockSums> blocks;
  for (const Child& child : object.children) {
    std::optional<ChatId> chat = parse_id<ChatId>(child.key);
    if (!chat || child.value.kind != Kind::kObject) {
      return Error{Code::kBadFrame, "sync_request.blocks is malformed"};
    }
    Result<BlockSums> sums = read_sums(child.value);
    if (!sums) return sums.error();
    blocks.emplace(*chat, std::move(sums).value());
  }
  return blocks;
}

void write_blocks(Writer& out, const std::map<ChatId, BlockSums>& blocks) {
  out.open('{');
  for (const auto& [chat, sums] : blocks) {
    out.text_key(chat.str()).open('{');
    for (const auto& [block, sum] : sums) out.text_key(std::to_string(block)).id_value(sum);
    out.close('}');
  }
  out.close('}');
}

}  // namespace

Result<SyncRequest> read_sync_request(Value& frame, bool in_body) {
  Fields fields(frame, "sync_request");
  SyncRequest request;
  request.request_id = in_body ? fields.optional_string("requestId", limits::kRequestIdBytesMax)
                               : fields.string("requestId", limits::kRequestIdBytesMax);
  request.chats = fields.read(fields.object("chats"), read_held);
  request.rest = fields.optional_boolean("rest");
  request.user = fields.optional_position<UserSeq>("user");
  request.blocks = fields.read(fields.optional_object("blocks"), read_blocks);
  if (in_body) request.epoch = fields.optional_string("epoch", limits::kEpochBytesMax);
  return fields.finish(std::move(request));
}

void write_sync_request_fields(Writer& out, const SyncRequest& request) {
  out.optional_field("requestId", request.request_id).key("chats").open('{');
  for (const auto& [chat, seq] : request.chats) {
    out.text_key(chat.str()).unsigned_integer(seq.value);
  }
  out.close('}').optional_flag("rest", request.rest);
  if (request.user) out.position("user", *request.user);
  if (!request.blocks.empty()) write_blocks(out.key("blocks"), request.blocks);
}

namespace {

using Part = decltype(SyncResponse::part);

Result<Part> read_events_part(Value& frame) {
  Fields fields(frame, "sync_response");
  SyncEvents part;
  part.chat_id = fields.id<ChatId>("chatId");
  part.from = fields.position<Seq>("from");
  part.to = fields.position<Seq>("to");
  Value* events = fields.array("events");
  Seq next = part.from.next();
  for (std::size_t i = 0; events != nullptr && i < events->children.size(); ++i) {
    Result<ChatEvent> event = read_event(events->children[i].value);
    if (!event) return event.error();
    bool in_place = event->chat_id == part.chat_id && event->seq == next;
    if (!in_place) fields.refuse(Code::kBadFrame, "sync_response.events are not contiguous");
    next = next.next();
    part.events.push_back(std::move(event).value());
  }
  if (next != part.to.next()) fields.refuse(Code::kBadFrame, "sync_response.to is not the last");
  part.receipts = fields.read(fields.optional_object("receipts"), read_receipts);
  return fields.finish(Part(std::move(part)));
}

Result<Part> read_chat_part(Value& frame) {
  Fields fields(frame, "sync_response");
  SyncChat part;
  auto chat_id = fields.id<ChatId>("chatId");
  part.reset = fields.optional_boolean("reset");
  part.state = fields.read(fields.object("chat"), read_chat_state);
  if (part.state.chat_id != chat_id) fields.refuse(Code::kBadFrame, "chat is another chat");
  part.page = fields.read_optional(fields.optional_object("page"), read_page);
  bool foreign =
      part.page && !part.page->messages.empty() && part.page->messages[0].chat_id != chat_id;
  if (foreign) fields.refuse(Code::kBadFrame, "page is of another chat");
  return fields.finish(Part(std::move(part)));
}

Result<Part> read_removed_part(Value& frame) {
  Fields fields(frame, "sync_response");
  SyncRemoved part{fields.id<ChatId>("chatId")};
  return fields.finish(Part(part));
}

Result<Part> read_user_part(Value& user) {
  Fields fields(user, "user");
  SyncUser part;
  part.from = fields.position<UserSeq>("from");
  part.to = fields.position<UserSeq>("to");
  Value* items = fields.array("items");
  for (std::size_t i = 0; items != nullptr && i < items->children.size(); ++i) {
    Result<PrivateItem> item = read_private_item(items->children[i].value);
    if (!item) return item.error();
    part.items.push_back(std::move(item).value());
  }
  return fields.finish(Part(std::move(part)));
}

Result<Part> read_block_part(Value& frame) {
  Fields fields(frame, "sync_response");
  SyncBlock part;
  part.chat_id = fields.id<ChatId>("chatId");
  part.block = fields.count("block");
  if (part.block > limits::kPositionMax / limits::kBlockSeqs) {
    fields.refuse(Code::kBadFrame, "sync_response.block is out of range");
  }
  part.page = fields.read(fields.object("page"), read_page);
  bool foreign = !part.page.messages.empty() && part.page.messages[0].chat_id != part.chat_id;
  if (foreign) fields.refuse(Code::kBadFrame, "page is of another chat");
  return fields.finish(Part(std::move(part)));
}

// The form shows by the one field that no other has.
Result<Part> read_part(Fields& fields, Value& frame) {
  if (fields.has("events")) return read_events_part(frame);
  if (fields.has("block")) return read_block_part(frame);
  if (fields.has("chat")) return read_chat_part(frame);
  if (fields.has("removed")) return read_removed_part(frame);
  if (Value* user = fields.optional_object("user"); user != nullptr) return read_user_part(*user);
  if (fields.has("done")) return Part(SyncDone{});
  return Error{Code::kBadFrame, "sync_response has no known form"};
}

}  // namespace

Result<SyncResponse> read_sync_response(Value& frame) {
  Fields fields(frame, "sync_response");
  SyncResponse response;
  response.request_id = fields.optional_string("requestId", limits::kRequestIdBytesMax);
  response.done = fields.optional_boolean("done");
  response.part = fields.take(read_part(fields, frame));
  return fields.finish(std::move(response));
}

namespace {

struct PartWriter {
  Writer& out;

  void operator()(const SyncEvents& part) const {
    out.id("chatId", part.chat_id).position("from", part.from).position("to", part.to);
    out.key("events").open('[');
    for (const ChatEvent& event : part.events) write_event(out, event);
    write_receipts(out.close(']').key("receipts"), part.receipts);
  }
  void operator()(const SyncChat& part) const {
    out.id("chatId", part.state.chat_id).optional_flag("reset", part.reset);
    write_chat_state(out.key("chat"), part.state);
    if (part.page) write_page(out.key("page"), *part.page);
    write_receipts(out.key("receipts"), part.state.receipts);
  }
  void operator()(const SyncRemoved& part) const {
    out.id("chatId", part.chat_id).flag("removed", true);
  }
  void operator()(const SyncUser& part) const {
    out.key("user").open('{').position("from", part.from).position("to", part.to);
    out.key("items").open('[');
    for (const PrivateItem& item : part.items) {
      write_private_item_fields(out.open('{'), item);
      out.close('}');
    }
    out.close(']').close('}');
  }
  void operator()(const SyncBlock& part) const {
    out.id("chatId", part.chat_id).key("block").unsigned_integer(part.block);
    write_page(out.key("page"), part.page);
  }
  void operator()(const SyncDone&) const {}
};

}  // namespace

void write_sync_response(Writer& out, const SyncResponse& response) {
  out.open('{').field("type", "sync_response").optional_field("requestId", response.request_id);
  std::visit(PartWriter{out}, response.part);
  out.optional_flag("done", response.done).close('}');
}

}  // namespace godwit::json
