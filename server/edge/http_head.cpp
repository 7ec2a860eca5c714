#include "server/edge/http_head.h"

#include <algorithm>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <iterator>

#include "shared/base/utf8.h"

namespace godwit::server {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool equals_folded(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// What may stand in a Host: a name, an IPv4, or a bracketed IPv6, and a port. It travels on into
// the Content-Security-Policy, so nothing else may be in it.
bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_' || c == ':' || c == '[' || c == ']';
  });
}

std::string_view single(const Header& header, http::field name) {
  auto range = header.equal_range(name);
  if (range.first == range.second || std::next(range.first) != range.second) return {};
  return view(range.first->value());
}

std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string out(text.substr(0, bytes_max));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  return out;
}

// Framing that two parsers could read differently is refused, not repaired (RFC 9112, 6.3, 11.2).
std::optional<HeadRefusal> judge_framing(const Header& header) {
  const auto lengths = header.count(http::field::content_length);
  const auto encodings = header.count(http::field::transfer_encoding);
  if (lengths > 1 || encodings > 1) return HeadRefusal{400, Code::kBadFrame, "repeated framing"};
  if (lengths + encodings > 1)
    return HeadRefusal{400, Code::kBadFrame, "Content-Length beside Transfer-Encoding"};
  // A list of equal lengths may be read as one of them (RFC 9112, 6.3); a proxy in front may not.
  if (lengths == 1 && !is_digits(view(header[http::field::content_length])))
    return HeadRefusal{400, Code::kBadFrame, "Content-Length is not a number"};
  if (encodings == 1) {
    if (header.version() < 11)
      return HeadRefusal{400, Code::kBadFrame, "Transfer-Encoding in HTTP/1.0"};
    if (!equals_folded(trim(view(header[http::field::transfer_encoding])), "chunked"))
      return HeadRefusal{501, Code::kUnsupported, "only chunked is understood"};
  }
  return std::nullopt;
}

std::optional<HeadRefusal> judge_version_and_host(const Header& header, RequestHead& head) {
  if (header.version() != 10 && header.version() != 11)
    return HeadRefusal{505, Code::kUnsupported, "HTTP/1.1 is spoken here"};
  const auto hosts = header.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && header.version() == 11))
    return HeadRefusal{400, Code::kBadFrame, "one Host is needed"};
  head.host = std::string(view(header[http::field::host]));
  if (!head.host.empty() && !is_host(head.host))
    return HeadRefusal{400, Code::kBadFrame, "malformed Host"};
  return std::nullopt;
}

std::optional<HeadRefusal> judge_method(const Header& header, RequestHead& head) {
  switch (header.method()) {
    case http::verb::get:
    case http::verb::head:
    case http::verb::post:
    case http::verb::put:
    case http::verb::patch:
    case http::verb::delete_:
      head.method = header.method();
      return std::nullopt;
    default:
      return HeadRefusal{405, Code::kUnsupported, "method not allowed"};
  }
}

std::optional<HeadRefusal> judge_target(const Header& header, RequestHead& head) {
  std::string_view target = view(header.target());
  // The absolute form (RFC 9112, 3.2.2) means the same as its path; Host is judged above.
  for (std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size() || !equals_folded(target.substr(0, scheme.size()), scheme))
      continue;
    target.remove_prefix(scheme.size());
    const auto slash = target.find('/');
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    break;
  }
  if (target.empty() || target.front() != '/' || !is_visible_ascii(target) ||
      target.find('#') != std::string_view::npos)
    return HeadRefusal{400, Code::kBadFrame, "malformed target"};
  const auto question = target.find('?');
  std::string_view path = target.substr(0, question);
  std::string_view query =
      question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
  if (path.size() > kPathBytesMax || query.size() > kQueryBytesMax)
    return HeadRefusal{414, Code::kTooLarge, "target too long"};
  if (path.find("//") != std::string_view::npos)
    return HeadRefusal{404, Code::kNotFound, "no such path"};
  head.path = std::string(path);
  head.query = std::string(query);
  return std::nullopt;
}

std::optional<HeadRefusal> judge_expect(const Header& header, RequestHead& head) {
  const auto expect = header[http::field::expect];
  if (expect.empty() || header.version() < 11) return std::nullopt;
  if (!equals_folded(trim(view(expect)), "100-continue"))
    return HeadRefusal{417, Code::kUnsupported, "unknown expectation"};
  head.expects_continue = true;
  return std::nullopt;
}

void read_client(const Header& header, const std::string& peer_address, const EdgeConfig& config,
                 RequestHead& head) {
  head.address = peer_address;
  head.secure = config.public_origin.rfind("https://", 0) == 0;
  head.user_agent = printable(view(header[http::field::user_agent]), 256);
  if (!config.trust_forwarded) return;
  // The last entry is what the proxy in front added itself; the ones before are hearsay.
  std::string_view chain = view(header["X-Forwarded-For"]);
  std::string_view last = trim(chain.substr(chain.rfind(',') + 1));
  if (!last.empty() && last.size() <= 64) head.address = printable(last, 64);
  if (equals_folded(trim(view(header["X-Forwarded-Proto"])), "https")) head.secure = true;
}

