// Every option of the server with its default: what a flag, an environment variable or a file may
// set. Plain values; parsing and --help live in server/main.cpp. Sizes are bytes, times
// milliseconds, rates "so many at once, then so many a second".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "shared/base/limits.h"

namespace godwit::server {

// A token bucket: `burst` at once, refilled by `per_second`. per_second <= 0: no limit.
struct Rate {
  double burst = 0;
  double per_second = 0;
};

enum class Registration : unsigned char { kOpen, kInvite, kClosed };

struct StorageConfig {
  std::string data_dir = "./data";
  std::uint32_t node = 0;                        // 0..1023, distinct for each server of a cluster
  std::int64_t cache_kib = 64 * 1024;            // SQLite page cache of the writer
  std::int64_t reader_cache_kib = 8 * 1024;      // of each reader
  std::int64_t pages_max = 0;                    // PRAGMA max_page_count; 0: no limit
  std::int64_t checkpoint_wal_bytes = 16 << 20;  // the checkpoint thread copies back past this
  std::int64_t checkpoint_every_ms = 1'000;
};

struct WriterConfig {
  std::size_t queue_max = 8'192;        // operations waiting; beyond: `unavailable`
  std::size_t batch_max = 1'024;        // operations in one transaction
  std::int64_t retry_after_ms = 1'000;  // told with `unavailable`
  std::int64_t marks_every_ms = 500;    // a chat's watermarks are written this often at most
  std::size_t marks_max = 65'536;       // (chat, user) watermarks waiting; beyond: dropped
  std::size_t chats_cached_max = 10'000;
  std::size_t dedupe_entries_max = 65'536;
  std::int64_t dedupe_ttl_ms = 10 * 60'000;
};

struct ReadConfig {
  std::size_t threads = 2;
  std::size_t queue_max = 4'096;  // beyond: `unavailable`
};

struct AuthConfig {
  Registration registration = Registration::kOpen;
  std::uint64_t argon_ops = 2;                   // libsodium's opslimit: passes
  std::size_t argon_memory_bytes = 64ULL << 20;  // libsodium's memlimit
  std::size_t hash_threads = 1;
  std::size_t hash_queue_max = 256;  // beyond: `unavailable`
  std::size_t password_bytes_min = 8;
  std::size_t password_bytes_max = 256;
  std::int64_t session_idle_ms_max = 90LL * 24 * 3'600'000;  // unused so long: ended
  std::size_t sessions_per_user_max = 50;  // the oldest unused one ends for a new one
  std::size_t sessions_cached_max = 100'000;
  std::int64_t last_seen_every_ms = 60'000;  // a session's last use is stored this often
  Rate login_per_name{10, 10.0 / 300};       // failed and successful tries
  Rate login_per_address{50, 50.0 / 300};
  Rate register_per_address{20, 20.0 / 3'600};
  std::size_t limiter_keys_max = 100'000;  // names or addresses remembered
  std::int64_t invite_ttl_ms = 7LL * 24 * 3'600'000;
};

struct EdgeConfig {
  std::string listen_host = "127.0.0.1";
  std::uint16_t listen_port = 8080;  // 0: a free one
  std::string web_dir;               // empty: no app is served
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t body_bytes_max = 256 * 1024;
  std::int64_t header_timeout_ms = 10'000;  // for the whole request line and headers
  std::int64_t body_timeout_ms = 20'000;
  std::int64_t idle_timeout_ms = 60'000;  // between requests
  std::int64_t write_timeout_ms = 30'000;
  std::size_t connections_max = 20'000;
  std::size_t connections_per_address_max = 1'000;
  std::size_t rest_threads = 2;
  std::size_t rest_in_flight_max = 256;
  Rate requests_per_address{400, 200};
  bool trust_forwarded = false;        // X-Forwarded-For and -Proto of a proxy in front
  std::string public_origin;           // empty: derived from Host
  std::int64_t drain_ms_max = 10'000;  // after SIGTERM
};

struct GatewayConfig {
  std::size_t frame_bytes_max = limits::kClientFrameBytesMax;
  std::size_t connections_per_user_max = 20;
  std::size_t send_queue_bytes_max = 4 << 20;  // beyond: closed with 4008
  std::size_t send_queue_frames_max = 16'384;
  std::size_t in_flight_per_connection_max = 512;  // operations submitted, not yet answered
  std::int64_t hello_timeout_ms = limits::kHelloTimeoutMs;
  std::int64_t silence_ms_max = limits::kSilenceMaxMs;
  std::int64_t receipts_every_ms = limits::kReceiptsEveryMs;
  std::int64_t receipts_every_large_ms = limits::kReceiptsEveryLargeMs;
  std::int64_t restart_spread_ms = 10'000;  // 1012's retryAfterMs is drawn from this
  Rate operations_per_user{400, 100};       // message, edit, … : everything with a tempId
  Rate frames_per_connection{1'000, 300};   // anything; beyond: closed with 4029
  Rate syncs_per_user{60, 4};
};

struct LogConfig {
  std::string level = "info";  // trace, debug, info, warn, error
  bool json = false;
};

struct Config {
  StorageConfig storage;
  WriterConfig writer;
  ReadConfig reads;
  AuthConfig auth;
  EdgeConfig edge;
  GatewayConfig gateway;
  LogConfig log;
};

}  // namespace godwit::server
