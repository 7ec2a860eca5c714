// The cache comes after the first picture and in parts: what a core knows in between, what it does
// meanwhile, and what becomes of it when no more comes.
#include "tests/support/cache_parts.h"

#include <catch2/catch.hpp>

#include "tests/unit/core_bench.h"

using namespace godwit;
using testing::Bench;
using testing::cache_parts;
using testing::echo_of;
using testing::event_at;
using testing::kChat;
using testing::kSelf;
using Rest = StorageLoaded::Rest;
using Parts = std::vector<std::vector<StoredFile>>;

namespace {

constexpr std::uint64_t kHistory = 330;  // of 8 KiB each: it is archived several times
constexpr std::uint64_t kChanged = 20;   // and written to the cache a second time

// Event `seq` changes what was said at `of`.
ChatEvent change_at(std::uint64_t seq, std::uint64_t of, const std::string& text) {
  ChatEvent event = event_at(seq, text);
  event.kind = EventKind::kEdit;
  event.message = event_at(of, text).message;
  event.message.rev = Seq{seq};
  return event;
}

// Has lived long: of its history all but the newest is in the cache, and so is a change.
void live(Bench& bench) {
  bench.start();
  bench.connect();
  bench.finish_all();
  for (std::uint64_t seq = 3; seq <= kHistory; ++seq) {
    const std::string text = "said at " + std::to_string(seq) + std::string(8'000, 'x');
    bool changes = seq == 150;
    bench.receive(changes ? change_at(seq, kChanged, "changed") : event_at(seq, text));
    bench.finish_all();
  }
  REQUIRE(bench.disks[static_cast<int>(Mount::kCache)].size() > 20);
}

// Starts from the other's disk as far as to the first picture.
void start_hot(Bench& bench, const Bench& killed) {
  for (std::size_t i = 0; i < kMounts; ++i) bench.disks[i] = killed.disks[i];
  REQUIRE(bench.give(StorageLoaded{Mount::kQueue, bench.files(Mount::kQueue)}));
  REQUIRE(bench.give(StorageLoaded{Mount::kHot, bench.files(Mount::kHot)}));
  REQUIRE(bench.give(Start{kSelf, "me", "Me", "d1", "1", 1}));
}

void give_parts(Bench& bench, const Parts& parts, const std::function<void()>& between) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Rest rest = i + 1 < parts.size() ? Rest::kFollows : Rest::kNone;
    REQUIRE(bench.give(StorageLoaded{Mount::kCache, parts[i], rest}));
    between();
  }
}

Parts parts_of(Bench& bench) { return cache_parts(bench.files(Mount::kCache), 3); }

// Of what `some` holds nothing is other than `all` knows it.
bool is_true(const ChatReplica& some, const ChatReplica& all) {
  for (const auto& [seq, message] : some.timeline().messages()) {
    const Message* known = all.timeline().at(seq);
    if (known == nullptr || !(*known == message)) return false;
  }
  return true;
}

bool writes_cache(const Bench& bench) {
  return std::any_of(bench.batches.begin(), bench.batches.end(),
                     [](const Batch& batch) { return batch.mount == Mount::kCache; });
}

}  // namespace

TEST_CASE("[ST126] the newest history is shown before anything of the cache is read") {
  Bench lived;
  live(lived);
  Bench bench;
  start_hot(bench, lived);
  CHECK(bench.conversation().items.size() == 50);
  CHECK(bench.conversation().items.back()["text"].get<std::string>().rfind("said at 330", 0) == 0);
}

TEST_CASE("[ST126] at every moment of loading the cache what is known of it is true") {
  Bench lived;
  live(lived);
  Bench bench;
  start_hot(bench, lived);
  std::size_t known = bench.chat().timeline().messages().size();
  give_parts(bench, parts_of(bench), [&] {
    CHECK(is_true(bench.chat(), lived.chat()));
    std::size_t now_known = bench.chat().timeline().messages().size();
    CHECK(now_known >= known);
    known = now_known;
  });
  CHECK(bench.chat().timeline().messages() == lived.chat().timeline().messages());
  CHECK(bench.chat().timeline().at(Seq{kChanged})->content->text == "changed");
  Bench at_once;
  at_once.start_from(lived);
  CHECK(bench.chat().timeline().segments().all() == at_once.chat().timeline().segments().all());
}

