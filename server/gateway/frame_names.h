// The `type` of a frame, as counters name it.
#pragma once

#include <string_view>

#include "shared/protocol/frames.h"

namespace godwit::server {

std::string_view frame_name(const ClientFrame& frame);
std::string_view frame_name(const ServerFrame& frame);
std::string_view event_name(EventKind kind);

}  // namespace godwit::server
