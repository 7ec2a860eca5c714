// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing past U+10FFFF.
#pragma once

#include <string_view>

namespace godwit {

bool is_valid_utf8(std::string_view bytes);

// True when `text` (valid UTF-8) is empty or only Unicode white space (property White_Space) and
// the zero-width U+200B..U+200D, U+2060, U+FEFF: a message that would show nothing.
bool is_blank(std::string_view text);

// The longest prefix of valid UTF-8 `text` of at most `bytes_max` bytes that ends between code
// points. Borrows from `text`.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max);

}  // namespace godwit
