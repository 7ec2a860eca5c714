#include "shared/trace/trace_event.h"

#include <optional>

#include "shared/protocol/codec.h"
#include "shared/trace/bytes.h"

namespace godwit {
namespace {

using trace::Bytes;
using trace::put;
using trace::put_text;

// The kind of an event is its place in the variant: a change there makes another kFormat
// (trace_file.h).
template <typename Alternative, std::size_t index = 0>
constexpr std::uint8_t kind_of() {
  if constexpr (std::is_same_v<std::variant_alternative_t<index, Event>, Alternative>) {
    return index;
  } else {
    return kind_of<Alternative, index + 1>();
  }
}

struct Writer {
  std::string& out;

  void operator()(const StorageLoaded& event) const {
    auto rest = static_cast<std::uint8_t>(event.rest);
    put(out, static_cast<std::uint8_t>(rest * kMounts + static_cast<std::uint8_t>(event.mount)));
    put(out, static_cast<std::uint32_t>(event.files.size()));
    for (const StoredFile& file : event.files) {
      put_text(out, file.name);
      put_text(out, file.bytes);
    }
  }
  void operator()(const StorageUnavailable& event) const { put_text(out, event.reason); }
  void operator()(const Start& event) const {
    put(out, event.user_id.value);
    put_text(out, event.username);
    put_text(out, event.display_name);
    put_text(out, event.device_id);
    put_text(out, event.core_version);
    put(out, event.term);
  }
  void operator()(const Intend& event) const { put_text(out, encode(to_frame(event.operation))); }
  void operator()(const IntendRead& event) const {
    put(out, event.chat_id.value);
    put(out, event.seq.value);
  }
  void operator()(const IntendTyping& event) const {
    put(out, event.chat_id.value);
    put(out, static_cast<std::uint8_t>(event.is_typing));
  }
  void operator()(const Retry& event) const { put_text(out, event.temp_id); }
  void operator()(const Discard& event) const { put_text(out, event.temp_id); }
  void operator()(const AdoptChat& event) const { put_text(out, encode_chat_state(event.state)); }
  void operator()(const OpenView& event) const {
    put(out, event.view);
    put(out, static_cast<std::uint8_t>(event.kind));
    put(out, event.chat_id.value);
  }
  void operator()(const CloseView& event) const { put(out, event.view); }
  void operator()(const LoadOlder& event) const { put(out, event.view); }
  void operator()(const Visible& event) const {
    put(out, static_cast<std::uint8_t>(event.visible));
  }
  void operator()(const ReconnectNow&) const {}
  void operator()(const Flush&) const {}
  void operator()(const SocketOpened&) const {}
  void operator()(const SocketClosed& event) const {
    put(out, event.code);
    put_text(out, event.reason);
  }
  void operator()(const FrameReceived& event) const { put_text(out, event.text); }
  void operator()(const HttpAnswered& event) const {
    put(out, event.id);
    put(out, event.status);
    put_text(out, event.body);
  }
  void operator()(const BatchDone& event) const {
    put(out, event.batch);
    put(out, static_cast<std::uint8_t>(event.ok));
    put(out, static_cast<std::uint8_t>(event.fenced));
  }
  void operator()(const DeadlineReached&) const {}
  void operator()(const NetworkChanged& event) const {
    put(out, static_cast<std::uint8_t>(event.online));
  }
};

// Each gives nullopt for what is there but is not good; what is missing shows in `in`.
std::optional<Event> read_storage(Bytes& in) {
  StorageLoaded event;
  auto mount = in.take<std::uint8_t>();
  constexpr auto kRests = static_cast<std::uint8_t>(StorageLoaded::Rest::kLost) + 1;
  if (mount >= kRests * kMounts) return std::nullopt;
  event.rest = static_cast<StorageLoaded::Rest>(mount / kMounts);
  event.mount = static_cast<Mount>(mount % kMounts);
  auto count = in.take<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    std::string name = in.take_text();
    event.files.push_back(StoredFile{std::move(name), in.take_text()});
  }
  return event;
}

std::optional<Event> read_start(Bytes& in) {
  Start event;
  event.user_id.value = in.take<std::uint64_t>();
  event.username = in.take_text();
  event.display_name = in.take_text();
  event.device_id = in.take_text();
  event.core_version = in.take_text();
  event.term = in.take<std::uint32_t>();
  return event;
}

std::optional<Event> read_intent(Bytes& in) {
  DecodedClientFrame decoded = decode_client_frame(in.take_text());
  if (!decoded.frame) return std::nullopt;
  auto operation = to_operation(std::move(*decoded.frame));
  if (!operation) return std::nullopt;
  return Intend{std::move(*operation)};
}

std::optional<Event> read_adopted(Bytes& in) {
  auto chat = decode_chat_state(in.take_text());
  if (!chat) return std::nullopt;
  return AdoptChat{std::move(*chat)};
}

std::optional<Event> read_open(Bytes& in) {
  OpenView event;
  event.view = in.take<std::uint32_t>();
  auto kind = in.take<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(OpenView::Kind::kConversation)) return std::nullopt;
  event.kind = static_cast<OpenView::Kind>(kind);
  event.chat_id.value = in.take<std::uint64_t>();
  return event;
}

