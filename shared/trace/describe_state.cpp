// A core's state for people to read.
#include <algorithm>

#include "shared/client/state_hash.h"
#include "shared/protocol/codes.h"
#include "shared/protocol/type_names.h"
#include "shared/trace/replay.h"

namespace godwit {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }

const char* name_of(Link::State state) {
  switch (state) {
    case Link::State::kIdle:
      return "idle";
    case Link::State::kConnecting:
      return "connecting";
    case Link::State::kHandshaking:
      return "handshaking";
    case Link::State::kOnline:
      return "online";
    case Link::State::kClosing:
      return "closing";
    case Link::State::kWaiting:
      return "waiting";
    case Link::State::kEnded:
      return "ended";
    case Link::State::kOutdated:
      return "outdated";
  }
  return "?";
}

const char* name_of(const QueuedOperation& operation) {
  constexpr const char* kNames[] = {"send", "edit", "delete", "react", "pin", "set"};
  static_assert(std::size(kNames) == std::variant_size_v<QueuedOperation>);
  return kNames[operation.index()];
}

std::string describe_link(const ClientCore& core) {
  std::string out = std::string("connection ") + name_of(core.link().state());
  if (core.link().polling()) out += ", polling";
  out += core.synced() ? ", synced" : ", not synced";
  out += core.link().network_up() ? "" : ", no network";
  auto deadline = core.next_deadline();
  out += deadline ? ", wakes at " + std::to_string(deadline->ms) : ", wakes never";
  return out + "\n";
}

std::string describe_chat(const ChatReplica& chat) {
  std::string out = "chat " + chat.chat_id().str();
  if (chat.known()) out += chat.info().type == ChatType::kDirect ? " direct" : " group";
  out += ", settings rev " + number(chat.info().rev.value);
  out += ", members " + number(chat.present().size()) + (chat.gone() ? ", gone" : "");
  out += ", held to " + number(chat.held().value) + (chat.has_gap() ? " with a gap" : "");
  out += ", messages " + number(chat.timeline().messages().size());
  for (const Segment& segment : chat.timeline().segments().all()) {
    out += " [" + number(segment.from.value) + "-" + number(segment.to.value);
    out += segment.checked ? "]" : " unchecked as of " + number(segment.as_of.value) + "]";
  }
  return out + "\n";
}

std::string describe_entry(const ClientCore& core, const OutboxEntry& entry) {
  std::string out = "outbox " + number(entry.order) + " " + name_of(entry.operation) + " " +
                    entry.temp_id() + " chat " + chat_of(entry.operation).str();
  if (auto status = core.status_of(entry.temp_id())) {
    out += ", " + std::string(status_name(*status));
  }
  if (entry.in_flight) out += ", in flight";
  if (entry.settled) out += ", answered";
  if (entry.failed) out += ", refused: " + std::string(code_name(*entry.failed));
  return out + "\n";
}

}  // namespace

std::string describe_state(const ClientCore& core) {
  const ClientState& state = core.state();
  std::string out = "person " + state.self.str() + ", epoch " +
                    (state.epoch.empty() ? "unknown" : state.epoch) + "\n";
  out += describe_link(core);
  for (const auto& [chat_id, chat] : state.chats) out += describe_chat(chat);
  const auto& items = state.private_items;
  out += "private items " + number(items.all().size()) + ", held to " +
         number(items.position().held().value) + "\n";
  for (const OutboxEntry* entry : state.outbox.all()) out += describe_entry(core, *entry);
  if (state.outbox.size() == 0) out += "outbox empty\n";
  return out;
}

}  // namespace godwit
