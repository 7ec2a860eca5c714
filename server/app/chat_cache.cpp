#include "server/app/chat_cache.h"

namespace godwit::server {

RosterPtr RosterBoard::find(ChatId chat_id) const {
  std::lock_guard lock(mutex_);
  auto found = rosters_.find(chat_id);
  return found == rosters_.end() ? nullptr : found->second;
}

void RosterBoard::put(ChatId chat_id, RosterPtr roster) {
  std::lock_guard lock(mutex_);
  rosters_[chat_id] = std::move(roster);
}

void RosterBoard::erase(ChatId chat_id) {
  std::lock_guard lock(mutex_);
  rosters_.erase(chat_id);
}

CachedChat& ChatCache::touch(Entries::iterator entry) {
  by_use_.splice(by_use_.begin(), by_use_, entry);
  if (!entry->touched) {
    entry->touched = true;
    touched_.push_back(&entry->chat);
  }
  return entry->chat;
}

CachedChat* ChatCache::peek(ChatId chat_id) {
  auto found = by_id_.find(chat_id);
  return found == by_id_.end() ? nullptr : &found->second->chat;
}

CachedChat* ChatCache::find(ChatId chat_id, StoreReader& reads) {
  if (auto found = by_id_.find(chat_id); found != by_id_.end()) return &touch(found->second);
  auto row = reads.chat(chat_id);
  if (!row) return nullptr;
  std::vector<RosterMember> members;
  for (const MemberRow& member : reads.members(chat_id)) {
    members.push_back(RosterMember{member.user_id, *member.role, member.joined_seq, member.rev});
  }
  if (!reads.status()) return nullptr;
  KnownChat known{chat_id, row->info, row->head,
                  make_roster(row->info.type, std::move(members), row->head)};
  return &put_new(std::move(known), row->active_at);
}

CachedChat& ChatCache::put_new(KnownChat chat, Timestamp active_at) {
  by_use_.emplace_front();
  CachedChat& fresh = by_use_.front().chat;
  fresh.known = std::move(chat);
  fresh.active_at = active_at;
  by_id_.emplace(fresh.known.chat_id, by_use_.begin());
  return touch(by_use_.begin());
}

void ChatCache::committed() {
  for (CachedChat* chat : touched_) {
    RosterPtr published = board_.find(chat->known.chat_id);
    if (published != chat->known.roster) board_.put(chat->known.chat_id, chat->known.roster);
    by_id_.at(chat->known.chat_id)->touched = false;
  }
  touched_.clear();
  while (by_use_.size() > chats_max_) {
    const ChatId coldest = by_use_.back().chat.known.chat_id;
    board_.erase(coldest);
    by_id_.erase(coldest);
    by_use_.pop_back();
  }
}

void ChatCache::rolled_back() {
  for (CachedChat* chat : touched_) {
    const ChatId chat_id = chat->known.chat_id;
    auto entry = by_id_.at(chat_id);
    by_id_.erase(chat_id);
    by_use_.erase(entry);
  }
  touched_.clear();
}

}  // namespace godwit::server
