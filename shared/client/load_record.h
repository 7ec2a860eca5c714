// What one record of the journal (records.h) means: how it changes the state that is loaded. Bytes
// from a disk are hostile: whatever does not parse is left out, and what it held is asked of the
// server again.
#pragma once

#include <string_view>

#include "shared/client/records.h"

namespace godwit {

struct ClientState;
class ChatReplica;

// How a record was taken.
enum class Taken : unsigned char {
  kYes,
  kStray,      // well-formed, and speaks of what is not there (an operation's second record, say)
  kMalformed,  // it is no record of its mount
};

struct LoadedRecord {
  Taken taken = Taken::kMalformed;
  ChatReplica* chat = nullptr;  // of history: what it changed; one whose chat is no more is of none
};

// `make_chats`: history of a chat that is not known makes it (its snapshot is lost), else it is of
// a chat that was forgotten.
LoadedRecord load_record(std::string_view payload, Mount mount, bool make_chats,
                         ClientState& state);

// A session's text, as its record and /h's note have it.
bool load_session(std::string_view text, ClientState& state);

}  // namespace godwit
