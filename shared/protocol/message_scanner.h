// The frame that a client receives most, read without a tree in between.
//
// The scanner takes nothing but what encode(ServerFrame) itself writes for a message of text:
// fields in that order, no white space, the same escapes. So what it takes encodes to the same
// bytes, and what it does not take is left to the general reader, right or wrong.
#pragma once

#include <string_view>

#include "shared/protocol/frames.h"

namespace godwit {

// Reads a `message` frame into `event`, which must be new. True: decode_server_frame() would give
// the same event, and encode_event() the same text. False: not taken; `event` is of no use.
bool scan_message_frame(std::string_view text, ChatEvent& event);

}  // namespace godwit
