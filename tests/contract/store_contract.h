// What every store holds, whatever database is behind it. One suite; a back end's test calls it
// with a way to open a store on an empty database.
#pragma once

#include <functional>
#include <memory>

#include "server/store/store.h"

namespace godwit::server {

// Opens the store; called again after the first is gone, it opens the same database.
using OpenStore = std::function<std::unique_ptr<Store>()>;

void store_contract(const OpenStore& open);

}  // namespace godwit::server
