#include "shared/domain/system_line.h"

#include <string>

#include "shared/protocol/type_names.h"

namespace godwit {

Content system_content(const SystemLine& line) {
  // Written by hand: every part is a literal or digits, and the order is the documented one.
  std::string body = R"({"type":"system","kind":")";
  body.append(line.kind).append("\"");
  if (line.user_id) body.append(R"(,"userId":")").append(line.user_id.str()).append("\"");
  if (line.role) body.append(R"(,"role":")").append(role_name(*line.role)).append("\"");
  if (line.new_owner_id) {
    body.append(R"(,"newOwnerId":")").append(line.new_owner_id.str()).append("\"");
  }
  body.append("}");
  return Content{ContentType::kSystem, {}, std::move(body)};
}

}  // namespace godwit