TEST_CASE("[ST5] nothing is written to the cache before the last part of it was loaded") {
  Bench lived;
  live(lived);
  Bench bench;
  start_hot(bench, lived);
  bench.connect();
  std::uint64_t seq = kHistory;
  Parts parts = parts_of(bench);
  give_parts(bench, parts, [&] {
    for (int i = 0; i < 4; ++i) bench.receive(event_at(++seq, std::string(8'000, 'y')));
    if (seq != kHistory + 4 * parts.size()) CHECK_FALSE(writes_cache(bench));
    bench.finish_all();
  });
  bench.receive(event_at(++seq, std::string(8'000, 'y')));
  bench.finish_all();
  Bench after;
  after.start_from(bench);
  CHECK(after.chat().timeline().messages().size() ==
        lived.chat().timeline().messages().size() + 4 * parts.size() + 1);
}

TEST_CASE("[ST126] what arrives while the cache is being loaded ends as if it had come later") {
  Bench lived;
  live(lived);
  auto happen = [](Bench& bench) {
    bench.receive(event_at(kHistory + 1, "while it loads"));
    bench.receive(change_at(kHistory + 2, kChanged, "changed again"));
    bench.receive(change_at(kHistory + 3, 25, "changed here alone"));
    (void)bench.conversation();
    REQUIRE(bench.give(LoadOlder{1}));
    REQUIRE(bench.say("own"));
    bench.finish_all();
    bench.receive(echo_of("own", kHistory + 4));
    bench.receive(testing::ack_of("own", kHistory + 4));
    bench.finish_all();
  };
  Bench later;
  later.start_from(lived);
  later.connect();
  happen(later);
  const std::size_t count = cache_parts(lived.files(Mount::kCache), 3).size();
  for (std::size_t at = 0; at < count; at += 4) {
    Bench bench;
    start_hot(bench, lived);
    bench.connect();
    std::size_t part = 0;
    give_parts(bench, parts_of(bench), [&] {
      if (part++ == at) happen(bench);
    });
    bench.finish_all();
    CHECK(bench.chat().timeline().messages() == later.chat().timeline().messages());
    CHECK(bench.conversation(2).items == later.conversation(2).items);
    CHECK(bench.conversation().items.back() == later.conversation().items.back());
    CHECK(bench.core.state().outbox.size() == 0);
    CHECK(bench.sent("\"tempId\":\"own\"") == 1);
  }
}

TEST_CASE("[ST126] a cache of which no more can be had is left as it is, and all goes on") {
  Bench lived;
  live(lived);
  Parts parts = parts_of(lived);
  Bench bench;
  start_hot(bench, lived);
  bench.connect();
  for (std::size_t i = 0; i < parts.size() / 2; ++i) {
    REQUIRE(bench.give(StorageLoaded{Mount::kCache, parts[i], Rest::kFollows}));
  }
  REQUIRE(bench.give(StorageLoaded{Mount::kCache, {}, Rest::kLost}));
  CHECK_FALSE(bench.give(StorageLoaded{Mount::kCache, parts.back(), Rest::kNone}));
  CHECK(is_true(bench.chat(), lived.chat()));
  for (std::uint64_t seq = kHistory + 1; seq <= kHistory + 150; ++seq) {
    bench.receive(event_at(seq, std::string(8'000, 'z')));
    CHECK_FALSE(writes_cache(bench));
    bench.finish_all();
  }
  REQUIRE(bench.say("own"));
  bench.finish_all();
  CHECK(bench.kept == std::vector<std::string>{"own"});
  CHECK(bench.disks[static_cast<int>(Mount::kCache)] ==
        lived.disks[static_cast<int>(Mount::kCache)]);
  Bench after;
  after.start_from(bench);
  CHECK(after.chat().held() == Seq{kHistory + 150});
  CHECK(*after.chat().timeline().at(Seq{kChanged}) == *lived.chat().timeline().at(Seq{kChanged}));
  CHECK(after.chat().timeline().at(Seq{3}) != nullptr);
}

TEST_CASE("[ST127] what was in doubt becomes sure only once the cache is loaded or lost") {
  Bench lived;
  live(lived);
  for (Rest end : {Rest::kNone, Rest::kLost}) {
    Bench damaged;
    damaged.disks[static_cast<int>(Mount::kCache)] = lived.disks[static_cast<int>(Mount::kCache)];
    auto& hot = damaged.disks[static_cast<int>(Mount::kHot)];
    hot = lived.disks[static_cast<int>(Mount::kHot)];
    std::string& latest = std::prev(hot.end())->second;  // not the manifest, which comes before
    latest.back() ^= 1;
    Bench bench;
    start_hot(bench, damaged);
    bench.connect();
    REQUIRE(bench.chat().doubtful());
    std::size_t asked = bench.requests.size() + bench.sent("\"blocks\"");
    Parts parts = parts_of(bench);
    Parts first(parts.begin(), parts.end() - 1);
    for (const auto& part : first) {
      REQUIRE(bench.give(StorageLoaded{Mount::kCache, part, Rest::kFollows}));
      CHECK(bench.chat().doubtful());
      CHECK(bench.chat().timeline().segments().low_of(bench.chat().held(), false) ==
            bench.chat().held().next());
    }
    CHECK(bench.requests.size() + bench.sent("\"blocks\"") == asked);
    REQUIRE(bench.give(StorageLoaded{Mount::kCache, parts.back(), end}));
    CHECK(bench.requests.size() + bench.sent("\"blocks\"") > asked);
  }
}

TEST_CASE("[ST126] [CO1] only the cache comes in parts, after the start, and once") {
  Bench bench;
  CHECK_FALSE(bench.give(StorageLoaded{Mount::kQueue, {}, Rest::kFollows}));
  CHECK_FALSE(bench.give(StorageLoaded{Mount::kHot, {}, Rest::kLost}));
  CHECK_FALSE(bench.give(StorageLoaded{Mount::kCache, {}, Rest::kFollows}));
  bench.start();
  CHECK_FALSE(bench.give(StorageLoaded{Mount::kCache, {}, Rest::kFollows}));
  CHECK_FALSE(bench.give(StorageLoaded{Mount::kCache, {}, Rest::kLost}));
}
