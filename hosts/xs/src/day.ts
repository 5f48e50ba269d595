// SPDX-License-Identifier: Apache-2.0

import { parseLogicalName } from "../../../src/cosem/logical-name.js";
import { clientIndex } from "../../../src/cosem/model.js";
import { profileIndex } from "../../../src/cosem/objects/profiles.js";
import { scriptTrigger } from "../../../src/cosem/scripts/scripts.js";
import { standardEvent } from "../../../src/events/event-codes.js";
import { eventLog } from "../../../src/events/event-sink.js";
import { engineMeter, RunnerBus, SteppedClock } from "./support/engine-meter.js";

const quarter_s = 900;
/** 2026-12-31T00:00:00Z: the day ends with the month. */
const start_s = 851_990_400;
/** Over local midnight, wherever the zone puts it. */
const quarters = 98;
/** Seconds that are metered one by one before and after the end of each hour, until the block of samples is done with. */
const before_s = 1;
const after_s = 11;
const tariffScripts = parseLogicalName("0-0:10.0.100.255");
const rates = 4;

/**
 * A day of operation, and the turn of the month with its end of billing: another tariff every hour, and the seconds around each
 * full hour, where profiles, demand, averages, records and schedules come due together. In between there is one turn for each
 * quarter of an hour, and a meter that is late.
 */
export default function run(): void {
	const clock = new SteppedClock(start_s);
	const meter = engineMeter(clock, new RunnerBus(clock));
	const { application } = meter;
	meter.advance(0);
	for (let quarter = 1; quarter <= quarters; quarter++) {
		const isHour = quarter % 4 === 0;
		clock.now_ms = (quarter * quarter_s - (isHour ? before_s : 0)) * 1000;
		let next_ms = meter.advance(clock.now_ms);
		if (!isHour) continue;
		beginSpan("around the hour");
		for (let second = -before_s; second < after_s; second++) {
			const end_ms = (quarter * quarter_s + second + 1) * 1000;
			beginSpan("second");
			while (next_ms < end_ms) {
				clock.now_ms = next_ms;
				next_ms = meter.advance(next_ms, true); // as the board: nobody else has touched the meter
			}
			endSpan("second");
		}
		endSpan("around the hour");
		beginSpan("event");
		application.events.event(eventLog.standard, standardEvent.parameterChanged);
		endSpan("event");
		const rate = 1 + ((quarter / 4) % rates);
		const caller = { client: clientIndex.management, trigger: scriptTrigger.client };
		beginSpan("tariff");
		application.scripts.execute(tariffScripts, rate, caller);
		endSpan("tariff");
		check("F37 F39 a script of the tariff table puts its rate in force", application.tariff.energyRate === rate);
		if (quarter % 16 === 0) reading("day");
	}
	reading("day");
	const { profiles } = application;
	check(
		"F99 load profile 1 has an entry of each quarter of an hour",
		profiles.log(profileIndex.load1).entriesInUse === quarters,
	);
	check("F94 billing profile 1 has the entry of the month", profiles.log(profileIndex.billing1).entriesInUse === 1);
	check("F99 load profile 2 has the entry of the day", profiles.log(profileIndex.load2).entriesInUse === 1);
}
