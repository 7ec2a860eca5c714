// Merging, over random histories of a chat: whatever pieces of it a device gets, in whatever order
// and however often, devices that have got the same show the same.
#include <algorithm>
#include <catch2/catch.hpp>

#include "shared/client/chat_replica.h"
#include "shared/protocol/codec.h"
#include "shared/sync/private_items.h"
#include "tests/properties/history.h"
#include "tests/properties/holds.h"

namespace godwit::properties {
namespace {

using Numbers = std::vector<std::uint16_t>;

// All that a replica shows, as one text: equal texts are equal replicas.
std::string shown(const ChatReplica& chat) {
  std::string text =
      "held " + std::to_string(chat.held().value) + (chat.has_gap() ? " gap\n" : "\n");
  for (const auto& [seq, message] : chat.timeline().messages())
    text += encode_message(message) + "\n";
  text += chat.info().name + " " + std::to_string(chat.info().rev.value) + "\n";
  for (const Member& member : chat.present()) {
    text += member.user_id.str() + "@" + std::to_string(member.rev.value) + " ";
  }
  text += encode(ServerFrame(ReceiptsFrame{kChat, chat.watermarks().all()}));
  return text;
}

// What a device may be told of a chat. Each is a pure function of the history and two numbers.
enum class Piece : std::uint8_t { kEvent, kPage, kStray, kReceipts, kState };

struct Told {
  Piece piece = Piece::kEvent;
  Seq seq;   // of an event, the first of a page
  Seq head;  // when the server said it
};

void tell(ChatReplica& chat, const History& history, const Told& told) {
  switch (told.piece) {
    case Piece::kEvent:
      (void)chat.apply(history.event(told.seq, told.head));
      break;
    case Piece::kPage:
      chat.merge_page(history.page(told.seq, Seq{told.seq.value + 5}, told.head));
      break;
    case Piece::kStray:
      chat.merge_stray(history.event(told.seq, told.head).message);
      break;
    case Piece::kReceipts:
      (void)chat.watermarks().merge(history.at(told.head).receipts);
      break;
    case Piece::kState:
      chat.adopt(history.state(told.head));
      break;
  }
}

// Every event once, as it stood when it was made; beside them, chosen by `extra`, events told again
// later, pages, changed messages from the cache, receipts.
std::vector<Told> pieces_of(const History& history, const Numbers& extra) {
  std::vector<Told> pieces;
  const std::uint64_t head = history.head().value;
  for (std::uint64_t seq = 1; seq <= head; ++seq)
    pieces.push_back({Piece::kEvent, Seq{seq}, Seq{seq}});
  for (std::uint16_t number : extra) {
    const Seq seq{1 + number / 4u % head};
    const Seq later{seq.value + (number / 400u) % (head - seq.value + 1)};
    pieces.push_back({static_cast<Piece>(number % 4u), seq, later});
  }
  pieces.push_back({Piece::kReceipts, Seq{1}, history.head()});
  return pieces;
}

// The order that `keys` gives: sorted by them, repeated where they run out.
std::vector<Told> shuffled(std::vector<Told> pieces, const Numbers& keys) {
  if (keys.empty()) return pieces;
  std::vector<std::pair<std::uint32_t, std::size_t>> order;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    order.emplace_back(keys[i % keys.size()] * 31u + static_cast<std::uint32_t>(i * i) % 97u, i);
  }
  std::sort(order.begin(), order.end());
  std::vector<Told> result;
  for (const auto& [key, i] : order) {
    result.push_back(pieces[i]);
    if (key % 5 == 0) result.push_back(pieces[i]);  // and once more
  }
  return result;
}

ChatReplica told_all(const History& history, const std::vector<Told>& pieces) {
  ChatReplica chat(kChat, kSelf);
  for (const Told& piece : pieces) tell(chat, history, piece);
  return chat;
}

// What the server itself would show at the end.
std::string truth(const History& history) {
  ChatReplica chat(kChat, kSelf);
  chat.adopt(history.state(history.head()));
  chat.merge_page(history.page(Seq{1}, history.head(), history.head()));
  return shown(chat);
}

}  // namespace

TEST_CASE(
    "[MG3] events, pages, strays and receipts in any order, repeated, give what the server has") {
  REQUIRE(holds(300, [](const Numbers& steps, const Numbers& extra, const Numbers& keys) {
    History history(steps);
    ChatReplica chat = told_all(history, shuffled(pieces_of(history, extra), keys));
    RC_CLASSIFY(history.now().messages.size() > 10, "more than ten messages");
    RC_ASSERT(shown(chat) == truth(history));
  }));
}

TEST_CASE("[MG3] merging is associative: what two devices know is told to a third in either way") {
  REQUIRE(holds(200, [](const Numbers& steps, const Numbers& extra, std::uint8_t first,
                        std::uint8_t second) {
    History history(steps);
    std::vector<Told> all = pieces_of(history, extra);
    const std::size_t a = first % (all.size() + 1);
    const std::size_t b = a + second % (all.size() - a + 1);
    auto part = [&](std::size_t from, std::size_t to) {
      return std::vector<Told>(all.begin() + static_cast<std::ptrdiff_t>(from),
                               all.begin() + static_cast<std::ptrdiff_t>(to));
    };
    // (A + B) + C and A + (B + C), where the bracket is a device whose messages the other takes.
    auto join = [&](ChatReplica left, const ChatReplica& right) {
      for (const auto& [seq, message] : right.timeline().messages()) left.merge_stray(message);
      return left;
    };
    auto one = join(join(told_all(history, part(0, a)), told_all(history, part(a, b))),
                    told_all(history, part(b, all.size())));
    auto two = join(told_all(history, part(0, a)),
                    join(told_all(history, part(a, b)), told_all(history, part(b, all.size()))));
    RC_ASSERT(one.timeline().messages() == two.timeline().messages());
  }));
}

