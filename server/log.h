// Structured logs on stderr: one line an event, `event key=value …`. No content, no tokens, no
// addresses of people: what is counted per person stays out of logs.
#pragma once

#include <spdlog/logger.h>

#include <memory>

#include "server/app/config.h"

namespace godwit::server {

// Requires a level that is_log_level() takes.
std::shared_ptr<spdlog::logger> make_logger(const LogConfig& config);

bool is_log_level(const std::string& level);

}  // namespace godwit::server
