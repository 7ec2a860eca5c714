#include "shared/client/comparison.h"

#include <algorithm>

#include "shared/base/hash.h"

namespace godwit {
namespace {

Seq first_of(std::uint64_t block) {
  return Seq{std::max<std::uint64_t>(block * limits::kBlockSeqs, 1)};
}
Seq last_of(std::uint64_t block) { return Seq{(block + 1) * limits::kBlockSeqs - 1}; }

// A run of segments without a hole between them.
struct Run {
  Seq from;
  Seq to;
};

std::vector<Run> runs_of(const ChatReplica& chat) {
  std::vector<Run> runs;
  for (const Segment& segment : chat.timeline().segments().all()) {
    if (!runs.empty() && runs.back().to.next() == segment.from) {
      runs.back().to = segment.to;
    } else {
      runs.push_back(Run{segment.from, segment.to});
    }
  }
  return runs;
}

bool any_unchecked(const ChatReplica& chat, Seq from, Seq to) {
  for (const Segment& segment : chat.timeline().segments().all()) {
    if (!segment.checked && segment.from <= to && segment.to >= from) return true;
  }
  return false;
}

}  // namespace

std::set<std::uint64_t> blocks_in_doubt(const ChatReplica& chat) {
  std::set<std::uint64_t> blocks;
  for (const Run& run : runs_of(chat)) {
    std::uint64_t last = std::min(run.to, chat.held()).value / limits::kBlockSeqs;
    for (std::uint64_t block = run.from.value / limits::kBlockSeqs; block <= last; ++block) {
      bool whole = first_of(block) >= run.from && std::min(last_of(block), chat.held()) <= run.to;
      if (whole && any_unchecked(chat, first_of(block), last_of(block))) blocks.insert(block);
    }
  }
  return blocks;
}

std::uint64_t block_sum(const ChatReplica& chat, std::uint64_t block) {
  std::uint64_t sum = 0;
  const auto& messages = chat.timeline().messages();
  for (auto it = messages.lower_bound(first_of(block)); it != messages.end(); ++it) {
    if (it->first > last_of(block)) break;
    sum += block_hash(it->second.message_id.value, it->second.rev.value);
  }
  return sum;
}

std::map<ChatId, BlockSums> Comparison::take(const ClientState& state) {
  std::map<ChatId, BlockSums> sums;
  std::size_t count = 0;
  for (auto plan = plans_.begin(); plan != plans_.end() && count < kBlocksMax;) {
    const ChatReplica* chat = state.find_chat(plan->first);
    if (chat != nullptr && chat->known() && chat->has_gap()) {
      ++plan;
      continue;
    }
    if (chat != nullptr && !plan->second.made) plan->second = Plan{true, blocks_in_doubt(*chat)};
    if (chat == nullptr || plan->second.blocks.empty()) {
      plan = plans_.erase(plan);
      continue;
    }
    Asked& asked = asked_[plan->first];
    asked.held = chat->held();
    for (std::uint64_t block : plan->second.blocks) {
      if (count++ == kBlocksMax) break;
      asked.blocks.insert(block);
      sums[plan->first].emplace(block, block_sum(*chat, block));
    }
    ++plan;
  }
  return sums;
}

void Comparison::finished(ClientState& state) {
  for (const auto& [chat_id, asked] : asked_) {
    ChatReplica* chat = state.find_chat(chat_id);
    auto plan = plans_.find(chat_id);
    if (plan == plans_.end() || !plan->second.made) continue;  // more of it came into doubt since
    for (std::uint64_t block : asked.blocks) {
      bool different = different_.count({chat_id, block}) != 0;
      if (!different && !different_.empty()) continue;
      plan->second.blocks.erase(block);
      if (different || chat == nullptr || !chat->doubtful()) continue;
      chat->confirm(first_of(block), std::min(last_of(block), asked.held), asked.held);
    }
    if (plan->second.blocks.empty()) plans_.erase(plan);
  }
  lost();
}

void Comparison::lost() {
  asked_.clear();
  different_.clear();
}

}  // namespace godwit
