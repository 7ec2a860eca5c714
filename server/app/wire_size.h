// How large things become as JSON, without encoding them: upper bounds, close for ordinary text.
// For splitting long answers into frames.
#pragma once

#include <cstddef>

#include "shared/protocol/frames.h"

namespace godwit::server {

std::size_t wire_size_max(const Message& message);
std::size_t wire_size_max(const ChatEvent& event);
std::size_t wire_size_max(const ChatState& chat);
std::size_t wire_size_max(const PrivateItem& item);

}  // namespace godwit::server
