// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { MeterClock } from "../../src/clock/meter-clock.js";
import { boundaryAfter, boundaryUpTo, isBoundary, type LocalClock } from "../../src/core/local-periods.js";
import { capturePeriods_s } from "../../src/profile/profile-definition.js";
import { RecordLog } from "../../src/storage/record-log.js";
import { BenchClock, zones } from "../profile/bench.js";
import { since2000_s as utc } from "../support/since-2000.js";

describe("capture boundaries", () => {
	for (const [name, zone] of Object.entries(zones)) {
		it(`are where local time is a multiple of the period, around the clock changes of ${name} too`, () => {
			const clock = new BenchClock();
			clock.zone = zone;
			const isMultiple = (utc_s: number, period_s: number) => {
				const local_s = clock.local_s(utc_s);
				return (((local_s % 86_400) + 86_400) % 86_400) % period_s === 0;
			};
			const moment = fc.oneof(
				fc.integer({ min: -90_000, max: 90_000 }).map((s) => zone.begin_s + s),
				fc.integer({ min: -90_000, max: 90_000 }).map((s) => zone.end_s + s),
				fc.integer({ min: utc("2024-01-01T00:00Z"), max: utc("2024-12-31T00:00Z") }),
			);
			fc.assert(
				fc.property(moment, fc.constantFrom(...capturePeriods_s), (utc_s, period_s) => {
					let after_s = utc_s + 1;
					while (!isMultiple(after_s, period_s)) after_s++;
					assert.equal(boundaryAfter(clock, utc_s, period_s), after_s);
					let upTo_s = utc_s;
					while (!isMultiple(upTo_s, period_s)) upTo_s--;
					assert.equal(boundaryUpTo(clock, utc_s, period_s), upTo_s);
					assert.equal(isBoundary(clock, utc_s, period_s), upTo_s === utc_s);
				}),
				{ numRuns: 120 },
			);
		});
	}

	it("can be taken from the meter's clock", () => {
		const flash = new MemoryFlash(4);
		const rtc = { utc_s: () => utc("2024-03-30T23:10Z"), set: () => {} };
		const store = new RecordLog(flash, 0, 4);
		const clock: LocalClock = new MeterClock({ monotonic_ms: () => 0 }, rtc, store, store);
		const next_s = boundaryAfter(clock, clock.utc_s(), 3600);
		assert.equal(next_s, utc("2024-03-31T00:00Z"));
		assert.equal(clock.monotonicAt_ms(next_s), 50 * 60_000);
	});
});
