// What tabs look at: the app's state, the list of chats, open conversations. Remembers what each
// was shown and gives diffs (wasm-core/ABI.md, "view").
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "shared/client/conversation_view.h"
#include "shared/client/events.h"

namespace godwit {

class Views {
 public:
  void open(const OpenView& request);
  void close(std::uint32_t view);
  // False where the view is no open conversation.
  bool load_older(std::uint32_t view);

  // What may look different now.
  void touch_chat(ChatId chat_id) { touched_.insert(chat_id); }
  void touch_all(const ClientState& state);

  // The diffs of all open views since the last call.
  std::vector<ViewDiff> collect(const ViewSource& source);

  // The open conversations, for the history loader.
  const std::map<std::uint32_t, ConversationView>& conversations() const { return conversations_; }

 private:
  friend class StateHasher;
  // A chat's row in the list; `rank` orders it: pinned first, then by activity, then by id.
  // Its text is shared with the lists that show it, and stays the same object while it says the
  // same.
  using RowText = std::shared_ptr<const std::string>;
  struct Row {
    RowText json;
    std::int64_t activity_ms = 0;
    bool pinned = false;
    std::uint64_t unread = 0;
    bool counts = true;  // towards the total: neither muted nor archived
  };
  // A list of rows as one view was shown it.
  struct List {
    bool first = true;
    std::vector<RowText> shown;
  };
  struct App {
    bool first = true;
    ShownFields fields;
  };

  void refresh_rows(const ViewSource& source);
  static Row make_row(const ViewSource& source, const ChatReplica& chat);
  std::vector<RowText> ordered_rows() const;
  void set_app_fields(App& app, const ViewSource& source) const;

  std::set<ChatId> touched_;
  std::set<std::uint32_t> fresh_;  // opened since the last collect
  std::map<ChatId, Row> rows_;
  std::map<std::uint32_t, ConversationView> conversations_;
  std::map<std::uint32_t, List> lists_;
  std::map<std::uint32_t, App> apps_;
};

}  // namespace godwit
