// A database of a few chats in memory, read as the server's own is: what the sync target answers
// from. Its content is plain and public, so that what must be in an answer can be counted apart.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "server/store/store.h"
#include "tests/fuzz/fuzz.h"

namespace godwit::fuzz {

struct ModelChat {
  server::ChatRow row;
  std::map<UserId, server::MemberRow> members;
  std::map<Seq, Message> messages;
  std::map<Seq, server::EventRow> events;
  Receipts receipts;
};

class ModelReader final : public server::StoreReader {
 public:
  static constexpr UserId kViewer{7};
  static constexpr std::uint32_t kChatsMax = 24;

  // Chats, their histories and private items, as the input says.
  explicit ModelReader(Input& input);

  std::map<ChatId, ModelChat> chats;
  std::vector<PrivateItem> items;

  const ModelChat* find(ChatId chat_id) const;
  bool is_member(ChatId chat_id) const;

  void begin() override {}
  Status finish() override { return Status::ok(); }
  Status status() const override { return Status::ok(); }

  std::optional<server::UserRow> user(UserId user_id) override;
  std::optional<server::ChatRow> chat(ChatId chat_id) override;
  std::vector<server::ChatRow> chats_of(UserId user_id) override;
  std::vector<server::MemberRow> members(ChatId chat_id) override;
  std::optional<server::MemberRow> member(ChatId chat_id, UserId user_id) override;
  std::optional<Message> message_at(ChatId chat_id, Seq seq) override;
  std::vector<Message> messages(ChatId chat_id, Seq from, Seq to, std::size_t limit,
                                bool newest) override;
  bool any_message(ChatId chat_id, Seq from, Seq to) override;
  std::vector<server::EventRow> events(ChatId chat_id, Seq from, Seq to) override;
  void each_rev(ChatId chat_id, Seq from, Seq to,
                const std::function<void(MessageId, Seq)>& visit) override;
  Receipts receipts(ChatId chat_id) override;
  server::MarkRow mark(ChatId, UserId) override { return {}; }
  UserSeq user_head(UserId) override;
  std::vector<PrivateItem> private_items(UserId, UserSeq after, std::size_t limit) override;

  // What a sync never asks for.
  std::optional<server::UserRow> user_by_name(std::string_view) override { return {}; }
  bool has_users() override { return true; }
  std::vector<server::UserRow> search_users(std::string_view, std::size_t) override { return {}; }
  std::optional<Timestamp> last_seen(UserId) override { return {}; }
  bool is_blocked(UserId, UserId) override { return false; }
  std::vector<UserId> blocked_either_way(UserId) override { return {}; }
  std::optional<server::SessionRow> session_by_token(std::string_view) override { return {}; }
  std::vector<server::SessionRow> sessions(UserId) override { return {}; }
  bool is_invite_open(std::string_view, Timestamp) override { return false; }
  std::optional<ChatId> direct_chat(UserId, UserId) override { return {}; }
  std::vector<UserId> peers(UserId) override { return {}; }
  std::optional<Message> message(ChatId, MessageId) override { return {}; }
  bool has_message(ChatId, MessageId) override { return false; }
  std::vector<Message> messages_changed(ChatId, Seq, Seq, Seq) override { return {}; }
  std::optional<Seq> first_message_since(ChatId, Timestamp) override { return {}; }
  std::uint64_t unread(ChatId, UserId, Seq, std::uint64_t) override { return 0; }
  std::optional<StoredOperation> operation(ChatId, UserId, std::string_view) override { return {}; }
  std::optional<PrivateItem> private_item(UserId, std::string_view, ChatId, MessageId) override {
    return {};
  }

 private:
  void add_chat(Input& input);
  void add_event(Input& input, ModelChat& chat, std::size_t text_bytes);
};

}  // namespace godwit::fuzz
