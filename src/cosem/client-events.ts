// SPDX-License-Identifier: Apache-2.0
import { sessionEvent, standardEvent } from "../events/event-codes.js";
import type { EventLogs } from "../events/event-logs.js";
import { type EventContext, eventLog } from "../events/event-sink.js";
import type { PortKind } from "./apdu-handler.js";
import type { Push } from "./push/push.js";
import { type SecurityListener, securityEvent } from "./security/security-event.js";
import type { ServerObserver } from "./server-observer.js";

const managementSap = 1;

/** Octet of the context for each kind of port. */
const portNumber: { readonly [port in PortKind]: number } = Object.freeze({ tcp: 1, udp: 1, optical: 2, rs485: 3 });

/** What an event is logged under first; the event itself knows its further logs. */
const fraudEvents: readonly number[] = Object.freeze([
	securityEvent.associationFailure,
	securityEvent.decipheringFailure,
	securityEvent.replay,
]);

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
	readonly #events: EventLogs;
	#isChangeLogged = false;

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

	requestEnds(): void {
		this.#events.current = undefined;
		this.#isChangeLogged = false;
	}

	sessionBegins(port: PortKind, clientSap: number): void {
		if (clientSap === managementSap) this.push?.installed();
		const isLocal = isLocalPort(port);
		this.#events.event(eventLog.session, isLocal ? sessionEvent.localBegin : sessionEvent.remoteBegin, {
			port: portNumber[port],
			clientSap,
		});
	}

	sessionEnds(port: PortKind, clientSap: number): void {
		const isLocal = isLocalPort(port);
		this.#events.event(eventLog.session, isLocal ? sessionEvent.localEnd : sessionEvent.remoteEnd, {
			port: portNumber[port],
			clientSap,
		});
	}

	securityEvent(event: number, _setup: number): void {
		if (fraudEvents.includes(event)) this.#events.event(eventLog.fraud, event);
		else this.#events.event(event === securityEvent.keysChanged ? eventLog.standard : eventLog.security, event);
	}

	/** A client has changed a parameter: one event for each request that changes any (G4). */
	parameterChanged(): void {
		if (this.#events.current === this && this.#isChangeLogged) return;
		this.#isChangeLogged = true;
		this.#events.event(eventLog.standard, standardEvent.parameterChanged);
	}
}

function isLocalPort(port: PortKind): boolean {
	return port === "optical" || port === "rs485";
}
