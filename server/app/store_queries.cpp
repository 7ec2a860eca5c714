#include "server/app/store_queries.h"

#include <algorithm>
#include <set>

#include "server/app/chat_views.h"
#include "server/app/sync_answer.h"

namespace godwit::server {
namespace {

constexpr std::size_t kChatListMax = 100;
constexpr std::size_t kPeopleMax = 50;
constexpr std::size_t kSearchBytesMax = 64;

Error no_such_chat() { return Error{Code::kNotFound, "no such chat"}; }

// Where a list of chats goes on: `<activity ms>.<chat id>` of the last one told.
struct ChatCursor {
  std::int64_t active_ms = 0;
  ChatId chat_id;
};

std::string write_cursor(const ChatRow& row) {
  return std::to_string(row.active_at.unix_ms) + "." + row.chat_id.str();
}

std::optional<ChatCursor> read_cursor(std::string_view text) {
  auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  auto active = parse_id_digits(text.substr(0, dot));
  auto chat_id = parse_id<ChatId>(text.substr(dot + 1));
  if (!active || !chat_id) return std::nullopt;
  return ChatCursor{static_cast<std::int64_t>(*active), *chat_id};
}

// The order of lists: most recent activity first, then the newer chat.
bool is_listed_before(const ChatRow& a, const ChatRow& b) {
  if (a.active_at != b.active_at) return a.active_at > b.active_at;
  return a.chat_id > b.chat_id;
}

Profile profile_of(const UserRow& row) {
  Profile profile;
  profile.user_id = row.user_id;
  profile.username = row.username;
  profile.display_name = row.display_name;
  profile.created_at = row.created_at;
  profile.deleted = row.deleted;
  return profile;
}

// Begins a snapshot, runs `read`, ends it; a failed read of the disk outdoes whatever was answered.
template <typename Read>
auto in_snapshot(StoreReader& reads, Read read) -> decltype(read()) {
  reads.begin();
  auto answer = read();
  Status status = reads.finish();
  if (!status) return status.error();
  return answer;
}

class StoreQueries final : public Queries {
 public:
  StoreQueries(std::unique_ptr<StoreReader> reader, std::function<void(UserId)> settle)
      : reader_(std::move(reader)), reads_(*reader_), settle_(std::move(settle)) {}

  Result<ChatListPage> chat_list(UserId viewer, std::string_view cursor,
                                 std::size_t limit) override;
  Result<ChatState> chat_state(UserId viewer, ChatId chat_id) override;
  Result<HistoryPage> history(UserId viewer, ChatId chat_id, const HistoryQuery& query) override;
  Result<Message> message(UserId viewer, ChatId chat_id, MessageId message_id) override;
  Result<std::vector<SyncResponse>> sync(UserId viewer, const SyncRequest& request,
                                         bool epoch_is_ours) override;
  Result<std::vector<ChatEvent>> events_after(UserId viewer, ChatId chat_id, Seq after,
                                              std::size_t limit) override;
  Result<std::map<ChatId, Seq>> heads(UserId viewer) override;
  Result<Profile> profile(UserId viewer, UserId user_id) override;
  Result<std::vector<Profile>> search_people(UserId viewer, std::string_view text,
                                             std::size_t limit) override;
  Result<std::vector<Profile>> contacts(UserId viewer) override;
  Result<std::map<UserId, std::optional<Timestamp>>> presence_peers(UserId viewer) override;
  Result<RosterPtr> roster(ChatId chat_id) override;

 private:
  void settle(UserId viewer) const {
    if (settle_) settle_(viewer);
  }
  std::optional<Profile> seen_profile(UserId viewer, UserId user_id);
  Result<Page> history_page(ChatViews& views, const ChatRow& row, const HistoryQuery& query);

