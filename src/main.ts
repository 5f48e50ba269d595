// SPDX-License-Identifier: Apache-2.0

import { ClockKeeper } from "./clock/clock-keeper.js";
import { DeviceError } from "./core/device-error.js";
import type { Application } from "./cosem/application.js";
import { boardLimits, desktopLimits } from "./cosem/limits.js";
import { DataReadoutList } from "./cosem/readout/data-readout-list.js";
import { CosemServer } from "./cosem/server.js";
import { DisplayTask } from "./display/display-task.js";
import { SelfCheck } from "./events/self-check.js";
import type { ReadoutSupplier } from "./iec62056-21/data-readout.js";
import { MeterApplication } from "./meter/meter-application.js";
import type { MeterPorts, MeterSettings } from "./meter/meter-ports.js";
import { MeterTasks } from "./meter/meter-tasks.js";
import { ratingsFault } from "./models/model.js";

export type { MeterPorts, MeterSettings };

/** A meter: a value, driven by the time its host gives it. */
export class Meter {
	readonly application: Application;
	readonly server: CosemServer;
	readonly #tasks: MeterTasks;
	readonly #parts: MeterApplication;
	readonly #display: DisplayTask | undefined;

	constructor(ports: MeterPorts, settings: MeterSettings) {
		const parts = new MeterApplication(ports, settings);
		const { cipher, log, display, pace } = ports;
		const limits = settings.size === "board" ? boardLimits : desktopLimits;
		this.#parts = parts;
		this.application = parts;
		const serverPorts = { cipher, random: parts.random, log, observer: parts.clientEvents, ...(pace && { pace }) };
		this.server = new CosemServer(parts, serverPorts, limits);
		const clockKeeper = new ClockKeeper(parts.clock, parts.events, parts.journal, parts);
		parts.push.started();
		this.#display = display === undefined ? undefined : new DisplayTask(display, parts);
		const selfCheck = new SelfCheck(parts.metrology, parts.events, parts);
		this.#tasks = new MeterTasks(parts, clockKeeper, selfCheck, this.#display);
	}

	/**
	 * Does everything that is due at or before `now_ms`, the monotonic time of the host.
	 * @param isUntouched nothing of this meter was called since the last `advance`: saves a look at all deadlines
	 * @returns when to call again, at the latest
	 */
	advance(now_ms: number, isUntouched = false): number {
		return this.#tasks.advance(now_ms, isUntouched);
	}

	/**
	 * Interrupt pin 1 of the front end fell: a dip or swell has begun or ended.
	 * @returns when to call `advance` again, at the latest
	 */
	frontEndEvent(now_ms: number): number {
		this.#parts.powerQuality.interrupt(now_ms);
		return this.#tasks.advance(now_ms);
	}

	/**
	 * What the host said of the chip (`MeterPorts.stillness`) holds only up to `until_ms`.
	 * @returns when to call `advance` again, at the latest
	 */
	frontEndMoved(until_ms: number, now_ms: number): number {
		this.#parts.metrology.wake(until_ms);
		return this.#tasks.advance(now_ms);
	}

	/**
	 * The level of an input has changed.
	 * @returns when to call `advance` again, at the latest
	 */
	inputsChanged(now_ms: number): number {
		this.#parts.io?.inputs.changed(now_ms);
		return this.#tasks.advance(now_ms);
	}

	/**
	 * A cover, a button, a field at the housing has changed.
	 * @returns when to call `advance` again, at the latest
	 */
	housingChanged(now_ms: number): number {
		this.#parts.seal.housingChanged(now_ms);
		this.#parts.housing.housingChanged(now_ms);
		this.#parts.fraud.housingChanged(now_ms);
		this.#parts.supplyControl?.housingChanged(now_ms);
		this.#display?.housingChanged(now_ms);
		return this.#tasks.advance(now_ms);
	}

	/** Somebody looks at a display that asks (`Display.isAsking`). */
	lookAtDisplay(now_ms: number): void {
		this.#display?.look(now_ms);
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
	const fault = ratingsFault(settings.model);
	if (fault !== "") throw new DeviceError("settings", "invalid", fault);
	return new Meter(ports, settings);
}
