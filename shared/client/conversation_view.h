// One open chat as a tab shows it: a window from some message to the newest, as a list of items,
// and the fields around it. Compares with what it showed last and says only what differs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/client/shown_fields.h"
#include "shared/client/view_source.h"

namespace godwit {

class ConversationView {
 public:
  explicit ConversationView(ChatId chat_id) : chat_id_(chat_id) {}

  ChatId chat_id() const { return chat_id_; }
  // Shows a page more, once it is held.
  void load_older();
  // How many messages the window wants, for the history loader.
  std::size_t wanted() const { return wanted_; }

  // What differs from what was shown last, as the `view` effect's JSON; nullopt: nothing. `news`:
  // what can have changed of the chat since.
  std::optional<std::string> diff(const ViewSource& source, News news);

 private:
  friend class StateHasher;
  // One shown item: where it stands and a hash of all that is seen of it.
  struct Shown {
    std::uint64_t key = 0;
    std::uint64_t fingerprint = 0;
    friend bool operator==(const Shown&, const Shown&) = default;
  };
  struct Item {
    const Message* confirmed = nullptr;  // or
    const OutboxEntry* pending = nullptr;
    MessageStatus status = MessageStatus::kSent;
    bool unchecked = false;
    bool starred = false;
    std::vector<const OutboxEntry*> overlays;  // own pending operations on it
  };
  struct Look;  // what one diff computes once for all items

  Look look_at(const ViewSource& source, const ChatReplica& chat) const;
  std::optional<std::string> forget();
  void settle_window(const ViewSource& source, const ChatReplica& chat);
  std::vector<Item> items(const Look& look, Seq from) const;
  Item confirmed_item(const Look& look, const Message& message) const;
  Shown shown(const Look& look, const Item& item) const;
  void write_item(json::Writer& out, const Look& look, const Item& item) const;
  void write_message(json::Writer& out, const Look& look, const Message& message) const;
  void set_unread(const Look& look, const std::vector<Item>& items);
  void set_about(const ChatReplica& chat);
  void set_fields(const Look& look, const std::vector<Item>& items);
  bool stands(const ViewSource& source, const ChatReplica& chat) const;

  ChatId chat_id_;
  bool first_ = true;
  std::size_t wanted_ = limits::kPageMessagesDefault;
  std::size_t window_ = 0;  // messages in the window at the last look
  std::optional<Seq> low_;
  Seq held_low_;            // what is held reached down to here at the last look
  MessageId first_unread_;  // 0: none
  std::vector<Shown> shown_;
  ShownFields fields_;
  Seq info_rev_;
  std::uint64_t members_version_ = 0;
};

}  // namespace godwit