TEST_CASE("[MG3] what is told twice changes nothing the second time") {
  REQUIRE(holds(200, [](const Numbers& steps, const Numbers& extra, const Numbers& keys) {
    History history(steps);
    ChatReplica chat = told_all(history, shuffled(pieces_of(history, extra), keys));
    const std::string before = shown(chat);
    const std::uint64_t unread = chat.unread({});
    for (const Told& piece : pieces_of(history, extra)) tell(chat, history, piece);
    RC_ASSERT(shown(chat) == before);
    RC_ASSERT(chat.unread({}) == unread);
  }));
}

TEST_CASE("[MG3][SY2] a state of the chat may come between its events, and undoes nothing") {
  REQUIRE(holds(300, [](const Numbers& steps, const Numbers& extra, const Numbers& states,
                        const Numbers& keys) {
    History history(steps);
    std::vector<Told> pieces = pieces_of(history, extra);
    for (std::uint16_t number : states) {
      pieces.push_back({Piece::kState, Seq{1}, Seq{1 + number % history.head().value}});
    }
    ChatReplica chat = told_all(history, shuffled(std::move(pieces), keys));
    RC_ASSERT(shown(chat) == truth(history));
  }));
}

TEST_CASE("[RC5] unread is a recount, in whatever order the events came") {
  REQUIRE(holds(300, [](const Numbers& steps, const Numbers& extra, const Numbers& keys) {
    History history(steps);
    ChatReplica chat(kChat, kSelf);
    for (const Told& piece : shuffled(pieces_of(history, extra), keys)) {
      tell(chat, history, piece);
      (void)chat.unread({});  // counted on from, not only at the end
    }
    RC_ASSERT(chat.unread({}) == history.state(history.head()).unread);
  }));
}

TEST_CASE("[MG7] a deleted message has neither content nor reactions, whatever came after") {
  REQUIRE(holds(200, [](const Numbers& steps, const Numbers& extra, const Numbers& keys) {
    History history(steps);
    ChatReplica chat = told_all(history, shuffled(pieces_of(history, extra), keys));
    for (const auto& [seq, message] : history.now().messages) {
      if (!message.deleted) continue;
      const Message* held = chat.timeline().at(seq);
      RC_ASSERT(held != nullptr && held->deleted && !held->content && held->reactions.empty());
    }
  }));
}

TEST_CASE("[PV1] private items in any order, repeated, stand at the highest userSeq") {
  using Items = std::vector<std::pair<std::uint8_t, std::uint8_t>>;  // (key, when it comes)
  REQUIRE(holds(300, [](const Items& written) {
    std::vector<std::pair<std::uint8_t, PrivateItem>> arriving;
    std::map<std::string, std::string> expected;
    std::uint64_t user_seq = 0;
    for (const auto& [key, when] : written) {
      PrivateItem item;
      item.user_seq = UserSeq{++user_seq};
      item.key = "setting.k" + std::to_string(key % 5);
      item.value = key % 7 == 0 ? "null" : std::to_string(user_seq);
      expected[item.key] = item.value;
      arriving.emplace_back(when, item);
      if (when % 3 == 0) arriving.emplace_back(static_cast<std::uint8_t>(when * 7), item);
    }
    std::stable_sort(arriving.begin(), arriving.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    PrivateItems items;
    for (const auto& [when, item] : arriving) {
      (void)items.merge(item);
      (void)items.position().note(item.user_seq);
    }
    for (const auto& [key, value] : expected) {
      const std::string* held = items.value(key, ChatId{}, MessageId{});
      const bool removed = value == "null";
      RC_ASSERT((held == nullptr) == removed);
      if (!removed) RC_ASSERT(*held == value);
    }
    RC_ASSERT(items.position().held() == UserSeq{user_seq});
    RC_ASSERT(!items.position().has_gap());
  }));
}

TEST_CASE(
    "[RC1] watermarks in any order, repeated, are the highest told, and read raises delivered") {
  using Marks = std::vector<std::tuple<std::uint8_t, std::uint8_t, bool>>;  // (person, seq, read)
  REQUIRE(holds(300, [](const Marks& marks, bool backwards) {
    Watermarks watermarks;
    auto merge = [&](const std::tuple<std::uint8_t, std::uint8_t, bool>& mark) {
      Receipts receipts;
      auto& side = std::get<2>(mark) ? receipts.read : receipts.delivered;
      side[UserId{1 + std::get<0>(mark) % 4u}] = Seq{std::get<1>(mark)};
      (void)watermarks.merge(receipts);
    };
    if (backwards) {
      std::for_each(marks.rbegin(), marks.rend(), merge);
    } else {
      std::for_each(marks.begin(), marks.end(), merge);
    }
    for (std::uint64_t person = 1; person <= 4; ++person) {
      std::uint64_t delivered = 0;
      std::uint64_t read = 0;
      for (const auto& [who, seq, is_read] : marks) {
        if (1 + who % 4u != person) continue;
        delivered = std::max<std::uint64_t>(delivered, seq);
        if (is_read) read = std::max<std::uint64_t>(read, seq);
      }
      RC_ASSERT(watermarks.delivered(UserId{person}) == Seq{delivered});
      RC_ASSERT(watermarks.read(UserId{person}) == Seq{read});
    }
  }));
}

}  // namespace godwit::properties
