// What tabs look at: the app's state, the list of chats, open conversations. Remembers what each
// was shown and gives diffs (wasm-core/ABI.md, "view").
#pragma once

#include <map>
#include <set>
#include <vector>

#include "shared/client/app_view.h"
#include "shared/client/chat_list.h"
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
  void touch_chat(ChatId chat_id, News news = News::kAny);
  void touch_all(const ClientState& state);

  // Adds the diffs of all open views since the last call.
  void collect(const ViewSource& source, Effects& effects);

  // The open conversations, for the history loader.
  const std::map<std::uint32_t, ConversationView>& conversations() const { return conversations_; }

 private:
  friend class StateHasher;
  struct Touched {
    ChatId chat_id;
    News news = News::kAny;
  };

  const Touched* touched(ChatId chat_id) const;
  void renew_rows(const ViewSource& source);
  void collect_lists(Effects& effects);

  std::vector<Touched> touched_;   // by chat id
  std::set<std::uint32_t> fresh_;  // conversations to look at, whatever was touched
  ChatList list_;
  std::map<std::uint32_t, ConversationView> conversations_;
  std::map<std::uint32_t, bool> lists_;  // whether it was told of the list yet
  std::map<std::uint32_t, AppView> apps_;
};

}  // namespace godwit
