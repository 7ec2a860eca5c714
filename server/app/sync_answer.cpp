#include "server/app/sync_answer.h"

#include <algorithm>
#include <iterator>

#include "server/app/wire_size.h"
#include "shared/base/hash.h"
#include "shared/domain/sync_plan.h"

namespace godwit::server {
namespace {

constexpr std::size_t kItemsAtOnce = 500;

// Drops the oldest messages until the rest fits, and says so in the page.
void fit(Page& page, std::size_t bytes_max) {
  std::size_t bytes = 0;
  auto first = page.messages.end();
  while (first != page.messages.begin()) {
    bytes += wire_size_max(*std::prev(first));
    if (bytes > bytes_max) break;
    --first;
  }
  if (first == page.messages.begin()) return;
  page.has_before = true;
  page.from = first == page.messages.end() ? page.to.next() : first->seq;
  page.messages.erase(page.messages.begin(), first);
}

}  // namespace

template <typename Part>
void SyncAnswerBuilder::add(Part part, std::size_t bytes) {
  bytes_ += bytes;
  SyncResponse response;
  response.part = std::move(part);
  parts_.push_back(std::move(response));
}

std::vector<SyncResponse> SyncAnswerBuilder::build(const SyncRequest& request) {
  for (const auto& [chat_id, held] : request.chats) named_chat(chat_id, held);
  if (request.rest) rest(request);
  if (request.user) user_items(*request.user);
  for (const auto& [chat_id, sums] : request.blocks) blocks(chat_id, sums);
  if (parts_.empty()) add(SyncDone{}, 0);
  for (SyncResponse& part : parts_) part.request_id = request.request_id;
  parts_.back().done = true;
  return std::move(parts_);
}

void SyncAnswerBuilder::named_chat(ChatId chat_id, Seq held) {
  auto place = views_.place(chat_id);
  auto row = place ? reads_.chat(chat_id) : std::nullopt;
  if (!row) {
    add(SyncRemoved{chat_id}, 64);
    return;
  }
  SyncForm form = sync_form(held, row->head, place->joined_seq);
  const bool full = bytes_ > kSyncAnswerBytesMax && held != row->head;
  if (form == SyncForm::kReset || full) {
    chat(*row, *place, true, true);
  } else {
    events(*row, held);
  }
}

// The events, in as many parts as their size asks for; receipts come with the last.
void SyncAnswerBuilder::events(const ChatRow& row, Seq held) {
  SyncEvents part;
  part.chat_id = row.chat_id;
  part.from = held;
  std::size_t bytes = 0;
  for (ChatEvent& event : views_.events(row, held.next(), row.head)) {
    const std::size_t size = wire_size_max(event);
    if (!part.events.empty() && bytes + size > kSyncPartBytesMax) {
      part.to = part.events.back().seq;
      const Seq next = part.to;
      add(std::move(part), bytes);
      part = SyncEvents();
      part.chat_id = row.chat_id;
      part.from = next;
      bytes = 0;
    }
    bytes += size;
    part.events.push_back(std::move(event));
  }
  part.to = row.head;
  part.receipts = reads_.receipts(row.chat_id);
  const std::size_t marks = part.receipts.delivered.size() + part.receipts.read.size();
  add(std::move(part), bytes + marks * 42);
}

void SyncAnswerBuilder::chat(const ChatRow& row, const MemberRow& place, bool reset,
                             bool with_page) {
  SyncChat part;
  part.reset = reset;
  part.state = views_.state(row, place);
  std::size_t bytes = wire_size_max(part.state);
  if (with_page) {
    const std::size_t room = bytes < kSyncPartBytesMax ? kSyncPartBytesMax - bytes : 0;
    const bool full = bytes_ > kSyncAnswerBytesMax;
    Page page = views_.page_up_to(row, row.head, limits::kPageMessagesDefault);
    fit(page, full ? 0 : room);
    for (const Message& message : page.messages) bytes += wire_size_max(message);
    part.page = std::move(page);
  }
  add(std::move(part), bytes);
}

void SyncAnswerBuilder::rest(const SyncRequest& request) {
  auto rows = reads_.chats_of(viewer_);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const ChatRow& a, const ChatRow& b) { return a.active_at > b.active_at; });
  std::size_t pages = 0;
  for (const ChatRow& row : rows) {
    if (request.chats.count(row.chat_id) != 0) continue;
    auto place = views_.place(row.chat_id);
    if (!place) continue;
    const bool with_page = pages < limits::kRestPagesMax && bytes_ <= kSyncAnswerBytesMax;
    chat(row, *place, false, with_page);
    ++pages;
  }
}

