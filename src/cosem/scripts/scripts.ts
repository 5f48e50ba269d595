// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../core/device-error.js";
import { mayInvoke, mayWrite } from "../access.js";
import type { Application } from "../application.js";
import type { Association } from "../association/association.js";
import { scriptTableClass } from "../class-ids.js";
import { CodecError } from "../codec/codec-error.js";
import { Reader } from "../codec/reader.js";
import { Writer } from "../codec/writer.js";
import { type Call, type CosemObject, findAttribute } from "../model.js";
import { type Pieces, whole } from "../pieces.js";
import { dataAccessResult } from "../result.js";
import { findMethod } from "../services/object-access.js";

/** service_id of an action (Blue Book 4.5.2). */
export const scriptService = Object.freeze({ write: 1, execute: 2 });

/** One action of a script: writes an attribute or executes a method. */
export interface ScriptAction {
	/** One of `scriptService`. */
	readonly service: number;
	readonly classId: number;
	readonly logicalName: number;
	/** Attribute or method. */
	readonly index: number;
	/** A-XDR octets of value or parameter. */
	readonly parameter: ArrayLike<number>;
}

/** integer(0), the parameter of most methods. */
export const integerZero: readonly number[] = Object.freeze([15, 0]);

/** What makes a script run. */
export const scriptTrigger = Object.freeze({
	/** A client's ACTION. */
	client: 0,
	/** A single action schedule. */
	schedule: 1,
	/** An activity calendar, or the schedule class. */
	calendar: 2,
	/** The meter itself: limiter, monitor, fraud or credit logic. */
	local: 3,
});

export interface ScriptCaller {
	/** Whose rights the script has, a `clientIndex`: of the one who calls it, or who configured what calls it. */
	readonly client: number;
	/** One of `scriptTrigger`. */
	readonly trigger: number;
	/** When it was due, UTC; undefined where nothing was planned. */
	readonly nominal_s?: number;
	/** It was missed, and is made up for. */
	readonly isLate?: boolean;
	/** A function of the meter that does not call again. */
	readonly callsOnce?: boolean;
}

/** Nobody is there to repeat what cannot be done now: an order to a switch or relay is kept until it can. */
export function isOrder({ trigger, callsOnce }: ScriptCaller): boolean {
	return trigger === scriptTrigger.schedule || trigger === scriptTrigger.calendar || callsOnce === true;
}

/** A client's disconnection has to be repeated before it takes effect (SEC-mass). @param contacts 0 the switch, n relay n */
export function mustRepeat(application: Application, caller: ScriptCaller, contacts: number): boolean {
	const { trigger, client } = caller;
	return trigger === scriptTrigger.client && application.switching?.mustRepeat(caller, client, contacts) === true;
}

export interface Script {
	/** 1..65535. */
	readonly id: number;
	/** What clients read; executed in this order unless there is `run`. */
	readonly actions: readonly ScriptAction[];
	/** The first action that fails ends the script. */
	readonly isAtomic?: boolean;
	/**
	 * Does what the actions tell, where it must be one step or depends on who calls. Rights are then those of the table.
	 * @returns an `actionResult`
	 */
	run?(application: Application, caller: ScriptCaller): number;
}

/** Class 9: what a script table is made of. */
export interface ScriptTableSpec {
	readonly scripts: readonly Script[];
	/** Scripts that clients have written in place of `scripts`; undefined where they are as from the factory. */
	written?(application: Application): readonly Script[] | undefined;
	/**
	 * Does the actions that are for this table to do, with the rights to the table; undefined for one that is to be done as any
	 * other, with the rights of the caller.
	 */
	perform?(action: ScriptAction, application: Application, caller: ScriptCaller): number | undefined;
	/** Stores scripts of a client. @returns a `dataAccessResult` */
	write?(scripts: readonly Script[], call: Call): Pieces;
}

const deepestNesting = 4;
/** Associations and security setups: no script changes keys or rights. */
const sealedClasses: readonly number[] = Object.freeze([15, 64]);

/**
 * The scripts of a table as they are now. Actions on objects that this meter does not have are left out, and so are scripts
 * of which nothing is left (G10).
 */
export function scriptsOf(spec: ScriptTableSpec, application: Application): readonly Script[] {
	const scripts = spec.written?.(application) ?? spec.scripts;
	return scripts.filter(
		({ actions }) => actions.length === 0 || actions.some((action) => isThere(action, application)),
	);
}

/** Whether this meter has what an action names. */
export function isThere({ logicalName, classId }: ScriptAction, { directory }: Application): boolean {
	return directory.find(logicalName)?.definition.classId === classId;
}

