// The entry of the web app: the only place that knows where the client comes from.
import { createClient } from '@godwit/core';

import { start } from './start';
import { registerServiceWorker } from './sw/register';

start(createClient());
registerServiceWorker();