void SyncAnswerBuilder::user_items(UserSeq held) {
  const UserSeq head = reads_.user_head(viewer_);
  if (held > head) held = UserSeq{};  // no honest client of this epoch is ahead: start over
  SyncUser part;
  part.from = held;
  std::size_t bytes = 0;
  UserSeq after = held;
  while (true) {
    auto items = reads_.private_items(viewer_, after, kItemsAtOnce);
    for (PrivateItem& item : items) {
      const std::size_t size = wire_size_max(item);
      if (!part.items.empty() && bytes + size > kSyncPartBytesMax) {
        part.to = part.items.back().user_seq;
        const UserSeq next = part.to;
        add(std::move(part), bytes);
        part = SyncUser();
        part.from = next;
        bytes = 0;
      }
      bytes += size;
      after = item.user_seq;
      part.items.push_back(std::move(item));
    }
    if (items.size() < kItemsAtOnce) break;
  }
  part.to = head;
  add(std::move(part), bytes);
}

void SyncAnswerBuilder::blocks(ChatId chat_id, const BlockSums& sums) {
  auto place = views_.place(chat_id);
  auto row = place ? reads_.chat(chat_id) : std::nullopt;
  if (!row) return;  // `chats` says that it is gone
  for (const auto& [number, held_sum] : sums) {
    if (number > row->head.value / limits::kBlockSeqs) break;  // past the head: nothing to hold
    if (++blocks_looked_at_ > kSyncBlocksMax || bytes_ > kSyncAnswerBytesMax) return;
    const Seq from{number * limits::kBlockSeqs};
    const Seq to{from.value + limits::kBlockSeqs - 1};
    std::uint64_t sum = 0;
    reads_.each_rev(chat_id, from, to, [&sum](MessageId message_id, Seq rev) {
      sum += block_hash(message_id.value, rev.value);
    });
    if (sum != held_sum) block(*row, number);
  }
}

// A damaged block's messages; a large block in several parts, each a range of its own.
void SyncAnswerBuilder::block(const ChatRow& row, std::uint64_t number) {
  const Seq first{std::max<std::uint64_t>(number * limits::kBlockSeqs, 1)};
  const Seq last{std::min((number + 1) * limits::kBlockSeqs - 1, row.head.value)};
  SyncBlock part;
  auto begin_part = [&](Seq from) {
    part = SyncBlock();
    part.chat_id = row.chat_id;
    part.block = number;
    part.page.from = from;
    part.page.as_of = row.head;
    part.page.has_before = from > Seq{1};
  };
  begin_part(first);
  std::size_t bytes = 0;
  auto messages = reads_.messages(row.chat_id, first, last, limits::kBlockSeqs, false);
  for (Message& message : messages) {
    const std::size_t size = wire_size_max(message);
    if (!part.page.messages.empty() && bytes + size > kSyncPartBytesMax) {
      part.page.to = message.seq.prev();
      part.page.has_after = true;
      add(std::move(part), bytes);
      begin_part(message.seq);
      bytes = 0;
    }
    bytes += size;
    part.page.messages.push_back(views_.stripped(std::move(message)));
  }
  part.page.to = last;
  part.page.has_after = last < row.head;
  add(std::move(part), bytes);
}

}  // namespace godwit::server
