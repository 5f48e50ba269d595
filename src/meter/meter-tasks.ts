// SPDX-License-Identifier: Apache-2.0
import type { ClockKeeper } from "../clock/clock-keeper.js";
import { type Task, TaskRunner } from "../core/scheduler.js";
import type { DisplayTask } from "../display/display-task.js";
import type { SelfCheck } from "../events/self-check.js";
import type { MeterApplication } from "./meter-application.js";

const count = 26;

/**
 * All that a meter does by itself. Where deadline and priority are equal, the order is that of the places: metrology first;
 * calendars and tariff behind those whose periods end with the old tariff.
 */
export class MeterTasks extends TaskRunner {
	protected override readonly deadlines_ms = new Float64Array(count);
	protected override readonly priorities = new Uint8Array(count);
	readonly #parts: MeterApplication;
	readonly #clockKeeper: ClockKeeper;
	readonly #selfCheck: SelfCheck;
	readonly #display: DisplayTask | undefined;

	constructor(
		parts: MeterApplication,
		clockKeeper: ClockKeeper,
		selfCheck: SelfCheck,
		display: DisplayTask | undefined,
	) {
		super();
		this.#parts = parts;
		this.#clockKeeper = clockKeeper;
		this.#selfCheck = selfCheck;
		this.#display = display;
		// parts that this meter lacks
		this.deadlines_ms.fill(Infinity);
		for (let place = 0; place < count; place++) this.priorities[place] = this.task(place)?.priority ?? 0;
	}

	/** As `task` has them. */
	protected override look(): void {
		const parts = this.#parts;
		const { sampling, supplyControl, io } = parts;
		const at = this.deadlines_ms;
		at[0] = parts.metrology.deadline_ms;
		at[1] = parts.seal.deadline_ms;
		at[2] = parts.housing.deadline_ms;
		if (sampling !== undefined) at[3] = sampling.deadline_ms;
		at[4] = parts.demand.deadline_ms;
		at[5] = parts.averages.deadline_ms;
		at[6] = parts.calendars.deadline_ms;
		at[7] = parts.tariff.deadline_ms;
		at[8] = parts.powerQuality.deadline_ms;
		at[9] = parts.profiles.deadline_ms;
		at[10] = parts.timeEvents.deadline_ms;
		at[11] = parts.billing.deadline_ms;
		at[12] = parts.schedules.deadline_ms;
		at[13] = parts.entrySchedule.deadline_ms;
		if (supplyControl !== undefined) at[14] = supplyControl.deadline_ms;
		at[15] = parts.fraud.deadline_ms;
		if (io !== undefined) {
			at[16] = io.inputs.deadline_ms;
			at[17] = io.outputs.deadline_ms;
			at[18] = io.relays.deadline_ms;
		}
		at[19] = parts.alarmMonitors.deadline_ms;
		at[20] = parts.push.deadline_ms;
		at[21] = parts.events.deadline_ms;
		at[22] = parts.rowLogs.deadline_ms;
		at[23] = this.#clockKeeper.deadline_ms;
		at[24] = this.#selfCheck.deadline_ms;
		if (this.#display !== undefined) at[25] = this.#display.deadline_ms;
	}

	protected override task(place: number): Task | undefined {
		const parts = this.#parts;
		switch (place) {
			case 0:
				return parts.metrology;
			case 1:
				return parts.seal;
			case 2:
				return parts.housing;
			case 3:
				return parts.sampling;
			case 4:
				return parts.demand;
			case 5:
				return parts.averages;
			case 6:
				return parts.calendars;
			case 7:
				return parts.tariff;
			case 8:
				return parts.powerQuality;
			case 9:
				return parts.profiles;
			case 10:
				return parts.timeEvents;
			case 11:
				return parts.billing;
			case 12:
				return parts.schedules;
			case 13:
				return parts.entrySchedule;
			case 14:
				return parts.supplyControl;
			case 15:
				return parts.fraud;
			case 16:
				return parts.io?.inputs;
			case 17:
				return parts.io?.outputs;
			case 18:
				return parts.io?.relays;
			case 19:
				return parts.alarmMonitors;
			case 20:
				return parts.push;
			case 21:
				return parts.events;
			case 22:
				return parts.rowLogs;
			case 23:
				return this.#clockKeeper;
			case 24:
				return this.#selfCheck;
			default:
				return this.#display;
		}
	}
}
