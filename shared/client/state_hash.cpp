#include "shared/client/state_hash.h"

#include "shared/base/digest.h"

namespace godwit {

// Walks over what the core's parts hold; each of them lets it in as a friend.
class StateHasher {
 public:
  std::uint64_t hash(const ClientCore& core);
  static std::uint64_t size(const ClientCore& core);

 private:
  // What is said on the wire
  void add(const std::optional<Content>& content);
  void add(const Message& message);
  void add(const ChatInfo& info);
  void add(const Member& member);
  void add(const Receipts& receipts);
  void add(const PrivateItem& item);
  void add(const QueuedOperation& operation);
  template <typename PositionType>
  void add(const GapTracker<PositionType>& gap);

  // What the parts hold
  void add(const ChatReplica& chat);
  void add(const Timeline& timeline);
  void add(const PrivateItems& items);
  void add(const Outbox& outbox);
  void add(const OutboxEntry& entry);
  void add(const Link& link);
  void add(const SyncDriver& sync);
  void add(const Comparison& comparison);
  void add(const Marks& marks);
  void add(const People& people);
  void add(const HistoryLoader& history);
  void add(const Views& views);
  void add(const ClientStore& store);
  void add_life(const ClientCore& core);
  void add_requests(const ClientCore& core);

  Digest digest_;
};

std::uint64_t StateHasher::hash(const ClientCore& core) {
  add_life(core);
  const ClientState& state = core.state_;
  digest_.id(state.self).name(state.epoch).number(state.cache_generation);
  digest_.number(state.chats.size());
  for (const auto& [chat_id, chat] : state.chats) add(chat);
  add(state.private_items);
  add(state.outbox);
  add(core.store_);
  add(core.link_);
  add(core.sync_);
  add(core.marks_);
  add(core.people_);
  add(core.history_);
  add(core.views_);
  add_requests(core);
  return digest_.value();
}

std::uint64_t StateHasher::size(const ClientCore& core) {
  std::uint64_t size = core.state_.outbox.size() + core.state_.private_items.all().size();
  for (const auto& [chat_id, chat] : core.state_.chats) {
    size += 1 + chat.members().size() + chat.timeline().messages().size();
  }
  return size;
}

void StateHasher::add_life(const ClientCore& core) {
  Prng next = core.prng_;
  digest_.number(next.next()).time(core.now_).time(core.wall_).time(core.pumped_at_);
  digest_.flag(core.started_).id(core.self_.user_id).name(core.self_.device_id);
  digest_.length(core.self_.username).length(core.self_.display_name).number(core.self_.term);
  digest_.name(core.memory_reason_).time(core.away_at_).flag(core.away_).flag(core.fenced_);
  for (const auto& files : core.loaded_files_) {
    digest_.flag(files.has_value());
    if (!files) continue;
    digest_.number(files->size());
    for (const StoredFile& file : *files) digest_.name(file.name).length(file.bytes);
  }
  for (const Backoff& backoff : core.storage_backoff_) {
    digest_.number(static_cast<std::uint64_t>(backoff.attempts()));
  }
  for (const auto& retry_at : core.storage_retry_at_) digest_.time(retry_at);
}

void StateHasher::add(const std::optional<Content>& content) {
  digest_.flag(content.has_value());
  if (!content) return;
  digest_.number(static_cast<std::uint64_t>(content->type));
  digest_.length(content->text).length(content->body);
}

void StateHasher::add(const Message& message) {
  digest_.id(message.message_id).id(message.chat_id).position(message.seq).position(message.rev);
  digest_.id(message.sender_id).name(message.temp_id).time(message.timestamp);
  add(message.content);
  digest_.id(message.reply_to).flag(message.forwarded_from.has_value());
  if (message.forwarded_from) {
    digest_.id(message.forwarded_from->message_id).id(message.forwarded_from->chat_id);
    digest_.length(message.forwarded_from->sender_name);
  }
  digest_.time(message.edited_at).flag(message.deleted).flag(message.pinned);
  digest_.number(message.reactions.size());
  for (const Reaction& reaction : message.reactions) {
    digest_.length(reaction.emoji).number(reaction.users.size());
    for (UserId user_id : reaction.users) digest_.id(user_id);
  }
}

void StateHasher::add(const ChatInfo& info) {
  digest_.number(static_cast<std::uint64_t>(info.type)).position(info.rev);
  digest_.length(info.name).length(info.settings);
}

void StateHasher::add(const Member& member) {
  digest_.id(member.user_id).position(member.rev).position(member.joined_seq);
  digest_.number(member.role ? 1 + static_cast<std::uint64_t>(*member.role) : 0);
  digest_.length(member.username).length(member.display_name);
}

void StateHasher::add(const Receipts& receipts) {
  for (const auto* marks : {&receipts.delivered, &receipts.read}) {
    digest_.number(marks->size());
    for (const auto& [user_id, seq] : *marks) digest_.id(user_id).position(seq);
  }
}

// Whether a value is none is more than its length.
void StateHasher::add(const PrivateItem& item) {
  digest_.position(item.user_seq).name(item.key).id(item.chat_id).id(item.message_id);
  digest_.length(item.value).flag(item.value == "null");
}

void StateHasher::add(const QueuedOperation& operation) {
  digest_.number(operation.index()).name(temp_id_of(operation));
  digest_.id(chat_of(operation)).id(target_of(operation));
  if (const auto* op = std::get_if<SendMessage>(&operation)) {
    add(op->content);
    digest_.id(op->reply_to).flag(op->forwarded_from.has_value());
  }
  if (const auto* op = std::get_if<EditMessage>(&operation)) add(op->content);
  if (const auto* op = std::get_if<React>(&operation)) digest_.length(op->emoji).flag(op->add);
  if (const auto* op = std::get_if<Pin>(&operation)) digest_.flag(op->pinned);
  if (const auto* op = std::get_if<SetPrivate>(&operation)) {
    digest_.name(op->key).length(op->value).flag(op->value == "null");
  }
}

template <typename PositionType>
void StateHasher::add(const GapTracker<PositionType>& gap) {
  digest_.position(gap.held()).number(gap.ahead_.size());
  for (PositionType ahead : gap.ahead_) digest_.position(ahead);
}

void StateHasher::add(const ChatReplica& chat) {
  digest_.id(chat.chat_id_).time(chat.created_at_).flag(chat.removed_);
  add(chat.info_);
  digest_.number(chat.members_.size());
  for (const auto& [user_id, member] : chat.members_) add(member);
  add(chat.watermarks_.all());
  add(chat.timeline_);
  add(chat.gap_);
  digest_.position(chat.continuity_from_).position(chat.archived_to_);
  digest_.flag(chat.history_start_.has_value()).position(chat.history_start_.value_or(Seq{}));
  digest_.number(chat.strays_.size());
  for (Seq seq : chat.strays_) digest_.position(seq);
  digest_.flag(chat.doubtful_).number(chat.doubted_.size());
  for (const auto& [from, to] : chat.doubted_) digest_.position(from).position(to);
  digest_.number(chat.unread_base_).position(chat.unread_base_head_);
  digest_.position(chat.unread_base_read_).flag(chat.last_message_base_.has_value());
  if (chat.last_message_base_) add(*chat.last_message_base_);
}

void StateHasher::add(const Timeline& timeline) {
  digest_.number(timeline.messages().size());
  for (const auto& [seq, message] : timeline.messages()) add(message);
  digest_.number(timeline.segments().all().size());
  for (const Segment& segment : timeline.segments().all()) {
    digest_.position(segment.from).position(segment.to).position(segment.as_of);
    digest_.flag(segment.checked);
  }
}

void StateHasher::add(const PrivateItems& items) {
  digest_.number(items.all().size());
  for (const auto& [name, item] : items.all()) add(item);
  add(items.position());
}

void StateHasher::add(const OutboxEntry& entry) {
  add(entry.operation);
  digest_.number(entry.order).time(entry.created).number(entry.ticket).time(entry.send_by);
  digest_.flag(entry.durable).flag(entry.storage_failed).flag(entry.in_flight).flag(entry.sent);
  digest_.flag(entry.settled).number(static_cast<std::uint64_t>(entry.harm));
  digest_.number(entry.failed ? static_cast<std::uint64_t>(*entry.failed) : 0);
}

void StateHasher::add(const Outbox& outbox) {
  digest_.number(outbox.next_order_).number(outbox.entries_.size());
  for (const auto& [order, entry] : outbox.entries_) add(entry);
  digest_.number(outbox.pauses_.size());
  for (const auto& [chat_id, pause] : outbox.pauses_) {
    digest_.id(chat_id).time(pause.until);
    digest_.number(static_cast<std::uint64_t>(pause.backoff.attempts()));
  }
}

void StateHasher::add(const Link& link) {
  digest_.number(static_cast<std::uint64_t>(link.state_)).flag(link.network_);
  digest_.flag(link.disconnect_due_).flag(link.closing_handshake_).flag(link.awaiting_pong_);
  digest_.time(link.since_).time(link.retry_at_).time(link.last_sent_).time(link.last_received_);
  digest_.time(link.next_poll_).time(link.pinged_at_);
  digest_.number(static_cast<std::uint64_t>(link.failed_handshakes_));
  digest_.number(static_cast<std::uint64_t>(link.backoff_.attempts()));
}

void StateHasher::add(const SyncDriver& sync) {
  digest_.flag(sync.want_all_).flag(sync.want_user_).flag(sync.synced_);
  digest_.number(sync.chats_.size());
  for (ChatId chat_id : sync.chats_) digest_.id(chat_id);
  digest_.name(sync.in_flight_ ? sync.in_flight_->request_id : std::string());
  digest_.time(sync.asked_at_).time(sync.not_before_).number(sync.next_request_);
  add(sync.comparison());
}

void StateHasher::add(const Comparison& comparison) {
  digest_.number(comparison.plans_.size());
  for (const auto& [chat_id, plan] : comparison.plans_) {
    digest_.id(chat_id).flag(plan.made).number(plan.blocks.size());
    for (std::uint64_t block : plan.blocks) digest_.number(block);
  }
  digest_.number(comparison.asked_.size());
  for (const auto& [chat_id, asked] : comparison.asked_) {
    digest_.id(chat_id).position(asked.held).number(asked.blocks.size());
  }
  digest_.number(comparison.different_.size());
  for (const auto& [chat_id, block] : comparison.different_) digest_.id(chat_id).number(block);
}

void StateHasher::add(const Marks& marks) {
  digest_.number(marks.touched_.size());
  for (ChatId chat_id : marks.touched_) digest_.id(chat_id);
  for (const auto* reached : {&marks.confirmed_, &marks.sent_}) {
    digest_.number(reached->size());
    for (const auto& [chat_id, mark] : *reached) {
      digest_.id(chat_id).position(mark.delivered).position(mark.read);
    }
  }
}

void StateHasher::add(const People& people) {
  digest_.number(people.presence_.size());
  for (const auto& [user_id, seen] : people.presence_) {
    digest_.id(user_id).number(static_cast<std::uint64_t>(seen.status)).time(seen.last_seen);
  }
  digest_.number(people.typing_.size());
  for (const auto& [chat_id, typing] : people.typing_) {
    digest_.id(chat_id).number(typing.size());
    for (const auto& [user_id, until] : typing) digest_.id(user_id).time(until);
  }
  digest_.number(people.own_typing_.size());
  for (const auto& [chat_id, at] : people.own_typing_) digest_.id(chat_id).time(at);
}

void StateHasher::add(const HistoryLoader& history) {
  digest_.number(history.in_flight_.size());
  for (ChatId chat_id : history.in_flight_) digest_.id(chat_id);
  digest_.number(history.paused_until_.size());
  for (const auto& [chat_id, until] : history.paused_until_) digest_.id(chat_id).time(until);
}

void StateHasher::add(const Views& views) {
  digest_.number(views.apps_.size());
  for (const auto& [view, app] : views.apps_) digest_.number(view);
  digest_.number(views.lists_.size());
  for (const auto& [view, told] : views.lists_) digest_.number(view).flag(told);
  digest_.number(views.list_.rows().size()).number(views.list_.total_unread());
  digest_.number(views.conversations_.size());
  for (const auto& [view, conversation] : views.conversations_) {
    digest_.number(view).id(conversation.chat_id_).number(conversation.wanted_);
    digest_.position(conversation.low_.value_or(Seq{})).number(conversation.shown_.size());
    for (const auto& item : conversation.shown_) digest_.number(item.key);
  }
}

void StateHasher::add(const ClientStore& store) {
  for (int i = 0; i < kMounts; ++i) {
    const MountLog& log = store.log(static_cast<Mount>(i));
    digest_.flag(log.loaded()).flag(log.in_flight()).flag(log.dirty());
    digest_.number(log.last_ticket()).number(log.durable_through()).number(log.failed_through());
    digest_.number(log.bytes()).number(log.bytes_since_rewrite()).number(log.files());
    digest_.flag(store.held_[static_cast<std::size_t>(i)]);
  }
  digest_.number(store.next_batch_).number(store.in_flight_.size());
  for (const auto& [batch, mount] : store.in_flight_) {
    digest_.number(batch).number(static_cast<std::uint64_t>(mount));
  }
  if (store.cache_lost_ || store.log(Mount::kCache).loading()) {
    digest_.flag(store.cache_lost_).number(store.cache_refused_);
  }
  digest_.flag(store.archiving_.has_value()).number(store.archiving_.value_or(0));
  digest_.number(store.archiving_to_.size());
  for (const auto& [chat_id, to] : store.archiving_to_) digest_.id(chat_id).position(to);
}

void StateHasher::add_requests(const ClientCore& core) {
  digest_.flag(core.shown_reachable_).number(core.next_request_).number(core.requests_.size());
  for (const auto& [id, purpose] : core.requests_) {
    digest_.number(id).number(purpose.index());
    if (const auto* op = std::get_if<ClientCore::RestOperation>(&purpose)) {
      digest_.name(op->temp_id);
    }
    if (const auto* page = std::get_if<HistoryLoader::Request>(&purpose)) {
      digest_.name(page->path());
    }
  }
}

std::uint64_t state_hash(const ClientCore& core) { return StateHasher().hash(core); }
std::uint64_t state_size(const ClientCore& core) { return StateHasher::size(core); }

}  // namespace godwit
