// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../core/device-error.js";
import type { Log } from "../../ports/log.js";
import type { Pace } from "../../ports/pace.js";
import { isVisible, mayInvoke, mayRead, mayWrite } from "../access.js";
import type { Application } from "../application.js";
import type { Association } from "../association/association.js";
import { conformanceBit } from "../association/conformance.js";
import { arrayManagerClass, associationClass, clockClass, disconnectControlClass } from "../class-ids.js";
import { encodeLogicalName, encodeNull } from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { dataTag } from "../codec/data-tag.js";
import { encodeLength } from "../codec/length.js";
import { Reader } from "../codec/reader.js";
import { formatLogicalName } from "../logical-name.js";
import {
	type AttributeDefinition,
	type Call,
	type CosemObject,
	findAttribute,
	findById,
	type MethodDefinition,
	type Selection,
} from "../model.js";
import { followed, type Pieces } from "../pieces.js";
import { dataAccessResult } from "../result.js";
import { isGroupMethod, isGroupWrite } from "../security/group-services.js";
import { securityEvent } from "../security/security-event.js";
import type { ServerObserver } from "../server-observer.js";
import type { Content } from "./content.js";
import { LaterAttributes } from "./later-attributes.js";

/** Classes whose methods leave next to nothing in memory: clock, the switch, which has a pace of its own, and array manager. */
const transientClasses: readonly number[] = Object.freeze([clockClass, disconnectControlClass, arrayManagerClass]);
/** Method of class 15: reply_to_HLS_authentication. */
export const replyToHls = 1;

/** Changes of clients a day, as many at once (docs/decisions/0039). */
const changesPerDay = 1000;
const timePerChange_ms = 86_400_000 / changesPerDay;
const longestDebt_ms = (changesPerDay - 1) * timePerChange_ms;

type Attribute = AttributeDefinition<unknown>;
type Method = MethodDefinition<unknown>;

class CurrentCall implements Call {
	readonly application: Application;
	/** Set before each request. */
	association!: Association;

	constructor(application: Application) {
		this.application = application;
	}
}

class CurrentSelection implements Selection {
	selector = 0;
	readonly parameters = new Reader();
}

/**
 * Reads, writes and invokes on behalf of one client. Every access of every service goes through here, and is checked in
 * one order: visible to this client, class, attribute or method, right, selector, then the class has its say.
 */
export class ObjectAccess {
	/** Filled by the caller before a read with selective access. */
	readonly selection = new CurrentSelection();
	readonly #application: Application;
	readonly #log: Log | undefined;
	readonly #observer: ServerObserver | undefined;
	readonly #pace: Pace | undefined;
	readonly #call: CurrentCall;
	readonly #noParameter = new Reader();
	/** Monotonic time at which all changes so far would be paid for, one in `timePerChange_ms`. */
	#paidUntil_ms = 0;
	/** Result of `#find`. */
	#object: CosemObject | undefined;

	constructor(
		application: Application,
		log: Log | undefined,
		observer: ServerObserver | undefined,
		pace: Pace | undefined,
	) {
		this.#pace = pace;
		this.#application = application;
		this.#observer = observer;
		this.#log = log;
		this.#call = new CurrentCall(application);
	}

	/** From here on requests are those of `association`. */
	serve(association: Association): void {
		this.#call.association = association;
	}

	/**
	 * Appends the value of an attribute to `content`; attribute 0 is the structure of all that the client can read.
	 *
	 * @param isSelective `selection` holds selector and parameters
	 * @returns a `dataAccessResult`; unless it is success, `content` is as before
	 */
	read(classId: number, logicalName: number, attributeId: number, isSelective: boolean, content: Content): number {
		this.#observer?.objectAddressed(classId, logicalName, attributeId);
		const { association } = this.#call;
		const result = this.find(classId, logicalName);
		if (result !== dataAccessResult.success) return result;
		const object = this.#object!;
		const isAll = attributeId === 0 && association.allows(conformanceBit.attribute0WithGet);
		const attribute = findAttribute(object, attributeId) as Attribute | undefined;
		if (attribute === undefined && attributeId !== 1 && !isAll) return dataAccessResult.objectUnavailable;
		const client = association.client.index;
		if (!(isAll ? mayRead(object.access, client, 1) : mayRead(object.access, client, attributeId)))
			return this.refused();
		if (isSelective && !association.allows(conformanceBit.selectiveAccess)) {
			return dataAccessResult.scopeOfAccessViolated;
		}
		const mark = content.w.position;
		const sources = content.sourceCount;
		let outcome: number;
		try {
			if (attribute !== undefined) {
				outcome = this.readAttribute(object, attribute, isSelective, content);
			} else if (isSelective) {
				outcome = dataAccessResult.scopeOfAccessViolated;
			} else if (isAll) {
				outcome = this.readAll(object, content);
			} else {
				content.reserve(8);
				encodeLogicalName(content.w, object.logicalName);
				outcome = dataAccessResult.success;
			}
		} catch (error) {
			outcome = this.resultOf(error, object);
		}
		if (outcome !== dataAccessResult.success) {
			content.w.position = mark;
			content.dropSources(sources);
		}
		return outcome;
	}

