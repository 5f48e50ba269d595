// SPDX-License-Identifier: Apache-2.0
import { standardEvent } from "../../events/event-codes.js";
import { eventLog } from "../../events/event-sink.js";
import type { Metrology } from "../../metrology/metrology.js";
import type { CalendarDefinition, CalendarHost } from "../../tariff/calendars.js";
import { tariffCalendar } from "../../tariff/calendars.js";
import type { TariffHost } from "../../tariff/tariff.js";
import type { Application } from "../application.js";
import { clientIndex } from "../model.js";
import { calendarDefinitions } from "../objects/tariff.js";
import { dataAccessResult } from "../result.js";
import { scriptTrigger } from "../scripts/scripts.js";

/** Lets calendars and tariff run the scripts of the object model, and tells metrology and event logs of it. */
export class CosemTariffHost implements CalendarHost, TariffHost {
	readonly #application: Application;
	readonly #metrology: Metrology;

	constructor(application: Application, metrology: Metrology) {
		this.#application = application;
		this.#metrology = metrology;
	}

	get factoryClient(): number {
		return clientIndex.management;
	}

	has({ logicalName }: CalendarDefinition): boolean {
		return this.#application.directory.find(logicalName) !== undefined;
	}

	turn(now_ms: number): void {
		this.#application.tariff.turn_ms = now_ms;
	}

	calendarSelects(n: number, selector: number, client: number): void {
		const { scripts, tariff } = this.#application;
		if (n === tariffCalendar) tariff.calendarSelects(selector);
		else scripts.execute(calendarDefinitions[n]!.table, selector, { client, trigger: scriptTrigger.calendar });
	}

	calendarEvent({ log, activated, programmed }: CalendarDefinition, isActivated: boolean): void {
		this.#application.events.event(log, isActivated ? activated : programmed);
	}

	calendarRefused(): void {
		this.tariffRefused();
	}

	runTariffScript(selector: number): boolean {
		const caller = { client: clientIndex.management, trigger: scriptTrigger.calendar };
		const { table } = calendarDefinitions[tariffCalendar]!;
		return this.#application.scripts.execute(table, selector, caller) === dataAccessResult.success;
	}

	setEnergyRates(rates: Uint8Array, now_ms: number): void {
		this.#metrology.setRates(rates, now_ms);
	}

	get demandRates(): Uint8Array {
		return this.#application.demand.rates;
	}

	overrideChanged(): void {
		this.#application.events.event(eventLog.standard, standardEvent.tariffOverride);
	}

	tariffRefused(): void {
		this.#application.events.event(eventLog.standard, standardEvent.tariffRefused);
	}

	memoryFailed(): void {
		this.#application.events.memoryFailed();
	}
}
