// SPDX-License-Identifier: Apache-2.0
import { unixEpochOffset_s } from "../../../src/clock/calendar.js";
import type { MeterClock } from "../../../src/clock/meter-clock.js";

/** The present of the meter's clock as ISO 8601 local time with offset, "2026-03-29T03:00:00+02:00". */
export function localTimeOf(clock: Pick<MeterClock, "utc_s" | "local_s" | "deviation_min">): string {
	const utc_s = clock.utc_s();
	const deviation_min = clock.deviation_min(utc_s);
	const local = new Date((clock.local_s(utc_s) + unixEpochOffset_s) * 1000).toISOString().slice(0, 19);
	// the meter counts from local time to UTC, ISO 8601 the other way
	const sign = deviation_min <= 0 ? "+" : "-";
	const offset_min = Math.abs(deviation_min);
	const hours = String(Math.floor(offset_min / 60)).padStart(2, "0");
	return `${local}${sign}${hours}:${String(offset_min % 60).padStart(2, "0")}`;
}
