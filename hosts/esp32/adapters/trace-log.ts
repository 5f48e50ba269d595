// SPDX-License-Identifier: Apache-2.0
import type { Log } from "../../../src/ports/log.js";

/** Log on the debug port; nothing in a release build, which has none. */
export class TraceLog implements Log {
	write(level: "debug" | "info" | "warning" | "error", part: string, message: string): void {
		if (level !== "debug") trace(`${level} ${part}: ${message}\n`);
	}
}
