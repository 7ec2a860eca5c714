#include "server/app/applier.h"

#include <algorithm>
#include <utility>

#include "shared/base/mutation.h"

namespace godwit::server {
namespace {

// Ids are promised ahead: the floor in the database is always above what was allotted, so that
// after a crash, whatever the clock says then, none is allotted twice.
constexpr std::uint64_t kIdsPromisedMs = 5'000;
constexpr std::uint64_t kIdTicksPerMs = 1ULL << 22;

// The window's key of (chat, sender, temp_id).
std::string window_key(ChatId chat_id, UserId sender, const std::string& temp_id) {
  std::string key;
  key.reserve(16 + temp_id.size());
  for (std::uint64_t id : {chat_id.value, sender.value}) {
    key.append(reinterpret_cast<const char*>(&id), sizeof id);
  }
  return key.append(temp_id);
}

StoredOperation stored_of(OperationKind kind, const Accept& accepted) {
  StoredOperation stored;
  stored.kind = kind;
  if (const auto* item = std::get_if<PrivateItem>(&accepted.change)) {
    stored.chat_id = item->chat_id;
    stored.user_seq = item->user_seq;
    return stored;
  }
  const auto& event = std::get<ChatEvent>(accepted.change);
  stored.chat_id = event.chat_id;
  stored.seq = event.seq;
  if (kind == OperationKind::kMessage) {
    stored.message_id = event.message.message_id;
    stored.timestamp = event.message.timestamp;
  }
  return stored;
}

Outcome outcome_of(const StoredOperation& stored) {
  Outcome outcome;
  outcome.chat_id = stored.chat_id;
  outcome.message_id = stored.message_id;
  outcome.timestamp = stored.timestamp;
  if (stored.kind == OperationKind::kSet) {
    outcome.user_seq = stored.user_seq;
  } else {
    outcome.seq = stored.seq;
    outcome.rev = stored.seq;
  }
  return outcome;
}

Applied repeated(const StoredOperation& stored) {
  Applied applied;
  applied.kind = Applied::Kind::kDuplicate;
  applied.outcome = outcome_of(stored);
  applied.outcome.duplicate = true;
  return applied;
}

Applied refused(Code code, std::string detail) {
  Applied applied;
  applied.outcome.code = code;
  applied.outcome.detail = std::move(detail);
  return applied;
}

Applied unchanged(const Unchanged& decision, OperationKind kind, ChatId chat_id) {
  Applied applied;
  applied.kind = Applied::Kind::kUnchanged;
  applied.outcome.chat_id = decision.existing.value_or(chat_id);
  applied.outcome.existing = decision.existing.has_value();
  if (kind == OperationKind::kSet) {
    applied.outcome.user_seq = decision.user_seq;
  } else {
    applied.outcome.rev = decision.rev;
  }
  return applied;
}

MessageId target_of(const Operation& operation) {
  return std::visit(
      [](const auto& op) {
        if constexpr (requires { op.message_id; }) return op.message_id;
        return MessageId{};
      },
      operation);
}

}  // namespace

// What the pointers in a Known point at.
struct Applier::Loaded {
  std::optional<Message> target;
  std::optional<PrivateItem> item;
  std::optional<StoredOperation> earlier;
};

Applier::Applier(Store& store, const WriterConfig& config, std::uint32_t node, RosterBoard& board)
    : store_(store.writer()),
      reads_(store_.reads()),
      chats_(config.chats_cached_max, board),
      window_(config.dedupe_entries_max, config.dedupe_ttl_ms),
      ids_(node, store.id_floor()),
      id_floor_(store.id_floor()) {}

std::uint64_t Applier::next_id() {
  const std::uint64_t id = ids_.next(now_);
  if (id >= id_floor_) {
    id_floor_ = id + kIdsPromisedMs * kIdTicksPerMs;
    store_.set_id_floor(id_floor_);
  }
  return id;
}

void Applier::begin(Timestamp now, Instant steady) {
  now_ = now;
  steady_ = steady;
  remembered_.clear();
  store_.begin();
}

Status Applier::commit() {
  write_heads();
  Status status = store_.commit();
  if (status) {
    chats_.committed();
    return status;
  }
  chats_.rolled_back();
  for (const std::string& key : remembered_) window_.forget(key);
  id_floor_ = 0;  // whether the promise was stored is unknown: make it again
  return status;
}

WriteContext Applier::context() {
  return WriteContext{store_, now_, [this] { return next_id(); },
                      [this](ChatId chat_id) {
                        if (CachedChat* chat = chats_.peek(chat_id)) chat->refused_known = false;
                      }};
}

std::optional<StoredOperation> Applier::earlier(ChatId key_chat, UserId actor,
                                                const std::string& temp_id) {
  if (mutated(Mutation::kDedupeOff)) return std::nullopt;
  const std::string key = window_key(key_chat, actor, temp_id);
  if (const StoredOperation* known = window_.find(key, steady_)) return *known;
  return std::nullopt;
}

Applied Applier::apply(UserId actor, Operation&& operation) {
  const OperationKind kind = kind_of(operation);
  const ChatId key_chat = chat_of(operation);
  const std::string temp_id(temp_id_of(operation));
  Loaded loaded;
  if (!temp_id.empty()) loaded.earlier = earlier(key_chat, actor, temp_id);
  Known known = load(actor, operation, loaded);
  Decision decision = decide(known, std::move(operation));
  if (auto* accepted = std::get_if<Accept>(&decision)) {
    return accept(actor, kind, key_chat, temp_id, std::move(*accepted));
  }
  if (auto* same = std::get_if<Duplicate>(&decision)) return repeated(same->earlier);
  // Whatever stands in the way now: an operation that was stored once is acked as that.
  if (!temp_id.empty() && !loaded.earlier) {
    auto stored = reads_.operation(key_chat, actor, temp_id);
    if (stored && stored->kind == kind) return repeated(*stored);
    if (stored) return refused(Code::kConflict, "this tempId was used for another operation");
  }
  if (auto* same = std::get_if<Unchanged>(&decision)) return unchanged(*same, kind, key_chat);
  if (mutated(Mutation::kSeqBeforeDecision)) use_up_seq(key_chat);
  auto& refusal = std::get<Refuse>(decision);
  return refused(refusal.code, std::move(refusal.detail));
}

void Applier::use_up_seq(ChatId chat_id) {
  CachedChat* chat = chats_.peek(chat_id);
  if (chat == nullptr) return;
  chat->known.head = chat->known.head.next();
  chat->head_dirty = true;
}

Applied Applier::accept(UserId actor, OperationKind kind, ChatId key_chat,
                        const std::string& temp_id, Accept&& accepted) {
  const StoredOperation stored = stored_of(kind, accepted);
  if (!temp_id.empty()) {
    // The claim is also the question whether the database knows this temp_id: one statement.
    const bool is_new = store_.claim_operation(key_chat, actor, temp_id, stored);
    if (!is_new && !mutated(Mutation::kDedupeOff)) {
      auto before = reads_.operation(key_chat, actor, temp_id);
      if (before && before->kind == kind) return repeated(*before);
      return refused(Code::kConflict, "this tempId was used for another operation");
    }
    remembered_.push_back(window_key(key_chat, actor, temp_id));
    window_.remember(remembered_.back(), stored, steady_);
  }
  Applied applied;
  applied.kind = Applied::Kind::kStored;
  applied.outcome = outcome_of(stored);
  if (auto* item = std::get_if<PrivateItem>(&accepted.change)) {
    store_.put_private_item(actor, *item);
    applied.item = std::move(*item);
    return applied;
  }
  auto& event = std::get<ChatEvent>(accepted.change);
  write_event(event);
  if (CachedChat* chat = chats_.peek(event.chat_id)) {
    applied.audience = audience_of(chat->known, event);
  }
  // Those who learn of a member by this event learn the name with it.
  for (Member& member : event.members) {
    if (auto user = reads_.user(member.user_id)) {
      member.username = user->username;
      member.display_name = user->display_name;
    }
  }
  applied.event = std::move(event);
  return applied;
}

void Applier::write_new_chat(const ChatEvent& event) {
  KnownChat fresh;
  fresh.chat_id = event.chat_id;
  KnownChat chat = apply_event(fresh, event);
  std::vector<UserId> direct;
  if (event.info.type == ChatType::kDirect) direct = *chat.roster->ids;
  store_.insert_chat(
      ChatRow{event.chat_id, event.info, event.seq, event.timestamp, event.timestamp}, direct);
  chats_.put_new(std::move(chat), event.timestamp);
}

void Applier::write_event(const ChatEvent& event) {
  if (event.kind == EventKind::kChat && event.seq == Seq{1}) {
    write_new_chat(event);
  } else {
    CachedChat* chat = chats_.find(event.chat_id, reads_);
    if (chat == nullptr) return;  // the read failed; so will the commit
    chat->known = apply_event(chat->known, event);
    chat->head_dirty = true;
    bool makes_message = event.kind == EventKind::kMessage || event.kind == EventKind::kChat;
    if (makes_message) chat->active_at = event.timestamp;
  }
  if (event.kind == EventKind::kMessage) {
    store_.insert_message(event.message);
    return;
  }
  EventRow row{event.kind,    event.seq, event.message.seq, event.actor_id, event.timestamp,
               event.temp_id, {}};
  for (const Member& member : event.members) row.members.push_back(member.user_id);
  store_.insert_event(event.chat_id, row);
  if (event.kind != EventKind::kChat) {
    store_.update_message(event.message);
    return;
  }
  store_.insert_message(event.message);
  store_.set_chat_info(event.chat_id, event.info);
  for (const Member& member : event.members) {
    store_.put_member(event.chat_id,
                      MemberRow{member.user_id, member.role, member.rev, member.joined_seq},
                      event.timestamp);
  }
}

void Applier::write_heads() {
  for (CachedChat* chat : chats_.touched()) {
    if (!chat->head_dirty) continue;
    store_.set_chat_head(chat->known.chat_id, chat->known.head, chat->active_at);
    chat->head_dirty = false;
  }
}

bool Applier::peer_refuses(CachedChat& chat, UserId actor) {
  if (chat.known.info.type != ChatType::kDirect) return false;
  if (!chat.refused_known) {
    chat.refused.clear();
    for (UserId user_id : *chat.known.roster->ids) {
      for (UserId peer : *chat.known.roster->ids) {
        if (peer == user_id) continue;
        auto row = reads_.user(peer);
        if (!row || row->deleted || reads_.is_blocked(peer, user_id)) {
          chat.refused.push_back(user_id);
        }
      }
    }
    chat.refused_known = reads_.status().is_ok();
  }
  return std::find(chat.refused.begin(), chat.refused.end(), actor) != chat.refused.end();
}

void Applier::load_people(UserId actor, const std::vector<UserId>& people, Known& known) {
  for (UserId user_id : people) {
    auto row = reads_.user(user_id);
    known.people.push_back(KnownPerson{user_id, row && !row->deleted,
                                       user_id != actor && reads_.is_blocked(user_id, actor)});
  }
}

void Applier::load_target(const Operation& operation, ChatId chat_id, Loaded& loaded,
                          Known& known) {
  if (const auto* send = std::get_if<SendMessage>(&operation)) {
    known.reply_exists = send->reply_to && reads_.has_message(chat_id, send->reply_to);
    return;
  }
  if (MessageId message_id = target_of(operation)) {
    loaded.target = reads_.message(chat_id, message_id);
    known.target = loaded.target ? &*loaded.target : nullptr;
  }
}

Known Applier::load(UserId actor, const Operation& operation, Loaded& loaded) {
  Known known;
  known.actor = actor;
  known.now = now_;
  known.earlier = loaded.earlier ? &*loaded.earlier : nullptr;
  if (known.earlier != nullptr) return known;  // nothing else is looked at
  if (const ChatId chat_id = chat_of(operation)) {
    CachedChat* chat = chats_.find(chat_id, reads_);
    if (chat == nullptr || chat->known.roster->find(actor) == nullptr) return known;
    known.chat = &chat->known;
    known.peer_refuses = peer_refuses(*chat, actor);
    load_target(operation, chat_id, loaded, known);
  }
  if (const auto* set = std::get_if<SetPrivate>(&operation)) {
    loaded.item = reads_.private_item(actor, set->key, set->chat_id, set->message_id);
    known.item = loaded.item ? &*loaded.item : nullptr;
    known.user_head = reads_.user_head(actor);
    return known;
  }
  if (const auto* add = std::get_if<AddMember>(&operation)) {
    load_people(actor, {add->user_id}, known);
  } else if (const auto* create = std::get_if<CreateChat>(&operation)) {
    load_people(actor, create->participants, known);
    known.new_chat_id = ChatId{next_id()};
    if (create->type == ChatType::kDirect && !create->participants.empty()) {
      auto chat_id = reads_.direct_chat(actor, create->participants.front());
      CachedChat* chat = chat_id ? chats_.find(*chat_id, reads_) : nullptr;
      known.direct = chat != nullptr ? &chat->known : nullptr;
    }
  }
  known.new_message_id = MessageId{next_id()};
  return known;
}

Result<std::optional<AppliedMark>> Applier::apply_mark(const PendingMark& mark) {
  CachedChat* chat = chats_.find(mark.chat_id, reads_);
  if (chat == nullptr || chat->known.roster->find(mark.user_id) == nullptr) {
    return Error{Code::kNotFound, "no such chat"};
  }
  auto present = chat->marks.find(mark.user_id);
  if (present == chat->marks.end()) {
    present = chat->marks.emplace(mark.user_id, reads_.mark(mark.chat_id, mark.user_id)).first;
  }
  const Seq head = chat->known.head;
  MarkRow next = present->second;
  next.read = std::max(next.read, std::min(mark.mark.read, head));
  next.delivered = std::max({next.delivered, next.read, std::min(mark.mark.delivered, head)});
  if (next.read == present->second.read && next.delivered == present->second.delivered) {
    return std::optional<AppliedMark>();
  }
  present->second = next;
  store_.put_mark(mark.chat_id, mark.user_id, next);
  return std::optional<AppliedMark>(
      AppliedMark{mark.chat_id, mark.user_id, next, chat->known.roster});
}

}  // namespace godwit::server
