// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { MeterClock } from "../../src/clock/meter-clock.js";
import { firstOccurrence, lastOccurrence } from "../../src/schedule/occurrence.js";
import { since2000_s as utc } from "../support/since-2000.js";
import { MemoryStore } from "../support/stores.js";
import { iso, time } from "./bench.js";

const store = new MemoryStore();
const clock = new MeterClock({ monotonic_ms: () => 0 }, { utc_s: () => 1, set: () => undefined }, store, store);

/** Second by second, from what local time shows and showed. */
function isDue(entry: Uint8Array, utc_s: number, skippedCounts: boolean): boolean {
	const shows = (local_s: number): boolean => {
		const then = new Date(Date.UTC(2000, 0, 1) + local_s * 1000);
		const fields = [then.getUTCHours(), then.getUTCMinutes(), then.getUTCSeconds()];
		return (
			fields.every((value, n) => entry[n] === 255 || entry[n] === value) &&
			(entry[7] === 255 || entry[7] === then.getUTCDate()) &&
			(entry[8] === 255 || entry[8] === (then.getUTCDay() || 7))
		);
	};
	const local_s = clock.local_s(utc_s);
	const namesHour = entry[0] !== 255;
	const jump_s = local_s - clock.local_s(utc_s - 1) - 1;
	if (namesHour && skippedCounts && jump_s > 0)
		for (let skipped = 1; skipped <= jump_s; skipped++) if (shows(local_s - skipped)) return true;
	if (!shows(local_s)) return false;
	const wasHourAgo = clock.local_s(utc_s - 3600) === local_s;
	return !(namesHour && wasHourAgo);
}

describe("schedule/occurrence", () => {
	const part = fc.oneof(fc.constant(-1), fc.constantFrom(0, 1, 2, 3, 30, 59));
	const hour = fc.oneof(fc.constant(-1), fc.constantFrom(0, 1, 2, 3, 4));
	const days = fc.constantFrom([-1, -1, -1, -1], [-1, -1, 31, -1], [-1, -1, 25, -1], [-1, -1, -1, 7]);

	for (const [name, jump] of [
		["missing", "2026-03-29T01:00Z"],
		["doubled", "2026-10-25T01:00Z"],
	] as const) {
		it(`agrees with a search second by second around the ${name} hour`, () => {
			const window = fc.tuple(fc.integer({ min: -9000, max: 5000 }), fc.integer({ min: 0, max: 7200 }));
			fc.assert(
				fc.property(hour, part, part, days, window, fc.boolean(), (h, m, s, date, [start, length], counts) => {
					const entry = Uint8Array.from(time(h, m, s, ...date));
					const from_s = utc(jump) + start;
					const due: number[] = [];
					for (let t = from_s; t <= from_s + length; t++) if (isDue(entry, t, counts)) due.push(t);
					assert.equal(firstOccurrence(clock, entry, 0, from_s, from_s + length, counts), due[0] ?? -1);
					assert.equal(lastOccurrence(clock, entry, 0, from_s, from_s + length, counts), due.at(-1) ?? -1);
				}),
				{ numRuns: 300 },
			);
		});
	}

	it("finds what is left out at the very first second that is looked at", () => {
		const entry = Uint8Array.from(time(2, 0, 0));
		const jump_s = utc("2026-03-29T01:00Z");
		for (const find of [firstOccurrence, lastOccurrence]) {
			assert.equal(find(clock, entry, 0, jump_s, jump_s, true), jump_s);
			assert.equal(find(clock, entry, 0, jump_s, jump_s + 600, true), jump_s);
			assert.equal(find(clock, entry, 0, jump_s, jump_s, false), -1);
			assert.equal(find(clock, entry, 0, jump_s + 1, jump_s + 600, true), -1);
		}
	});

	it("finds the last day of a month, a leap day, the second last Sunday", () => {
		const find = (entry: number[], from: string, to: string): string =>
			iso(firstOccurrence(clock, Uint8Array.from(entry), 0, utc(from), utc(to), true));
		assert.equal(find(time(0, 0, 0, -1, -1, 0xfe), "2026-02-01T00:00Z", "2026-03-01T00:00Z"), "2026-02-27T23:00:00");
		assert.equal(find(time(12, 0, 0, -1, 2, 29), "2026-02-01T00:00Z", "2028-03-01T00:00Z"), "2028-02-29T11:00:00");
		assert.equal(find(time(12, 0, 0, -1, 5, 0xfd, 7), "2026-05-01T00:00Z", "2026-06-01T00:00Z"), "2026-05-24T10:00:00");
	});
});