	/**
	 * @param r on the value, which is well formed and all there is; not to be moved before the last piece
	 * @returns a `dataAccessResult`, or the pieces of a long value that end in one
	 */
	write(classId: number, logicalName: number, attributeId: number, isSelective: boolean, r: Reader): number | Pieces {
		this.#observer?.objectAddressed(classId, logicalName, attributeId);
		const result = this.find(classId, logicalName);
		if (result !== dataAccessResult.success) return result;
		const object = this.#object!;
		const attribute = findAttribute(object, attributeId) as Attribute | undefined;
		if (attribute === undefined && attributeId !== 1) return dataAccessResult.objectUnavailable;
		const { association } = this.#call;
		if (!mayWrite(object.access, association.client.index, attributeId)) return this.refusedChange(classId);
		if (association.home.isUnderBroadcastKey && !isGroupWrite(classId, attributeId)) return this.refused();
		if (attribute?.set === undefined) return dataAccessResult.readWriteDenied;
		if (isSelective) return dataAccessResult.scopeOfAccessViolated;
		const isFree = isGroupWrite(classId, attributeId);
		if (!this.mayStore(isFree)) return dataAccessResult.temporaryFailure;
		try {
			const outcome = attribute.set(r, this.#call, object.spec);
			return typeof outcome === "number" ? this.changed(outcome, isFree) : this.followed(outcome, object, isFree);
		} catch (error) {
			return this.resultOf(error, object);
		}
	}

	private changed(result: number, isFree: boolean): number {
		if (result === dataAccessResult.success && !isFree) this.stored();
		return result;
	}

	private followed(pieces: Pieces, object: CosemObject, isFree: boolean): Pieces {
		return followed(
			pieces,
			(result) => this.changed(result, isFree),
			(error) => this.resultOf(error, object),
		);
	}

	/**
	 * @param r on the parameter, which is well formed and all there is; undefined when the request has none
	 * @param content takes the return value
	 * @returns an action-result, or the pieces that end in one; unless it is success, `content` is as before
	 */
	invoke(
		classId: number,
		logicalName: number,
		methodId: number,
		r: Reader | undefined,
		content: Content,
	): number | Pieces {
		this.#observer?.objectAddressed(classId, logicalName, methodId);
		const result = this.find(classId, logicalName);
		if (result !== dataAccessResult.success) return result;
		const object = this.#object!;
		const method = findMethod(object, methodId);
		if (method === undefined) return dataAccessResult.objectUnavailable;
		const { association } = this.#call;
		if (!mayInvoke(object.access, association.client.index, methodId)) return this.refusedChange(classId);
		if (association.home.isUnderBroadcastKey && !isGroupMethod(classId, methodId)) return this.refused();
		const isFree = isTransient(classId, methodId);
		if (!this.mayStore(isFree)) return dataAccessResult.temporaryFailure;
		const { w } = content;
		const mark = w.position;
		let outcome: number | Pieces;
		try {
			outcome = this.invokeMethod(object, method, r ?? this.#noParameter, content);
		} catch (error) {
			outcome = this.resultOf(error, object);
		}
		if (typeof outcome !== "number") return this.followed(outcome, object, isFree);
		if (outcome !== dataAccessResult.success) w.position = mark;
		return this.changed(outcome, isFree);
	}

	private invokeMethod(object: CosemObject, method: Method, r: Reader, content: Content): number | Pieces {
		if (method.elements === undefined) return method.invoke!(r, content.w, this.#call, object.spec);
		const source = method.elements(r, this.#call, object.spec);
		if (typeof source === "number") return source;
		content.addSource(source);
		return dataAccessResult.success;
	}

	/** What clients have the meter store in a day is limited, so that none wears its memory out (SEC-wear). */
	private mayStore(isFree: boolean): boolean {
		return isFree || this.#paidUntil_ms - this.#application.now_ms() <= longestDebt_ms;
	}

	private stored(): void {
		this.#paidUntil_ms = Math.max(this.#paidUntil_ms, this.#application.now_ms()) + timePerChange_ms;
	}

	/** A client learns nothing about objects it has no right on: they do not exist for it. */
	private find(classId: number, logicalName: number): number {
		const object = this.#application.directory.find(logicalName);
		if (object === undefined || !isVisible(object.access, this.#call.association.client.index)) {
			return dataAccessResult.objectUndefined;
		}
		this.#object = object;
		return object.definition.classId === classId ? dataAccessResult.success : dataAccessResult.objectClassInconsistent;
	}

	private refused(): number {
		const setup = this.#call.association.client.setup;
		this.#application.security.report(securityEvent.accessRefused, setup);
		return dataAccessResult.readWriteDenied;
	}

	/** Moving the clock without the right is a wrong authorisation too (F44, F126). */
	private refusedChange(classId: number): number {
		if (classId === clockClass) this.#call.association.hasMissedRight = true;
		return this.refused();
	}

	private readAttribute(object: CosemObject, attribute: Attribute, isSelective: boolean, content: Content): number {
		if (isSelective && attribute.selectors === undefined) return dataAccessResult.scopeOfAccessViolated;
		if (attribute.elements !== undefined) {
			const source = attribute.elements(this.#call, object.spec, isSelective ? this.selection : undefined);
			if (typeof source === "number") return source;
			content.addSource(source);
			return dataAccessResult.success;
		}
		if (attribute.encode === undefined) return dataAccessResult.readWriteDenied;
		for (;;) {
			const mark = content.w.position;
			try {
				attribute.encode(content.w, this.#call, object.spec);
				return dataAccessResult.success;
			} catch (error) {
				if (!(error instanceof CodecError) || error.code !== "overflow") throw error;
				content.w.position = mark;
				if (!content.grow()) throw error;
			}
		}
	}

	/** What the turn has no time for is encoded with the block that it goes out in, where there are blocks. */
	private readAll(object: CosemObject, content: Content): number {
		const { attributes } = object.definition;
		const { association } = this.#call;
		const client = association.client.index;
		const mayWait = association.allows(conformanceBit.blockTransferWithGet);
		let count = 1;
		for (let n = 0; n < attributes.length; n++) if (isReadable(object, attributes[n]!, client)) count++;
		content.reserve(16);
		content.w.u8(dataTag.structure);
		encodeLength(content.w, count);
		encodeLogicalName(content.w, object.logicalName);
		let later: LaterAttributes | undefined;
		for (let n = 0; n < attributes.length; n++) {
			const attribute = attributes[n]!;
			if (!isReadable(object, attribute, client)) continue;
			if (attribute.encode !== undefined && (later !== undefined || (mayWait && this.#pace?.isSpent))) {
				if (later === undefined) {
					later = new LaterAttributes(this.#call, object);
					content.addSource(later);
				}
				later.add(attribute);
				continue;
			}
			later = undefined; // what follows stands behind this one
			if (this.readAttribute(object, attribute, false, content) === dataAccessResult.success) continue;
			content.reserve(1);
			encodeNull(content.w);
		}
		return dataAccessResult.success;
	}

	private resultOf(error: unknown, object: CosemObject): number {
		if (error instanceof CodecError) {
			// right type, but beyond what the meter counts with, or more elements than it takes
			if (error.code === "value" || error.code === "limit") return dataAccessResult.otherReason;
			if (error.code !== "overflow") return dataAccessResult.typeUnmatched;
		}
		return this.failure(error, formatLogicalName(object.logicalName));
	}

	/** What the client is told when the meter's own part of a request fails; the log gets the reason. */
	failure(error: unknown, where: string): number {
		if (error instanceof DeviceError) {
			this.#log?.write("error", "cosem", `${where}: ${error.part} ${error.code}`);
			return dataAccessResult.hardwareFault;
		}
		this.#log?.write("error", "cosem", `${where}: ${error instanceof Error ? error.message : "failed"}`);
		return dataAccessResult.otherReason;
	}
}

function isTransient(classId: number, methodId: number): boolean {
	if (isGroupMethod(classId, methodId) || (classId === associationClass && methodId === replyToHls)) return true;
	return transientClasses.includes(classId);
}

export function findMethod(object: CosemObject, id: number): Method | undefined {
	return findById(object.definition.methods as readonly Method[], id, 1);
}

/** The client has the right, and there is something to read. */
export function isReadable(object: CosemObject, attribute: AttributeDefinition<never>, client: number): boolean {
	return (
		mayRead(object.access, client, attribute.id) && (attribute.encode !== undefined || attribute.elements !== undefined)
	);
}
