// What the model server answers from its log: syncs and pages.
#include <algorithm>

#include "shared/base/hash.h"
#include "shared/domain/sync_plan.h"
#include "shared/protocol/codes.h"
#include "shared/sync/status.h"
#include "tests/simulation/server/model_server.h"
#include "tests/simulation/server/rest_call.h"

namespace godwit::sim {

ChatEvent ModelServer::event_at(const ServerChat& chat, Seq seq, UserId viewer) const {
  const StoredEvent& stored = chat.events.at(seq);
  ChatEvent event;
  event.kind = stored.kind;
  event.chat_id = chat.known.chat_id;
  event.seq = seq;
  event.actor_id = stored.actor_id;
  event.timestamp = stored.timestamp;
  if (stored.actor_id == viewer) event.temp_id = stored.temp_id;
  event.message = stripped(chat.messages.at(stored.message_seq), viewer);
  if (stored.kind != EventKind::kChat) return event;
  event.info = chat.known.info;
  for (UserId user_id : stored.members) event.members.push_back(chat.members.at(user_id));
  return event;
}

Receipts ModelServer::receipts_of(const ServerChat& chat) const {
  Receipts receipts;
  for (UserId user_id : *chat.known.roster->ids) {
    if (Seq at = chat.marks.delivered(user_id); at.value != 0) receipts.delivered[user_id] = at;
    if (Seq at = chat.marks.read(user_id); at.value != 0) receipts.read[user_id] = at;
  }
  return receipts;
}

std::uint64_t ModelServer::unread(const ServerChat& chat, UserId viewer) const {
  const RosterMember* place = chat.known.roster->find(viewer);
  Seq read = std::max(chat.marks.read(viewer), place == nullptr ? Seq{} : place->joined_seq);
  std::uint64_t count = 0;
  auto user = db_.users.find(viewer);
  auto is_hidden = [&](const Message& message) {
    if (user == db_.users.end()) return false;
    const std::string* hidden =
        user->second.items.value("hidden", chat.known.chat_id, message.message_id);
    return hidden != nullptr && *hidden != "false";
  };
  for (auto it = chat.messages.upper_bound(read); it != chat.messages.end(); ++it) {
    bool counts = counts_as_unread(it->second, viewer, read, false);
    if (counts && counts_as_unread(it->second, viewer, read, is_hidden(it->second))) ++count;
  }
  return count;
}

ChatState ModelServer::state_for(ChatId chat_id, UserId viewer) const {
  const ServerChat& chat = db_.chats.at(chat_id);
  ChatState state;
  state.chat_id = chat_id;
  state.info = chat.known.info;
  for (const auto& [user_id, member] : chat.members) {
    if (member.role) state.members.push_back(member);
  }
  state.last_message = stripped(chat.messages.rbegin()->second, viewer);
  state.unread = unread(chat, viewer);
  state.receipts = receipts_of(chat);
  state.head = chat.known.head;
  state.created_at = chat.created_at;
  return state;
}

Page ModelServer::page_before(const ServerChat& chat, Seq before, std::size_t limit,
                              UserId viewer) const {
  Page page;
  page.to = std::min(before.prev(), chat.known.head);
  page.as_of = chat.known.head;
  auto end = chat.messages.upper_bound(page.to);
  page.has_after = end != chat.messages.end();
  while (end != chat.messages.begin() && page.messages.size() < limit) {
    --end;
    page.messages.push_back(stripped(end->second, viewer));
  }
  std::reverse(page.messages.begin(), page.messages.end());
  page.has_before = end != chat.messages.begin();
  page.from = page.has_before ? page.messages.front().seq : Seq{1};
  return page;
}

void ModelServer::sync_chat(UserId viewer, ChatId chat_id, Seq held,
                            std::vector<SyncResponse>& parts) const {
  auto it = db_.chats.find(chat_id);
  std::optional<Seq> joined;
  if (is_member(chat_id, viewer)) joined = it->second.known.roster->find(viewer)->joined_seq;
  Seq head = joined ? it->second.known.head : Seq{};
  switch (sync_form(held, head, joined)) {
    case SyncForm::kRemoved:
      parts.push_back(SyncResponse{{}, SyncRemoved{chat_id}, false});
      return;
    case SyncForm::kReset: {
      Seq end = head.next();
      SyncChat part{state_for(chat_id, viewer), true, page_before(it->second, end, 50, viewer)};
      parts.push_back(SyncResponse{{}, std::move(part), false});
      return;
    }
    case SyncForm::kEvents: {
      SyncEvents part{chat_id, held, head, {}, receipts_of(it->second)};
      const auto& events = it->second.events;
      for (auto at = events.upper_bound(held); at != events.end(); ++at) {
        part.events.push_back(event_at(it->second, at->first, viewer));
      }
      parts.push_back(SyncResponse{{}, std::move(part), false});
      return;
    }
  }
}

void ModelServer::sync_blocks(UserId viewer, const SyncRequest& request,
                              std::vector<SyncResponse>& parts) const {
  for (const auto& [chat_id, sums] : request.blocks) {
    if (!is_member(chat_id, viewer)) continue;
    const ServerChat& chat = db_.chats.at(chat_id);
    for (const auto& [number, sum] : sums) {
      Page page;
      page.from = Seq{std::max<std::uint64_t>(number * limits::kBlockSeqs, 1)};
      page.to = Seq{std::min((number + 1) * limits::kBlockSeqs - 1, chat.known.head.value)};
      page.has_before = page.from.value > 1;
      page.has_after = page.to < chat.known.head;
      page.as_of = chat.known.head;
      std::uint64_t ours = 0;
      auto end = chat.messages.upper_bound(page.to);
      for (auto it = chat.messages.lower_bound(page.from); it != end; ++it) {
        ours += block_hash(it->second.message_id.value, it->second.rev.value);
        page.messages.push_back(stripped(it->second, viewer));
      }
      if (ours == sum) continue;
      parts.push_back(SyncResponse{{}, SyncBlock{chat_id, number, std::move(page)}, false});
    }
  }
}

std::vector<SyncResponse> ModelServer::sync(UserId viewer, const SyncRequest& request,
                                            bool ours) const {
  SyncRequest asked = request;
  if (!ours) {
    asked.chats.clear();
    asked.blocks.clear();
    asked.rest = true;
    if (asked.user) asked.user = UserSeq{};
  }
  std::vector<SyncResponse> parts;
  for (const auto& [chat_id, held] : asked.chats) sync_chat(viewer, chat_id, held, parts);
  std::size_t pages = 0;
  for (const auto& [chat_id, chat] : db_.chats) {
    if (!asked.rest || asked.chats.count(chat_id) != 0 || !is_member(chat_id, viewer)) continue;
    SyncChat part{state_for(chat_id, viewer), false, std::nullopt};
    if (++pages <= limits::kRestPagesMax) {
      part.page = page_before(chat, chat.known.head.next(), 50, viewer);
    }
    parts.push_back(SyncResponse{{}, std::move(part), false});
  }
  if (auto user = db_.users.find(viewer); asked.user && user != db_.users.end()) {
    SyncUser part{*asked.user, user->second.head, {}};
    std::map<UserSeq, PrivateItem> by_seq;
    for (const auto& [name, item] : user->second.items.all()) by_seq[item.user_seq] = item;
    for (auto it = by_seq.upper_bound(*asked.user); it != by_seq.end(); ++it) {
      part.items.push_back(it->second);
    }
    parts.push_back(SyncResponse{{}, std::move(part), false});
  }
  sync_blocks(viewer, asked, parts);
  if (parts.empty()) parts.push_back(SyncResponse{{}, SyncDone{}, false});
  for (SyncResponse& part : parts) part.request_id = asked.request_id;
  parts.back().done = true;
  return parts;
}

HttpAnswer ModelServer::history(UserId viewer, const RestHistory& asked) const {
  if (!is_member(asked.chat_id, viewer)) return problem(Code::kNotFound);
  const ServerChat& chat = db_.chats.at(asked.chat_id);
  if (!asked.after) {
    Seq before = asked.before.value_or(chat.known.head.next());
    return HttpAnswer{200, encode_page(page_before(chat, before, asked.limit, viewer))};
  }
  Seq since = asked.changed_since.value_or(Seq{});
  Page page;
  page.from = std::min(asked.after->next(), chat.known.head.next());
  page.to = chat.known.head;
  page.as_of = chat.known.head;
  page.has_before = page.from.value > 1;
  std::size_t count = 0;
  for (auto it = chat.messages.lower_bound(page.from); it != chat.messages.end(); ++it) {
    if (count++ == asked.limit) {
      page.to = std::prev(it)->first;
      page.has_after = true;
      break;
    }
    if (it->second.rev > since) page.messages.push_back(stripped(it->second, viewer));
  }
  return HttpAnswer{200, encode_page(page)};
}

HttpAnswer ModelServer::rest_operation(UserId user_id, Operation operation, Timestamp now,
                                       std::vector<Outgoing>& out) {
  if (prng_.chance(faults_.refuse_for_now)) return problem(Code::kUnavailable);
  std::string temp_id(temp_id_of(operation));
  Decision decision = apply(user_id, std::move(operation), now, out);
  if (!alive_) return HttpAnswer{0, {}};
  if (!std::holds_alternative<Refuse>(decision)) acknowledged_.insert(temp_id);
  if (const auto* refuse = std::get_if<Refuse>(&decision)) return problem(refuse->code);
  return HttpAnswer{
      std::holds_alternative<Accept>(decision) ? std::uint16_t{201} : std::uint16_t{200}, "{}"};
}

HttpAnswer ModelServer::http(UserId user_id, const std::string& method, const std::string& path,
                             const std::string& body, Moment moment, std::vector<Outgoing>& out) {
  if (!alive_) return HttpAnswer{0, {}};
  ++steps_;
  RestCall call = parse_rest_call(method, path, body);
  if (const auto* asked = std::get_if<RestHistory>(&call)) return history(user_id, *asked);
  if (const auto* sync_call = std::get_if<RestSync>(&call)) {
    const SyncRequest& request = sync_call->request;
    bool ours = request.epoch.empty() || request.epoch == epoch_;
    return HttpAnswer{
        200, encode_sync_answer(SyncAnswer{epoch_, moment.wall, sync(user_id, request, ours)})};
  }
  if (const auto* position = std::get_if<MarkPosition>(&call)) {
    mark(user_id, *position, out);
    return HttpAnswer{204, {}};
  }
  return rest_operation(user_id, std::get<Operation>(std::move(call)), moment.wall, out);
}

}  // namespace godwit::sim
