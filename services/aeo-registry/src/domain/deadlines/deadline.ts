import type { Event, Instant } from '../operator/event.ts';

/** An instant at which something happens by itself; `events` is empty where what happens is only known then. */
export type Deadline = { at: Instant; events: Event[] };
