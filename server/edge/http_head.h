// The judgement of one request's head: what of it is taken, as what, and what is refused. Pure
// functions of a parsed header: no socket, no clock. Beast has done the lexing (RFC 9112); this
// holds the rest of what keeps two parsers from ever disagreeing about where a request ends, and
// reduces the head to the few things that anyone behind the edge needs.
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/verb.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "server/app/config.h"
#include "server/edge/metrics.h"
#include "shared/base/result.h"

namespace godwit::server {

inline constexpr std::string_view kSessionCookie = "godwit_session";
inline constexpr std::size_t kPathBytesMax = 1'024;
inline constexpr std::size_t kQueryBytesMax = 8 * 1'024;

// A refusal of the edge itself: becomes a problem+json answer.
struct HeadRefusal {
  int status = 400;
  Code code = Code::kBadFrame;
  const char* detail = "";
  RefusedBy reason = RefusedBy::kBadRequest;
};

// One request, reduced. Every string is free of control characters.
struct RequestHead {
  boost::beast::http::verb method = boost::beast::http::verb::get;
  std::string path;    // as sent (still percent-encoded), begins with '/', has no "//"
  std::string query;   // as sent, without '?'
  std::string host;    // as sent; empty in HTTP/1.0 without one
  std::string origin;  // the Origin header
  std::string token;   // of Bearer, else of the session cookie
  bool by_cookie = false;
  bool own_origin = false;  // Origin is there and is the server's own
  bool has_origin = false;
  bool json = false;  // Content-Type is application/json
  bool accepts_html = false;
  bool secure = false;  // the person's side of the connection is TLS
  bool keep_alive = false;
  bool expects_continue = false;
  bool upgrades = false;   // asks for a WebSocket
  std::string address;     // of the client, a trusted proxy's word applied
  std::string user_agent;  // at most 256 bytes
  std::string accept_encoding;
  std::string if_none_match;
  std::string if_range;
  std::string range;
};

using Header = boost::beast::http::header<true, boost::beast::http::fields>;

// `peer_address` is the socket's. Requires that Beast parsed the header without error.
std::variant<RequestHead, HeadRefusal> judge_head(const Header& header,
                                                  const std::string& peer_address,
                                                  const EdgeConfig& config);

// Whether the head of an upgrade is one that Beast's handshake will accept, and offers our
// subprotocol; and for a cookie: not from a foreign origin.
std::optional<HeadRefusal> judge_upgrade(const Header& header, const RequestHead& head);

inline constexpr std::string_view kSubprotocol = "godwit.v1";

// The value of one cookie in a Cookie header; empty: not there. Two of that name with different
// values count as none.
std::string_view find_cookie(std::string_view header, std::string_view name);

}  // namespace godwit::server
