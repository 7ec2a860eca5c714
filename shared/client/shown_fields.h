// The fields of a view that were last shown, as JSON; tells which have changed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "shared/protocol/json_writer.h"

namespace godwit {

class ShownFields {
 public:
  // Takes the value; remembers it as changed where it differs. An empty one is shown as null.
  void set(std::string_view name, std::string json);
  // Writes {"name":value,…} of what has changed since the last call; false where nothing has.
  bool write_changed(json::Writer& out);

 private:
  struct Field {
    std::string name;
    std::string json;
  };

  std::vector<Field> shown_;          // few
  std::vector<std::size_t> changed_;  // where in it
};

}  // namespace godwit
