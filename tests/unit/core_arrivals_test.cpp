// Many messages in many chats: the list of chats in its order, and frames that come together.
#include <catch2/catch.hpp>

#include "shared/base/prng.h"
#include "tests/unit/core_bench.h"

using namespace godwit;
using testing::Bench;
using testing::event_at;
using testing::kChat;

namespace {

constexpr std::uint32_t kListView = 1'000;
constexpr std::uint32_t kAppView = 1'001;

ChatEvent arrival(ChatId chat_id, std::uint64_t seq, std::int64_t at_ms) {
  ChatEvent event = event_at(seq, "said at " + std::to_string(at_ms));
  event.chat_id = event.message.chat_id = chat_id;
  event.message.message_id = MessageId{chat_id.value * 1'000 + seq};
  event.timestamp = event.message.timestamp = Timestamp{at_ms};
  return event;
}

// A device in six chats that are one event old.
struct ListBench : Bench {
  static constexpr std::uint64_t kChats = 6;
  std::map<ChatId, std::uint64_t> heads;

  ListBench() {
    start();
    connect();
    finish_all();
    for (std::uint64_t i = 0; i < kChats; ++i) {
      ChatState state = state_at(1);
      state.chat_id = ChatId{60 + i};
      state.info.name = "Chat " + std::to_string(i);
      REQUIRE(give(AdoptChat{state}));
      heads[state.chat_id] = 1;
    }
    (void)give(OpenView{kListView, OpenView::Kind::kChats, {}});
    (void)give(OpenView{kAppView, OpenView::Kind::kApp, {}});
  }
  ChatId any(Prng& prng) const { return ChatId{60 + prng.below(kChats)}; }
  void set(const std::string& id, ChatId chat_id, const std::string& key,
           const std::string& value) {
    (void)give(Intend{SetPrivate{id, key, chat_id, {}, value}});
  }
  void live_on(Prng& prng, int step) {
    const std::string id = "t" + std::to_string(step);
    const ChatId chat = any(prng);
    switch (prng.below(8)) {
      case 0:
        return set(id, chat, "pinnedChat", prng.chance(50) ? "true" : "null");
      case 1:
        return set(id, chat, "mute", prng.chance(50) ? "true" : "false");
      case 2:
        return set(id, chat, "draft", prng.chance(50) ? "\"half a thought\"" : "null");
      case 3:
        (void)give(IntendRead{chat, Seq{heads[chat]}});
        return;
      case 4:
        receive(SyncResponse{"x", SyncRemoved{chat}, false});
        heads[chat] = 1;
        return;
      default:
        receive(arrival(chat, ++heads[chat], 1'000 + static_cast<std::int64_t>(prng.below(500))));
    }
  }
  const testing::ShownView& fresh_list() {
    constexpr std::uint32_t kFresh = 2'000;
    (void)give(OpenView{kFresh, OpenView::Kind::kChats, {}});
    (void)give(CloseView{kFresh});
    return views[kFresh];
  }
};

}  // namespace

TEST_CASE("[CO7] a list of chats that has lived through moves equals one that is opened now") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    Prng prng(seed);
    ListBench bench;
    for (int step = 0; step < 60; ++step) {
      bench.live_on(prng, step);
      REQUIRE(bench.views[kListView] == bench.fresh_list());
      std::uint64_t unread = 0;
      for (const auto& row : bench.views[kListView].items) {
        if (!row["muted"].get<bool>()) unread += row["unread"].get<std::uint64_t>();
      }
      REQUIRE(bench.views[kAppView].fields["totalUnread"] == unread);
    }
  }
}

TEST_CASE("[CO10] frames that are given together mean what they mean one by one") {
  ListBench apart;
  ListBench together;
  std::string text;
  for (std::uint64_t i = 0; i < 40; ++i) {
    const ChatId chat{60 + i % ListBench::kChats};
    ChatEvent event =
        arrival(chat, 2 + i / ListBench::kChats, 2'000 + static_cast<std::int64_t>(i));
    if (i % 7 == 3) text += std::string("{\"type\":") + FrameReceived::kSeparator;  // no frame
    text += encode(ServerFrame(event));
    if (i != 39) text += FrameReceived::kSeparator;
    apart.receive(event);
  }
  REQUIRE(together.give(FrameReceived{text}));
  CHECK(together.views[kListView] == apart.views[kListView]);
  CHECK(together.views[kAppView] == apart.views[kAppView]);
  const auto& chats = together.core.state().chats;
  for (const auto& [chat_id, chat] : apart.core.state().chats) {
    CHECK(chats.at(chat_id).timeline().messages() == chat.timeline().messages());
  }
}

TEST_CASE("[CO10] what follows from frames that came together follows once") {
  ListBench bench;
  Effects effects;
  std::string text = encode(ServerFrame(arrival(ChatId{60}, 2, 5'000)));
  text += FrameReceived::kSeparator + encode(ServerFrame(arrival(ChatId{60}, 3, 5'001)));
  REQUIRE(bench.core.step(Instant{2'000}, Timestamp{2'000}, FrameReceived{text}, effects));
  const auto diffs = std::count_if(effects.begin(), effects.end(), [](const Effect& effect) {
    const auto* diff = std::get_if<ViewDiff>(&effect);
    return diff != nullptr && diff->view == kListView;
  });
  CHECK(diffs == 1);
}

TEST_CASE("[CO10] what comes behind a frame that ends the session is not heard") {
  ListBench bench;
  Welcome foreign;
  foreign.user_id = UserId{99};
  foreign.session_id = SessionId{1};
  foreign.epoch = "e1";
  foreign.core_version = "1";
  std::string text = encode(ServerFrame(foreign)) + FrameReceived::kSeparator;
  REQUIRE(bench.give(FrameReceived{text + encode(ServerFrame(arrival(ChatId{60}, 2, 5'000)))}));
  CHECK(bench.core.state().find_chat(ChatId{60})->held() == Seq{1});
}
