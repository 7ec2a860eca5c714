// What a host tells the client core, and what the core asks of its host (docs/sync-spec.md, CO).
// Plain values: a recorded run of events replays to the same state on either end.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "shared/base/instant.h"
#include "shared/journal/batch_store.h"
#include "shared/outbox/outbox.h"
#include "shared/protocol/frames.h"

namespace godwit {

// ---- events ----

// A mount's files. kQueue and kHot come before Start and whole. kCache comes after it and may come
// in parts, as a device has them: what was written last first, so that of what a message was and
// what it became the latter is known first, and the core may stop between any two parts. Where
// kQueue and kHot were loaded, kCache is loaded as well, or said to be lost.
struct StorageLoaded {
  enum class Rest : unsigned char {
    kNone,     // these are all, or the last
    kFollows,  // more parts come
    kLost,     // no more can be had: what is stored stays as it is, and nothing is written there
  };
  Mount mount = Mount::kQueue;
  std::vector<StoredFile> files;
  Rest rest = Rest::kNone;
};
// Nothing can be kept on this device; the core runs in memory and says so.
struct StorageUnavailable {
  std::string reason;  // one of 'insecure', 'missing', 'denied', 'hung', 'failed'
};
// Somebody is signed in here. The core connects and shows.
struct Start {
  UserId user_id;
  std::string username;
  std::string display_name;
  std::string device_id;
  std::string core_version;
  std::uint32_t term = 0;  // of this leadership (docs/sync-spec.md, LD)
};

// A person's operation. Its tempId was made by the tab; one that the core knows changes nothing.
struct Intend {
  QueuedOperation operation;
};
struct IntendRead {
  ChatId chat_id;
  Seq seq;
};
struct IntendTyping {
  ChatId chat_id;
  bool is_typing = true;
};
struct Retry {
  std::string temp_id;
};
struct Discard {
  std::string temp_id;
};
struct AdoptChat {  // a chat that REST has just created
  ChatState state;
};
struct OpenView {
  enum class Kind : unsigned char { kApp, kChats, kConversation };
  std::uint32_t view = 0;
  Kind kind = Kind::kApp;
  ChatId chat_id;
};
struct CloseView {
  std::uint32_t view = 0;
};
struct LoadOlder {
  std::uint32_t view = 0;
};
struct Visible {
  bool visible = true;
};
struct ReconnectNow {};
struct Flush {};  // the host may be frozen soon: write what is due

struct SocketOpened {};
struct SocketClosed {
  std::uint16_t code = 0;
  std::string reason;
};
// One text frame, or several that came together with U+001E between them, which no JSON text has
// (RFC 7464): what follows from all of them follows once.
struct FrameReceived {
  static constexpr char kSeparator = '\x1E';
  std::string text;
};
struct HttpAnswered {
  std::uint32_t id = 0;
  std::uint16_t status = 0;  // 0: no answer
  std::string body;
};
struct BatchDone {
  std::uint32_t batch = 0;
  bool ok = false;
  bool fenced = false;  // refused: another leads now
};
struct DeadlineReached {};
struct NetworkChanged {
  bool online = true;
};

using Event = std::variant<StorageLoaded, StorageUnavailable, Start, Intend, IntendRead,
                           IntendTyping, Retry, Discard, AdoptChat, OpenView, CloseView, LoadOlder,
                           Visible, ReconnectNow, Flush, SocketOpened, SocketClosed, FrameReceived,
                           HttpAnswered, BatchDone, DeadlineReached, NetworkChanged>;

// ---- effects ----

struct Connect {};
struct Disconnect {
  std::uint16_t code = 1000;
};
struct SendFrame {
  std::string text;
};
struct HttpRequest {
  std::uint32_t id = 0;
  std::string method;
  std::string path;  // under /api/v1
  std::string body;  // JSON, or empty
};
struct Persist {
  Batch batch;
};
struct ViewDiff {
  std::uint32_t view = 0;
  std::string json;  // wasm-core/ABI.md, "view"
};
struct Kept {  // durable here, or answered by the server
  std::vector<std::string> temp_ids;
};
struct SessionEnded {};
struct Outdated {};
struct Report {
  std::string json;  // codes and counts, never content
};

using Effect = std::variant<Connect, Disconnect, SendFrame, HttpRequest, Persist, ViewDiff, Kept,
                            SessionEnded, Outdated, Report>;
using Effects = std::vector<Effect>;

}  // namespace godwit
