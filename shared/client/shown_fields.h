// The fields of a view that were last shown, as JSON; tells which have changed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "shared/protocol/json_writer.h"

namespace godwit {

class ShownFields {
 public:
  // Takes the value; remembers it as changed where it differs. An empty one is shown as null.
  void set(const std::string& name, std::string json);
  // Writes {"name":value,…} of what has changed since the last call; false where nothing has.
  bool write_changed(json::Writer& out);

 private:
  std::map<std::string, std::string> shown_;
  std::vector<std::string> changed_;
};

}  // namespace godwit