void read_origin(const Header& header, const EdgeConfig& config, RequestHead& head) {
  head.has_origin = header.count(http::field::origin) > 0;
  head.origin = printable(single(header, http::field::origin), 512);
  if (head.origin.empty()) return;
  const std::string own = !config.public_origin.empty()
                              ? config.public_origin
                              : (head.secure ? "https://" : "http://") + head.host;
  head.own_origin = equals_folded(head.origin, own);
}

void read_token(const Header& header, RequestHead& head) {
  constexpr std::string_view kBearer = "Bearer ";
  std::string_view authorization = single(header, http::field::authorization);
  if (authorization.size() > kBearer.size() &&
      equals_folded(authorization.substr(0, kBearer.size()), kBearer)) {
    head.token = std::string(trim(authorization.substr(kBearer.size())));
  } else if (auto cookie = find_cookie(single(header, http::field::cookie), kSessionCookie);
             !cookie.empty()) {
    head.token = std::string(cookie);
    head.by_cookie = true;
  }
  if (head.token.size() > 128 || !is_visible_ascii(head.token)) head.token.clear();
}

void read_content(const Header& header, RequestHead& head) {
  std::string_view type = single(header, http::field::content_type);
  head.json = equals_folded(trim(type.substr(0, type.find(';'))), "application/json");
  head.accepts_html = view(header[http::field::accept]).find("text/html") != std::string_view::npos;
  head.accept_encoding = printable(view(header[http::field::accept_encoding]), 256);
  head.if_none_match = printable(view(header[http::field::if_none_match]), 512);
  head.if_range = printable(view(header[http::field::if_range]), 128);
  head.range = printable(single(header, http::field::range), 128);
}

bool offers_subprotocol(const Header& header) {
  auto range = header.equal_range(http::field::sec_websocket_protocol);
  for (auto it = range.first; it != range.second; ++it) {
    if (http::token_list(it->value())
            .exists(beast::string_view(kSubprotocol.data(), kSubprotocol.size())))
      return true;
  }
  return false;
}

}  // namespace

std::string_view find_cookie(std::string_view header, std::string_view name) {
  std::string_view found;
  while (!header.empty()) {
    const auto semicolon = header.find(';');
    std::string_view pair = trim(header.substr(0, semicolon));
    header =
        semicolon == std::string_view::npos ? std::string_view() : header.substr(semicolon + 1);
    if (pair.size() <= name.size() || pair.substr(0, name.size()) != name ||
        pair[name.size()] != '=')
      continue;
    std::string_view value = pair.substr(name.size() + 1);
    if (!found.empty() && found != value) return {};
    found = value;
  }
  return found;
}

std::variant<RequestHead, HeadRefusal> judge_head(const Header& header,
                                                  const std::string& peer_address,
                                                  const EdgeConfig& config) {
  RequestHead head;
  head.keep_alive = beast::http::token_list(header[http::field::connection]).exists("keep-alive");
  if (header.version() == 11)
    head.keep_alive = !http::token_list(header[http::field::connection]).exists("close");
  if (auto refusal = judge_framing(header)) return *refusal;
  if (auto refusal = judge_version_and_host(header, head)) return *refusal;
  if (auto refusal = judge_target(header, head)) return *refusal;
  if (auto refusal = judge_method(header, head)) return *refusal;
  if (auto refusal = judge_expect(header, head)) return *refusal;
  read_client(header, peer_address, config, head);
  read_origin(header, config, head);
  read_token(header, head);
  read_content(header, head);
  head.upgrades = header.version() == 11 &&
                  http::token_list(header[http::field::connection]).exists("upgrade") &&
                  http::token_list(header[http::field::upgrade]).exists("websocket");
  return head;
}

std::optional<HeadRefusal> judge_upgrade(const Header& header, const RequestHead& head) {
  const auto bad = [](int status, Code code, const char* detail) {
    return HeadRefusal{status, code, detail, RefusedBy::kBadUpgrade};
  };
  if (!head.upgrades) return bad(426, Code::kUnsupported, "a WebSocket upgrade is needed");
  if (head.method != http::verb::get) return bad(405, Code::kUnsupported, "method not allowed");
  if (header.count(http::field::content_length) + header.count(http::field::transfer_encoding) > 0)
    return bad(400, Code::kBadFrame, "an upgrade has no body");
  if (single(header, http::field::sec_websocket_version) != "13")
    return bad(426, Code::kUnsupported, "WebSocket version 13 is needed");
  if (single(header, http::field::sec_websocket_key).size() != 24)
    return bad(400, Code::kBadFrame, "malformed Sec-WebSocket-Key");
  if (!offers_subprotocol(header))
    return bad(400, Code::kUnsupported, "subprotocol godwit.v1 is needed");
  if (head.by_cookie && head.has_origin && !head.own_origin)
    return HeadRefusal{403, Code::kForbidden, "foreign Origin", RefusedBy::kForeignOrigin};
  return std::nullopt;
}

}  // namespace godwit::server
