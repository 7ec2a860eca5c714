// Which blocks of the chats in doubt are to be compared with the server's, and what its answers say
// (protocol.md, "Blocks").
//
// A block is compared where it is held whole, or up to the end of the log. The server answers those
// that differ and says nothing of the equal ones; but it answers only so much at a time, so silence
// means equal only where it answered none at all. What it did not answer beside others is asked
// again: each round settles at least one block.
#pragma once

#include <map>
#include <set>

#include "shared/client/client_store.h"

namespace godwit {

class Comparison {
 public:
  static constexpr std::size_t kBlocksMax = 1'000;  // in one request: fewer than a server looks at

  // This chat is in doubt, or more of it than before.
  void want(ChatId chat_id) { plans_[chat_id] = Plan{}; }
  bool comparing(ChatId chat_id) const { return plans_.count(chat_id) != 0; }
  bool due() const { return !plans_.empty() && asked_.empty(); }

  // The sums for the next request; none: nothing to compare now. Chats with a gap wait.
  std::map<ChatId, BlockSums> take(const ClientState& state);
  // A part of its answer: this block differs.
  void differs(ChatId chat_id, std::uint64_t block) { different_.insert({chat_id, block}); }
  // Its last part. What was equal is true again.
  void finished(ClientState& state);
  // There will be no answer: the same is asked again.
  void lost();
  // The server refuses to compare: the doubt is settled by what changed since instead.
  void give_up() { plans_.clear(); }

 private:
  friend class StateHasher;
  struct Plan {
    bool made = false;
    std::set<std::uint64_t> blocks;
  };
  struct Asked {
    Seq held;
    std::set<std::uint64_t> blocks;
  };

  std::map<ChatId, Plan> plans_;
  std::map<ChatId, Asked> asked_;
  std::set<std::pair<ChatId, std::uint64_t>> different_;
};

// The blocks of a chat that are held without a hole, wholly or from their beginning to the end of
// the log, and hold something that is not checked.
std::set<std::uint64_t> blocks_in_doubt(const ChatReplica& chat);

// The sum of what is held of a block.
std::uint64_t block_sum(const ChatReplica& chat, std::uint64_t block);

}  // namespace godwit
