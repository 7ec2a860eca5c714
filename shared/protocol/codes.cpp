#include "shared/protocol/codes.h"

#include <array>

namespace godwit {
namespace {

struct CodeRow {
  Code code;
  std::string_view name;
  int http_status;
};

// `unsupported` is 415: the request's content is of a kind this server does not take.
constexpr std::array<CodeRow, 12> kCodes{{
    {Code::kOk, "ok", 200},
    {Code::kBadFrame, "bad_frame", 400},
    {Code::kUnauthenticated, "unauthenticated", 401},
    {Code::kForbidden, "forbidden", 403},
    {Code::kNotFound, "not_found", 404},
    {Code::kTooLarge, "too_large", 413},
    {Code::kRateLimited, "rate_limited", 429},
    {Code::kInvalidContent, "invalid_content", 422},
    {Code::kConflict, "conflict", 409},
    {Code::kGroupFull, "group_full", 409},
    {Code::kUnsupported, "unsupported", 415},
    {Code::kUnavailable, "unavailable", 503},
}};

// Looked up by index, so the table must stand in the order of the enumeration.
constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    if (kCodes[i].code != static_cast<Code>(i)) return false;
  }
  return true;
}
static_assert(in_enum_order());

}  // namespace

std::string_view code_name(Code code) { return kCodes[static_cast<std::size_t>(code)].name; }

std::optional<Code> parse_code(std::string_view name) {
  for (const CodeRow& row : kCodes) {
    if (row.name == name) return row.code;
  }
  return std::nullopt;
}

bool is_retryable(Code code) { return code == Code::kRateLimited || code == Code::kUnavailable; }

int http_status(Code code) { return kCodes[static_cast<std::size_t>(code)].http_status; }

}  // namespace godwit
