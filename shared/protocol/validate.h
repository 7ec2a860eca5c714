// The rules that a value must meet wherever it comes from (protocol.md, "Message", "Words").
#pragma once

#include <string_view>

#include "shared/base/result.h"
#include "shared/protocol/types.h"

namespace godwit {

// A message's text: valid UTF-8 (so no lone surrogate), 1 byte to 16 KiB, not blank, no NUL.
// kTooLarge over the limit, else kInvalidContent.
Status validate_text(std::string_view text);

// What a client may send or edit to: `text`, or `encrypted` with string `alg` and `ciphertext`.
// `system` and the media types are kInvalidContent.
Status validate_client_content(const Content& content);

// 1 to 64 bytes of visible ASCII: [0x21, 0x7E].
Status validate_temp_id(std::string_view temp_id);

// One emoji-like grapheme: 1 to 64 bytes of valid UTF-8 without control characters or white space.
Status validate_emoji(std::string_view emoji);

// A group's or a person's name: valid UTF-8, not blank, no control characters, at most 256 bytes.
Status validate_name(std::string_view name);

// A `set`: `star`, `hidden` need a chat and a message; `draft`, `mute`, `archived`, `pinnedChat`
// need a chat and no message; `setting.<name>` needs neither. Any other key is kInvalidContent.
// `value` is JSON of at most kValueBytesMax,
// nested at most kOpaqueDepthMax.
Status validate_private(std::string_view key, ChatId chat_id, MessageId message_id,
                        std::string_view value);
// The same without the value.
Status validate_private_key(std::string_view key, ChatId chat_id, MessageId message_id);

// A user name: 3 to 32 of [a-z0-9_.-] after folding A-Z to a-z, beginning with a letter or digit.
// kInvalidContent otherwise. Two names that fold alike are one.
Status validate_username(std::string_view username);
std::string fold_username(std::string_view username);

}  // namespace godwit
