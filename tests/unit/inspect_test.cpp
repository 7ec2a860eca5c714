// `godwit inspect`: what a stored segment holds, and where one that is not well-formed is at fault.
#include "shared/trace/inspect.h"

#include <catch2/catch.hpp>
#include <functional>
#include <set>

#include "shared/client/client_store.h"
#include "shared/journal/record.h"
#include "shared/protocol/codec.h"

namespace godwit {
namespace {

constexpr ChatId kChat{50};
const std::string kSecret = "nobody else is to read this";

OutboxEntry entry(std::uint64_t order, const std::string& temp_id) {
  OutboxEntry made;
  made.operation = SendMessage{temp_id, kChat, Content{ContentType::kText, kSecret, {}}, {}, {}};
  made.order = order;
  made.created = Timestamp{1'000};
  return made;
}

ChatEvent event(std::uint64_t seq) {
  ChatEvent made;
  made.kind = EventKind::kMessage;
  made.chat_id = kChat;
  made.seq = Seq{seq};
  made.actor_id = UserId{8};
  made.timestamp = Timestamp{1'000};
  made.message.message_id = MessageId{1'000 + seq};
  made.message.chat_id = kChat;
  made.message.seq = made.message.rev = Seq{seq};
  made.message.sender_id = UserId{8};
  made.message.timestamp = Timestamp{1'000};
  made.message.content = Content{ContentType::kText, kSecret, {}};
  return made;
}

// The one segment that a store writes into a mount.
std::string segment_of(Mount mount, const std::function<void(ClientStore&, ClientState&)>& write) {
  ClientStore store;
  ClientState state;
  state.self = UserId{7};
  state.epoch = "e1";
  store.set_term(3);
  (void)store.load_queue({}, state);
  (void)store.load_hot({}, state);
  (void)store.load_cache({}, true, state);
  write(store, state);
  for (const Batch& batch : store.take_batches(state)) {
    if (batch.mount != mount) continue;
    for (const StoredFile& file : batch.puts) {
      if (file.name == "s1") return file.bytes;
    }
  }
  return {};
}

std::string hot_segment() {
  return segment_of(Mount::kHot, [](ClientStore& store, ClientState& state) {
    store.session(state);
    for (std::uint64_t seq : {1, 2, 3}) (void)store.event(state, event(seq), {});
    store.private_position(state.private_items);
  });
}

std::string queue_segment() {
  return segment_of(Mount::kQueue, [](ClientStore& store, ClientState&) {
    (void)store.queued(entry(1, "t1"));
    store.refused("t1", Code::kForbidden);
    store.refused("gone", Code::kForbidden);  // of an operation in an earlier segment
    (void)store.queued(entry(2, "t2"));
    store.dropped("t2");
  });
}

std::string cache_segment() {
  return segment_of(Mount::kCache, [](ClientStore& store, ClientState& state) {
    Page page;
    for (std::uint64_t seq : {1, 2}) page.messages.push_back(event(seq).message);
    page.from = Seq{1};
    page.to = page.as_of = Seq{2};
    state.cache_generation = 9;
    store.history(state, kChat, page);
    store.stray(state, event(2).message);
  });
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("[SI6] a segment is told by its kinds, numbers and ranges, without a text") {
  InspectVerdict hot = inspect_verdict(hot_segment());
  INFO(hot.out << hot.err);
  CHECK(hot.exit_code == 0);
  CHECK(hot.err == "");
  CHECK(has(hot.out, "a segment of the hot mount, "));
  CHECK(has(hot.out, "records 5\n"));
  CHECK(has(hot.out, "  3 event\n"));
  CHECK(has(hot.out, "  1 session\n"));
  CHECK(has(hot.out, "sequence 1-5, term 3\n"));
  CHECK(has(hot.out, "chat 50, messages 3, seq 1-3\n"));
  InspectVerdict queue = inspect_verdict(queue_segment());
  CHECK(queue.exit_code == 0);
  CHECK(has(queue.out, "  2 operation queued\n"));
  CHECK(has(queue.out, "operations left 1\n"));
  InspectVerdict cache = inspect_verdict(cache_segment());
  CHECK(cache.exit_code == 0);
  CHECK(has(cache.out, "chat 50, messages 2, seq 1-2\n"));
  for (const InspectVerdict& one : {hot, queue, cache}) CHECK_FALSE(has(one.out, kSecret));
}

TEST_CASE("[SI6] a segment that ends anywhere but after a record is told with its place") {
  for (const std::string& whole : {hot_segment(), queue_segment(), cache_segment()}) {
    std::set<std::size_t> ends{0};
    for (const Record& record : scan_segment(whole).records) {
      ends.insert(*ends.rbegin() + kRecordHeaderBytes + record.payload.size());
    }
    for (std::size_t size = 0; size < whole.size(); ++size) {
      InspectVerdict cut = inspect_verdict(std::string_view(whole).substr(0, size));
      auto after = ends.upper_bound(size);
      std::size_t at = *std::prev(after);
      if (at == size && size != 0) {
        CHECK(cut.exit_code == 0);  // what a journal was at an earlier time
        continue;
      }
      auto number = std::distance(ends.begin(), after);
      std::string place = "malformed segment: byte " + std::to_string(at) + ", record " +
                          std::to_string(number) + ": ";
      REQUIRE(cut.exit_code == 2);
      REQUIRE(cut.err.rfind(place, 0) == 0);
    }
  }
}

TEST_CASE("[SI6] a segment changed at any byte is told with the place of the record that it hit") {
  const std::string whole = hot_segment();
  const std::vector<Record> records = scan_segment(whole).records;
  std::size_t at = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    std::size_t size = kRecordHeaderBytes + records[i].payload.size();
    std::string place = "malformed segment: byte " + std::to_string(at) + ", record " +
                        std::to_string(i + 1) + ": ";
    for (std::size_t byte = at; byte < at + size; ++byte) {
      std::string changed = whole;
      changed[byte] = static_cast<char>(changed[byte] ^ 0x55);
      InspectVerdict verdict = inspect_verdict(changed);
      REQUIRE(verdict.exit_code == 2);
      REQUIRE(verdict.err.rfind(place, 0) == 0);
      REQUIRE_FALSE(has(verdict.err + verdict.out, kSecret));
    }
    at += size;
  }
}

// With right checksums, so that the change reaches what is behind them.
TEST_CASE("[SI6] a record that says what its kind does not is told with its place") {
  std::string file;
  append_record(file, 1, 1, "Se1");
  append_record(file, 1, 2, "E{}");
  append_record(file, 1, 3, "D");
  append_record(file, 1, 4, "?");
  append_record(file, 1, 5, std::string(1, '\0') + "7");
  InspectVerdict verdict = inspect_verdict(file);
  CHECK(verdict.exit_code == 2);
  CHECK(verdict.err ==
        "malformed segment: byte 0, record 1: this is no session\n"
        "malformed segment: byte 24, record 2: this is no event\n"
        "malformed segment: byte 48, record 3: a record of another mount\n"
        "malformed segment: byte 70, record 4: a record of an unknown kind\n");
  CHECK(has(verdict.out, "  1 mark of lost records\n"));
}

TEST_CASE("[SI6] an empty file, one that is too large and one of noise are told, not more") {
  CHECK(inspect_verdict("").err == "malformed segment: byte 0, record 1: the file is empty\n");
  std::string large(kInspectedBytesMax + 1, 'x');
  CHECK(has(inspect_verdict(large).err, "byte 1048576: no file of a journal is as large"));
  CHECK(has(inspect_verdict(std::string_view(large).substr(1)).err,
            "byte 0, record 1: 1048576 bytes that are no record"));
}

}  // namespace godwit