  std::unique_ptr<StoreReader> reader_;
  StoreReader& reads_;
  std::function<void(UserId)> settle_;
};

Result<ChatListPage> StoreQueries::chat_list(UserId viewer, std::string_view cursor,
                                             std::size_t limit) {
  auto after = read_cursor(cursor);
  if (!cursor.empty() && !after) return Error{Code::kInvalidContent, "malformed cursor"};
  limit = std::clamp<std::size_t>(limit, 1, kChatListMax);
  settle(viewer);
  return in_snapshot(reads_, [&]() -> Result<ChatListPage> {
    auto rows = reads_.chats_of(viewer);
    std::sort(rows.begin(), rows.end(), is_listed_before);
    auto row = rows.begin();
    if (after) {
      ChatRow last;
      last.active_at = Timestamp{after->active_ms};
      last.chat_id = after->chat_id;
      row = std::upper_bound(rows.begin(), rows.end(), last, is_listed_before);
    }
    ChatViews views(reads_, viewer);
    ChatListPage page;
    for (; row != rows.end() && page.chats.size() < limit; ++row) {
      if (auto place = views.place(row->chat_id)) page.chats.push_back(views.state(*row, *place));
    }
    if (row != rows.end()) page.next_cursor = write_cursor(*std::prev(row));
    return page;
  });
}

Result<ChatState> StoreQueries::chat_state(UserId viewer, ChatId chat_id) {
  settle(viewer);
  return in_snapshot(reads_, [&]() -> Result<ChatState> {
    ChatViews views(reads_, viewer);
    auto place = views.place(chat_id);
    auto row = place ? reads_.chat(chat_id) : std::nullopt;
    if (!row) return no_such_chat();
    return views.state(*row, *place);
  });
}

Result<Page> StoreQueries::history_page(ChatViews& views, const ChatRow& row,
                                        const HistoryQuery& query) {
  const std::size_t limit = std::clamp<std::size_t>(query.limit, 1, limits::kPageMessagesMax);
  if (query.before) return views.page_up_to(row, query.before->prev(), limit);
  if (query.after) return views.page_from(row, query.after->next(), limit);
  if (query.around_id) {
    auto middle = reads_.message(row.chat_id, query.around_id);
    if (!middle) return Error{Code::kNotFound, "no such message"};
    return views.page_around(row, middle->seq, limit);
  }
  if (query.around_time) {
    auto middle = reads_.first_message_since(row.chat_id, *query.around_time);
    if (middle) return views.page_around(row, *middle, limit);
  }
  return views.page_up_to(row, row.head, limit);
}

Result<HistoryPage> StoreQueries::history(UserId viewer, ChatId chat_id,
                                          const HistoryQuery& query) {
  const int forms = int{query.before.has_value()} + int{query.after.has_value()} +
                    int{bool{query.around_id}} + int{query.around_time.has_value()};
  if (forms > 1) {
    return Error{Code::kInvalidContent, "at most one of before, after, aroundId, aroundTime"};
  }
  return in_snapshot(reads_, [&]() -> Result<HistoryPage> {
    ChatViews views(reads_, viewer);
    auto row = views.place(chat_id) ? reads_.chat(chat_id) : std::nullopt;
    if (!row) return no_such_chat();
    auto page = history_page(views, *row, query);
    if (!page) return page.error();
    HistoryPage history;
    history.page = std::move(*page);
    Page& told = history.page;
    const bool around = query.around_id || query.around_time;
    if (!around) {
      history.has_more = query.after ? told.has_after : told.has_before;
      if (*history.has_more) history.next_cursor = query.after ? told.to : told.from;
    }
    if (query.changed_since) {
      told.messages = views.stripped(
          reads_.messages_changed(chat_id, told.from, told.to, *query.changed_since));
    }
    return history;
  });
}

Result<Message> StoreQueries::message(UserId viewer, ChatId chat_id, MessageId message_id) {
  return in_snapshot(reads_, [&]() -> Result<Message> {
    ChatViews views(reads_, viewer);
    auto message = views.place(chat_id) ? reads_.message(chat_id, message_id) : std::nullopt;
    if (!message) return Error{Code::kNotFound, "no such message"};
    return views.stripped(std::move(*message));
  });
}

Result<std::vector<SyncResponse>> StoreQueries::sync(UserId viewer, const SyncRequest& request,
                                                     bool epoch_is_ours) {
  SyncRequest asked = request;
  if (!epoch_is_ours) {
    asked.chats.clear();
    asked.blocks.clear();
    asked.rest = true;
    if (asked.user) asked.user = UserSeq{};
  }
  settle(viewer);
  return in_snapshot(reads_, [&]() -> Result<std::vector<SyncResponse>> {
    return SyncAnswerBuilder(reads_, viewer).build(asked);
  });
}

Result<std::vector<ChatEvent>> StoreQueries::events_after(UserId viewer, ChatId chat_id, Seq after,
                                                          std::size_t limit) {
  return in_snapshot(reads_, [&]() -> Result<std::vector<ChatEvent>> {
    auto row = reads_.chat(chat_id);
    if (!row) return no_such_chat();
    const std::uint64_t wanted = std::min<std::uint64_t>(limit, limits::kSyncEventsMax);
    const Seq to{std::min(after.value + wanted, row->head.value)};
    return ChatViews(reads_, viewer).events(*row, after.next(), to);
  });
}

Result<std::map<ChatId, Seq>> StoreQueries::heads(UserId viewer) {
  return in_snapshot(reads_, [&]() -> Result<std::map<ChatId, Seq>> {
    std::map<ChatId, Seq> heads;
    for (const ChatRow& row : reads_.chats_of(viewer)) heads[row.chat_id] = row.head;
    return heads;
  });
}

std::optional<Profile> StoreQueries::seen_profile(UserId viewer, UserId user_id) {
  auto row = reads_.user(user_id);
  if (!row) return std::nullopt;
  Profile profile = profile_of(*row);
  profile.blocked = viewer != user_id && reads_.is_blocked(viewer, user_id);
  // Who has blocked the viewer does not show them when they were here.
  if (!reads_.is_blocked(user_id, viewer)) profile.last_seen = reads_.last_seen(user_id);
  return profile;
}

Result<Profile> StoreQueries::profile(UserId viewer, UserId user_id) {
  return in_snapshot(reads_, [&]() -> Result<Profile> {
    auto profile = seen_profile(viewer, user_id);
    if (!profile) return Error{Code::kNotFound, "no such person"};
    return *profile;
  });
}

Result<std::vector<Profile>> StoreQueries::search_people(UserId viewer, std::string_view text,
                                                         std::size_t limit) {
  if (text.empty() || text.size() > kSearchBytesMax) return std::vector<Profile>();
  limit = std::clamp<std::size_t>(limit, 1, kPeopleMax);
  return in_snapshot(reads_, [&]() -> Result<std::vector<Profile>> {
    std::vector<Profile> people;
    for (const UserRow& row : reads_.search_users(fold_for_search(text), limit + 1)) {
      if (row.user_id == viewer || people.size() == limit) continue;
      if (auto profile = seen_profile(viewer, row.user_id)) people.push_back(*profile);
    }
    return people;
  });
}

Result<std::vector<Profile>> StoreQueries::contacts(UserId viewer) {
  return in_snapshot(reads_, [&]() -> Result<std::vector<Profile>> {
    std::vector<Profile> people;
    for (UserId user_id : reads_.peers(viewer)) {
      auto profile = seen_profile(viewer, user_id);
      if (profile && !profile->deleted) people.push_back(*profile);
    }
    std::stable_sort(people.begin(), people.end(), [](const Profile& a, const Profile& b) {
      return a.display_name < b.display_name;
    });
    return people;
  });
}

Result<std::map<UserId, std::optional<Timestamp>>> StoreQueries::presence_peers(UserId viewer) {
  using Peers = std::map<UserId, std::optional<Timestamp>>;
  return in_snapshot(reads_, [&]() -> Result<Peers> {
    auto blocked = reads_.blocked_either_way(viewer);
    const std::set<UserId> hidden(blocked.begin(), blocked.end());
    Peers peers;
    for (UserId user_id : reads_.peers(viewer)) {
      if (hidden.count(user_id) == 0) peers[user_id] = reads_.last_seen(user_id);
    }
    return peers;
  });
}

Result<RosterPtr> StoreQueries::roster(ChatId chat_id) {
  return in_snapshot(reads_, [&]() -> Result<RosterPtr> {
    auto row = reads_.chat(chat_id);
    if (!row) return no_such_chat();
    std::vector<RosterMember> members;
    for (const MemberRow& member : reads_.members(chat_id)) {
      members.push_back(RosterMember{member.user_id, *member.role, member.joined_seq, member.rev});
    }
    return make_roster(row->info.type, std::move(members), row->head);
  });
}

}  // namespace

std::unique_ptr<Queries> make_store_queries(std::unique_ptr<StoreReader> reader,
                                            std::function<void(UserId)> settle) {
  return std::make_unique<StoreQueries>(std::move(reader), std::move(settle));
}

}  // namespace godwit::server
