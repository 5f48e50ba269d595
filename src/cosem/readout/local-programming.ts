// SPDX-License-Identifier: Apache-2.0
import { clockStatus, notSpecified } from "../../clock/date-time.js";
import { DeviceError } from "../../core/device-error.js";
import { type ProgrammingHost, programmingOutcome } from "../../iec62056-21/programming-session.js";
import { portText } from "../../iec62056-21/stored-local-port-setup.js";
import { clockClass } from "../class-ids.js";
import { moveClock } from "../classes/clock.js";
import { parseLogicalName } from "../logical-name.js";
import type { Call } from "../model.js";
import { portField, programmingClient } from "../security/port-protection.js";
import { securityEvent } from "../security/security-event.js";
import { minimumSecretLength } from "../security/security-setup-state.js";
import { dataSetAddress, formatDataSet } from "./data-sets.js";
import { liveValueOf } from "./live-list.js";

const port = "optical";
/** Whoever programs is no client of the object model. */
const noSap = 0;
const clockName = parseLogicalName("0-0:1.0.0.255");
const centuryOfClock = 2000;

/** Where the clock is written: which fields of it, two digits each in this order. */
const clockAddresses: readonly { readonly address: string; readonly hasDate: boolean; readonly hasTime: boolean }[] =
	Object.freeze([
		Object.freeze({ address: "0.9.1", hasDate: false, hasTime: true }),
		Object.freeze({ address: "0.9.2", hasDate: true, hasTime: false }),
		Object.freeze({ address: dataSetAddress(clockName), hasDate: true, hasTime: true }),
	]);

/**
 * One session of programming mode (SEC-opt): behind its password the items of the readout list are read one by one, and the
 * clock is set within the limits of the technician. Failures count and delay like those of a client (SEC-lock, F126).
 */
export class LocalProgramming implements ProgrammingHost {
	readonly #call: Call;
	#isAuthorised = false;
	/** Failures in this session. */
	#failures = 0;

	/** @returns undefined where it was not ordered, has no password, or the port hears nobody now */
	static open(call: Call): LocalProgramming | undefined {
		const { security, opticalPort, portProtection } = call.application;
		if (!security.allowsProgramming || opticalPort.passwordLength(portText.passwordP1) < minimumSecretLength)
			return undefined;
		const session = new LocalProgramming(call);
		if (!session.isRefused) return session;
		if (!portProtection.isClosed(port)) session.report(securityEvent.localAttempt);
		return undefined;
	}

	private constructor(call: Call) {
		this.#call = call;
	}

	get isRefused(): boolean {
		const { portProtection, security } = this.#call.application;
		return !security.allowsProgramming || portProtection.isLocked(programmingClient, port, this.now_ms());
	}

	authorise(password: Uint8Array): number {
		const { clientEvents, opticalPort, portProtection } = this.#call.application;
		this.leave();
		const isRight = opticalPort.isPassword(portText.passwordP1, password);
		if (!isRight || password.length < minimumSecretLength) return this.failed();
		if (portProtection.succeeded(programmingClient, port)) this.report(securityEvent.decipheredAgain);
		this.#failures = 0;
		this.#isAuthorised = true;
		clientEvents.sessionBegins(port, noSap);
		return programmingOutcome.done;
	}

	read(address: string): string | undefined {
		if (!this.#isAuthorised) return undefined;
		const { application } = this.#call;
		for (const column of application.readoutList.columns(this.#call)) {
			if (dataSetAddress(column.logicalName) !== address) continue;
			const dataSet = formatDataSet(liveValueOf(column, this.#call)!);
			return this.guard(() => application.beforeResponse()) ? dataSet : undefined;
		}
		return undefined;
	}

	write(address: string, value: string): number {
		const target = clockAddresses.find((candidate) => candidate.address === address);
		// whoever sets a clock without the right is counted (F44)
		if (!this.#isAuthorised) return target === undefined ? programmingOutcome.refused : this.failed();
		const utc_s = target && this.timeOf(value, target.hasDate, target.hasTime);
		if (utc_s === undefined) return programmingOutcome.refused;
		const { clock, clientEvents } = this.#call.application;
		let isMoved = false;
		clientEvents.requestBegins(port, noSap);
		clientEvents.objectAddressed(clockClass, clockName, 2);
		const isDone = this.guard(() => {
			isMoved = moveClock(clock, utc_s, true);
		});
		clientEvents.requestEnds();
		return isDone && isMoved ? programmingOutcome.done : programmingOutcome.refused;
	}

	close(): void {
		this.leave();
	}

	/** The moment that `value` names; what it leaves out is that of the clock, which must then be valid. */
	private timeOf(value: string, hasDate: boolean, hasTime: boolean): number | undefined {
		const { clock, time } = this.#call.application;
		if (value.length !== (hasDate && hasTime ? 12 : 6) || !/^\d+$/.test(value)) return undefined;
		if (!clock.isValid && !(hasDate && hasTime)) return undefined;
		clock.stamp(clock.utc_s(), time);
		let at = 0;
		const next = () => Number(value.slice(at, (at += 2)));
		if (hasDate) {
			time.year = centuryOfClock + next();
			time.month = next();
			time.day = next();
			time.weekday = notSpecified.octet;
		}
		if (hasTime) {
			time.hour = next();
			time.minute = next();
			time.second = next();
		}
		// of the hour that is there twice the one that the clock is in
		time.status &= clockStatus.daylightSaving;
		time.deviation_min = notSpecified.deviation_min;
		return time.isComplete() ? clock.toUtc_s(time) : undefined;
	}

	private failed(): number {
		const { portProtection } = this.#call.application;
		this.#failures++;
		if (portProtection.failed(programmingClient, port, this.now_ms())) this.report(securityEvent.associationFailure);
		const isTooOften = this.#failures >= portProtection.get(port, portField.allowedFailedAttempts);
		return isTooOften || this.isRefused ? programmingOutcome.over : programmingOutcome.refused;
	}

	private leave(): void {
		if (this.#isAuthorised) this.#call.application.clientEvents.sessionEnds(port, noSap);
		this.#isAuthorised = false;
	}

	private report(event: number): void {
		const { clientEvents, security } = this.#call.application;
		clientEvents.requestBegins(port, noSap);
		security.report(event, 0);
		clientEvents.requestEnds();
	}

	/** @returns false where the medium refuses */
	private guard(work: () => void): boolean {
		try {
			work();
			return true;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			return false;
		}
	}

	private now_ms(): number {
		return this.#call.application.now_ms();
	}
}
