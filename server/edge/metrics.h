// What the server counts, as Prometheus text (`/metrics`). Counters carry codes, route patterns and
// reasons, never ids, names, addresses or content. Owned by main; any thread may call any of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/edge/socket.h"
#include "shared/protocol/codes.h"

namespace godwit::server {

// Why the edge refused or gave up on bytes, a request or a connection.
enum class RefusedBy : unsigned char {
  kBadRequest,  // not HTTP, or a form of it that is not taken
  kHeaderTooLarge,
  kBodyTooLarge,
  kSlowHeader,
  kSlowBody,
  kSlowReader,
  kClientGone,          // in the middle of a request or an answer
  kConnections,         // too many in all
  kConnectionsAddress,  // too many of one address
  kOverloaded,          // too many requests or answers under way
  kForeignOrigin,
  kBadUpgrade,
  kUpstreamFailed,  // the REST side did not answer as it should
};

class Metrics final : public GatewayCounters {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void refused(RefusedBy reason);
  void connection_opened();
  void connection_closed();
  void socket_opened();
  void socket_closed(CloseCode code);
  // `route` is a pattern ("/api/v1/chats/:chatId"), of which there are few.
  void http_answered(std::string_view route, int status, std::int64_t duration_us);

  void frame_received(std::string_view type) override;
  void frame_sent(std::string_view type, std::uint64_t recipients) override;
  void error_sent(Code code) override;

  // Values that others keep, read when the page is asked for. `read` must be callable from any
  // thread while this object lives. Requires a valid metric name, used once.
  using Read = std::function<double()>;
  void add_counter(std::string name, std::string help, Read read);
  void add_gauge(std::string name, std::string help, Read read);

  // Text that others render themselves (a histogram they keep), appended as it is.
  void add_text(std::function<std::string()> render);

  // The Prometheus text format, version 0.0.4.
  std::string text() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

std::string_view reason_name(RefusedBy reason);

}  // namespace godwit::server
