// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";

/** `reading` is off by at most `limit`, both in the unit of `truth`. */
export function assertClose(reading: number, truth: number, limit: number, what: string): void {
	assert.ok(Math.abs(reading - truth) <= limit, `${what}: ${reading} instead of ${truth} (limit ${limit})`);
}