/** Runs the scripts of a meter, on behalf of clients and of the meter itself. */
export class Scripts {
	readonly #application: Application;
	/** Who the script in progress runs for. */
	#caller: ScriptCaller | undefined;
	#depth = 0;

	constructor(application: Application) {
		this.#application = application;
	}

	/**
	 * Runs a script by table and number; 0 is no action.
	 * @param table logical name
	 * @returns the first result that is not success, success when there is none
	 */
	execute(table: number, id: number, caller: ScriptCaller): number {
		if (id === 0) return dataAccessResult.success;
		const found = this.table(table);
		if (found === undefined) return dataAccessResult.objectUndefined;
		if (!mayInvoke(found.access, caller.client, 1)) return dataAccessResult.readWriteDenied;
		return this.run(found.spec as ScriptTableSpec, id, caller, undefined);
	}

	/** Whether a client may have this script executed later, by something it configures (SEC-deputy). */
	mayConfigure(table: number, id: number, client: number): boolean {
		const found = this.table(table);
		if (found === undefined || !mayInvoke(found.access, client, 1)) return false;
		return id === 0 || scriptsOf(found.spec as ScriptTableSpec, this.#application).some((script) => script.id === id);
	}

	/** Method 1 of a script table: for the client of the association, or for who runs the script that calls it. */
	executeFor(call: Call, spec: ScriptTableSpec, id: number): number {
		const caller = this.#caller ?? { client: call.association.client.index, trigger: scriptTrigger.client };
		return this.run(spec, id, caller, call.association);
	}

	run(spec: ScriptTableSpec, id: number, caller: ScriptCaller, association: Association | undefined): number {
		const script = scriptsOf(spec, this.#application).find((candidate) => candidate.id === id);
		if (script === undefined || this.#depth >= deepestNesting) return dataAccessResult.otherReason;
		const before = this.#caller;
		this.#caller = caller;
		this.#depth++;
		try {
			return script.run === undefined
				? this.perform(spec, script, caller, association)
				: this.guarded(() => script.run!(this.#application, caller));
		} finally {
			this.#caller = before;
			this.#depth--;
		}
	}

	private table(logicalName: number): CosemObject | undefined {
		const found = this.#application.directory.find(logicalName);
		return found?.definition.classId === scriptTableClass ? found : undefined;
	}

	private perform(
		spec: ScriptTableSpec,
		script: Script,
		caller: ScriptCaller,
		association: Association | undefined,
	): number {
		// what a script calls does not look at the association unless a client has called the script
		const call: Call = { application: this.#application, association: association as Association };
		let first: number = dataAccessResult.success;
		for (let n = 0; n < script.actions.length; n++) {
			const action = script.actions[n]!;
			if (!isThere(action, this.#application)) continue;
			const result = this.guarded(() => this.actOf(spec, action, caller, call));
			if (result === dataAccessResult.success) continue;
			if (script.isAtomic === true) return result;
			if (first === dataAccessResult.success) first = result;
		}
		return first;
	}

	private actOf(spec: ScriptTableSpec, action: ScriptAction, caller: ScriptCaller, call: Call): number {
		return spec.perform?.(action, this.#application, caller) ?? this.act(action, caller, call);
	}

	private act(action: ScriptAction, caller: ScriptCaller, call: Call): number {
		const found = this.#application.directory.find(action.logicalName)!;
		if (sealedClasses.includes(action.classId)) return dataAccessResult.readWriteDenied;
		const r = new Reader(Uint8Array.from(action.parameter));
		if (action.service === scriptService.write) {
			const attribute = findAttribute(found, action.index);
			if (attribute === undefined) return dataAccessResult.objectUnavailable;
			if (!mayWrite(found.access, caller.client, action.index)) return dataAccessResult.readWriteDenied;
			return whole(attribute.set?.(r, call, found.spec as never) ?? dataAccessResult.readWriteDenied);
		}
		const method = findMethod(found, action.index);
		if (method === undefined) return dataAccessResult.objectUnavailable;
		if (!mayInvoke(found.access, caller.client, action.index)) return dataAccessResult.readWriteDenied;
		return whole(method.invoke?.(r, new Writer(0), call, found.spec) ?? dataAccessResult.readWriteDenied);
	}

	private guarded(act: () => number): number {
		try {
			return act();
		} catch (error) {
			if (error instanceof CodecError) return dataAccessResult.typeUnmatched;
			if (error instanceof DeviceError) return dataAccessResult.hardwareFault;
			throw error;
		}
	}
}
