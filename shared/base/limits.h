// Every limit of the protocol and of the client's core, in one place. Each has a defined behaviour
// at it: the function that meets it says which. Limits that whoever runs the server may change are
// options of the server (server/app/config.h), whose defaults are these.
#pragma once

#include <cstddef>
#include <cstdint>

namespace godwit::limits {

// Wire (protocol.md)
inline constexpr std::size_t kClientFrameBytesMax = 64 * 1024;
inline constexpr std::size_t kServerFrameBytesMax = 256 * 1024;
inline constexpr int kJsonDepthMax = 16;
// What is passed on unread (encrypted content, private values, settings) nests less, so that every
// frame and answer that carries it stays within kJsonDepthMax.
inline constexpr int kOpaqueDepthMax = 8;
inline constexpr std::size_t kTextBytesMax = 16 * 1024;
inline constexpr std::size_t kTempIdBytesMax = 64;
inline constexpr std::size_t kDeviceIdBytesMax = 64;
inline constexpr std::size_t kVersionBytesMax = 32;
inline constexpr std::size_t kEpochBytesMax = 64;
inline constexpr std::size_t kNonceBytesMax = 64;
inline constexpr std::size_t kRequestIdBytesMax = 64;
inline constexpr std::size_t kEmojiBytesMax = 64;
inline constexpr std::size_t kNameBytesMax = 256;             // of a group or a person
inline constexpr std::size_t kKeyBytesMax = 64;               // of a private item
inline constexpr std::size_t kValueBytesMax = 20 * 1024;      // of a private item, as JSON
inline constexpr std::size_t kSettingsBytesMax = 4 * 1024;    // of a chat, as JSON
inline constexpr std::size_t kEncryptedBytesMax = 48 * 1024;  // an `encrypted` content, as JSON
inline constexpr std::uint64_t kPositionMax = (1ULL << 53) - 1;
inline constexpr std::size_t kGroupMembersMax = 256;
inline constexpr std::size_t kReactionsPerPersonMax = 3;
inline constexpr std::size_t kReactionsPerMessageMax = 20;  // different ones
inline constexpr std::size_t kSyncChatsMax = 2'000;         // named in one sync_request

// Sync
inline constexpr std::uint64_t kSyncEventsMax = 500;  // further behind than this is a reset
inline constexpr std::size_t kRestPagesMax = 20;      // chats of `rest` that come with a page
inline constexpr std::size_t kPageMessagesDefault = 50;
inline constexpr std::size_t kPageMessagesMax = 100;
inline constexpr std::uint64_t kBlockSeqs = 256;

// Times, ms
inline constexpr std::int64_t kHelloTimeoutMs = 10'000;
inline constexpr std::int64_t kPingAfterMs = 25'000;
inline constexpr std::int64_t kSilenceMaxMs = 35'000;
inline constexpr std::int64_t kReceiptsEveryMs = 500;
inline constexpr std::int64_t kReceiptsEveryLargeMs = 5'000;  // over kReceiptsLargeMembers
inline constexpr std::size_t kReceiptsLargeMembers = 32;
inline constexpr std::int64_t kBadFrameWindowMs = 60'000;
inline constexpr int kBadFramesMax = 10;  // the tenth within the window closes with 4029

// Client
inline constexpr std::int64_t kBackoffMinMs = 1'000;
inline constexpr std::int64_t kBackoffMaxMs = 30'000;
inline constexpr std::int64_t kQueueWaitMaxMs = 250;  // a frame waits this long for its batch
inline constexpr int kHandshakesBeforePolling = 3;
inline constexpr std::int64_t kTypingShownMs = 6'000;
inline constexpr std::int64_t kTypingRepeatMs = 3'000;
inline constexpr std::size_t kOutboxEntriesMax = 10'000;
inline constexpr std::size_t kHotChats = 20;
inline constexpr std::size_t kHotMessages = 50;  // per hot chat
inline constexpr std::size_t kInFlightMax = 32;  // operations sent and not yet answered, per chat

// Client storage (docs/sync-spec.md, ST)
inline constexpr std::size_t kSegmentBytesMax = 40 * 1024;  // sealed at this size
inline constexpr std::size_t kFileBytesMax = 48 * 1024;
inline constexpr std::size_t kCacheFilesMax = 1'400;
inline constexpr std::size_t kCacheBytesMax = 64 * 1024 * 1024;

}  // namespace godwit::limits
