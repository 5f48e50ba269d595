// SPDX-License-Identifier: Apache-2.0
import type { PortKind } from "./apdu-handler.js";

/** Told who asks for what while a request is served, and of associations; for logs. */
export interface ServerObserver {
	requestBegins(port: PortKind, clientSap: number): void;
	/** The request has come to this attribute or method; more may follow in the same request. */
	objectAddressed(classId: number, logicalName: number, index: number): void;
	requestEnds(): void;
	/** Other work comes in between; what is done until `requestGoesOn` is not the client's. */
	requestRests(): void;
	requestGoesOn(): void;
	/** A client is associated, its mechanism passed. */
	sessionBegins(port: PortKind, clientSap: number): void;
	/** However it ended: released, aborted, or with the link. */
	sessionEnds(port: PortKind, clientSap: number): void;
}
