#include "server/gateway/frame_names.h"

namespace godwit::server {
namespace {

struct ClientName {
  std::string_view operator()(const Hello&) const { return "hello"; }
  std::string_view operator()(const SendMessage&) const { return "message"; }
  std::string_view operator()(const EditMessage&) const { return "edit"; }
  std::string_view operator()(const DeleteMessage&) const { return "delete"; }
  std::string_view operator()(const React&) const { return "reaction"; }
  std::string_view operator()(const Pin&) const { return "pin"; }
  std::string_view operator()(const SetPrivate&) const { return "set"; }
  std::string_view operator()(const MarkPosition& mark) const {
    return mark.read ? "read" : "delivered";
  }
  std::string_view operator()(const Typing&) const { return "typing"; }
  std::string_view operator()(const SetPresence&) const { return "presence"; }
  std::string_view operator()(const SyncRequest&) const { return "sync_request"; }
  std::string_view operator()(const Ping&) const { return "ping"; }
};

struct ServerName {
  std::string_view operator()(const Welcome&) const { return "welcome"; }
  std::string_view operator()(const MessageAck&) const { return "message_ack"; }
  std::string_view operator()(const Ack&) const { return "ack"; }
  std::string_view operator()(const ErrorFrame&) const { return "error"; }
  std::string_view operator()(const ChatEvent& event) const { return event_name(event.kind); }
  std::string_view operator()(const UserFrame&) const { return "user"; }
  std::string_view operator()(const ReceiptsFrame&) const { return "receipts"; }
  std::string_view operator()(const TypingFrame&) const { return "typing"; }
  std::string_view operator()(const PresenceFrame&) const { return "presence"; }
  std::string_view operator()(const SyncResponse&) const { return "sync_response"; }
  std::string_view operator()(const Pong&) const { return "pong"; }
};

}  // namespace

std::string_view frame_name(const ClientFrame& frame) { return std::visit(ClientName{}, frame); }
std::string_view frame_name(const ServerFrame& frame) { return std::visit(ServerName{}, frame); }

std::string_view event_name(EventKind kind) {
  switch (kind) {
    case EventKind::kMessage:
      return "message";
    case EventKind::kEdit:
      return "edit";
    case EventKind::kDelete:
      return "delete";
    case EventKind::kReaction:
      return "reaction";
    case EventKind::kPin:
      return "pin";
    case EventKind::kChat:
      return "chat";
  }
  return "unknown";
}

}  // namespace godwit::server
