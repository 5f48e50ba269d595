// SPDX-License-Identifier: Apache-2.0
import { sessionEvent, standardEvent } from "../../events/event-codes.js";
import type { EventLogs } from "../../events/event-logs.js";
import { type EventContext, eventLog } from "../../events/event-sink.js";
import { fraudCause } from "../../events/fraud-kinds.js";
import type { FraudWatch } from "../../events/fraud-watch.js";
import type { PortKind } from "../apdu-handler.js";
import { scriptTableClass } from "../class-ids.js";
import type { Push } from "../push/push.js";
import { type SecurityListener, securityEvent } from "../security/security-event.js";
import type { ServerObserver } from "../server-observer.js";

const managementSap = 1;
const publicSap = 16;

/** Of a script table. */
const executeMethod = 1;

/** The same in the communication log. */
const localAttemptOfCommunication = 158;

/** Octet of the context for each kind of port. */
const portNumber: { readonly [port in PortKind]: number } = Object.freeze({ tcp: 1, udp: 1, optical: 2, rs485: 3 });

/** What is logged as a fraud first, and its cause; the event itself knows its further logs. */
const causeOf: ReadonlyMap<number, number> = new Map([
	[securityEvent.associationFailure, fraudCause.authenticationFailure],
	[securityEvent.decipheringFailure, fraudCause.decipheringFailure],
	[securityEvent.replay, fraudCause.replay],
]);

/** What was noted of a request while other work comes in between. */
interface Resting {
	readonly port: number;
	readonly clientSap: number;
	readonly classId: number;
	readonly logicalName: number;
	readonly index: number;
	readonly isChangeLogged: boolean;
}

/** Brings into the event logs what clients do, with port, client and object (SEC-log). */
export class ClientEvents implements ServerObserver, SecurityListener, EventContext {
	port = 0;
	clientSap = 0;
	/** 0 = no object is concerned yet. */
	classId = 0;
	logicalName = 0;
	index = 0;
	/** Told when the management client comes. */
	push: Push | undefined;
	/** Told of wrong authorisation and its end. */
	fraud: FraudWatch | undefined;
	readonly #events: EventLogs;
	/** Associations that are open: an octet for each of `portNumber`. */
	#sessions = 0;
	#isChangeLogged = false;
	#resting: Resting | undefined;

	constructor(events: EventLogs) {
		this.#events = events;
	}

	requestBegins(port: PortKind, clientSap: number): void {
		this.port = portNumber[port];
		this.clientSap = clientSap;
		this.classId = 0;
		this.#isChangeLogged = false;
		this.#events.current = this;
	}

	objectAddressed(classId: number, logicalName: number, index: number): void {
		this.classId = classId;
		this.logicalName = logicalName;
		this.index = index;
	}

	/** Logical name of the object that a client is changing; 0 when it may be any: a script runs, or no client is served. */
	get addressed(): number {
		const isScript = this.classId === scriptTableClass && this.index === executeMethod;
		return this.#events.current !== this || isScript ? 0 : this.logicalName;
	}

	requestEnds(): void {
		this.#events.current = undefined;
		this.#isChangeLogged = false;
	}

	requestRests(): void {
		const { port, clientSap, classId, logicalName, index } = this;
		this.#resting = { port, clientSap, classId, logicalName, index, isChangeLogged: this.#isChangeLogged };
		this.requestEnds();
	}

	requestGoesOn(): void {
		const resting = this.#resting!;
		this.#resting = undefined;
		this.port = resting.port;
		this.clientSap = resting.clientSap;
		this.objectAddressed(resting.classId, resting.logicalName, resting.index);
		this.#isChangeLogged = resting.isChangeLogged;
		this.#events.current = this;
	}

	sessionBegins(port: PortKind, clientSap: number): void {
		this.#sessions += weightOf(port);
		if (clientSap !== publicSap) this.fraud?.authorised();
		if (clientSap === managementSap) this.push?.installed();
		const isLocal = isLocalPort(port);
		this.#events.event(eventLog.session, isLocal ? sessionEvent.localBegin : sessionEvent.remoteBegin, {
			port: portNumber[port],
			clientSap,
		});
	}

	sessionEnds(port: PortKind, clientSap: number): void {
		this.#sessions -= weightOf(port);
		const isLocal = isLocalPort(port);
		this.#events.event(eventLog.session, isLocal ? sessionEvent.localEnd : sessionEvent.remoteEnd, {
			port: portNumber[port],
			clientSap,
		});
	}

	/** Associations that are open now on a kind of port; TCP and UDP are one. */
	sessions(port: "ip" | "optical" | "rs485"): number {
		return Math.floor(this.#sessions / weightOf(port === "ip" ? "tcp" : port)) % sessionsPerPort;
	}

	securityEvent(event: number, _setup: number): void {
		const cause = causeOf.get(event);
		if (cause !== undefined) {
			this.#events.event(eventLog.fraud, event);
			this.fraud?.authorisationFailed(cause);
		} else if (event === securityEvent.localAttempt) {
			this.#events.event(eventLog.fraud, event);
			this.#events.event(eventLog.communication, localAttemptOfCommunication);
		} else this.#events.event(event === securityEvent.keysChanged ? eventLog.standard : eventLog.security, event);
	}

	/** A client has changed a parameter: one event for each request that changes any (G4). */
	parameterChanged(): void {
		if (this.#events.current === this && this.#isChangeLogged) return;
		this.#isChangeLogged = true;
		this.#events.event(eventLog.standard, standardEvent.parameterChanged);
	}
}

/** More than there are places for associations. */
const sessionsPerPort = 256;

function weightOf(port: PortKind): number {
	return sessionsPerPort ** (portNumber[port] - 1);
}

function isLocalPort(port: PortKind): boolean {
	return port === "optical" || port === "rs485";
}
