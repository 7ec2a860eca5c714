// The way from the edge to the REST side: one socketpair per client connection, HTTP/1.1 on it, one
// request at a time. The REST side faces nobody but the edge, which sends it only what it has
// parsed itself, and reads its answers at once whatever the client does.
#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/edge/answer.h"
#include "server/edge/http_head.h"

namespace godwit::server {

// Implemented by server/http.
class RestBackend {
 public:
  // A new connection to the REST side: the edge's end of it, non-blocking, owned by the caller;
  // -1 when none can be had. I/O thread only.
  virtual int connect() = 0;

 protected:
  ~RestBackend() = default;
};

inline constexpr std::size_t kAnswerBytesMax = 64u << 20;  // of one answer of the REST side

// The names of the internal headers. A client's headers never pass the edge, so none of these can
// come from outside; those of an answer never leave it.
namespace internal_header {
inline constexpr const char* kAddress = "X-Godwit-Address";
inline constexpr const char* kQuery = "X-Godwit-Query";
inline constexpr const char* kToken = "X-Godwit-Token";
inline constexpr const char* kClient = "X-Godwit-Client";
// Letters: c the token came by cookie, o own Origin, x foreign Origin, j JSON body, h accepts HTML,
// s the client's side is TLS, b there is a body.
inline constexpr const char* kFlags = "X-Godwit-Flags";
inline constexpr const char* kRoute = "X-Godwit-Route";  // of an answer: the pattern, for metrics
inline constexpr const char* kFile = "X-Godwit-File";    // of an answer: send this file instead
}  // namespace internal_header

// What the REST side said, as parsed by the edge.
struct RestAnswer {
  Answer answer;
  std::string file;  // not empty: the path below the web root of the file to send instead
};

// One link. After a failure or a request abandoned under way it must not be used for another
// request; destroying it while a request is under way keeps its end open until the answer came,
// because the REST side would otherwise answer into a descriptor that may have a new owner.
class RestLink : public std::enable_shared_from_this<RestLink> {
 public:
  using Done = std::function<void(std::optional<RestAnswer>)>;  // nullopt: the link failed

  RestLink(boost::asio::io_context& io, int fd, std::size_t answer_bytes_max);

  // Sends one request and calls back once with its answer, never inside this call. Requires that no
  // request is under way.
  void ask(const RequestHead& head, const std::string& body, Done done);

  bool is_busy() const { return busy_; }

 private:
  void read();
  void finish(std::optional<RestAnswer> answer);

  using Parser = boost::beast::http::response_parser<boost::beast::http::string_body>;
  boost::asio::local::stream_protocol::socket socket_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::string request_;
  std::size_t answer_bytes_max_;
  bool busy_ = false;
  Done done_;
};

}  // namespace godwit::server
