// SPDX-License-Identifier: Apache-2.0
import type { Scheduler } from "../../src/core/scheduler.js";

/** Runs what is due up to `end_ms`, each at its deadline as a host does. @param time moves on with it */
export function runTasks(scheduler: Scheduler, end_ms: number, time: { now_ms: number }): void {
	for (;;) {
		const next_ms = scheduler.nextDeadline_ms();
		if (next_ms > end_ms) break;
		time.now_ms = Math.max(time.now_ms, next_ms);
		scheduler.advance(time.now_ms);
	}
	time.now_ms = end_ms;
}
