// Queries over a Store. One thread.
#pragma once

#include <functional>
#include <memory>

#include "server/app/queries.h"
#include "server/store/store.h"

namespace godwit::server {

// `settle`: called with the viewer before reads that show watermarks, and waits until that person's
// own marks are written; may be empty.
std::unique_ptr<Queries> make_store_queries(std::unique_ptr<StoreReader> reader,
                                            std::function<void(UserId)> settle);

}  // namespace godwit::server
