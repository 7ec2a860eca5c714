// The nouns of types.h to and from JSON trees and text: what frames, pages and REST answers are
// made of. A `read_*` takes strings out of the tree it is given. Errors are those of codec.h.
#pragma once

#include <vector>

#include "shared/base/result.h"
#include "shared/protocol/json_fields.h"
#include "shared/protocol/json_value.h"
#include "shared/protocol/json_writer.h"
#include "shared/protocol/types.h"

namespace godwit::json {

// Any content, as a stored one. `read_client_content` takes only what a client may send.
Result<Content> read_content(Value& value);
Result<Content> read_client_content(Value& value);
// Encrypted content's own fields: `alg` and `ciphertext` are strings. kInvalidContent.
Status check_encrypted(const Value& content);

Result<ForwardedFrom> read_forwarded_from(Value& value);
Result<Message> read_message(Value& value);
Result<std::vector<Message>> read_messages(Value& array);
Result<ChatInfo> read_chat_info(Value& value);
Result<std::vector<Member>> read_members(Value& array);
Result<Receipts> read_receipts(Value& value);
Result<ChatState> read_chat_state(Value& value);
Result<Page> read_page(Value& value);
Result<PrivateItem> read_private_item(Value& value);

// An opaque value as compact text: kTooLarge over `bytes_max`, kInvalidContent when it nests over
// kOpaqueDepthMax.
Result<std::string> read_opaque(const Value& value, std::size_t bytes_max);

void write_content(Writer& out, const Content& content);
void write_forwarded_from(Writer& out, const ForwardedFrom& origin);
void write_message_fields(Writer& out, const Message& message);  // without the braces
void write_message(Writer& out, const Message& message);
void write_chat_info_fields(Writer& out, const ChatInfo& info);  // type, name, settings, rev
void write_members(Writer& out, const std::vector<Member>& members);
void write_receipts(Writer& out, const Receipts& receipts);  // {"delivered":{},"read":{}}
void write_watermarks(Writer& out, const std::map<UserId, Seq>& marks);
void write_chat_state(Writer& out, const ChatState& chat);
void write_page(Writer& out, const Page& page);
void write_private_item_fields(Writer& out, const PrivateItem& item);

}  // namespace godwit::json