std::optional<Event> read_http(Bytes& in) {
  HttpAnswered event;
  event.id = in.take<std::uint32_t>();
  event.status = in.take<std::uint16_t>();
  event.body = in.take_text();
  return event;
}

std::optional<Event> read_host_event(std::uint8_t kind, Bytes& in) {
  switch (kind) {
    case kind_of<StorageLoaded>():
      return read_storage(in);
    case kind_of<StorageUnavailable>():
      return StorageUnavailable{in.take_text()};
    case kind_of<Start>():
      return read_start(in);
    case kind_of<SocketOpened>():
      return SocketOpened{};
    case kind_of<SocketClosed>(): {
      auto code = in.take<std::uint16_t>();
      return SocketClosed{code, in.take_text()};
    }
    case kind_of<FrameReceived>():
      return FrameReceived{in.take_text()};
    case kind_of<HttpAnswered>():
      return read_http(in);
    case kind_of<BatchDone>(): {
      auto batch = in.take<std::uint32_t>();
      bool ok = in.take_flag();
      return BatchDone{batch, ok, in.take_flag()};
    }
    case kind_of<DeadlineReached>():
      return DeadlineReached{};
    case kind_of<NetworkChanged>():
      return NetworkChanged{in.take_flag()};
    default:
      return std::nullopt;
  }
}

std::optional<Event> read_person_event(std::uint8_t kind, Bytes& in) {
  switch (kind) {
    case kind_of<Intend>():
      return read_intent(in);
    case kind_of<IntendRead>(): {
      ChatId chat_id{in.take<std::uint64_t>()};
      return IntendRead{chat_id, Seq{in.take<std::uint64_t>()}};
    }
    case kind_of<IntendTyping>(): {
      ChatId chat_id{in.take<std::uint64_t>()};
      return IntendTyping{chat_id, in.take_flag()};
    }
    case kind_of<Retry>():
      return Retry{in.take_text()};
    case kind_of<Discard>():
      return Discard{in.take_text()};
    case kind_of<AdoptChat>():
      return read_adopted(in);
    case kind_of<OpenView>():
      return read_open(in);
    case kind_of<CloseView>():
      return CloseView{in.take<std::uint32_t>()};
    case kind_of<LoadOlder>():
      return LoadOlder{in.take<std::uint32_t>()};
    case kind_of<Visible>():
      return Visible{in.take_flag()};
    case kind_of<ReconnectNow>():
      return ReconnectNow{};
    case kind_of<Flush>():
      return Flush{};
    default:
      return read_host_event(kind, in);
  }
}

}  // namespace

void append_event(std::string& out, const Event& event) {
  put(out, static_cast<std::uint8_t>(event.index()));
  std::visit(Writer{out}, event);
}

Error trace_fault(std::size_t byte, const std::string& what) {
  return Error{Code::kBadFrame, "byte " + std::to_string(byte) + ": " + what};
}

Result<Event> read_event_bytes(std::string_view bytes, std::size_t at) {
  Bytes in(bytes);
  auto kind = in.take<std::uint8_t>();
  std::optional<Event> event = read_person_event(kind, in);
  const char* wrong = nullptr;
  if (!in.ok()) {
    wrong = "the event is cut off";
  } else if (!event) {
    wrong = "no such event";
  } else if (!in.at_end()) {
    wrong = "bytes after the event";
  }
  if (wrong != nullptr) return trace_fault(at + in.at(), wrong);
  return std::move(*event);
}

}  // namespace godwit
