#include "shared/client/chat_list.h"

#include <algorithm>
#include <utility>

namespace godwit {
namespace {

std::uint64_t counted(const ChatRow& row) { return row.counts ? row.unread : 0; }

constexpr std::int64_t kNowhere = -1;

// The first move of a diff opens it.
void open_move(json::Writer& out, std::int64_t from, std::int64_t to) {
  constexpr std::size_t kUsualBytes = 512;
  if (out.empty()) out = std::move(json::Writer(kUsualBytes).open('{').key("moves").open('['));
  out.open('[').integer(from).integer(to);
}

// Which parts of a row are to be told.
struct Parts {
  bool about = true;
  bool people = true;
  bool latest = true;
};

void write_move(json::Writer& out, std::int64_t from, std::int64_t to, const ChatRow& row,
                Parts parts) {
  open_move(out, from, to);
  out.open('{');
  if (parts.about) out.raw(row.about);
  if (parts.people) out.raw(row.people);
  if (parts.latest) out.raw(row.latest);
  out.close('}').close(']');
}

}  // namespace

bool ChatList::before(Place a, Place b) {
  if (a->second.pinned != b->second.pinned) return a->second.pinned;
  if (a->second.activity_ms != b->second.activity_ms) {
    return a->second.activity_ms > b->second.activity_ms;
  }
  return a->first > b->first;
}

std::size_t ChatList::place_of(Place row) const {
  return static_cast<std::size_t>(std::lower_bound(order_.begin(), order_.end(), row, before) -
                                  order_.begin());
}

// Requires that what orders the row has not changed since it was put in.
std::size_t ChatList::take_out(Place row) {
  std::size_t at = place_of(row);
  order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(at));
  total_unread_ -= counted(row->second);
  return at;
}

void ChatList::renew(const ViewSource& source, const ChatReplica& chat, News news, bool followed) {
  auto [row, is_new] = rows_.try_emplace(chat.chat_id());
  std::int64_t from = is_new ? kNowhere : static_cast<std::int64_t>(take_out(row));
  ChatRow& now = row->second;
  ChatRow said;
  Parts parts;
  if (news == News::kArrival && !is_new) {
    said.latest = std::move(now.latest);
    look_at_latest(now, source, chat);
    parts.about = parts.people = false;
  } else {
    said = std::exchange(now, ChatRow());
    look_anew(now, source, chat);
    parts.about = now.about != said.about;
    parts.people = now.people != said.people;
  }
  parts.latest = now.latest != said.latest;
  std::size_t to = place_of(row);
  order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(to), row);
  total_unread_ += counted(now);
  if (!followed || (!parts.about && !parts.people && !parts.latest)) return;
  write_move(moves_, from, static_cast<std::int64_t>(to), now, parts);
}

void ChatList::remove(ChatId chat_id, bool followed) {
  auto row = rows_.find(chat_id);
  if (row == rows_.end()) return;
  std::size_t from = take_out(row);
  rows_.erase(row);
  if (!followed) return;
  open_move(moves_, static_cast<std::int64_t>(from), kNowhere);
  moves_.close(']');
}

std::string ChatList::take_moves() {
  if (moves_.empty()) return {};
  return moves_.close(']').close('}').take();
}

std::string ChatList::all_rows() const {
  json::Writer out(64 + 512 * order_.size());
  out.open('{').flag("reset", true).key("fields").raw("{\"loaded\":true}").key("moves").open('[');
  std::int64_t to = 0;
  for (Place row : order_) write_move(out, kNowhere, to++, row->second, Parts());
  return out.close(']').close('}').take();
}

}  // namespace godwit
