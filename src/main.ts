// SPDX-License-Identifier: Apache-2.0

import { ClockKeeper } from "./clock/clock-keeper.js";
import { Scheduler } from "./core/scheduler.js";
import type { Application } from "./cosem/application.js";
import { DataReadoutList } from "./cosem/data-readout-list.js";
import { boardLimits, desktopLimits } from "./cosem/limits.js";
import { CosemServer } from "./cosem/server.js";
import { DisplayTask } from "./display/display-task.js";
import { SelfCheck } from "./events/self-check.js";
import type { ReadoutSupplier } from "./iec62056-21/data-readout.js";
import { MeterApplication } from "./meter/meter-application.js";
import type { MeterPorts, MeterSettings } from "./meter/meter-ports.js";

export type { MeterPorts, MeterSettings };

/** A meter: a value, driven by the time its host gives it. */
export class Meter {
	readonly application: Application;
	readonly server: CosemServer;
	readonly #scheduler = new Scheduler();
	readonly #parts: MeterApplication;

	constructor(ports: MeterPorts, settings: MeterSettings) {
		const parts = new MeterApplication(ports, settings);
		const { cipher, log, display } = ports;
		const limits = settings.size === "board" ? boardLimits : desktopLimits;
		this.#parts = parts;
		this.application = parts;
		this.server = new CosemServer(parts, { cipher, random: parts.random, log, observer: parts.clientEvents }, limits);
		this.#scheduler.add(parts.metrology);
		this.#scheduler.add(parts.seal);
		this.#scheduler.add(parts.housing);
		if (parts.sampling !== undefined) this.#scheduler.add(parts.sampling);
		this.#scheduler.add(parts.demand);
		this.#scheduler.add(parts.averages);
		// behind those whose periods end with the old tariff
		this.#scheduler.add(parts.calendars);
		this.#scheduler.add(parts.tariff);
		this.#scheduler.add(parts.powerQuality);
		this.#scheduler.add(parts.profiles);
		this.#scheduler.add(parts.timeEvents);
		this.#scheduler.add(parts.billing);
		this.#scheduler.add(parts.schedules);
		if (parts.supplyControl !== undefined) this.#scheduler.add(parts.supplyControl);
		this.#scheduler.add(parts.fraud);
		if (parts.io !== undefined) {
			this.#scheduler.add(parts.io.inputs);
			this.#scheduler.add(parts.io.outputs);
			this.#scheduler.add(parts.io.relays);
		}
		this.#scheduler.add(parts.push);
		this.#scheduler.add(parts.events);
		this.#scheduler.add(parts.rowLogs);
		this.#scheduler.add(new ClockKeeper(parts.clock, parts.events, parts.journal, ports.rtc));
		parts.push.started();
		this.#scheduler.add(new SelfCheck(parts.metrology, parts.events));
		if (display !== undefined) {
			const { metrology, clock, firmware, time, model, supplyControl, limits, tariff, fraud } = parts;
			this.#scheduler.add(
				new DisplayTask(display, {
					metrology,
					clock,
					firmware,
					time,
					supplyControl,
					limits,
					tariff,
					fraud,
					phases: model.phases,
				}),
			);
		}
	}

	/**
	 * Does everything that is due at or before `now_ms`, the monotonic time of the host.
	 * @returns when to call again, at the latest
	 */
	advance(now_ms: number): number {
		return this.#scheduler.advance(now_ms);
	}

	/**
	 * Interrupt pin 1 of the front end fell: a dip or swell has begun or ended.
	 * @returns when to call `advance` again, at the latest
	 */
	frontEndEvent(now_ms: number): number {
		this.#parts.powerQuality.interrupt(now_ms);
		return this.#scheduler.advance(now_ms);
	}

	/**
	 * The level of an input has changed.
	 * @returns when to call `advance` again, at the latest
	 */
	inputsChanged(now_ms: number): number {
		this.#parts.io?.inputs.changed(now_ms);
		return this.#scheduler.advance(now_ms);
	}

	/** What an optical port of this meter reads out in mode C; made when the port is. */
	createReadout(): ReadoutSupplier {
		return new DataReadoutList(this.application);
	}

	/** Makes everything durable: early warning of supply failure, or an orderly stop. */
	commit(): void {
		this.#parts.metrology.commit();
		this.#parts.demand.commit();
		this.#parts.averages.commit();
		this.#parts.limits?.commit();
		this.#parts.tariff.commit();
		this.#parts.io?.inputs.commit();
		this.#parts.powerQuality.commit();
		this.#parts.events.commit();
		this.#parts.portProtection.commit();
		this.#parts.clock.commit();
	}
}

/** Builds a meter out of what its host offers. */
export function createMeter(ports: MeterPorts, settings: MeterSettings): Meter {
	return new Meter(ports, settings);
}
