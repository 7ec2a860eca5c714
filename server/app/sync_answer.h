// The answer to a sync_request, part by part (protocol.md, "Sync").
#pragma once

#include <vector>

#include "server/app/chat_views.h"
#include "shared/protocol/frames.h"

namespace godwit::server {

// Bytes of one part, leaving room for the frame around it.
inline constexpr std::size_t kSyncPartBytesMax = limits::kServerFrameBytesMax - 8 * 1024;
// Once an answer is this large, chats that follow come as `reset` with an empty page, and `rest`
// without pages: a client that needs more asks for it.
inline constexpr std::size_t kSyncAnswerBytesMax = 3 * 1024 * 1024;
// Block sums looked at in one request; further ones are left for the next.
inline constexpr std::size_t kSyncBlocksMax = 1'024;

class SyncAnswerBuilder {
 public:
  SyncAnswerBuilder(StoreReader& reads, UserId viewer)
      : reads_(reads), viewer_(viewer), views_(reads, viewer) {}

  // All parts, the last with `done`. Inside one snapshot.
  std::vector<SyncResponse> build(const SyncRequest& request);

 private:
  void named_chat(ChatId chat_id, Seq held);
  void rest(const SyncRequest& request);
  void user_items(UserSeq held);
  void blocks(ChatId chat_id, const BlockSums& sums);
  void block(const ChatRow& chat, std::uint64_t number);
  void events(const ChatRow& chat, Seq held);
  void chat(const ChatRow& chat, const MemberRow& place, bool reset, bool with_page);
  template <typename Part>
  void add(Part part, std::size_t bytes);

  StoreReader& reads_;
  const UserId viewer_;
  ChatViews views_;
  std::vector<SyncResponse> parts_;
  std::size_t bytes_ = 0;
  std::size_t blocks_looked_at_ = 0;
};

}  // namespace godwit::server
