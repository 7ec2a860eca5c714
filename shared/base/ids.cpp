#include "shared/base/ids.h"

#include <charconv>

namespace godwit {

std::optional<std::uint64_t> parse_id_digits(std::string_view text) {
  if (text.empty() || text.size() > 19 || text[0] < '1' || text[0] > '9') return std::nullopt;
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || value > 0x7fffffffffffffffULL) return std::nullopt;
  return value;
}

}  // namespace godwit
